"""When a branch is open: weekly hours with exceptions, each from a date on, so that a change never judges the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feedback.timeline import When

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KNOWN_MS = 15 * 60_000
"""A time less sure than this is never called outside the hours: whoever is in doubt counts."""
MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_LATEST_MS = 253_370_764_800_000  # the first day of the year 9999: a calendar ends there

Periods = tuple[tuple[int, int], ...]
"""The open times of one day: minutes from 00:00, the second one not included; the whole day is ``(0, 1440)``."""


@dataclass(frozen=True)
class Schedule:
    """
    The hours that hold from one civil day on.

    Attributes:
        since: That day, as days since 1970-01-01 (``timeline.Slot.day``).
        week: Open times of Monday to Sunday; none: closed.
        exceptions: Open times of single days, in place of the week's.
    """

    since: int
    week: tuple[Periods, ...]
    exceptions: Mapping[int, Periods] = field(default_factory=dict)

    def on(self, day: int) -> Periods:
        """The open times of civil *day*."""
        found = self.exceptions.get(day)
        # 1970-01-01 was a Thursday.
        return self.week[(day + 3) % 7] if found is None else found


@dataclass(frozen=True)
class Hours:
    """
    A branch's service hours.

    Attributes:
        schedules: By their day. Before the first of them, or without any, the branch counts as open.
    """

    schedules: tuple[Schedule, ...] = ()

    def is_closed(self, when: When, zone: ZoneInfo) -> bool:
        """
        Whether an answer given at *when* was given outside the hours for certain, by the wall clock of *zone*.

        Never for a time that is not known to within 15 minutes, nor while any minute of its interval is open.
        """
        if not self.schedules or when.uncertainty_ms > KNOWN_MS:
            return False
        first, last = (
            min(max(when.utc_ms + doubt_ms, 0), _LATEST_MS) // MINUTE_MS
            for doubt_ms in (-when.uncertainty_ms, when.uncertainty_ms)
        )
        # Hours and the offsets of zones are whole minutes: within a minute nothing opens.
        return not any(self._is_open(minute, zone) for minute in range(first, last + 1))

    def on(self, day: int) -> Periods:
        """The open times of civil *day*; the whole day where nothing is said of it."""
        holding = [schedule for schedule in self.schedules if schedule.since <= day]
        return holding[-1].on(day) if holding else ((0, DAY_MINUTES),)

    def first_difference(self, other: Hours) -> int | None:
        """The first civil day for which *other* may say something else; None: it says the same of every day."""
        mine, others = self._by_day(), other._by_day()
        days = [
            _first_difference(mine.get(since), others.get(since)) for since in mine.keys() | others.keys()
        ]
        return min((day for day in days if day is not None), default=None)

    def _by_day(self) -> dict[int, Schedule]:
        return {schedule.since: schedule for schedule in self.schedules}

    def _is_open(self, utc_minute: int, zone: ZoneInfo) -> bool:
        wall = datetime.fromtimestamp(utc_minute * 60, zone)
        day, minute = wall.toordinal() - _EPOCH_DAY, 60 * wall.hour + wall.minute
        return any(start <= minute < end for start, end in self.on(day))


def _first_difference(one: Schedule | None, other: Schedule | None) -> int | None:
    if one is None or other is None or one.week != other.week:
        return min(schedule.since for schedule in (one, other) if schedule)
    days = one.exceptions.keys() | other.exceptions.keys()
    return min((day for day in days if one.exceptions.get(day) != other.exceptions.get(day)), default=None)
