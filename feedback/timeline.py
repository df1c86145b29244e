"""
When an answer was given: repaired from the boot clock and what the boot knew of the true time.

The raw readings are kept for ever; this is computed from them, alike at the kiosk and at central.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from feedback.answers import Anchor, Moment

RATE_ERROR_PPM = 500
"""How far a board's oscillator may run off: the bound the kernel itself slews within."""
EXACT_MS = 1_000
"""An uncertainty up to one second is called exact."""
UNKNOWN_MS = 10 * 365 * 86_400_000
"""What is claimed of a wall clock nobody vouches for: nothing, said as ten years."""
HOUR_MS = 3_600_000


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


def repaired(moment: Moment, anchors: Sequence[Anchor]) -> When:
    """
    The time of *moment*, by the anchor of its boot that leaves the least doubt.

    utc = anchor.utc + (boot clock - anchor's boot clock); the doubt is the anchor's own plus 500 ppm of the
    distance. A boot without an anchor has only its wall clock: estimated.

    >>> repaired(Moment("b", 9_000, 0), [Anchor("b", 4_000, 1_790_000_000_000, "ntp", 40)])
    When(utc_ms=1790000005000, quality=<Quality.EXACT: 'exact'>, uncertainty_ms=43)
    """
    known = [anchor for anchor in anchors if anchor.boot == moment.boot]
    if not known:
        return When(moment.wall_ms, Quality.ESTIMATED, UNKNOWN_MS)
    best = min(known, key=lambda anchor: (_doubt_ms(anchor, moment), anchor.boot_ms, anchor.utc_ms))
    doubt_ms = _doubt_ms(best, moment)
    quality = Quality.EXACT if doubt_ms <= EXACT_MS else Quality.REPAIRED
    return When(best.utc_ms + moment.boot_ms - best.boot_ms, quality, doubt_ms)


def slot(utc_ms: int, zone: ZoneInfo) -> Slot:
    """
    The civil day and hour of *utc_ms* in the branch's time *zone*.

    >>> slot(1_790_000_000_000, ZoneInfo("Asia/Baku"))
    Slot(day=20717, hour=18)
    """
    local = _EPOCH + timedelta(milliseconds=min(max(utc_ms, _EARLIEST_MS), _LATEST_MS))
    wall = local.astimezone(zone)
    return Slot(wall.toordinal() - _EPOCH.toordinal(), wall.hour)


def _doubt_ms(anchor: Anchor, moment: Moment) -> int:
    distance_ms = abs(moment.boot_ms - anchor.boot_ms)
    # Rounded up: a stated bound that is a millisecond short is a wrong bound.
    return anchor.error_ms + -(-distance_ms * RATE_ERROR_PPM // 1_000_000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_MS = 0
_LATEST_MS = 253_370_764_800_000  # the first day of the year 9999: a calendar ends there
