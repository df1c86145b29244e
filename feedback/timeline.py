"""
When an answer was given: repaired from the boot clock and what the boot knew of the true time.

The raw readings are kept for ever; this is computed from them, alike at the kiosk and at central.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from feedback.answers import Anchor, Moment

RATE_ERROR_PPM = 500
"""How far a board's oscillator may run off: some ten times what one is sold for, cold and heat included."""
EXACT_MS = 1_000
"""An uncertainty up to one second is called exact."""
UNKNOWN_MS = 130 * 366 * 86_400_000
"""What is claimed of a wall clock nobody vouches for: nothing. From 1970 to 2099 it is less than this."""
HOUR_MS = 3_600_000
QUARTER_MS = HOUR_MS // 4


class Quality(Enum):
    """How the time of an answer is known."""

    EXACT = "exact"
    REPAIRED = "repaired"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class When:
    """UTC milliseconds since 1970, how it is known, and how far off it may be."""

    utc_ms: int
    quality: Quality
    uncertainty_ms: int


@dataclass(frozen=True, slots=True)
class Slot:
    """
    The branch's civil day and hour an answer counts in.

    Attributes:
        day: Days since 1970-01-01, as the branch's wall calendar has it.
        hour: Hour of that day, 0..23, by the wall. The hour that daylight saving repeats is one hour here.
    """

    day: int
    hour: int


@dataclass(frozen=True, slots=True)
class Stay:
    """
    One boot as one store shows it.

    Attributes:
        boot: The kernel's id of it.
        first_seq: The lowest seq of its answers there. By it the boots of a store stand in their true order.
        first_ms: The lowest boot clock of its answers there.
        last_ms: The highest.
    """

    boot: str
    first_seq: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Window:
    """
    Between what two moments a boot lies that never learned the time.

    Attributes:
        zero_ms: Its boot clock's zero was not before this, UTC.
        end_ms: Its last answer was not after this, UTC.
        last_ms: That answer's boot clock.
    """

    zero_ms: int
    end_ms: int
    last_ms: int

    def bounds(self, boot_ms: int) -> tuple[int, int]:
        """
        The earliest and the latest that *boot_ms* can have been on this boot's clock, UTC.

        Neighbours that contradict each other are both covered.
        """
        earliest = self.zero_ms + _at_least(boot_ms)
        latest = self.end_ms - _at_least(self.last_ms - boot_ms)
        return min(earliest, latest), max(earliest, latest)


def windows(stays: Sequence[Stay], anchors: Mapping[str, Sequence[Anchor]]) -> dict[str, Window]:
    """
    The windows of those boots among the *stays* of one store that have no anchor, but anchored boots on both sides.

    One power cut after another: a boot begins after all that is known of the one before, and has ended when the
    next one's clock is at zero. Boots between that know no time either only push: each took at least as long as its
    last answer says. *anchors*: every one that is known, by boot, for those that ``repaired`` has no use for still
    say how long a boot went on. Only the nearest anchored boots matter, so that one change stays local.

    >>> before, after = Anchor("a", 0, 1_000_000, "ntp", 40), Anchor("c", 500, 1_900_500, "ntp", 40)
    >>> windows([Stay("a", 1, 0, 0), Stay("b", 5, 0, 800_000), Stay("c", 9, 0, 0)], {"a": [before], "c": [after]})
    {'b': Window(zero_ms=999960, end_ms=1900041, last_ms=800000)}
    """
    ordered = sorted(stays, key=lambda stay: stay.first_seq)
    zeros: dict[str, int] = {}
    earliest: int | None = None
    for stay in ordered:
        if own := anchors.get(stay.boot):
            earliest = _not_over_before(stay, own)
        elif earliest is not None:
            zeros[stay.boot] = earliest
            earliest += _at_least(stay.last_ms)
    found: dict[str, Window] = {}
    latest: int | None = None
    for stay in reversed(ordered):
        if own := anchors.get(stay.boot):
            latest = _span(own, 0)[1]
        elif latest is not None:
            if stay.boot in zeros:
                found[stay.boot] = Window(zeros[stay.boot], latest, stay.last_ms)
            latest -= _at_least(stay.last_ms)
    return found


