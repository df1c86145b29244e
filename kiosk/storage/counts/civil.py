"""The branch's civil days in quarters of an hour: how an instant becomes a day and a quarter of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from feedback.timeline import slot

QUARTER_MS = 900_000
"""Every time zone is some quarters of an hour away from UTC: so a quarter of UTC is one of any branch."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quarter_of(utc_ms: int) -> int:
    """The quarter of an hour that *utc_ms* is in, counted from 1970 in UTC."""
    return max(0, utc_ms) // QUARTER_MS


class Civil:
    """
    The calendar of one *zone*.

    A day's quarters are counted from its first instant, so they follow one another also where the clocks are
    changed: such a day has 92 or 100 of them, and the hour that is repeated has eight.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._days: dict[int, int] = {}
        self._firsts: dict[int, int] = {}

    def day_of(self, quarter: int) -> int:
        """The civil day, as days since 1970-01-01, of a *quarter* of UTC."""
        day = self._days.get(quarter)
        if day is None:
            day = self._days[quarter] = slot(quarter * QUARTER_MS, self.zone).day
        return day

    def first_quarter(self, day: int) -> int:
        """The quarter of UTC with which the civil *day* begins."""
        first = self._firsts.get(day)
        if first is None:
            date = _EPOCH + timedelta(days=day)
            midnight = datetime(date.year, date.month, date.day, tzinfo=self.zone)
            first = self._firsts[day] = quarter_of(round(midnight.timestamp() * 1000))
        return first

    def quarter_in_day(self, quarter: int) -> int:
        """Which quarter of its civil day a *quarter* of UTC is, from 0."""
        return quarter - self.first_quarter(self.day_of(quarter))

    def hour(self, day: int, quarter_in_day: int) -> int:
        """The hour, by the wall, of a quarter of *day*."""
        return slot((self.first_quarter(day) + quarter_in_day) * QUARTER_MS, self.zone).hour
