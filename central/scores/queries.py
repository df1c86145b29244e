"""The reads behind the scores: SQL over ``counts``, grouped by the database, each bounded by its period."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from central.scores.periods import Period, number
from central.scores.report import REPORTED, SLI, Cell, Row
from central.store.tables import branches, counts


class By(StrEnum):
    """What scores are grouped by."""

    TOTAL = "total"
    DAY = "day"
    HOUR = "hour"
    STAGE = "stage"
    TOUCHPOINT = "touchpoint"


_KEYS: dict[By, ColumnElement[Any]] = {
    By.TOTAL: literal("total"),
    By.DAY: counts.c.day,
    By.HOUR: counts.c.hour,
    By.STAGE: counts.c.stage,
    By.TOUCHPOINT: counts.c.touchpoint_id,
}

_WHAT = (counts.c.survey, counts.c.question, counts.c.kind, counts.c.value, counts.c.rule)


class Branch(NamedTuple):
    """A branch; its days are the civil days of ``zone``, an IANA name."""

    id: str
    name: str
    zone: str


MOST_BRANCHES = 1000


def branch(connection: Connection, branch_id: str) -> Branch | None:
    """The branch called *branch_id*; None if there is none."""
    found = connection.execute(_BRANCHES.where(branches.c.id == branch_id)).first()
    return Branch(*found) if found else None


def branches_after(connection: Connection, after: str, limit: int) -> list[Branch]:
    """At most *limit* branches whose id follows *after*, by id."""
    page = _BRANCHES.where(branches.c.id > after).order_by(branches.c.id).limit(limit)
    return [Branch(*found) for found in connection.execute(page)]


def zones(connection: Connection) -> set[str]:
    """The time zones of all branches."""
    return set(connection.scalars(select(branches.c.zone).distinct()))


_BRANCHES = select(branches.c.id, branches.c.name, branches.c.zone)


def rows(connection: Connection, by: By, period: Period, branch_id: str | None = None) -> list[Row]:
    """The counts of one branch, or of all together, in *period*."""
    return _read(connection, _of_branch(_grouped(_KEYS[by], period), branch_id))


def rows_by_branch(connection: Connection, period: Period, branch_ids: list[str]) -> list[Row]:
    """The counts of each of *branch_ids* in *period*; a row's key is its branch."""
    query = _grouped(counts.c.branch_id, period).where(counts.c.branch_id.in_(branch_ids))
    return _read(connection, query)


def ratings_by_branch(connection: Connection, period: Period, branch_ids: list[str]) -> list[Row]:
    """What enters the SLI of each of *branch_ids* in *period*; a row's key is its branch."""
    what = (counts.c.branch_id, counts.c.kind, counts.c.value, counts.c.rule)
    query = select(*what, func.sum(counts.c.n)).where(
        counts.c.branch_id.in_(branch_ids),
        counts.c.day.between(number(period.first), number(period.last)),
        counts.c.kind.in_([kind.value for kind in SLI.kinds]),
        counts.c.opens,
    )
    found = connection.execute(query.group_by(*what))
    return [Row(branch_id, Cell("", "", *cell), int(n)) for branch_id, *cell, n in found]


class Slot(NamedTuple):
    """One row of the counts by day, hour and stage at once: three groupings in one pass."""

    day: int
    hour: int
    stage: str
    cell: Cell
    n: int


def slots(connection: Connection, period: Period, branch_id: str | None = None) -> list[Slot]:
    """The counts of one branch, or of all together, by day, hour and stage."""
    keys = (counts.c.day, counts.c.hour, counts.c.stage)
    query = _of_branch(select(*keys, *_WHAT, func.sum(counts.c.n)).where(*_in(period)), branch_id)
    found = connection.execute(query.group_by(*keys, *_WHAT))
    return [Slot(day, hour, stage, Cell(*cell), int(n)) for day, hour, stage, *cell, n in found]


def _of_branch(query: Select[Any], branch_id: str | None) -> Select[Any]:
    if branch_id is not None:
        return query.where(counts.c.branch_id == branch_id)
    # The key begins with the branch: naming each keeps the search within the period's days.
    return query.where(counts.c.branch_id.in_(select(branches.c.id)))


def _in(period: Period) -> tuple[ColumnElement[bool], ...]:
    asked_later = ~counts.c.opens & counts.c.kind.in_([kind.value for kind in SLI.kinds])
    return (
        counts.c.day.between(number(period.first), number(period.last)),
        counts.c.kind.in_([kind.value for kind in REPORTED]),
        # Faces of a further question, such as of the speed, are not the question that the SLI asks.
        ~asked_later,
    )


def _grouped(key: ColumnElement[Any], period: Period) -> Select[Any]:
    grouped = select(key.label("key"), *_WHAT, func.sum(counts.c.n).label("n")).where(*_in(period))
    return grouped.group_by("key", *_WHAT).order_by("key", *_WHAT)


def _read(connection: Connection, query: Select[Any]) -> list[Row]:
    return [Row(key, Cell(*cell), int(n)) for key, *cell, n in connection.execute(query)]
