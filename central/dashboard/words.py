"""Figures, days and rules in the words a page shows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from feedback import misuse

NARROW = "\u202f"
_SECOND_MS = 1_000
_MINUTE_MS = 60 * _SECOND_MS
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS

_RULES = {
    misuse.Rule.REPEAT.value: ("repeat", "repeats"),
    misuse.Rule.BURST.value: ("in a burst", "in bursts"),
    misuse.Rule.CORRECTED.value: ("corrected", "corrected"),
    misuse.Rule.CLOSED.value: ("outside the hours", "outside the hours"),
    misuse.Rule.TEST.value: ("test", "tests"),
    misuse.Rule.SERVICE.value: ("in service", "in service"),
}


def figure(value: float, places: int = 1) -> str:
    """
    A score as shown, with a true minus.

    >>> figure(67.4), figure(-3.04), figure(-0.04), figure(-0.04) == figure(0.0)
    ('67.4', '−3.0', '0.0', True)
    """
    text = f"{abs(value):.{places}f}"
    return f"−{text}" if value < 0 and float(text) else text


def count(n: int) -> str:
    """
    A number of answers.

    >>> count(1234567).split("\u202f")
    ['1', '234', '567']
    """
    return f"{n:,}".replace(",", NARROW)


def short_count(n: int) -> str:
    """
    A number of answers where room is scarce.

    >>> short_count(999), short_count(1198), short_count(20_400)
    ('999', '1.2k', '20k')
    """
    return str(n) if n < 1000 else f"{n / 1000:.1f}k" if n < 9950 else f"{n / 1000:.0f}k"


def percent(part: int, whole: int) -> str:
    """
    A share in whole percent; of nothing there is no share.

    >>> percent(1, 8), percent(0, 0)
    ('12\u202f%', '–')
    """
    return f"{100 * part / whole:.0f}{NARROW}%" if whole else "–"


def long_day(day: date) -> str:
    """
    A day in full.

    >>> long_day(date(2026, 11, 20))
    '20 November 2026'
    """
    return f"{day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """
    A day on an axis.

    >>> short_day(date(2026, 11, 20))
    '20 Nov'
    """
    return f"{day.day} {day:%b}"


def span(first: date, last: date) -> str:
    """
    Days in full, nothing said twice.

    >>> span(date(2026, 10, 22), date(2026, 11, 20)), span(date(2026, 11, 1), date(2026, 11, 7))
    ('22 October to 20 November 2026', '1 to 7 November 2026')
    """
    if first.year != last.year:
        return f"{long_day(first)} to {long_day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {long_day(last)}"
    return f"{first.day} to {long_day(last)}"


def rule(name: str, n: int) -> str:
    """
    How many were set aside by a rule. A rule of a later release keeps its own name.

    >>> rule("repeat", 6), rule("burst", 1), rule("closed_hours", 2)
    ('6 repeats', '1 in a burst', '2 closed hours')
    """
    one, more = _RULES.get(name, (plain(name), plain(name)))
    return f"{count(n)} {one if n == 1 else more}"


def plain(name: str) -> str:
    """
    A name from settings as words.

    >>> plain("counter_2")
    'counter 2'
    """
    return name.replace("_", " ").replace("-", " ")


def clock(utc_ms: int, zone: ZoneInfo) -> str:
    """The time of day on the wall of *zone*."""
    return f"{_local(utc_ms, zone):%H:%M}"


def moment(utc_ms: int, zone: ZoneInfo) -> str:
    """Day and time on the wall of *zone*."""
    local = _local(utc_ms, zone)
    return f"{short_day(local.date())}, {local:%H:%M}"


def lasting(milliseconds: int) -> str:
    """
    A length of time, one unit.

    >>> lasting(40_000), lasting(7_200_000), lasting(90_000_000), lasting(60_000)
    ('under a minute', '2 hours', '25 hours', '1 minute')
    """
    for unit_ms, unit in ((_DAY_MS, "day"), (_HOUR_MS, "hour"), (_MINUTE_MS, "minute")):
        # Two days and more are told in days: "25 hours" says more than "1 day".
        if milliseconds >= unit_ms * (2 if unit == "day" else 1):
            n = milliseconds // unit_ms
            return f"{n} {unit}" + ("" if n == 1 else "s")
    return "under a minute"


def _local(utc_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(utc_ms / _SECOND_MS, UTC).astimezone(zone)
