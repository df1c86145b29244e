"""
How ``sync.db`` says what is in ``kiosk.storage.link_state``: its tables, and rows to values and back.

Columns are named in every statement: a release that was rolled back opens what a newer one has added columns to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import fields

from feedback.answers import Anchor
from kiosk.storage.link_state import Document, Fate, Link, Progress, Span

SCHEMA = 2
"""What this program writes."""
USABLE_FROM = 1
"""The oldest program that may write a file of SCHEMA without breaking it."""

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    id INTEGER PRIMARY KEY CHECK (id = 1), boot TEXT NOT NULL, not_before_ms INTEGER NOT NULL, heard_ms INTEGER,
    failures INTEGER NOT NULL, waiting_for TEXT NOT NULL, budget INTEGER NOT NULL, max_answers INTEGER NOT NULL,
    max_bytes INTEGER NOT NULL, min_interval_s INTEGER NOT NULL, gzip_offered INTEGER NOT NULL,
    gzip_refused INTEGER NOT NULL, last_success_ms INTEGER NOT NULL, trouble TEXT NOT NULL,
    trouble_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE stores (
    number INTEGER PRIMARY KEY, store BLOB NOT NULL UNIQUE, delivered INTEGER NOT NULL, cursor INTEGER NOT NULL,
    accounted_upto INTEGER NOT NULL, suspect_first INTEGER, suspect_last INTEGER, asked_again INTEGER NOT NULL,
    new_store INTEGER NOT NULL, generation INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE spans (
    store BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, fate TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (store, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE missing (
    store BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (store, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    name TEXT PRIMARY KEY, version INTEGER NOT NULL, sha256 TEXT NOT NULL, held_version INTEGER NOT NULL,
    held_sha256 TEXT NOT NULL, trouble TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE anchors (
    boot TEXT NOT NULL, boot_ms INTEGER NOT NULL, utc_ms INTEGER NOT NULL, source TEXT NOT NULL,
    error_ms INTEGER NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (boot, boot_ms, source, utc_ms)
) STRICT, WITHOUT ROWID;
"""

ADDED = "ALTER TABLE stores ADD COLUMN generation INTEGER NOT NULL DEFAULT 0"
"""What a file of schema 1 lacks."""

LINK_FIELDS = tuple(
    field.name for field in fields(Link) if field.name not in {"documents", "stores", "cut_off", "generation"}
)
DOCUMENT_FIELDS = tuple(field.name for field in fields(Document))
SWITCHES = ("gzip_offered", "gzip_refused")


def beginning() -> Iterator[tuple[str, tuple[object, ...]]]:
    """The statements that make an empty file."""
    for table in TABLES.strip().rstrip(";").split(";"):
        yield table, ()
    yield "INSERT INTO about VALUES ('schema', ?), ('usable_from', ?)", (SCHEMA, USABLE_FROM)
    names = ", ".join(LINK_FIELDS)
    blanks = ", ".join("?" * len(LINK_FIELDS))
    yield f"INSERT INTO link (id, {names}) VALUES (1, {blanks})", tuple(_link_values(Link()))  # noqa: S608 - our own names


def grow(connection: sqlite3.Connection) -> None:
    """Give the file of an older release what this one adds, in a transaction of its caller's."""
    connection.execute(ADDED)
    connection.execute("UPDATE about SET value = ? WHERE name = 'schema'", (SCHEMA,))


def load(connection: sqlite3.Connection, schema: int) -> Link:
    """What the file, of version *schema*, remembers."""
    names = ", ".join(LINK_FIELDS)
    row = connection.execute(f"SELECT {names} FROM link").fetchone()  # noqa: S608 - our own names
    values = dict(zip(LINK_FIELDS, row, strict=True))
    values |= {name: bool(values[name]) for name in SWITCHES}
    documents = tuple(
        Document(*one)
        for one in connection.execute(f"SELECT {', '.join(DOCUMENT_FIELDS)} FROM documents")  # noqa: S608 - our own names
    )
    # A reader may come before the agent has written for the first time.
    generation = "generation" if schema >= SCHEMA else "0"
    stores = connection.execute(
        "SELECT store, delivered, accounted_upto, suspect_first, suspect_last, asked_again, new_store,"  # noqa: S608
        f" {generation} FROM stores ORDER BY number"
    ).fetchall()
    return Link(**values, documents=documents, stores=tuple(_progress(connection, *one) for one in stores))


