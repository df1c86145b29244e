"""
A whole fleet comes back, as ``python -m tests.faults.fleet --kiosks N``: gently, and until all of it is drained?

N kiosks on one virtual clock, each with the plan that every kiosk has (``kiosk.sync.plan``), a press every minute to
ten minutes, and its own chance. Central was away for minutes, an hour or a day; or a mall's power came back, with the
network at once or later. A request over those that central can have under way is answered 503, as its server does,
or 429 with a time to wait, as a proxy does. Nobody presses afterwards: ordinary traffic would only hide the peak.

Tried are kiosks, once for each return; lost are those not drained ``LONGEST_S`` after it. ``peak`` is the most
requests a second over any ten seconds, ``mean`` that from the return until the last kiosk is drained, ``ratio`` peak
to mean, and all three are of the return with the worst ratio. The controls are kiosks that leave too little to chance.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from unittest.mock import patch

from feedback.wire import Acknowledgement, Refusal, State, Verdict
from kiosk.storage.link_state import Link, Progress
from kiosk.sync import plan
from kiosk.sync.steps import Acknowledged, NoNetwork, Refused, Result, Send, Sent, Sleep, Waiting
from tests.faults.report import Report

SECOND_MS = 1_000
MOST_RATIO = 3.0
WINDOW_S = 10
CONTROL_KIOSKS = 1_000
LONGEST_S = 4 * 3_600
"""Longer than four of the longest waits that the plan knows."""
A_SECOND, AT_ONCE = 0.02, 0.05
"""Requests that central can do in a second, and has under way at most, for each kiosk: 200 and 500 of 10,000."""
RETRY_AFTER_S = 30
ACK_BYTES, ROW_BYTES = 500, 5
NO_ANSWER = NoNetwork("central does not answer")
BUSY = NoNetwork("central is busy", 503)
TOO_MANY = Refused(429, Refusal("busy", "too many kiosks at once"), RETRY_AFTER_S)
STORE = b"s" * 16

Chance = Callable[[], float]


@dataclass(frozen=True)
class Return:
    """
    What the fleet returns from.

    Attributes:
        out_s: How long central was away, or the network after the power.
        boots: All of them boot when it begins, with a night's answers; else they were in touch until then.
    """

    name: str
    out_s: int
    boots: bool = False


RETURNS = (
    Return("a minute", 60),
    Return("a minute and a half", 90),
    Return("three minutes", 180),
    Return("five minutes", 300),
    HOUR := Return("an hour", 3_600),
    Return("a day", 86_400),
    POWER := Return("power", 0, boots=True),
    Return("power, then network", 90, boots=True),
    Return("power, much later network", 300, boots=True),
)


@dataclass(slots=True)
class Device:
    """One kiosk: its link, and a press every *gap_ms*."""

    link: Link
    gap_ms: int
    phase_ms: int
    owed: int = 0

    def last_seq(self, now_ms: int, until_ms: int) -> int:
        """Its answers by *now_ms*, if nobody presses after *until_ms*."""
        return self.owed + max(0, (min(now_ms, until_ms) - self.phase_ms) // self.gap_ms + 1)

    def pressed_ms(self, seq: int) -> int:
        return self.phase_ms + (seq - self.owed - 1) * self.gap_ms

    def waiting(self, now_ms: int, until_ms: int) -> Waiting:
        delivered, last = self.link.progress(STORE).delivered, self.last_seq(now_ms, until_ms)
        if last <= delivered:
            return Waiting(STORE, last)
        age = None if delivered < self.owed else now_ms - self.pressed_ms(delivered + 1)
        unhappy = last // 10 > delivered // 10  # one in ten is
        return Waiting(STORE, last, age, unhappy)


@dataclass
class Figures:
    """One return of the fleet, as central saw it."""

    peak: float
    mean: float
    drained_s: float
    requests: int
    refused: int
    left: int

    @property
    def ratio(self) -> float:
        return self.peak / self.mean


@dataclass
class Fleet:
    """*kiosks* of them on one clock; central is there again at ``out_s``. Time 0 is when the trouble began."""

    kiosks: int
    trouble: Return
    chance: Chance
    splay_ms: int
    world: random.Random
    asked: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    _free_ms: float = 0

    def __post_init__(self) -> None:
        self._back_ms = self.trouble.out_s * SECOND_MS
        self._devices = [self._device() for _ in range(self.kiosks)]

    def _device(self) -> Device:
        gap_ms = round(60_000 * 10 ** self.world.random())
        phase_ms = self.world.randrange(gap_ms)
        if self.trouble.boots:
            link = plan.begun(Link(boot="before"), "now", 0, int(self.chance() * self.splay_ms))
            return Device(link.advanced(Progress(STORE)), gap_ms, phase_ms, owed=self.world.randrange(200))
        heard_ms = -self.world.randrange(plan.GATHER_MS + gap_ms)
        link = Link(boot="now", heard_ms=heard_ms, gzip_offered=True, max_answers=5_000, max_bytes=262_144)
        return Device(link.advanced(Progress(STORE)), gap_ms, phase_ms)

    def returned(self) -> Figures:
        """Let them run until every one is drained, or ``LONGEST_S`` after central is back."""
        left = set(range(self.kiosks))
        end_ms, last_ms = self._back_ms + LONGEST_S * SECOND_MS, self._back_ms
        heap = [(0, number) for number in range(self.kiosks)]
        heapify(heap)
        while left:
            now_ms, number = heappop(heap)
            if now_ms > end_ms:
                last_ms = end_ms
                break
            device = self._devices[number]
            next_ms = self._stepped(device, now_ms)
            heappush(heap, (next_ms, number))
            if number in left and self._is_drained(device):
                left.remove(number)
                last_ms = next_ms
        return self._figures(last_ms, len(left))

    def _stepped(self, device: Device, now_ms: int) -> int:
        """One step of *device*; when its next one is."""
        waiting = device.waiting(now_ms, self._back_ms)
        step = plan.next_step(device.link, [waiting], now_ms)
        if isinstance(step, Sleep):
            if now_ms < device.link.not_before_ms or now_ms >= self._back_ms:
                return now_ms + step.ms
            return min(now_ms + step.ms, device.pressed_ms(waiting.last_seq + 1))
        trip_ms = self.world.randrange(20, 2_000)
        there_ms = now_ms + trip_ms // 2
        count = min(step.count, device.link.most_bytes // ROW_BYTES)
        sent = Sent(step, count, ACK_BYTES + count * ROW_BYTES, True, step.bare, waiting.last_seq)
        result = self._central(step, count, there_ms)
        device.link = plan.after(device.link, sent, result, now_ms + trip_ms, self.chance())
        return now_ms + trip_ms

    def _central(self, send: Send, count: int, now_ms: int) -> Result:
        if now_ms < self._back_ms:
            return NO_ANSWER
        self.asked[now_ms // SECOND_MS] += 1
        # One after another; the requests of one step may come a second out of their order.
        if self._free_ms - now_ms > SECOND_MS * AT_ONCE / A_SECOND:
            self.refused += 1
            return BUSY if self.refused % 2 else TOO_MANY
        self._free_ms = max(self._free_ms, now_ms) + SECOND_MS / (self.kiosks * A_SECOND)
        last = send.first + count - 1
        verdicts = (Verdict(send.first, last, State.STORED),) if count else ()
        return Acknowledged(Acknowledgement(now_ms, verdicts, last))

    def _is_drained(self, device: Device) -> bool:
        """Whether central has heard of it since, and has everything."""
        link = device.link
        heard = link.heard_ms is not None and link.heard_ms >= self._back_ms
        return heard and link.progress(STORE).delivered == device.last_seq(self._back_ms, self._back_ms)

    def _figures(self, last_ms: int, left: int) -> Figures:
        took_s = max((last_ms - self._back_ms) / SECOND_MS, WINDOW_S)
        first, end = self._back_ms // SECOND_MS, last_ms // SECOND_MS + 1
        counts = [self.asked[second] for second in range(first, end)]
        peak = max(sum(counts[at : at + WINDOW_S]) for at in range(len(counts))) / WINDOW_S
        return Figures(peak, sum(counts) / took_s, took_s, sum(counts), self.refused, left)


def _one() -> float:
    return 1.0


def simulated(kiosks: int, trouble: Return, seed: int, *, jitter: bool = True, splay: bool = True) -> Figures:
    """The return of *kiosks* from *trouble*; without *jitter* every wait is as long as it may be."""
    chance = random.Random(f"{seed} {trouble.name}").random if jitter else _one
    splay_ms = plan.BOOT_SPLAY_MS if splay else 0
    return Fleet(kiosks, trouble, chance, splay_ms, random.Random(seed)).returned()


@contextmanager
def short_waits() -> Iterator[None]:
    """Full jitter from the first wait on, however short."""

    def doubled(failures: int, **_: bool) -> tuple[int, int]:
        return 0, min(plan.MOST_WAIT_MS, plan.FIRST_WAIT_MS * 2 ** min(failures, 20))

    with patch.object(plan, "wait_between_ms", doubled):
        yield


def fleet(kiosks: int, seed: int) -> Report:
    """Every return of *kiosks*, after the controls."""
    report = Report("fleet", kiosks * len(RETURNS))
    few = min(kiosks, CONTROL_KIOSKS)
    controls = {
        "NoJitter": simulated(few, HOUR, seed, jitter=False),
        "NoJitterAfterPower": simulated(few, POWER, seed, jitter=False, splay=False),
        "NoSplay": simulated(few, POWER, seed, splay=False),
    }
    minutes = Return("two minutes", 120)
    with short_waits():
        controls["ShortWaits"] = simulated(few, minutes, seed)
    report.controls |= {name: figures.ratio > MOST_RATIO for name, figures in controls.items()}
    found = {}
    for trouble in RETURNS:
        report.progress(f"back after {trouble.name}", always=True)
        figures = found[trouble.name] = simulated(kiosks, trouble, seed)
        report.tried += kiosks
        report.lost += figures.left
        if figures.ratio > MOST_RATIO:
            report.wrong.append(
                f"back after {trouble.name}: {figures.ratio:.1f} times the mean; expected at most {MOST_RATIO:g}"
            )
    worst = max(found.values(), key=lambda figures: figures.ratio)
    report.more |= {"kiosks": kiosks, **_said(worst)}
    report.more["returns"] = {name: _said(figures) for name, figures in found.items()}
    report.more["without"] = {name: _said(figures) for name, figures in controls.items()}
    report.more["seed"] = seed
    return report


def _said(figures: Figures) -> dict[str, float]:
    return {
        "peak": round(figures.peak, 1),
        "mean": round(figures.mean, 1),
        "ratio": round(figures.ratio, 2),
        "drained_s": round(figures.drained_s),
        "requests": figures.requests,
        "refused": figures.refused,
        "left": figures.left,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fleet", description=__doc__)
    parser.add_argument("--kiosks", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--seed", type=int, default=1, help="of all chance in it")
    options = parser.parse_args()
    return fleet(options.kiosks, options.seed).end()


if __name__ == "__main__":
    sys.exit(main())
