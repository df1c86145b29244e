"""The scores over HTTP. Reads only; who may ask is decided by the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query
from sqlalchemy import Connection, Engine

from central.scores import periods, queries, shapes
from central.scores.answers import Place, answers_page
from central.scores.asking import (
    LONGEST,
    AnswersAsked,
    BranchesAsked,
    PeriodAsked,
    PlainRoute,
    ScoresAsked,
)
from central.scores.periods import Period
from central.scores.queries import Branch, By
from central.scores.report import Key, Report, Row, listed, tallied
from central.scores.shapes import AllScores, AnswersPage, BranchScores, BranchTotals, Fault
from central.store.database import reading

BranchId = Annotated[str, Path(max_length=LONGEST, description="The branch's id.")]


def router(store: Engine, now_ms: Callable[[], int]) -> APIRouter:
    """The routes over *store*; *now_ms* tells UTC milliseconds since 1970, for what "today" is."""
    routes = APIRouter(
        prefix="/v1",
        tags=["scores"],
        route_class=PlainRoute,
        responses={422: {"model": Fault, "description": "A query value is wrong; the sentence says which."}},
    )

    @routes.get("/branches")
    def branch_totals(asked: Annotated[BranchesAsked, Query()]) -> BranchTotals:
        """Each branch with its total scores, by id. Without `to`: to the latest day any branch is in."""
        with reading(store) as connection:
            period = _period(asked, periods.today(now_ms(), queries.zones(connection)))
            found = queries.branches_after(connection, asked.after, asked.limit + 1)
            shown = found[: asked.limit]
            tallies = tallied(queries.rows_by_branch(connection, period, [branch.id for branch in shown]))
        reports = listed(tallies, [branch.id for branch in shown])
        totals = [shapes.branch_total(branch, one) for branch, (_, one) in zip(shown, reports, strict=True)]
        more = len(found) > len(shown)
        return BranchTotals(**shapes.days(period), branches=totals, next=shown[-1].id if more else None)

    @routes.get("/branches/{branch_id}/scores", responses=_NO_BRANCH)
    def branch_scores(branch_id: BranchId, asked: Annotated[ScoresAsked, Query()]) -> BranchScores:
        """One branch's scores, grouped."""
        with reading(store) as connection:
            branch = _branch(connection, branch_id)
            period = _period(asked, periods.today(now_ms(), [branch.zone]))
            rows = queries.rows(connection, asked.by, period, branch.id)
        groups = shapes.groups(grouped(rows, asked.by, period))
        shown = shapes.BranchShape(**branch._asdict())
        return BranchScores(**shapes.days(period), branch=shown, by=asked.by.value, groups=groups)

    @routes.get("/scores")
    def all_scores(asked: Annotated[ScoresAsked, Query()]) -> AllScores:
        """All branches together: their counts added, never their scores averaged."""
        with reading(store) as connection:
            period = _period(asked, periods.today(now_ms(), queries.zones(connection)))
            rows = queries.rows(connection, asked.by, period)
        groups = shapes.groups(grouped(rows, asked.by, period))
        return AllScores(**shapes.days(period), by=asked.by.value, groups=groups)

    @routes.get("/branches/{branch_id}/answers", responses=_NO_BRANCH)
    def branch_answers(branch_id: BranchId, asked: Annotated[AnswersAsked, Query()]) -> AnswersPage:
        """The branch's stored answers, counted and set aside, by kiosk, store and seq."""
        after = _place(asked.after)
        with reading(store) as connection:
            _branch(connection, branch_id)
            return answers_page(connection, branch_id, after, asked.limit)

    return routes


_NO_BRANCH: dict[int | str, dict[str, Any]] = {
    404: {"model": Fault, "description": "There is no such branch."}
}


def grouped(rows: list[Row], by: By, period: Period) -> list[tuple[Key, Report]]:
    """A report per group: every day and hour, answers or none; stages and touchpoints that have some."""
    tallies = tallied(rows)
    if by is By.DAY:
        return [(day.isoformat(), one) for day, one in by_day(rows, period)]
    if by is By.HOUR:
        return listed(tallies, range(24))
    if by is By.TOTAL:
        return listed(tallies, ["total"])
    return listed(tallies, sorted(tallies))


def by_day(rows: list[Row], period: Period) -> list[tuple[date, Report]]:
    """A report for every day of *period*."""
    reports = listed(tallied(rows), [periods.number(day) for day in period.days])
    return [(day, one) for day, (_, one) in zip(period.days, reports, strict=True)]


def _branch(connection: Connection, branch_id: str) -> Branch:
    branch = queries.branch(connection, branch_id)
    if branch is None:
        raise HTTPException(404, f"There is no branch {branch_id!r}.")
    return branch


def _period(asked: PeriodAsked, today: date) -> Period:
    try:
        return periods.period(asked.first, asked.last, today)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


def _place(after: str) -> Place | None:
    try:
        return Place.parse(after) if after else None
    except ValueError:
        raise HTTPException(422, f"after = {after!r}: expected the next of the page before.") from None
