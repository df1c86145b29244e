"""``sync.db``: what the kiosk remembers of its link to central. Written by the sync agent alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import fields
from pathlib import Path

from feedback.answers import Anchor
from feedback.errors import StoreError
from kiosk.storage.database import Lease, checkpoint, new_file, open_reader, open_writer, writing
from kiosk.storage.link_state import Document, Fate, Link, Progress, Span

APPLICATION = 0x41667773
"""``Afws``, in the file's own header."""
SCHEMA = 1
"""What this program writes."""
USABLE_FROM = 1
"""The oldest program that may write a file of SCHEMA without breaking it."""
SAVES_PER_CHECKPOINT = 32

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
    new_store INTEGER NOT NULL
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

LINK_FIELDS = tuple(field.name for field in fields(Link) if field.name not in {"documents", "stores"})
SWITCHES = ("gzip_offered", "gzip_refused")


def new_link_file(path: Path) -> None:
    """Make an empty sync.db at *path*. Nothing is lost with an old one: answers sent again are duplicates to central."""
    new_file(path, _beginning(), APPLICATION)


def read_link(path: Path) -> Link:
    """
    What sync.db at *path* remembers, for the screen, ``kiosk status`` and ``kiosk doctor``.

    Raises:
        StoreError: It cannot be read now, or only by a newer program.
    """
    with closing(open_reader(path)) as connection:
        return _guarded(path, connection)


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """
    The moments at which the agent learned the time, for the recorder to copy into answers.db.

    Raises:
        StoreError: It cannot be read now, or only by a newer program.
    """
    with closing(open_reader(path)) as connection:
        _guarded(path, connection)
        return tuple(_anchors(connection, ""))


class LinkFile:
    """The agent's own hold on sync.db. End the process with ``kiosk.storage.database.leave``."""

    def __init__(self, path: Path) -> None:
        """
        Open the file at *path*.

        Raises:
            StoreError: It is missing, damaged, in use, or made for a newer program.
        """
        lease = Lease(path) if path.exists() else None
        self._connection = open_writer(path, lease)
        self._saves = 0
        try:
            self._link = _guarded(path, self._connection)
        except StoreError:
            self._connection.leave_open()
            raise

    @property
    def link(self) -> Link:
        """What was saved last."""
        return self._link

    def save(
        self,
        link: Link,
        learned: Sequence[Anchor] = (),
        told: Sequence[Anchor] = (),
        *,
        tell_again: bool = False,
    ) -> None:
        """
        Keep *link*, anchors newly *learned* and anchors *told* to central, in one transaction.

        *tell_again*: central was restored and is to be told every anchor again.
        """
        if link == self._link and not learned and not told and not tell_again:
            return
        with writing(self._connection) as connection:
            _save_link(connection, link)
            for progress in link.stores:
                if progress != self._link.progress(progress.store) or progress not in self._link.stores:
                    _save_progress(connection, progress)
            for document in link.documents:
                connection.execute(
                    "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)",
                    [getattr(document, field.name) for field in fields(Document)],
                )
            if tell_again:
                connection.execute("UPDATE anchors SET told = 0")
            _save_anchors(connection, learned, told=False)
            _save_anchors(connection, told, told=True)
        self._link = link
        self._saves += 1
        if self._saves % SAVES_PER_CHECKPOINT == 0:
            checkpoint(self._connection)

    def anchors(self) -> tuple[Anchor, ...]:
        """Every anchor, told or not."""
        return tuple(_anchors(self._connection, ""))

    def told(self) -> frozenset[Anchor]:
        """The anchors central has."""
        return frozenset(_anchors(self._connection, "WHERE told = 1"))

    def leave_open(self) -> None:
        """Write no more. The connection stays as it is, see ``kiosk.storage.database``."""
        self._connection.leave_open()


