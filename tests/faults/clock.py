"""
Wrong clocks, as ``python -m tests.faults.clock --histories N``: is the true time inside the interval that is stated?

A history is one store's: boots between power cuts of seconds or months, each with a boot clock that runs up to 500 ppm
off, now fast and now slow; a wall clock that stands in 1970 or 2099, jumps and steps back; presses; and, in some boots,
anchors, which err up to what they admit. Of every press the truth is known, to the nanosecond, in whole numbers.

Tried are histories; ``outside`` counts presses whose true time is not within what ``feedback.timeline`` states, and
``far`` those within half an hour of an ``ntp`` anchor that are placed more than a second wrong. The controls are
repairs that each forget one thing, judged by the same histories: each must be found out.
"""

from __future__ import annotations

import argparse
import random
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from feedback.answers import Anchor, Moment
from feedback.timeline import RATE_ERROR_PPM, Quality, Stay, When, Window, repaired, windows
from tests.faults.report import Report

SECOND_MS, HOUR_MS, DAY_MS = 1_000, 3_600_000, 86_400_000
NEAR_MS = 30 * 60_000
FIRST_MS, LAST_MS = 1_750_000_000_000, 3_900_000_000_000
"""Histories begin in 2025 at the earliest and in 2093 at the latest: the true ones, that is."""
LATE_2099_MS = 4_102_444_799_000
NS = 1_000_000
"""In a millisecond."""
LONGEST_MS = 40 * DAY_MS
ERRORS_MS = {"ntp": (1, 100), "central": (2, 8_000), "rtc": (1_001, 900_000), "contact": (60_000, 60_000)}
"""What each source admits to, at least and at most. As honest as it gets: the error made is anything up to it."""
CONTROLS_WITHIN = 2_000
"""Histories in which each control must have been found out; that is so within some dozen."""


@dataclass(frozen=True)
class Crystal:
    """A boot clock as it truly ran: from each of *since_ms* on its clock, so many ppm slow."""

    since_ms: list[int]
    ppm: list[int]
    since_ns: list[int]

    def true_ns(self, boot_ms: int) -> int:
        """True nanoseconds from boot clock zero to *boot_ms*."""
        at = bisect_right(self.since_ms, boot_ms) - 1
        return self.since_ns[at] + (boot_ms - self.since_ms[at]) * (NS + self.ppm[at])


@dataclass
class Boot:
    """One boot: what is true of it, and what the kiosk has of it."""

    name: str
    began_ns: int
    crystal: Crystal
    moments: list[Moment] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)

    def true_ns(self, boot_ms: int) -> int:
        return self.began_ns + self.crystal.true_ns(boot_ms)


@dataclass(frozen=True)
class History:
    """The boots of one store, in their order."""

    boots: list[Boot]

    @property
    def anchors(self) -> dict[str, list[Anchor]]:
        return {boot.name: boot.anchors for boot in self.boots}

    @property
    def stays(self) -> list[Stay]:
        """The boots that the store shows: those with presses."""
        found, seq = [], 1
        for boot in self.boots:
            if boot.moments:
                found.append(Stay(boot.name, seq, boot.moments[0].boot_ms, boot.moments[-1].boot_ms))
            seq += len(boot.moments)
        return found


Bounds = Callable[[list[Stay], Mapping[str, list[Anchor]]], dict[str, Window]]
Repair = Callable[[Moment, list[Anchor], Window | None], When]


@dataclass(frozen=True)
class Repairer:
    """Something that says when a press was: the real one, or one that forgets a thing."""

    bounds: Bounds = windows
    repair: Repair = repaired

    def times(self, history: History) -> Iterator[tuple[Boot, Moment, When]]:
        known = history.anchors
        found = self.bounds(history.stays, known)
        for boot in history.boots:
            for moment in boot.moments:
                yield boot, moment, self.repair(moment, boot.anchors, found.get(boot.name))


def histories(seed: int) -> Iterator[History]:
    """Histories without end, the same for the same *seed*."""
    chance = random.Random(seed)
    while True:
        yield _history(chance)


