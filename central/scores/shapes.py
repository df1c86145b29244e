"""The JSON that the scores are published in, with every unit said; OpenAPI is made from it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from central.scores.periods import Period
from central.scores.queries import Branch
from central.scores.report import Key, Measured, Reason, Report

_PLACES = 2


class Shape(BaseModel):
    """What all published objects share: they are made once and not changed."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ScoreShape(Shape):
    """One score with its doubt, what it measures, and everything it was made of."""

    name: Literal["SLI", "NPS", "CES", "CSAT"]
    measures: Literal["service", "experience"] = Field(
        description="Whether it tells of one interaction (service) or of the relationship (experience). "
        "The two are never mixed."
    )
    unit: str = Field(description="The scale of value, low and high, in words.")
    value: float | None = Field(
        description="The score in `unit`, two decimals. null where nobody answered: 0 is a score."
    )
    low: float | None = Field(description="Lower end of the 95 % interval, same unit.")
    high: float | None = Field(
        description="Upper end of the 95 % interval. It covers the chance of sampling and nothing else: who "
        "chooses to press is not chance."
    )
    n: int = Field(ge=0, description="Answers counted.")
    reliability: Literal["counts_only", "few_answers", "enough"] = Field(
        description="How it may be shown: counts_only (n below 10: show the counts, no score), "
        "few_answers (10 to 29: show it marked so), enough (30 or more)."
    )
    counts: dict[str, int] = Field(
        description="Counted answers per level, best first. SLI: excellent, good, neutral, bad, "
        "unacceptable; the others: the number chosen."
    )
    set_aside: dict[str, int] = Field(
        description="Answers kept and not counted, per rule (test, service, closed, burst, repeat, corrected ...)."
    )

    @classmethod
    def of(cls, measured: Measured) -> ScoreShape:
        metric, score = measured.metric, measured.score
        return cls.model_validate(
            {
                "name": metric.name,
                "measures": metric.measures.value,
                "unit": metric.unit,
                "value": round(score.value, _PLACES) if score else None,
                "low": round(score.low, _PLACES) if score else None,
                "high": round(score.high, _PLACES) if score else None,
                "n": measured.n,
                "reliability": measured.reliability,
                "counts": dict(measured.counts),
                "set_aside": dict(measured.set_aside),
            }
        )


class ReasonShape(Shape):
    """How often one choice was chosen."""

    survey: str
    question: str
    kind: Literal["choice", "yes_no"]
    value: int = Field(description="The choice's number; its words are in the survey. yes_no: 1 is yes.")
    n: int = Field(ge=1, description="Answers with this choice.")
    of: int = Field(ge=1, description="Answers to the same question.")

    @classmethod
    def of_reason(cls, reason: Reason) -> ReasonShape:
        return cls.model_validate(reason, from_attributes=True)


class ReportShape(Shape):
    """The scores of one group of answers. Where nobody answered: n 0 and value null."""

    sli: ScoreShape = Field(description="Satisfaction Level Indicator: five faces, stars, four faces.")
    nps: ScoreShape = Field(description="Net Promoter Score: % of 9 and 10 minus % of 0 to 6.")
    ces: ScoreShape = Field(description="Customer Effort Score 2.0: the mean.")
    csat: ScoreShape = Field(description="Customer satisfaction after a service: the share of 4 and 5.")
    reasons: list[ReasonShape] = Field(description="Choices, the most frequent first.")


class GroupShape(ReportShape):
    """The scores of one group, and which group it is."""

    key: str = Field(
        description="total, a civil day (YYYY-MM-DD), an hour by the wall (0 to 23), a journey stage or a "
        "touchpoint's id."
    )


class PeriodShape(Shape):
    """Civil days, both included."""

    first: date = Field(alias="from", description="First civil day counted.")
    last: date = Field(alias="to", description="Last civil day counted.")


class BranchShape(Shape):
    """A branch."""

    id: str
    name: str
    zone: str = Field(description="IANA time zone; the branch's days and hours are this zone's.")


class BranchScores(PeriodShape):
    """One branch's scores."""

    branch: BranchShape
    by: Literal["total", "day", "hour", "stage", "touchpoint"]
    groups: list[GroupShape] = Field(
        description="Every day of the period or hour of the day, with answers or without; stages and "
        "touchpoints that have some."
    )


class AllScores(PeriodShape):
    """All branches together, by adding their counts. A day or hour is each branch's own."""

    by: Literal["total", "day", "hour", "stage", "touchpoint"]
    groups: list[GroupShape]


class BranchTotal(BranchShape, ReportShape):
    """A branch with its total scores."""


class BranchTotals(PeriodShape):
    """Branches by id, each with its total scores over the same civil days."""

    branches: list[BranchTotal]
    next: str | None = Field(description="Give it as `after` for the next page; null: this was the last.")


class AnswerShape(Shape):
    """One stored answer as it was captured, and what central made of it."""

    kiosk: str
    store: str = Field(description="Base64 of 16 bytes. Branch, kiosk, store, seq are its identity.")
    seq: int = Field(description="Its number in the store, from 1.")
    response: int = Field(description="The seq of the first answer of the same response.")
    touchpoint: str
    stage: str
    survey: str
    version: int = Field(description="The survey's version when it was asked.")
    question: str
    kind: str = Field(description="What value means, such as rating, nps or outcome.")
    language: str
    value: int
    rating: str | None = Field(description="Its rating in the SLI; null where its kind has none.")
    source: str = Field(description="t touch, b button, p panel, w web, q QR, e e-mail, s SMS.")
    boot_ms: int = Field(description="Milliseconds since the kiosk started, as captured.")
    wall_ms: int = Field(description="Milliseconds since 1970 by the kiosk's clock, right or wrong.")
    utc_ms: int = Field(description="When, as repaired: UTC, milliseconds since 1970.")
    quality: str = Field(description="How that time is known: exact, repaired or estimated.")
    uncertainty_ms: int = Field(description="How far off it may be, milliseconds.")
    day: date = Field(description="The branch's civil day it counts in.")
    hour: int = Field(description="The hour of that day, 0 to 23.")
    test: bool = Field(description="Pressed by a technician on purpose.")
    rule: str = Field(description="Why it is set aside; empty: counted.")


class AnswersPage(Shape):
    """Stored answers by kiosk, store and seq."""

    answers: list[AnswerShape]
    next: str | None = Field(description="Give it as `after` for the next page; null: this was the last.")


class Fault(Shape):
    """Why a request cannot be answered."""

    detail: str = Field(description="One sentence.")


def report_shape(report: Report) -> dict[str, object]:
    """The fields of a :class:`ReportShape`."""
    return {
        "sli": ScoreShape.of(report.sli),
        "nps": ScoreShape.of(report.nps),
        "ces": ScoreShape.of(report.ces),
        "csat": ScoreShape.of(report.csat),
        "reasons": [ReasonShape.of_reason(reason) for reason in report.reasons],
    }


def groups(reports: list[tuple[Key, Report]]) -> list[GroupShape]:
    """The published form of *reports*."""
    return [GroupShape.model_validate({"key": str(key), **report_shape(one)}) for key, one in reports]


def branch_total(branch: Branch, report: Report) -> BranchTotal:
    """The published form of a branch's total."""
    return BranchTotal.model_validate({**branch._asdict(), **report_shape(report)})


def days(period: Period) -> dict[str, date]:
    """The fields of a :class:`PeriodShape`."""
    return {"first": period.first, "last": period.last}