def _beginning() -> Iterator[tuple[str, tuple[object, ...]]]:
    for table in TABLES.strip().rstrip(";").split(";"):
        yield table, ()
    yield "INSERT INTO about VALUES ('schema', ?), ('usable_from', ?)", (SCHEMA, USABLE_FROM)
    names = ", ".join(LINK_FIELDS)
    blanks = ", ".join("?" * len(LINK_FIELDS))
    yield f"INSERT INTO link (id, {names}) VALUES (1, {blanks})", tuple(_link_values(Link()))  # noqa: S608 - our own names


def _guarded(path: Path, connection: sqlite3.Connection) -> Link:
    try:
        about = dict(connection.execute("SELECT name, value FROM about"))
        if about.get("usable_from", SCHEMA) > SCHEMA:
            raise StoreError(
                f"{path} is at version {about.get('schema')} and usable from version {about['usable_from']} on, "
                f"this program has version {SCHEMA}: install a newer afterword-kiosk"
            )
        return _load(connection)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}): run `kiosk prepare`") from error


def _load(connection: sqlite3.Connection) -> Link:
    names = ", ".join(LINK_FIELDS)
    row = connection.execute(f"SELECT {names} FROM link").fetchone()  # noqa: S608 - our own names
    values = dict(zip(LINK_FIELDS, row, strict=True))
    values |= {name: bool(values[name]) for name in SWITCHES}
    documents = tuple(Document(*one) for one in connection.execute("SELECT * FROM documents"))
    stores = connection.execute(
        "SELECT store, delivered, accounted_upto, suspect_first, suspect_last, asked_again, new_store"
        " FROM stores ORDER BY number"
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
    )


def _save_link(connection: sqlite3.Connection, link: Link) -> None:
    assigned = ", ".join(f"{name} = ?" for name in LINK_FIELDS)
    connection.execute(f"UPDATE link SET {assigned}", tuple(_link_values(link)))  # noqa: S608 - our own names


def _link_values(link: Link) -> Iterator[object]:
    for name in LINK_FIELDS:
        value = getattr(link, name)
        yield int(value) if isinstance(value, bool) else value


def _save_progress(connection: sqlite3.Connection, progress: Progress) -> None:
    first, last = progress.suspect or (None, None)
    connection.execute(
        "INSERT INTO stores VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (store) DO UPDATE SET"
        " delivered = excluded.delivered, cursor = excluded.cursor, accounted_upto = excluded.accounted_upto,"
        " suspect_first = excluded.suspect_first, suspect_last = excluded.suspect_last,"
        " asked_again = excluded.asked_again, new_store = excluded.new_store",
        (
            progress.store,
            progress.delivered,
            progress.cursor,  # for whoever reads the file with another program
            progress.accounted_upto,
            first,
            last,
            progress.asked_again,
            int(progress.new_store),
        ),
    )
    connection.execute("DELETE FROM spans WHERE store = ?", (progress.store,))
    connection.executemany(
        "INSERT INTO spans VALUES (?, ?, ?, ?, ?)",
        [(progress.store, span.first, span.last, span.fate.value, span.reason) for span in progress.spans],
    )
    connection.execute("DELETE FROM missing WHERE store = ?", (progress.store,))
    connection.executemany(
        "INSERT INTO missing VALUES (?, ?, ?)", [(progress.store, *span) for span in progress.missing]
    )


def _save_anchors(connection: sqlite3.Connection, anchors: Iterable[Anchor], *, told: bool) -> None:
    connection.executemany(
        "INSERT INTO anchors VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET told = max(told, excluded.told)",
        [(one.boot, one.boot_ms, one.utc_ms, one.source, one.error_ms, int(told)) for one in anchors],
    )


def _anchors(connection: sqlite3.Connection, where: str) -> Iterator[Anchor]:
    rows = connection.execute(f"SELECT boot, boot_ms, utc_ms, source, error_ms FROM anchors {where}")  # noqa: S608
    return (Anchor(*row) for row in rows)