def _progress(
    connection: sqlite3.Connection,
    store: bytes,
    delivered: int,
    accounted_upto: int,
    suspect_first: int | None,
    suspect_last: int | None,
    asked_again: int,
    new_store: int,
    generation: int,
) -> Progress:
    spans = connection.execute(
        "SELECT first, last, fate, reason FROM spans WHERE store = ? ORDER BY first", (store,)
    )
    missing = connection.execute("SELECT first, last FROM missing WHERE store = ? ORDER BY first", (store,))
    return Progress(
        store=store,
        delivered=delivered,
        accounted_upto=accounted_upto,
        spans=tuple(Span(first, last, Fate(fate), reason) for first, last, fate, reason in spans),
        missing=tuple(missing.fetchall()),
        suspect=None if suspect_first is None or suspect_last is None else (suspect_first, suspect_last),
        asked_again=asked_again,
        new_store=bool(new_store),
        generation=generation,
    )


def save_link(connection: sqlite3.Connection, link: Link) -> None:
    """Put what *link* says of the connection in place of the old; not its stores and documents."""
    assigned = ", ".join(f"{name} = ?" for name in LINK_FIELDS)
    connection.execute(f"UPDATE link SET {assigned}", tuple(_link_values(link)))  # noqa: S608 - our own names


def _link_values(link: Link) -> Iterator[object]:
    for name in LINK_FIELDS:
        value = getattr(link, name)
        yield int(value) if isinstance(value, bool) else value


def save_progress(connection: sqlite3.Connection, progress: Progress) -> None:
    """Put *progress* in place of what was known of its store."""
    first, last = progress.suspect or (None, None)
    connection.execute(
        "INSERT INTO stores (store, delivered, cursor, accounted_upto, suspect_first, suspect_last, asked_again,"
        " new_store, generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (store) DO UPDATE SET"
        " delivered = excluded.delivered, cursor = excluded.cursor, accounted_upto = excluded.accounted_upto,"
        " suspect_first = excluded.suspect_first, suspect_last = excluded.suspect_last,"
        " asked_again = excluded.asked_again, new_store = excluded.new_store, generation = excluded.generation",
        (
            progress.store,
            progress.delivered,
            progress.cursor,  # for whoever reads the file with another program
            progress.accounted_upto,
            first,
            last,
            progress.asked_again,
            int(progress.new_store),
            progress.generation,
        ),
    )
    connection.execute("DELETE FROM spans WHERE store = ?", (progress.store,))
    connection.executemany(
        "INSERT INTO spans (store, first, last, fate, reason) VALUES (?, ?, ?, ?, ?)",
        [(progress.store, span.first, span.last, span.fate.value, span.reason) for span in progress.spans],
    )
    connection.execute("DELETE FROM missing WHERE store = ?", (progress.store,))
    connection.executemany(
        "INSERT INTO missing (store, first, last) VALUES (?, ?, ?)",
        [(progress.store, *span) for span in progress.missing],
    )


def save_document(connection: sqlite3.Connection, document: Document) -> None:
    """Put *document* in place of what was known of it."""
    connection.execute(
        f"INSERT OR REPLACE INTO documents ({', '.join(DOCUMENT_FIELDS)}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
        [getattr(document, name) for name in DOCUMENT_FIELDS],
    )


def save_anchors(connection: sqlite3.Connection, anchors: Iterable[Anchor], *, told: bool) -> None:
    """Add *anchors*; one told once stays told."""
    connection.executemany(
        "INSERT INTO anchors (boot, boot_ms, utc_ms, source, error_ms, told) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET told = max(told, excluded.told)",
        [(one.boot, one.boot_ms, one.utc_ms, one.source, one.error_ms, int(told)) for one in anchors],
    )


def anchors(connection: sqlite3.Connection, where: str) -> Iterator[Anchor]:
    """The anchors kept, or those *where* names."""
    rows = connection.execute(f"SELECT boot, boot_ms, utc_ms, source, error_ms FROM anchors {where}")  # noqa: S608
    return (Anchor(*row) for row in rows)
