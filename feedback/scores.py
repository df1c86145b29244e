"""
SLI, CSAT, NPS and CES from counts, each with its interval and what it measures.

A score is computed from counts alone, so branches combine by adding counts, never by averaging scores.
No answers means no score: 0 is a score like any other.

The intervals cover the chance of sampling and nothing else: who chooses to press is not chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from feedback.ratings import Measures, Rating

Z95 = 1.96
"""Normal deviates for a 95 % interval."""

FEWEST_FOR_SCORE = 10
"""Below this only counts are shown."""
FEWEST_FOR_CONFIDENCE = 30
"""From 10 to 29 answers the score is shown marked "few answers"."""


@dataclass(frozen=True, slots=True)
class Score:
    """
    A score with its doubt.

    Attributes:
        name: ``SLI``, ``CSAT``, ``NPS`` or ``CES``.
        measures: A service or the experience; never compared across the two.
        value: On its own scale: SLI and NPS -100..100, CSAT 0..100 %, CES 1..7.
        low: Lower end of the 95 % interval, same unit.
        high: Upper end.
        n: Answers counted.
    """

    name: str
    measures: Measures
    value: float
    low: float
    high: float
    n: int

    @property
    def reliability(self) -> str:
        """How it may be shown: ``counts_only``, ``few_answers`` or ``enough``."""
        if self.n < FEWEST_FOR_SCORE:
            return "counts_only"
        return "few_answers" if self.n < FEWEST_FOR_CONFIDENCE else "enough"


def sli(counts: Mapping[Rating, int]) -> Score | None:
    """
    Satisfaction Level Indicator: sum(weight x count) x 100 / (10 x count), -100..100.

    Qmeter's definition and worked example, 250 answers:

    >>> score = sli({Rating.EXCELLENT: 181, Rating.GOOD: 26, Rating.NEUTRAL: 4,
    ...              Rating.BAD: 27, Rating.UNACCEPTABLE: 12})
    >>> round(score.value, 1), score.n
    (67.4, 250)
    >>> sli({}) is None
    True
    """
    points = {10 * rating.weight: counts.get(rating, 0) for rating in Rating}
    return _mean_score("SLI", Measures.EXPERIENCE, points, (-100, 100))


def nps(counts: Mapping[int, int]) -> Score | None:
    """
    Net Promoter Score from answers 0..10: % of 9-10 minus % of 0-6, -100..100.

    >>> round(nps({10: 50, 8: 30, 3: 20}).value)
    30
    """
    points = {100: 0, 0: 0, -100: 0}
    for answer, count in counts.items():
        points[100 if answer >= 9 else 0 if answer >= 7 else -100] += count
    return _mean_score("NPS", Measures.EXPERIENCE, points, (-100, 100))


def ces(counts: Mapping[int, int]) -> Score | None:
    """
    Customer Effort Score 2.0: the mean of 1..7, where 7 is easiest.

    Three conventions are in use; this is the mean. Raw counts are kept for the others.

    >>> ces({7: 5, 5: 5}).value
    6.0
    """
    points = {level: counts.get(level, 0) for level in range(1, 8)}
    return _mean_score("CES", Measures.SERVICE, points, (1, 7))


def csat(counts: Mapping[int, int]) -> Score | None:
    """
    Customer satisfaction after a service, answers 1..5: the share of 4 and 5, 0..100 %, Wilson's interval.

    >>> score = csat({5: 207, 1: 43})
    >>> round(score.value, 1), round(score.low, 1), round(score.high, 1)
    (82.8, 77.6, 87.0)
    """
    n = sum(counts.values())
    if n == 0:
        return None
    share = (counts.get(4, 0) + counts.get(5, 0)) / n
    low, high = _wilson(share, n)
    # Held to the score: at 0 and 1 the two meet, and rounding must not part them.
    return Score("CSAT", Measures.SERVICE, 100 * share, 100 * min(low, share), 100 * max(high, share), n)


def added(*branches: Mapping[Rating, int]) -> dict[Rating, int]:
    """
    The counts of several branches, hours or days together: how scores combine.

    >>> added({Rating.GOOD: 2}, {Rating.GOOD: 1, Rating.BAD: 3})
    {<Rating.GOOD: 4>: 3, <Rating.BAD: 2>: 3}
    """
    total: dict[Rating, int] = {}
    for counts in branches:
        for rating, count in counts.items():
            total[rating] = total.get(rating, 0) + count
    return total


def band(value: float) -> str:
    """
    The word for an SLI. Qmeter's bands overlap at 50, 0 and -50; here the better word takes the edge.

    >>> [band(value) for value in (50, 0.1, 0, -49.9, -50)]
    ['excellent', 'good', 'neutral', 'bad', 'unacceptable']
    """
    if value >= 50:
        return "excellent"
    if value > 0:
        return "good"
    if value == 0:
        return "neutral"
    return "bad" if value > -50 else "unacceptable"


def _mean_score(
    name: str, measures: Measures, points: Mapping[int, int], ends: tuple[int, int]
) -> Score | None:
    """
    The mean of *points* (value -> count) with the "add one half" interval.

    One half is added to every count before the interval is taken, which keeps it honest for few answers and
    never zero wide when all are equal (covers 94-98 % from n = 5 up, by simulation). The score itself
    is the plain mean; an interval that would miss it, as one of seven levels may with two or three answers,
    reaches out to it.
    """
    n = sum(points.values())
    if n == 0:
        return None
    value = sum(point * count for point, count in points.items()) / n
    total = n + len(points) / 2
    mean = sum(point * (count + 0.5) for point, count in points.items()) / total
    variance = sum((count + 0.5) * (point - mean) ** 2 for point, count in points.items()) / total
    reach = Z95 * sqrt(variance / total)
    least, most = ends
    low, high = max(least, mean - reach), min(most, mean + reach)
    return Score(name, measures, value, min(low, value), max(high, value), n)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share of *n* (E. B. Wilson, 1927)."""
    square = Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = Z95 * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)
