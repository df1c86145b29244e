"""
What a customer adds by phone to the answer just given, held until that answer arrives and for as long as it is kept.

Sealed to central like what is typed at a kiosk: neither the database nor a backup of it holds a word in clear. The
first who sends something with a code binds it. Erasing leaves the binding: what was erased cannot be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from central.store.tables import continuations
from feedback.continuation import Continuation
from feedback.errors import WireError


@dataclass(frozen=True, slots=True)
class Words:
    """
    What the customer sent.

    Attributes:
        contact: Where they may be reached; empty: they do not want to be.
        language: In which they were asked.
    """

    comment: str
    contact: str
    language: str

    def packed(self) -> bytes:
        """As bytes, to be sealed."""
        return json.dumps([self.comment, self.contact, self.language], ensure_ascii=False).encode()

    @classmethod
    def unpacked(cls, raw: bytes) -> Words:
        """What ``packed`` packed."""
        return cls(*json.loads(raw))


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What one customer sent by phone.

    Attributes:
        words: None: they were erased, or cannot be opened; then *trouble* says which.
    """

    response: Continuation
    made_ms: int
    words: Words | None
    trouble: str = ""

    @property
    def name(self) -> str:
        """Names the answer gone on with: kiosk, store as hex, seq."""
        return f"{self.response.kiosk}/{self.response.store.hex()}/{self.response.seq}"


def keep(connection: Connection, named: Continuation, sealed: bytes, token: bytes, now_ms: int) -> bool:
    """
    Keep the *sealed* words for the response *named*; False if somebody was first, and nothing is changed then.

    *token*: digest of what the sender's phone is given to be known by.
    """
    row = {
        "branch_id": named.branch,
        "kiosk_id": named.kiosk,
        "store_id": named.store,
        "seq": named.seq,
        "sealed": sealed,
        "token": token,
        "made_ms": now_ms,
    }
    return bool(connection.execute(insert(continuations).on_conflict_do_nothing(), row).rowcount)


def bound_to(connection: Connection, named: Continuation) -> bytes | None:
    """The digest of the token of whoever has bound *named*; None: nobody has."""
    return connection.execute(select(continuations.c.token).where(_is(named))).scalar_one_or_none()


def erase(connection: Connection, named: Continuation) -> bool:
    """Erase what was sent for *named*; False if there is nothing. The answer itself and every count stay."""
    # Otherwise SQLite would leave what was there between its rows.
    connection.execute(text("PRAGMA secure_delete=ON"))
    erased = connection.execute(
        update(continuations).where(_is(named), continuations.c.sealed.is_not(None)).values(sealed=None)
    )
    return bool(erased.rowcount)


def sent(
    connection: Connection, branch: str, most: int, opened: Callable[[bytes, str], bytes]
) -> Iterator[Sent]:
    """
    What was sent by phone for answers at *branch*, the newest *most*, the newest first.

    *opened* opens what was sealed to central for a kiosk, or raises WireError.
    """
    query = select(continuations).where(continuations.c.branch_id == branch)
    for row in connection.execute(query.order_by(continuations.c.made_ms.desc()).limit(most)).all():
        named = Continuation(row.branch_id, row.kiosk_id, row.store_id, row.seq)
        yield Sent(named, row.made_ms, *_read(row.sealed, row.kiosk_id, opened))


def _read(
    sealed: bytes | None, kiosk: str, opened: Callable[[bytes, str], bytes]
) -> tuple[Words | None, str]:
    if sealed is None:
        return None, "erased"
    try:
        return Words.unpacked(opened(sealed, kiosk)), ""
    except WireError as error:
        return None, str(error)


def named(branch: str, name: str) -> Continuation | None:
    """The response that *name* names, as ``Sent`` writes it; None: it names none."""
    kiosk, _, rest = name.partition("/")
    store, _, seq = rest.partition("/")
    try:
        return Continuation(branch, kiosk, bytes.fromhex(store), int(seq))
    except ValueError:
        return None


def _is(named: Continuation) -> ColumnElement[bool]:
    return and_(
        continuations.c.branch_id == named.branch,
        continuations.c.kiosk_id == named.kiosk,
        continuations.c.store_id == named.store,
        continuations.c.seq == named.seq,
    )
