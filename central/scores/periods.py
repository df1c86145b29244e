"""Spans of civil days: what a query may ask for, and what it gets without asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from feedback import timeline

DEFAULT_DAYS = 30
MOST_DAYS = 366
"""A year of days is one page of figures; more is an export."""

_FIRST_DAY = date(1970, 1, 1)
_EARLIEST = date(1970, 1, 1)
_LATEST = date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """Civil days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it, with answers or without."""
        return [self.first + timedelta(days=at) for at in range((self.last - self.first).days + 1)]


def number(day: date) -> int:
    """*day* as the counts have it: days since 1970-01-01."""
    return (day - _FIRST_DAY).days


def today(now_ms: int, zones: Iterable[str]) -> date:
    """The latest civil day that any of *zones* has reached; without zones, UTC's."""
    latest = max(timeline.slot(now_ms, ZoneInfo(zone)).day for zone in {*zones} or {"UTC"})
    return _FIRST_DAY + timedelta(days=latest)


def period(first: date | None, last: date | None, today: date) -> Period:
    """
    The days asked for; what is not said is the 30 days up to *today*.

    Raises:
        ValueError: With one sentence for whoever asked.
    """
    last = last or (today if first is None else min(today, _plus(first, MOST_DAYS - 1)))
    first = first or _plus(last, 1 - DEFAULT_DAYS)
    if first < _EARLIEST or last > _LATEST:
        raise ValueError(f"from and to are days between {_EARLIEST} and {_LATEST}.")
    if first > last:
        raise ValueError(f"from = {first} is after to = {last}: give the earlier day as from.")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"{first} to {last} is more than {MOST_DAYS} days: ask for a shorter period.")
    return Period(first, last)


def _plus(day: date, days: int) -> date:
    """*day* moved by *days*, held within the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
