"""An answer in its forms: as it was sent, as placing works on it, as the database keeps it."""

from __future__ import annotations

from typing import Any

from central.ingest.placing import Ground, Row
from feedback.answers import Answer


def row_of(store: bytes, answer: Answer, ground: Ground) -> Row:
    """*answer* of *store* as placing works on it; whether a rule sets it aside is judged later, but for a test."""
    computed = ground.computed(store, answer.moment, answer.place, "test" if answer.test else "")
    ask = answer.ask
    return Row(
        store,
        answer.seq,
        answer.response,
        answer.place,
        ask.survey,
        ask.question,
        ask.kind.value,
        answer.value,
        answer.moment,
        answer.test,
        computed,
    )


def columns(kiosk: str, answer: Answer, row: Row, ask: int, boot: int) -> tuple[Any, ...]:
    """*answer* in the order of ``ingest_sqlite.COLUMNS``."""
    place, moment = answer.place, answer.moment
    return (
        place.branch,
        kiosk,
        row.store,
        answer.seq,
        answer.response,
        place.touchpoint,
        ask,
        answer.value,
        answer.source.value,
        boot,
        moment.boot_ms,
        moment.wall_ms,
        answer.test,
        answer.text_digest,
        answer.content(),
        *row.computed,
    )


def recomputed(kiosk: str, row: Row) -> tuple[Any, ...]:
    """*row* in the order of ``ingest_sqlite.COMPUTED``, then ``IDENTITY``."""
    return (*row.computed, row.place.branch, kiosk, row.store, row.seq)


def captured(answer: Answer, sealed: bytes) -> dict[str, Any]:
    """Everything a second delivery said, for whoever settles the conflict."""
    place, ask, moment = answer.place, answer.ask, answer.moment
    return {
        "response": answer.response,
        "touchpoint": place.touchpoint,
        "ask": [ask.survey, ask.version, ask.question, ask.kind.value, ask.language],
        "value": answer.value,
        "source": answer.source.value,
        "moment": [moment.boot, moment.boot_ms, moment.wall_ms],
        "test": answer.test,
        "text_digest": answer.text_digest.hex(),
        "sealed": sealed.hex(),
    }
