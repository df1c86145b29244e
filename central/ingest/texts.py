"""What customers wrote: kept as it came, sealed; opened only to be shown; erased for good when somebody asks."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from central.keys import Keys
from central.sealing import opened_by_any
from central.store.tables import answers, asks, conflicts, erased, texts
from feedback.errors import StoreError, WireError
from feedback.wire import TEXT_KEY_BYTES, Purpose, text_digest

SAME_ANSWER = and_(
    answers.c.branch_id == texts.c.branch_id,
    answers.c.kiosk_id == texts.c.kiosk_id,
    answers.c.store_id == texts.c.store_id,
    answers.c.seq == texts.c.seq,
)


@dataclass(frozen=True, slots=True)
class Written:
    """
    What one customer wrote.

    Attributes:
        name: Names the answer: kiosk, store as hex, seq.
        words: None: it was erased, or cannot be opened; then *trouble* says which.
    """

    name: str
    utc_ms: int
    question: str
    words: str | None
    trouble: str = ""


def written(connection: Connection, keys: Keys, branch: str, most: int) -> list[Written]:
    """What customers of *branch* wrote, the newest *most*, the newest first."""
    found = connection.execute(
        select(
            texts.c.kiosk_id,
            texts.c.store_id,
            texts.c.seq,
            answers.c.utc_ms,
            asks.c.question,
            texts.c.sealed,
            answers.c.text_digest,
        )
        .join(answers, SAME_ANSWER)
        .join(asks, asks.c.id == answers.c.ask_id)
        .where(texts.c.branch_id == branch)
        .order_by(answers.c.utc_ms.desc(), texts.c.seq.desc())
        .limit(most)
    )
    return [
        Written(f"{kiosk}/{store.hex()}/{seq}", utc_ms, question, *_opened(keys, kiosk, sealed, digest))
        for kiosk, store, seq, utc_ms, question, sealed, digest in found
    ]


def erase(connection: Connection, branch: str, name: str, now_ms: int) -> None:
    """
    Erase the words of the answer called *name*, wherever they are and however often they are sent again.

    The answer stays, and counts. Of its words there is left a digest by a key that was sealed with them and is gone
    with them: nobody can find out by trying what they were.

    Raises:
        StoreError: There is no such answer with a text.
    """
    digest = _digest_of(connection, branch, name)
    # Otherwise SQLite would leave what was there between its rows.
    connection.execute(text("PRAGMA secure_delete=ON"))
    connection.execute(insert(erased).on_conflict_do_nothing(), {"digest": digest, "erased_ms": now_ms})
    connection.execute(
        update(texts)
        .values(sealed=None)
        .where(select(answers.c.seq).where(SAME_ANSWER, answers.c.text_digest == digest).exists())
    )
    beside = connection.execute(select(conflicts).where(conflicts.c.answer.contains(digest.hex()))).all()
    for row in beside:
        answer = json.loads(row.answer) | {"sealed": ""}
        connection.execute(
            update(conflicts)
            .where(*(conflicts.c[key.name] == getattr(row, key.name) for key in conflicts.primary_key))
            .values(answer=json.dumps(answer, ensure_ascii=False))
        )


def _digest_of(connection: Connection, branch: str, name: str) -> bytes:
    kiosk, _, rest = name.partition("/")
    store, _, seq = rest.partition("/")
    try:
        found = connection.execute(
            select(answers.c.text_digest).where(
                answers.c.branch_id == branch,
                answers.c.kiosk_id == kiosk,
                answers.c.store_id == bytes.fromhex(store),
                answers.c.seq == int(seq),
            )
        ).scalar_one_or_none()
    except (ValueError, OverflowError):
        found = None
    if not found:
        raise StoreError(
            f"{name}: branch {branch} has no text of that name; `central texts {branch}` lists those it has"
        )
    return bytes(found)


def _opened(keys: Keys, kiosk: str, sealed: bytes | None, digest: bytes) -> tuple[str | None, str]:
    if sealed is None:
        return None, "erased"
    try:
        clear = opened_by_any(sealed, keys.opening, Purpose.TEXT, kiosk)
    except WireError as error:
        return None, str(error)
    key, words = clear[:TEXT_KEY_BYTES], clear[TEXT_KEY_BYTES:]
    if not hmac.compare_digest(text_digest(key, words), digest):
        return None, "it is not the text that its answer stands for"
    return words.decode(errors="replace"), ""