def repaired(moment: Moment, anchors: Sequence[Anchor], window: Window | None = None) -> When:
    """
    The time of *moment*, by the anchor of its boot that leaves the least doubt.

    utc = anchor.utc + (boot clock - anchor's boot clock); the doubt is the anchor's own plus 500 ppm of the
    distance. A boot without an anchor is somewhere in its *window*: the middle, give or take half. Without that
    either it has only its wall clock, and nothing is claimed. The true time meant is that of the reading, to the
    millisecond.

    >>> repaired(Moment("b", 9_000, 0), [Anchor("b", 4_000, 1_790_000_000_000, "ntp", 40)])
    When(utc_ms=1790000005000, quality=<Quality.EXACT: 'exact'>, uncertainty_ms=43)
    """
    known = [anchor for anchor in anchors if anchor.boot == moment.boot]
    if known:
        return _anchored(moment, known)
    if window is None:
        return When(min(max(moment.wall_ms, _EARLIEST_MS), _LATEST_WALL_MS), Quality.ESTIMATED, UNKNOWN_MS)
    earliest, latest = window.bounds(moment.boot_ms)
    middle = (earliest + latest) // 2
    return When(middle, Quality.ESTIMATED, latest - middle)


def drift_ms(boot_ms: int) -> int:
    """How far off a length of *boot_ms* on a boot clock may be."""
    # Rounded up: a stated bound that is a millisecond short is a wrong bound.
    return -(-boot_ms * RATE_ERROR_PPM // 1_000_000)


def doubt_ms(anchor: Anchor, boot_ms: int) -> int:
    """How far off the time of *boot_ms* may be when it is reckoned from *anchor*."""
    return anchor.error_ms + drift_ms(abs(boot_ms - anchor.boot_ms))


def slot(utc_ms: int, zone: ZoneInfo) -> Slot:
    """
    The civil day and hour of *utc_ms* in the branch's time *zone*.

    >>> slot(1_790_000_000_000, ZoneInfo("Asia/Baku"))
    Slot(day=20717, hour=18)
    """
    return _quarter(utc_ms // QUARTER_MS, zone) or _slot(utc_ms, zone)


@lru_cache(maxsize=4_096)
def _quarter(number: int, zone: ZoneInfo) -> Slot | None:
    """
    The slot of all of a quarter of an hour; None: it is divided, by an offset that is no multiple of it.

    Kept: answers come one after another, and the calendar takes longer than all else that is computed of them.
    """
    first = _slot(number * QUARTER_MS, zone)
    return first if first == _slot((number + 1) * QUARTER_MS - 1, zone) else None


def _slot(utc_ms: int, zone: ZoneInfo) -> Slot:
    local = _EPOCH + timedelta(milliseconds=min(max(utc_ms, _EARLIEST_MS), _LATEST_MS))
    wall = local.astimezone(zone)
    return Slot(wall.toordinal() - _EPOCH.toordinal(), wall.hour)


def _anchored(moment: Moment, known: Sequence[Anchor]) -> When:
    best = known[0]
    if len(known) > 1:
        best = min(known, key=lambda one: (doubt_ms(one, moment.boot_ms), one.boot_ms, one.utc_ms))
    doubt = doubt_ms(best, moment.boot_ms)
    quality = Quality.EXACT if doubt <= EXACT_MS else Quality.REPAIRED
    return When(best.utc_ms + moment.boot_ms - best.boot_ms, quality, doubt)


def _not_over_before(stay: Stay, anchors: Sequence[Anchor]) -> int:
    """Until when, at least, an anchored boot went on: its last answer or its last anchor, whichever is later."""
    last_ms = max(stay.last_ms, *(anchor.boot_ms for anchor in anchors))
    return _span(anchors, last_ms)[0]


def _span(anchors: Sequence[Anchor], boot_ms: int) -> tuple[int, int]:
    """Between what two moments *boot_ms* was, if all *anchors* of the boot are right; if they cannot be, all of it."""
    spans = [
        (time - doubt, time + doubt)
        for anchor in anchors
        for time, doubt in [(anchor.utc_ms + boot_ms - anchor.boot_ms, doubt_ms(anchor, boot_ms))]
    ]
    low, high = max(low for low, _ in spans), min(high for _, high in spans)
    return (low, high) if low <= high else (min(low for low, _ in spans), max(high for _, high in spans))


def _at_least(boot_ms: int) -> int:
    """How long *boot_ms* of a boot clock took, by the slowest reckoning; a moment after the end takes nothing off."""
    return max(0, boot_ms - drift_ms(boot_ms))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_MS = 0
_LATEST_WALL_MS = 4_102_444_799_999  # the last of 2099: later than that no kiosk's wall clock is believed
_LATEST_MS = 253_370_764_800_000  # the first day of the year 9999: a calendar ends there
