"""A score as a page may show it: what too few answers do not carry is left out here, not in the templates."""

from __future__ import annotations

from dataclasses import dataclass

from central.dashboard import words
from central.scores.report import CES, CSAT, NPS, SLI, Measured, Metric
from feedback import scores

ENDS = {SLI: (-100, 100), NPS: (-100, 100), CES: (1, 7), CSAT: (0, 100)}
"""Where each scale begins and ends."""
SAID = {
    SLI: "Satisfaction level (SLI)",
    NPS: "Would recommend (NPS)",
    CES: "Ease (CES), 1 to 7",
    CSAT: "Satisfied with the service (CSAT)",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """
    A score and its interval on a line from -100 to 100, whatever its own scale.

    Attributes:
        least: The left end, as shown.
        most: The right end, as shown.
        low: Where the interval begins; with high and mark, None where there is no score to show.
    """

    least: str
    most: str
    low: float | None
    high: float | None
    mark: float | None

    @property
    def width(self) -> float:
        """The interval's length on the line."""
        return round((self.high or 0) - (self.low or 0), 2)

    @property
    def middle(self) -> str:
        """What stands at the middle of the line where that is 0."""
        return "0" if self.least == words.figure(-100, 0) else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A measured score in words and figures.

    Attributes:
        value: None below 10 answers.
        reach: How far chance alone can move it, in its own unit, as shown.
        doubt: "few answers" or why there is no score; empty where nothing need be said.
    """

    name: str
    said: str
    measures: str
    n: int
    counted: str
    value: str | None
    interval: str | None
    reach: str | None
    band: str | None
    doubt: str
    few: bool
    scale: Scale
    set_aside: str
    aside: str


def shown(measured: Measured) -> Shown:
    """What may be shown of *measured*."""
    metric = measured.metric
    score = measured.score if measured.reliability != "counts_only" else None
    unit = f"{words.NARROW}%" if metric is CSAT else ""
    aside = sum(measured.set_aside.values())
    return Shown(
        name=metric.name,
        said=SAID[metric],
        measures=metric.measures.value,
        n=measured.n,
        counted=words.count(measured.n),
        value=words.figure(score.value) + unit if score else None,
        interval=f"{words.figure(score.low)} to {words.figure(score.high)}" if score else None,
        reach=words.figure((score.high - score.low) / 2) if score else None,
        # The word belongs to the figure that is shown beside it.
        band=scores.band(round(score.value, 1)) if score and metric is SLI else None,
        doubt=_doubt(measured),
        few=measured.reliability == "few_answers",
        scale=_scale(measured, metric),
        set_aside=words.count(aside),
        aside=", ".join(words.rule(rule, n) for rule, n in measured.set_aside.items()),
    )


def _doubt(measured: Measured) -> str:
    if measured.n == 0:
        return "no answers"
    if measured.reliability == "counts_only":
        return f"too few answers for {'an' if measured.metric in (SLI, NPS) else 'a'} {measured.metric.name}"
    return "few answers" if measured.reliability == "few_answers" else ""


def _scale(measured: Measured, metric: Metric) -> Scale:
    least, most = ENDS[metric]
    ends = words.figure(least, 0), words.figure(most, 0)
    if measured.score is None or measured.reliability == "counts_only":
        return Scale(*ends, None, None, None)
    score = measured.score
    low, high, mark = (_along(value, least, most) for value in (score.low, score.high, score.value))
    return Scale(*ends, low, high, mark)


def _along(value: float, least: int, most: int) -> float:
    return round((value - least) / (most - least) * 200 - 100, 2)
