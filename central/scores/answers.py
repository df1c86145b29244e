"""The stored answers of a branch, page by page: what a score can be checked against."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select, tuple_

from central.scores.shapes import AnswerShape, AnswersPage
from central.store.tables import answers, asks
from feedback.ratings import Kind, as_rating

MOST_ANSWERS = 1000


class Place(NamedTuple):
    """Where a page ended: the last answer's identity within its branch."""

    kiosk_id: str
    store_id: bytes
    seq: int

    def __str__(self) -> str:
        return f"{self.kiosk_id}~{self.store_id.hex()}~{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """
        The place written as *text*.

        >>> Place.parse("k7~4142~12")
        Place(kiosk_id='k7', store_id=b'AB', seq=12)

        Raises:
            ValueError: It was not made by this server.
        """
        kiosk_id, store_id, seq = text.rsplit("~", 2)
        if not 0 <= int(seq) < 2**63:
            raise ValueError("a seq beyond any store")
        return cls(kiosk_id, bytes.fromhex(store_id), int(seq))


def answers_page(connection: Connection, branch_id: str, after: Place | None, limit: int) -> AnswersPage:
    """At most *limit* answers of the branch that follow *after*, by kiosk, store and seq."""
    # One more than asked for tells whether there is a next page.
    found = connection.execute(_page(branch_id, after).limit(limit + 1)).all()
    shown = found[:limit]
    more = len(found) > limit
    return AnswersPage(
        answers=[_shape(row) for row in shown],
        next=str(Place(shown[-1].kiosk_id, shown[-1].store_id, shown[-1].seq)) if more else None,
    )


def _page(branch_id: str, after: Place | None) -> Select[Any]:
    place = (answers.c.kiosk_id, answers.c.store_id, answers.c.seq)
    page = (
        select(answers, asks.c.survey, asks.c.version, asks.c.question, asks.c.kind, asks.c.language)
        .join(asks, asks.c.id == answers.c.ask_id)
        .where(answers.c.branch_id == branch_id)
        .order_by(*place)
    )
    return page if after is None else page.where(tuple_(*place) > tuple_(*after))


def _shape(row: Any) -> AnswerShape:
    rating = as_rating(Kind(row.kind), row.value)
    return AnswerShape(
        kiosk=row.kiosk_id,
        store=base64.b64encode(row.store_id).decode(),
        seq=row.seq,
        response=row.response,
        touchpoint=row.touchpoint_id,
        stage=row.stage,
        survey=row.survey,
        version=row.version,
        question=row.question,
        kind=row.kind,
        language=row.language,
        value=row.value,
        rating=rating.word if rating else None,
        source=row.source,
        boot_ms=row.boot_ms,
        wall_ms=row.wall_ms,
        utc_ms=row.utc_ms,
        quality=row.quality,
        uncertainty_ms=row.uncertainty_ms,
        day=date(1970, 1, 1) + timedelta(days=row.day),
        hour=row.hour,
        test=row.test,
        rule=row.rule,
    )