def _history(chance: random.Random) -> History:
    now_ns = chance.randrange(FIRST_MS, LAST_MS) * NS
    knows = chance.choice((0.2, 0.5, 0.8))
    boots = []
    for number in range(chance.randint(1, 9)):
        # Some boots begin in the instant in which the one before ends: no second of slack hides a bound that is short.
        gone_ms = 0 if chance.random() < 0.3 else _long(chance, SECOND_MS, 90 * DAY_MS)
        now_ns += gone_ms * NS + chance.choice((0, chance.randrange(NS)))
        lasts_ms = _long(chance, 5 * SECOND_MS, LONGEST_MS)
        boot = Boot(f"boot-{chance.getrandbits(32):08x}-{number}", now_ns, _crystal(chance, lasts_ms))
        boot.moments += _moments(chance, boot, lasts_ms)
        if chance.random() < knows:
            anchors = {(one.boot_ms, one.source): one for one in _anchors(chance, boot, lasts_ms)}
            boot.anchors += anchors.values()
        boots.append(boot)
        now_ns = boot.true_ns(lasts_ms)
    return History(boots)


def _long(chance: random.Random, least: int, most: int) -> int:
    """Milliseconds, as likely between a minute and an hour as between an hour and two days."""
    return round(least * (most / least) ** chance.random())


def _crystal(chance: random.Random, lasts_ms: int) -> Crystal:
    """Warm and cold, or at one end of what is allowed from first to last."""
    since = [0, *sorted(chance.sample(range(1, lasts_ms), chance.randint(0, 4)))]
    worst = chance.choice((-RATE_ERROR_PPM, RATE_ERROR_PPM))
    is_worst = chance.random() < 0.4
    ppm = [worst if is_worst else chance.randint(-RATE_ERROR_PPM, RATE_ERROR_PPM) for _ in since]
    passed = [0]
    for (here, then), off in zip(pairwise(since), ppm, strict=False):
        passed.append(passed[-1] + (then - here) * (NS + off))
    return Crystal(since, ppm, passed)


def _moments(chance: random.Random, boot: Boot, lasts_ms: int) -> Iterator[Moment]:
    """Presses, each with a wall clock that is right only by chance; the last is at times that of the power cut."""
    at = sorted(chance.randint(0, lasts_ms) for _ in range(chance.choice((0, 1, 2, 3, 5, 8))))
    if at and chance.random() < 0.3:
        at[-1] = lasts_ms
    off_ms = _wall(chance, boot)
    for boot_ms in at:
        if chance.random() < 0.2:
            off_ms = _wall(chance, boot)
        yield Moment(boot.name, boot_ms, off_ms + boot_ms)


def _wall(chance: random.Random, boot: Boot) -> int:
    """What the wall clock says at boot clock zero: 1970, 2099, anything, an hour back, or nearly the truth."""
    true_ms = boot.began_ns // NS
    return chance.choice(
        (
            0,
            LATE_2099_MS,
            chance.randrange(LATE_2099_MS),
            true_ms - chance.randrange(2 * HOUR_MS),
            true_ms + chance.randrange(-SECOND_MS, SECOND_MS),
        )
    )


def _anchors(chance: random.Random, boot: Boot, lasts_ms: int) -> Iterator[Anchor]:
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        source = chance.choice(tuple(ERRORS_MS))
        error_ms = chance.randint(*ERRORS_MS[source])
        boot_ms = chance.randint(0, lasts_ms)
        if boot.moments and chance.random() < 0.4:  # an agent's, after a press
            press_ms = chance.choice(boot.moments).boot_ms
            boot_ms = min(max(0, press_ms + chance.randint(-2 * NEAR_MS, 2 * NEAR_MS)), lasts_ms)
        # As far off as it may be is as likely as anything between. What is told is in whole milliseconds.
        off = chance.choice((-1.0, 1.0, chance.uniform(-1, 1))) * error_ms * NS
        true_ns = boot.true_ns(boot_ms)
        told_ms = (true_ns + round(off)) // NS
        if abs(told_ms * NS - true_ns) > error_ms * NS:
            told_ms += 1
        yield Anchor(boot.name, boot_ms, told_ms, source, error_ms)


def is_outside(boot: Boot, moment: Moment, when: When) -> bool:
    return abs(when.utc_ms * NS - boot.true_ns(moment.boot_ms)) > when.uncertainty_ms * NS


def is_near(boot: Boot, moment: Moment) -> bool:
    """Whether an ntp anchor is within half an hour."""
    return any(one.source == "ntp" and abs(one.boot_ms - moment.boot_ms) <= NEAR_MS for one in boot.anchors)


def is_far(boot: Boot, moment: Moment, when: When) -> bool:
    """Whether a press is placed more than a second wrong."""
    return abs(when.utc_ms * NS - boot.true_ns(moment.boot_ms)) > SECOND_MS * NS


