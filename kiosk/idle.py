"""
What the screen shows while nobody is in front of it, decided by the branch's settings and the time.

Pure: the time is an argument, and comes with its doubt. A kiosk that does not know the time shows what it shows at
noon: its welcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from feedback.hours import DAY_NAMES, KNOWN_MS, Periods
from feedback.settings_document import BranchSettings
from feedback.timeline import When, slot

LEAVING_MS = 15 * 60_000
"""So long after closing the welcome stays: the last customers are still on their way out."""
AWAKE_MS = 30_000
"""So long after a finger a screen outside the hours takes ratings before it is quiet again."""
STILL_MS = 10 * 60_000
"""Nobody has come for so long: from now on the picture moves, or it would burn into the panel."""
SHIFT_EVERY_MS = 60_000
SHIFTS = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Where the picture stands in turn, in pixels: never further than anybody sees."""
DAYS = len(DAY_NAMES)


@dataclass(frozen=True)
class Opening:
    """
    When a branch is open on some days in a row.

    Attributes:
        first: The first of them, 0 for Monday.
        last: The last of them.
        periods: From minute to minute of the day; none: closed.
    """

    first: int
    last: int
    periods: Periods


@dataclass(frozen=True)
class Outlook:
    """
    What the branch's settings and the time make of an idle screen.

    Attributes:
        quiet: The branch is closed for certain, and has been for a while.
        night: The colours of the night.
        week: Its opening hours from Monday on, holidays of the next seven days included; none: not known.
        next_day: On which weekday it opens next; None: not within seven days, or not known.
        next_periods: When it is open then.
        sound: A press is heard.
        we_did: *You said, we did*, by language.
        by_phone: The thank-you offers to go on by phone.
    """

    quiet: bool = False
    night: bool = False
    week: tuple[Opening, ...] = ()
    next_day: int | None = None
    next_periods: Periods = ()
    sound: bool = True
    we_did: Mapping[str, str] = field(default_factory=dict)
    by_phone: bool = False


NORMAL = Outlook()
"""What holds while nothing is known: the welcome, by day."""


def outlook(settings: BranchSettings, when: When) -> Outlook:
    """What *settings* say of an idle screen at *when*; only sound and text where the time is not known."""
    always = Outlook(sound=settings.sound, we_did=settings.we_did, by_phone=settings.by_phone)
    if when.uncertainty_ms > KNOWN_MS:
        return always
    wall = datetime.fromtimestamp(when.utc_ms / 1_000, settings.zone)
    next_day, next_periods = _next_opening(settings, when)
    return Outlook(
        quiet=is_quiet(settings, when),
        night=_is_night(settings.night, 60 * wall.hour + wall.minute),
        week=_week(settings, when),
        next_day=next_day,
        next_periods=next_periods,
        sound=settings.sound,
        we_did=settings.we_did,
        by_phone=settings.by_phone,
    )


def is_quiet(settings: BranchSettings, when: When) -> bool:
    """Whether the branch is closed at *when* and was already when those who are leaving now were inside."""
    before = When(when.utc_ms - LEAVING_MS, when.quality, when.uncertainty_ms)
    return all(settings.hours.is_closed(moment, settings.zone) for moment in (before, when))


def is_resting(outlook: Outlook, noticed_ms: int | None, now_ms: int) -> bool:
    """Whether the quiet screen is shown: outside the hours, and no finger or press since ``AWAKE_MS``."""
    return outlook.quiet and (noticed_ms is None or now_ms - noticed_ms >= AWAKE_MS)


def shift(still_ms: int) -> tuple[int, int]:
    """
    How far the picture is moved, right and down, when nobody has come for *still_ms*.

    >>> shift(0), shift(11 * 60_000), shift(14 * 60_000)
    ((0, 0), (1, 0), (2, 2))
    """
    return SHIFTS[max(0, still_ms - STILL_MS) // SHIFT_EVERY_MS % len(SHIFTS)]


def _is_night(night: tuple[int, int] | None, minute: int) -> bool:
    if night is None:
        return False
    start, end = night
    return start <= minute < end if start < end else minute >= start or minute < end


def _week(settings: BranchSettings, when: When) -> tuple[Opening, ...]:
    """Monday to Sunday as the next seven days have them, days alike in one."""
    schedules = settings.hours.schedules
    today = slot(when.utc_ms, settings.zone).day
    if not schedules or schedules[0].since > today:
        return ()
    by_weekday = {weekday(day): settings.hours.on(day) for day in range(today, today + DAYS)}
    openings = []
    for periods, days in groupby(range(DAYS), key=by_weekday.__getitem__):
        alike = list(days)
        openings.append(Opening(alike[0], alike[-1], periods))
    return tuple(openings)


def _next_opening(settings: BranchSettings, when: When) -> tuple[int | None, Periods]:
    """The first time from *when* on that begins, on today's day or one of the next seven."""
    if not settings.hours.schedules:
        return None, ()
    wall = datetime.fromtimestamp(when.utc_ms / 1_000, settings.zone)
    today, minute = slot(when.utc_ms, settings.zone).day, 60 * wall.hour + wall.minute
    for day in range(today, today + DAYS + 1):
        later = tuple(period for period in settings.hours.on(day) if day > today or period[0] > minute)
        if later:
            return weekday(day), later
    return None, ()


def weekday(day: int) -> int:
    """
    The weekday of *day*, counted from 1970-01-01, 0 for Monday.

    >>> weekday(0), DAY_NAMES[weekday(20_782)]
    (3, 'wed')
    """
    return (day + 3) % DAYS
