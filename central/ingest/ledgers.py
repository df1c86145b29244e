"""Ledgers in the database: one for each store of each kiosk."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from central.ingest.ledger import Ledger, Span
from central.store.tables import ledgers
from feedback import again


def load(connection: Connection, kiosk: str, store: bytes) -> tuple[Ledger, int | None]:
    """The ledger of *store*, and the last seq it was closed at."""
    row = connection.execute(
        select(ledgers.c.spans, ledgers.c.last_seq, ledgers.c.closed_last).where(
            ledgers.c.kiosk_id == kiosk, ledgers.c.store_id == store
        )
    ).one_or_none()
    if row is None:
        return Ledger(), None
    return Ledger.from_json(row.spans, row.last_seq), row.closed_last


def names(connection: Connection, kiosk: str, store: bytes) -> list[bytes]:
    """The other names, of stores that central knows, under which an answer of *store* may have come."""
    known = connection.execute(select(ledgers.c.store_id).where(ledgers.c.kiosk_id == kiosk)).scalars()
    after = set(again.names(store))
    return [name for name in known if name != store and (name in after or store in again.names(name))]


def account(
    connection: Connection, kiosk: str, store: bytes, entries: Iterable[Span]
) -> tuple[Ledger, Ledger]:
    """Enter *entries* in the ledger of *store*; the ledger before and then."""
    before, closed = load(connection, kiosk, store)
    after = before.account(entries)
    if after != before:
        _save(connection, kiosk, store, after, closed)
    return before, after


def close(connection: Connection, kiosk: str, store: bytes, last: int) -> None:
    """Note that *store* gets no more rows after *last*: what never came shows as missing."""
    before, closed = load(connection, kiosk, store)
    if closed is None or last > closed:
        _save(connection, kiosk, store, before.closed_at(last), last)


def _save(connection: Connection, kiosk: str, store: bytes, ledger: Ledger, closed: int | None) -> None:
    values = {
        "last_seq": ledger.seen,
        "accounted_upto": ledger.accounted_upto,
        "spans": ledger.to_json(),
        "closed_last": closed,
    }
    statement = insert(ledgers).values(kiosk_id=kiosk, store_id=store, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["kiosk_id", "store_id"], set_=values))
