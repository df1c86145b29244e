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
    return _score("SLI", Measures.EXPERIENCE, points)


def nps(counts: Mapping[int, int]) -> Score | None:
    """
    Net Promoter Score from answers 0..10: % of 9-10 minus % of 0-6, -100..100.

    >>> round(nps({10: 50, 8: 30, 3: 20}).value)
    30
    """
    points = {100: 0, 0: 0, -100: 0}
    for answer, count in counts.items():
        points[100 if answer >= 9 else 0 if answer >= 7 else -100] += count
    return _score("NPS", Measures.EXPERIENCE, points)


def ces(counts: Mapping[int, int]) -> Score | None:
    """
    Customer Effort Score 2.0: the mean of 1..7, where 7 is easiest.

    Three conventions are in use; this is the mean. Raw counts are kept for the others.

    >>> ces({7: 5, 5: 5}).value
    6.0
    """
    points = {level: counts.get(level, 0) for level in range(1, 8)}
    return _score("CES", Measures.SERVICE, points)


def csat(counts: Mapping[int, int]) -> Score | None:
    """
    Customer satisfaction after a service, answers 1..5: the share of 4 and 5, 0..100 %.

    >>> score = csat({5: 207, 1: 43})
    >>> round(score.value, 1), round(score.low, 1), round(score.high, 1)
    (82.8, 77.6, 87.0)
    """
    points = {0: 0, 100: 0}
    for answer, count in counts.items():
        points[100 if answer >= 4 else 0] += count
    return _score("CSAT", Measures.SERVICE, points)


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


def _score(name: str, measures: Measures, points: Mapping[int, int]) -> Score | None:
    """
    The mean of *points* (value -> count) with its 95 % interval; the outermost values end the scale.

    The interval is Agresti and Coull's (The American Statistician 52, 1998), for any number of levels: half of
    1.96 squared is added to the count at either end of the scale, then the usual interval of a mean is taken
    and cut at the ends. For two levels its middle is Wilson's. Rocks (The American Statistician 70, 2016) found such
    additions best for the NPS. It always holds the plain mean, also when all answers are equal.
    From n = 10 on it covers 93-98 % of the crowds tried, a little more where nearly all say the same:
    ``python -m tests.intervals``.
    """
    n = sum(points.values())
    if n == 0:
        return None
    value = sum(point * count for point, count in points.items()) / n
    least, most = min(points), max(points)
    weighed = {**points, least: points[least] + Z95**2 / 2, most: points[most] + Z95**2 / 2}
    total = n + Z95**2
    middle = sum(point * weight for point, weight in weighed.items()) / total
    variance = sum(weight * (point - middle) ** 2 for point, weight in weighed.items()) / total
    reach = Z95 * sqrt(variance / total)
    return Score(name, measures, value, max(least, middle - reach), min(most, middle + reach), n)
