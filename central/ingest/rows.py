"""Answers already stored, read back as what placing works on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from central.ingest.placing import Computed, Row
from central.store.tables import answers, asks, boots
from feedback.answers import Moment, Outcome, Place
from feedback.misuse import REACH
from feedback.presses import Given
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
_PRESS = (asks.c.kind == Kind.RATING.value, answers.c.seq == answers.c.response)
_NO_MOMENT = Moment("", 0, 0)


def stored(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Row]:
    """The stored answers for which *where* holds."""
    return _rows(connection, _all().where(*where))


def of_boot(
    connection: Connection,
    kiosk: str,
    branches: Iterable[str],
    boot: int,
    span: tuple[int, int],
    *where: ColumnElement[bool],
) -> Iterator[Row]:
    """The answers of a boot of *kiosk* given within *span* of its boot clock, for which *where* holds."""
    # Branch by branch: the index begins with the branch.
    for branch in branches:
        yield from stored(
            connection,
            answers.c.branch_id == branch,
            answers.c.kiosk_id == kiosk,
            answers.c.boot_id == boot,
            answers.c.boot_ms.between(*span),
            *where,
        )


def presses(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Row]:
    """The stored presses, ratings that opened their response, for which *where* holds."""
    return _rows(connection, _all().where(*where, *_PRESS))


def presses_around(
    connection: Connection, kiosk: str, branches: Iterable[str], store: bytes, first: int, last: int
) -> list[Row]:
    """
    The presses of *store* from *first* to *last* that are no tests, and twice REACH more on either side, by seq.

    Twice: a new press changes the rule of those within REACH, and theirs depends on REACH more.
    """
    before: list[Row] = []
    within: list[Row] = []
    after: list[Row] = []
    for branch in branches:
        here = _all().where(*_of(branch, kiosk, store), *_PRESS, ~answers.c.test)
        within += _rows(connection, here.where(answers.c.seq.between(first, last)))
        near = here.limit(2 * REACH)
        before += _rows(connection, near.where(answers.c.seq < first).order_by(answers.c.seq.desc()))
        after += _rows(connection, near.where(answers.c.seq > last).order_by(answers.c.seq))
    near_both = [*_by_seq(before)[-2 * REACH :], *within, *_by_seq(after)[: 2 * REACH]]
    return _by_seq(near_both)


def following(
    connection: Connection, kiosk: str, branches: Iterable[str], store: bytes, first: int, last: int
) -> Iterator[Given]:
    """What between *first* and *last* says something of the press that opened its response, as far as rules look."""
    for branch in branches:
        found = connection.execute(
            select(answers.c.seq, answers.c.response, asks.c.kind, answers.c.value)
            .join(asks, asks.c.id == answers.c.ask_id)
            .where(
                *_of(branch, kiosk, store),
                answers.c.seq.between(first, last),
                answers.c.seq != answers.c.response,
                (asks.c.kind != Kind.OUTCOME.value) | (answers.c.value == Outcome.HELD.value),
            )
        )
        for seq, response, kind, value in found:
            yield Given(seq, response, Kind(kind), value, _NO_MOMENT)


def stores(connection: Connection, *where: ColumnElement[bool]) -> list[tuple[str, bytes]]:
    """Kiosk and store of every answer for which *where* holds."""
    found = connection.execute(select(answers.c.kiosk_id, answers.c.store_id).where(*where).distinct())
    return [(kiosk, store) for kiosk, store in found]


def _of(branch: str, kiosk: str, store: bytes) -> tuple[ColumnElement[bool], ...]:
    return answers.c.branch_id == branch, answers.c.kiosk_id == kiosk, answers.c.store_id == store


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
