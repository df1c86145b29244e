"""
From rows of counts to scores with their intervals. Pure: no store, no clock.

Whatever is put together (days, stages, branches) is put together by adding counts; scores are never averaged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from feedback import scores
from feedback.ratings import SHOWN_ORDER, Kind, Measures, Rating, as_rating
from feedback.scores import Score


class Cell(NamedTuple):
    """What one count counts; ``rule`` says why it is set aside, empty: counted."""

    survey: str
    question: str
    kind: str
    value: int
    rule: str


Tally = Counter[Cell]
"""How often each cell was counted."""

Key = str | int


class Row(NamedTuple):
    """One row of a grouped query: which group, what, how often."""

    key: Key
    cell: Cell
    n: int


@dataclass(frozen=True, slots=True)
class Metric:
    """
    A score this server gives.

    Attributes:
        name: ``SLI``, ``NPS``, ``CES`` or ``CSAT``.
        measures: A service or the experience.
        unit: The scale of value, low and high, in words.
        kinds: The kinds of answer that enter it.
        levels: Its counts' keys, best first.
    """

    name: str
    measures: Measures
    unit: str
    kinds: tuple[Kind, ...]
    levels: tuple[str, ...]


SLI = Metric(
    "SLI",
    Measures.EXPERIENCE,
    "points, -100 to 100",
    (Kind.RATING, Kind.STARS, Kind.FACES4),
    tuple(rating.word for rating in SHOWN_ORDER),
)
NPS = Metric(
    "NPS",
    Measures.EXPERIENCE,
    "points, -100 to 100",
    (Kind.NPS,),
    tuple(str(value) for value in reversed(Kind.NPS.values)),
)
CES = Metric(
    "CES",
    Measures.SERVICE,
    "mean of 1 to 7, 7 is easiest",
    (Kind.CES,),
    tuple(str(value) for value in reversed(Kind.CES.values)),
)
CSAT = Metric(
    "CSAT",
    Measures.SERVICE,
    "percent who chose 4 or 5, 0 to 100",
    (Kind.CSAT,),
    tuple(str(value) for value in reversed(Kind.CSAT.values)),
)
METRICS = (SLI, NPS, CES, CSAT)
CHOSEN = (Kind.CHOICE, Kind.YES_NO)
"""Kinds whose answers are listed with their counts and never scored."""
REPORTED = tuple(kind for metric in METRICS for kind in metric.kinds) + CHOSEN
"""Every kind a report looks at."""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    A metric's score, and everything it was made of.

    Attributes:
        score: None where nobody answered: 0 is a score like any other.
        counts: Counted answers per level, best first, zeros included.
        set_aside: Answers kept and not counted, per rule.
    """

    metric: Metric
    score: Score | None
    counts: Mapping[str, int]
    set_aside: Mapping[str, int]

    @property
    def n(self) -> int:
        """Answers counted."""
        return self.score.n if self.score else 0

    @property
    def reliability(self) -> str:
        """How it may be shown: ``counts_only``, ``few_answers`` or ``enough``."""
        return self.score.reliability if self.score else "counts_only"


@dataclass(frozen=True, slots=True)
class Reason:
    """
    One choice with how often it was chosen.

    Attributes:
        of: Everyone who answered the same question: reasons are parts of those who gave one.
    """

    survey: str
    question: str
    kind: str
    value: int
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Report:
    """All scores of one group of answers, and its reasons, the most frequent first."""

    sli: Measured
    nps: Measured
    ces: Measured
    csat: Measured
    reasons: tuple[Reason, ...]


def tallied(rows: Iterable[Row]) -> dict[Key, Tally]:
    """The rows of each group added up."""
    tallies: dict[Key, Tally] = {}
    for row in rows:
        tallies.setdefault(row.key, Counter())[row.cell] += row.n
    return tallies


def added(tallies: Iterable[Tally]) -> Tally:
    """Several groups as one: how hours make a day and branches a bank."""
    total: Tally = Counter()
    for tally in tallies:
        total.update(tally)
    return total


def report(tally: Tally) -> Report:
    """
    The scores of *tally*.

    >>> cells = {Cell("exit", "visit", "rating", 5, ""): 3, Cell("exit", "visit", "rating", 1, "burst"): 6}
    >>> one = report(Counter(cells))
    >>> one.sli.score.value, one.sli.n, dict(one.sli.set_aside), one.nps.score
    (100.0, 3, {'burst': 6}, None)
    """
    return Report(
        sli=_measured(SLI, tally, _sli),
        nps=_measured(NPS, tally, lambda counts: scores.nps(_numbers(counts))),
        ces=_measured(CES, tally, lambda counts: scores.ces(_numbers(counts))),
        csat=_measured(CSAT, tally, lambda counts: scores.csat(_numbers(counts))),
        reasons=_reasons(tally),
    )


def listed(tallies: Mapping[Key, Tally], keys: Iterable[Key]) -> list[tuple[Key, Report]]:
    """A report for each of *keys*, in their order; a group without answers has n 0 and no score."""
    return [(key, report(tallies.get(key, Counter()))) for key in keys]


def _measured(metric: Metric, tally: Tally, scored: Callable[[Mapping[str, int]], Score | None]) -> Measured:
    counts = dict.fromkeys(metric.levels, 0)
    set_aside: Counter[str] = Counter()
    kinds = {kind.value for kind in metric.kinds}
    for cell, n in tally.items():
        if cell.kind not in kinds or not n:
            continue
        if cell.rule:
            set_aside[cell.rule] += n
        else:
            counts[_level(cell)] += n
    return Measured(metric, scored(counts), counts, dict(set_aside.most_common()))


def _level(cell: Cell) -> str:
    rating = as_rating(Kind(cell.kind), cell.value)
    return rating.word if rating else str(cell.value)


def _sli(counts: Mapping[str, int]) -> Score | None:
    return scores.sli({Rating.named(word): n for word, n in counts.items()})


def _numbers(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(level): n for level, n in counts.items()}


def _reasons(tally: Tally) -> tuple[Reason, ...]:
    kinds = {kind.value for kind in CHOSEN}
    chosen = [(cell, n) for cell, n in tally.items() if cell.kind in kinds and not cell.rule and n]
    asked: Counter[tuple[str, str]] = Counter()
    for cell, n in chosen:
        asked[cell.survey, cell.question] += n
    chosen.sort(key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        Reason(cell.survey, cell.question, cell.kind, cell.value, n, asked[cell.survey, cell.question])
        for cell, n in chosen
    )
