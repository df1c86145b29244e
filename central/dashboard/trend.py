"""The days of a period as the trend draws them, and as its table says them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from central.dashboard import words
from central.dashboard.shown import Shown, shown
from central.scores.report import Report
from feedback.scores import Score

LONG_GAP_DAYS = 4
"""So many days without answers in a row break the line: a weekend does not, a kiosk that stood still does."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day with answers."""

    day: date
    said: str
    sli: Shown
    score: Score | None
    is_today: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """
    The days with answers, in order.

    Attributes:
        without: Days without an answer, which are left out.
        few: Days with 1 to 9 answers.
    """

    days: list[Day]
    without: int
    few: int

    @property
    def figures(self) -> dict[str, Any]:
        """What the drawing is made from; no score where too few answered."""
        points, before = [], None
        for one in self.days:
            if before is not None and (one.day - before).days > LONG_GAP_DAYS:
                points.append(_BREAK)
            points.append(_point(one))
            before = one.day
        return {"points": points}

    @property
    def spoken(self) -> str:
        """The drawing in one sentence, for those who do not see it."""
        scored = [one for one in self.days if one.sli.value and one.score]
        if not scored:
            return "No day has enough answers for a score."
        lowest = min(scored, key=_value)
        highest = max(scored, key=_value)
        return (
            f"Daily SLI: lowest {lowest.sli.value} on {lowest.said}, "
            f"highest {highest.sli.value} on {highest.said}, {len(scored)} days with a score."
        )


_BREAK: dict[str, Any] = {
    "label": "",
    "said": "",
    "n": 0,
    "value": None,
    "low": None,
    "high": None,
    "today": False,
}


def trend(days: Iterable[tuple[date, Report]], today: date) -> Trend:
    """The trend of *days*, of which *today* is still counting."""
    reports = list(days)
    answered = [
        Day(day, f"{day:%a} {words.short_day(day)}", shown(one.sli), one.sli.score, day == today)
        for day, one in reports
        if one.sli.n
    ]
    few = sum(not one.sli.value for one in answered)
    return Trend(answered, len(reports) - len(answered), few)


def _value(one: Day) -> float:
    return one.score.value if one.score else 0.0


def _point(one: Day) -> dict[str, Any]:
    score = one.score if one.sli.value else None
    return {
        "label": words.short_day(one.day),
        "said": one.said,
        "n": one.sli.n,
        "value": round(score.value, 1) if score else None,
        "low": round(score.low, 1) if score else None,
        "high": round(score.high, 1) if score else None,
        "today": one.is_today,
    }
