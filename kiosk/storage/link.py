"""``sync.db``: what the kiosk remembers of its link to central. Written by the sync agent alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from feedback.answers import Anchor
from feedback.errors import StoreError
from kiosk.storage import link_carried
from kiosk.storage.damage import move_aside, stray
from kiosk.storage.database import DamagedError, checkpoint, new_file, open_reader, open_writer, writing
from kiosk.storage.link_carried import Carried
from kiosk.storage.link_rows import (
    SCHEMA,
    anchors,
    beginning,
    grow,
    load,
    save_anchors,
    save_document,
    save_link,
    save_progress,
)
from kiosk.storage.link_state import Link

APPLICATION = 0x41667773
"""``Afws``, in the file's own header."""
SAVES_PER_CHECKPOINT = 32


def new_link_file(path: Path) -> None:
    """Make an empty sync.db at *path*. Nothing is lost with an old one: answers sent again are duplicates."""
    new_file(path, beginning(), APPLICATION)


def prepare_link(path: Path) -> tuple[Link, str]:
    """
    Make sync.db at *path* ready: made if missing, moved aside if damaged.

    Returns:
        What it remembers, and what a technician should know in a sentence; empty when all was as expected.

    Raises:
        StoreError: It is in use, or made for a newer program.
    """
    note = ""
    if path.exists():
        try:
            return _checked(path), note
        except DamagedError as error:
            note = f"{path} was damaged ({error.__cause__ or error}) and is now in {move_aside(path)}: "
            note += "every answer is offered to central again"
    elif stray(path):
        move_aside(path)
    new_link_file(path)
    return _checked(path), note


def _checked(path: Path) -> Link:
    file = LinkFile(path)
    try:
        return file.check()
    finally:
        file.leave_open()


def read_link(path: Path) -> Link:
    """
    What sync.db at *path* remembers, for the screen, ``kiosk status`` and ``kiosk doctor``.

    Raises:
        StoreError: It cannot be read now, or only by a newer program.
    """
    with closing(open_reader(path)) as connection:
        connection.execute("BEGIN")  # all of it as of one moment
        return _guarded(path, connection)


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """
    The moments at which the agent learned the time, for the recorder to copy into answers.db.

    Raises:
        StoreError: It cannot be read now, or only by a newer program.
    """
    with closing(open_reader(path)) as connection:
        _guarded(path, connection)
        return tuple(anchors(connection, ""))


class LinkFile:
    """The agent's own hold on sync.db. End the process with ``kiosk.storage.database.leave``."""

    def __init__(self, path: Path) -> None:
        """
        Open the file at *path*.

        Raises:
            StoreError: It is missing, damaged, in use, or made for a newer program.
        """
        self._path = path
        self._connection = open_writer(path)
        self._saves = 0
        try:
            self._link = _guarded(path, self._connection)
            if _schema(self._connection) < SCHEMA:
                with writing(self._connection) as connection:
                    grow(connection)
            link_carried.make_table(self._connection)
        except StoreError:
            self._connection.leave_open()
            raise
        except sqlite3.Error as error:
            self._connection.leave_open()
            raise StoreError(f"{path} cannot be written ({error}): check the card") from error

    @property
    def link(self) -> Link:
        """What was saved last."""
        return self._link

    def check(self) -> Link:
        """What was saved last, once the whole file has been read. Raises StoreError if it is damaged."""
        found = [row[0] for row in self._connection.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise DamagedError(f"{self._path} is damaged ({found[0]}): run `kiosk prepare`")
        return self._link

    def save(
        self,
        link: Link,
        learned: Sequence[Anchor] = (),
        told: Sequence[Anchor] = (),
        *,
        tell_again: bool = False,
        answered: Sequence[str] = (),
    ) -> None:
        """
        Keep *link*, anchors newly *learned* and anchors *told* to central, in one transaction.

        *tell_again*: central was restored. It is to be told every anchor again, and no answer from before, to what left
        on a stick before, moves anything any more. *answered*: the nonces of what left on a stick and is answered now.
        """
        if link == self._link and not (learned or told or tell_again or answered):
            return
        with writing(self._connection) as connection:
            save_link(connection, link)
            for progress in link.stores:
                if progress != self._link.progress(progress.store) or progress not in self._link.stores:
                    save_progress(connection, progress)
            for document in link.documents:
                save_document(connection, document)
            if tell_again:
                connection.execute("UPDATE anchors SET told = 0")
                link_carried.close_all(connection)
            link_carried.mark_answered(connection, answered)
            save_anchors(connection, learned, told=False)
            save_anchors(connection, told, told=True)
        self._link = link
        self._saves += 1
        if self._saves % SAVES_PER_CHECKPOINT == 0:
            checkpoint(self._connection)

    def anchors(self) -> tuple[Anchor, ...]:
        """Every anchor, told or not."""
        return tuple(anchors(self._connection, ""))

    def told(self) -> frozenset[Anchor]:
        """The anchors central has."""
        return frozenset(anchors(self._connection, "WHERE told = 1"))

    def carry(self, request: Carried) -> int:
        """Remember *request*, which is about to leave on a stick; its number."""
        with writing(self._connection) as connection:
            return link_carried.keep(connection, request)

    def carried(self, nonce: str) -> Carried | None:
        """The request that left on a stick with *nonce*; None: not this kiosk's, or forgotten."""
        return link_carried.find(self._connection, nonce)

    def carried_numbers(self) -> list[tuple[int, str]]:
        """Number and nonce of everything that is remembered to have left on a stick."""
        return link_carried.numbers(self._connection)

    def leave_open(self) -> None:
        """Write no more. The connection stays as it is, see ``kiosk.storage.database``."""
        self._connection.leave_open()


def _guarded(path: Path, connection: sqlite3.Connection) -> Link:
    try:
        about = dict(connection.execute("SELECT name, value FROM about"))
        if about.get("usable_from", SCHEMA) > SCHEMA:
            raise StoreError(
                f"{path} is at version {about.get('schema')} and usable from version {about['usable_from']} on, "
                f"this program has version {SCHEMA}: install a newer afterword-kiosk"
            )
        return load(connection, about.get("schema", SCHEMA))
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise DamagedError(f"{path} is damaged ({error}): run `kiosk prepare`") from error


def _schema(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM about WHERE name = 'schema'").fetchone()[0])
