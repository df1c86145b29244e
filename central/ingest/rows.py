"""Answers already stored, read back as what placing works on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from central.ingest.placing import Computed, Row
from central.store.tables import answers, asks, boots
from feedback.answers import Moment, Place
from feedback.misuse import REACH
from feedback.ratings import Kind

_COLUMNS = (
    answers.c.store_id,
    answers.c.seq,
    answers.c.response,
    answers.c.branch_id,
    answers.c.touchpoint_id,
    asks.c.survey,
    asks.c.question,
    asks.c.kind,
    answers.c.value,
    boots.c.boot,
    answers.c.boot_ms,
    answers.c.wall_ms,
    answers.c.test,
    answers.c.utc_ms,
    answers.c.quality,
    answers.c.uncertainty_ms,
    answers.c.stage,
    answers.c.day,
    answers.c.hour,
    answers.c.rule,
)


def stored(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Row]:
    """The stored answers for which *where* holds."""
    return _rows(connection, _all().where(*where))


def of_boot(
    connection: Connection, kiosk: str, branches: Iterable[str], boot: int, span: tuple[int, int]
) -> Iterator[Row]:
    """The answers of a boot of *kiosk* given within *span* of its boot clock."""
    # Branch by branch: the index begins with the branch.
    for branch in branches:
        yield from stored(
            connection,
            answers.c.branch_id == branch,
            answers.c.kiosk_id == kiosk,
            answers.c.boot_id == boot,
            answers.c.boot_ms.between(*span),
        )


def presses_around(
    connection: Connection, kiosk: str, branches: Iterable[str], store: bytes, first: int, last: int
) -> list[Row]:
    """
    The rating presses of *store* from *first* to *last*, and the twice REACH counted ones on either side, by seq.

    Twice: a new press changes the rule of those within REACH, and theirs depends on REACH more.
    """
    presses = asks.c.kind == Kind.RATING.value
    before: list[Row] = []
    within: list[Row] = []
    after: list[Row] = []
    for branch in branches:
        here = _all().where(
            answers.c.branch_id == branch, answers.c.kiosk_id == kiosk, answers.c.store_id == store, presses
        )
        within += _rows(connection, here.where(answers.c.seq.between(first, last)))
        tried = here.where(~answers.c.test).limit(2 * REACH)
        before += _rows(connection, tried.where(answers.c.seq < first).order_by(answers.c.seq.desc()))
        after += _rows(connection, tried.where(answers.c.seq > last).order_by(answers.c.seq))
    near = [*_by_seq(before)[-2 * REACH :], *within, *_by_seq(after)[: 2 * REACH]]
    return _by_seq(near)


def _all() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(asks, asks.c.id == answers.c.ask_id)
        .join(boots, boots.c.id == answers.c.boot_id)
    )


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Row]:
    for row in connection.execute(query):
        yield Row(
            store=row[0],
            seq=row[1],
            response=row[2],
            place=Place(row[3], row[4]),
            survey=row[5],
            question=row[6],
            kind=row[7],
            value=row[8],
            moment=Moment(*row[9:12]),
            test=row[12],
            computed=Computed(*row[13:]),
        )


def _by_seq(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.seq)