def ignoring_drift(moment: Moment, anchors: list[Anchor], window: Window | None) -> When:
    """Every crystal is perfect: only the anchor's own error is stated."""
    when = repaired(moment, anchors, window)
    if not anchors:
        return when
    return replace(when, uncertainty_ms=min(anchor.error_ms for anchor in anchors))


def believing_the_wall(moment: Moment, anchors: list[Anchor], window: Window | None) -> When:
    """A boot that nobody told the time has a wall clock, and that is right to within a day."""
    if anchors:
        return repaired(moment, anchors, window)
    return When(moment.wall_ms, Quality.ESTIMATED, DAY_MS)


def of_the_wrong_neighbour(stays: list[Stay], anchors: Mapping[str, list[Anchor]]) -> dict[str, Window]:
    """Boots in the order of their names, which are random, as the kernel's are."""
    by_name = sorted(stays, key=lambda stay: stay.boot)
    return windows([replace(stay, first_seq=at) for at, stay in enumerate(by_name)], anchors)


def of_perfect_crystals(stays: list[Stay], anchors: Mapping[str, list[Anchor]]) -> dict[str, Window]:
    """Neighbours' anchors are carried to their last answer, and to zero, without the doubt that grows on the way."""
    sure: dict[str, list[Anchor]] = {}
    for stay in stays:
        best = min(anchors.get(stay.boot, ()), key=lambda anchor: anchor.error_ms, default=None)
        if best:
            shifts = [boot_ms - best.boot_ms for boot_ms in (0, stay.last_ms)]
            sure[stay.boot] = [
                replace(best, boot_ms=best.boot_ms + shift, utc_ms=best.utc_ms + shift) for shift in shifts
            ]
    return windows(stays, sure)


def rounding_in(moment: Moment, anchors: list[Anchor], window: Window | None) -> When:
    """Half a window that is a millisecond short."""
    when = repaired(moment, anchors, window)
    return when if anchors else replace(when, uncertainty_ms=when.uncertainty_ms - 1)


CONTROLS = {
    "IgnoresDrift": Repairer(repair=ignoring_drift),
    "BelievesTheWall": Repairer(repair=believing_the_wall),
    "WrongNeighbour": Repairer(bounds=of_the_wrong_neighbour),
    "RoundsIn": Repairer(repair=rounding_in),
    "PerfectCrystals": Repairer(bounds=of_perfect_crystals),
}


def clock(number: int, seed: int) -> Report:
    """*number* histories, after the controls."""
    report = Report("clock", number)
    for name, control in CONTROLS.items():
        report.controls[name] = _is_found_out(control, seed)
    tally: Counter[str] = Counter(presses=0, anchored=0, between=0, unknown=0, near=0, outside=0, far=0)
    halves: list[int] = []
    for history in histories(seed):
        if report.tried == number:
            break
        _judge(report, history, tally, halves)
        report.tried += 1
        report.progress(f"outside {tally['outside']}")
    if tally["outside"] or tally["far"]:
        report.wrong.append(f"{tally['outside']} presses outside, {tally['far']} far; seed {seed}")
    halves.sort()
    report.more |= dict(tally) | {
        "between_half_width_median_h": round(halves[len(halves) // 2] / HOUR_MS, 2) if halves else None,
        "seed": seed,
    }
    return report


def _is_found_out(control: Repairer, seed: int) -> bool:
    tried = zip(range(CONTROLS_WITHIN), histories(seed), strict=False)
    return any(
        is_outside(boot, moment, when)
        for _, history in tried
        for boot, moment, when in control.times(history)
    )


def _judge(report: Report, history: History, tally: Counter[str], halves: list[int]) -> None:
    found = windows(history.stays, history.anchors)
    for boot, moment, when in Repairer().times(history):
        kind = "anchored" if boot.anchors else "between" if boot.name in found else "unknown"
        tally["presses"] += 1
        tally[kind] += 1
        if kind == "between":
            halves.append(when.uncertainty_ms)
        if is_outside(boot, moment, when):
            tally["outside"] += 1
            if tally["outside"] <= 3:
                report.wrong.append(f"history {report.tried}: {moment} is not within {when}")
        if is_near(boot, moment):
            tally["near"] += 1
            tally["far"] += is_far(boot, moment, when)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.clock", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--long", action="store_true", help="200,000 of them")
    parser.add_argument("--seed", type=int, default=1, help="of all chance in it")
    options = parser.parse_args()
    return clock(200_000 if options.long else options.histories, options.seed).end()


if __name__ == "__main__":
    sys.exit(main())
