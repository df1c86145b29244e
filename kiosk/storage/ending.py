"""Closing a sound store: the file itself is moved to the closed ones, and sent on under its own name."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from kiosk.storage.closed import CLOSED, READ_ONLY, close_store, closed_path, rows_of_closed
from kiosk.storage.database import Writer, checkpoint, flush, make_folder, writing
from kiosk.storage.meanings import meanings_path, read_meanings
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import About, about_crc

LAST = "last_seq"
"""Noted in a file that gets no more rows. With it in the file in use, closing it was begun and is gone on with."""

FORMAT_AT, NO_WAL = 18, b"\x01\x01"
"""
Where a database says whether it has a WAL, and that it has none.

A reader of another user could not make the files that one needs. SQLite itself says it only while nobody else has the
file open, and somebody always may.
"""


def is_ending(connection: sqlite3.Connection) -> bool:
    """Whether the store that *connection* reads was being closed when the power went."""
    row = connection.execute("SELECT value, crc FROM about WHERE name = ?", (LAST,)).fetchone()
    return bool(row and row[1] == about_crc(LAST, row[0]))


def end_store(path: Path, connection: Writer, about: About, last_seq: int) -> None:
    """
    Make the store in use at *path*, written by *connection*, a closed one; an empty one goes without a trace.

    A cut at any point leaves a store that ``is_ending``, or one that is closed. The lease stays with the caller.

    Raises:
        sqlite3.Error: Somebody is reading just now; the connection is as good as before.
        OSError: The card refuses.
    """
    with writing(connection):
        line = (LAST, last_seq, about_crc(LAST, last_seq))
        connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?, ?)", line)
        # A closed file has no WAL, and nobody is to look for one.
        connection.execute("PRAGMA user_version = 0")
    if not checkpoint(connection):
        raise sqlite3.OperationalError("it is being read")
    connection.lease = None
    connection.close()
    target = closed_path(path.parent, about.store)
    if last_seq == 0:
        meanings_path(path).unlink(missing_ok=True)
        path.unlink()
    elif target.exists():
        _join(path, target, about, last_seq)
        path.unlink()
    else:
        _move(path, target)
    sweep(path)


def was_ended(path: Path) -> bool:
    """Whether what lies at *path* without its database is left of a store that was closed as it should be."""
    store = read_meanings(path).get("store")
    return store is not None and not path.exists() and closed_path(path.parent, store).exists()


def sweep(path: Path) -> None:
    """Remove what is left at *path* of a store that was closed: its file has all that its WAL had."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    # The last, because by it one sees that the rest may go.
    meanings_path(path).unlink(missing_ok=True)
    flush(path.parent)


def _move(path: Path, target: Path) -> None:
    make_folder(path.parent / CLOSED)
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.pwrite(descriptor, NO_WAL, FORMAT_AT)
        os.fchmod(descriptor, READ_ONLY)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.rename(target)
    flush(target.parent)


def _join(path: Path, target: Path, about: About, last_seq: int) -> None:
    """Add the store to a closed file of its own name: it had been taken for lost, and was put back."""
    readers = [AnswersReader(path), AnswersReader(target, closed=True)]
    last = max(last_seq, readers[1].last_seq())
    for _ in close_store(target, about, map(rows_of_closed, readers), last):
        pass
