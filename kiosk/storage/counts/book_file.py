"""The file of the book of counts: opened, read, thrown away."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from feedback.errors import StoreError
from kiosk.storage.closed import CLOSED
from kiosk.storage.counts.book import Book
from kiosk.storage.counts.book_tables import APPLICATION, beginning
from kiosk.storage.counts.rows import Rows
from kiosk.storage.database import (
    HURRIED_S,
    MODE,
    SQLITE_ERRORS,
    DamagedError,
    Writer,
    flush,
    open_reader,
    open_writer,
    writing,
)
from kiosk.storage.schema import read_about

NAME = "summary.db"
BROKEN = (StoreError, OSError, KeyError, ValueError, TypeError, IndexError, *SQLITE_ERRORS)
"""What a damaged book may raise. The checksums leave little of it."""


def open_book(folder: Path) -> tuple[Writer, Book]:
    """
    The book in the answers *folder*, to be written by this process alone; a new one where it cannot be used.

    Raises:
        StoreError, OSError, sqlite3.Error: The card refuses, or another process writes it.
    """
    path = folder / NAME
    if path.exists():
        with suppress(DamagedError):
            return _opened(path)
    throw_away(folder)
    _make(path)
    return _opened(path)


def _make(path: Path) -> None:
    """A new file at *path*, for one flush: ``new_file`` takes twenty, and this one can be made again."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
    with closing(sqlite3.connect(unfinished, timeout=HURRIED_S, isolation_level=None)) as connection:
        # OFF until the switch to WAL, which has its own log of changes.
        for pragma in ("page_size = 4096", "synchronous = OFF", "journal_mode = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        with writing(connection):
            for statement, values in beginning():
                connection.execute(statement, values)
        connection.execute("PRAGMA journal_mode = WAL")
    flush(unfinished)
    unfinished.rename(path)


def _opened(path: Path) -> tuple[Writer, Book]:
    connection = open_writer(path, can_be_made_again=True)
    try:
        return connection, _book(connection, path)
    except BaseException:
        close(connection)
        raise


def read_book(folder: Path, stack: ExitStack) -> Book:
    """The book in the answers *folder* as of now, for reading until *stack* ends. Raises one of ``BROKEN``."""
    connection = stack.enter_context(closing(open_reader(folder / NAME)))
    connection.execute("BEGIN")
    return _book(connection, folder / NAME)


def throw_away(folder: Path) -> None:
    """Remove the book's file with all that belongs to it: everything in it can be counted again."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / (NAME + suffix)).unlink(missing_ok=True)


def close(connection: Writer) -> None:
    """Let go of a book that is given up."""
    with suppress(*SQLITE_ERRORS):
        sqlite3.Connection.close(connection)
    connection.leave_open()


def closed_rows(folder: Path, current: bytes) -> Iterator[Rows]:
    """The rows of every closed store in the answers *folder* whose name and file are those of a store."""
    for path in sorted((folder / CLOSED).glob("*.db")):
        with suppress(ValueError, OSError):
            store, stat = bytes.fromhex(path.stem), path.stat()
            if store != current:
                yield Rows(_opener(path, store), store, f"{stat.st_size} {stat.st_mtime_ns}")


def _opener(path: Path, store: bytes) -> Callable[[], sqlite3.Connection]:
    def opened() -> sqlite3.Connection:
        connection = open_reader(path)
        if read_about(connection, path).store != store:
            connection.close()
            raise DamagedError(f"{path} is damaged (it is not the store that its name says)")
        connection.execute("BEGIN")
        return connection

    return opened


def _book(connection: sqlite3.Connection, path: Path) -> Book:
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise DamagedError(f"{path} is no file of counts")
        return Book(connection)
    except BROKEN as error:
        raise DamagedError(f"{path} is damaged ({error})") from error
