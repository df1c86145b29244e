"""``kiosk prepare --own answers``: make the store ready before the screen starts, or say why not."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback.errors import StoreError
from kiosk.settings import Settings
from kiosk.storage.ballast import Ballast, is_full
from kiosk.storage.copy_files import copy_state, usable
from kiosk.storage.damage import move_aside, stray
from kiosk.storage.database import (
    SQLITE_ERRORS,
    DamagedError,
    Lease,
    Writer,
    check_wal,
    checkpoint,
    is_damage,
    is_warm,
    keep_wal,
    make_folder,
    new_file,
    open_writer,
    shown_frames,
)
from kiosk.storage.ending import end_store, is_ending, sweep, was_ended
from kiosk.storage.link import read_link
from kiosk.storage.machine import changed
from kiosk.storage.meanings import save_meanings
from kiosk.storage.notes import note
from kiosk.storage.pages import PAGE
from kiosk.storage.reading import batch
from kiosk.storage.schema import APPLICATION, SCHEMA, About, beginning, read_about
from kiosk.storage.totals import pruned_upto
from kiosk.storage.turns import turns_in
from kiosk.storage.unseen import Standing, hidden, put_back, standing

TAIL_ROWS = 1_000
"""The newest rows, which a cut could have touched, are verified at every start."""
END_S = 1.0
UNCLEAR = "the end of its WAL does not tell whether one more answer was thanked for, whose number is not given again"
CHECK_S = 5.0
"""The structure of the file is checked for at most this long, so that a big file delays no customer."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A store ready to record.

    Attributes:
        notes: What a technician should know, one sentence each; empty when all was as expected.
    """

    about: About
    last_seq: int
    notes: tuple[str, ...] = ()


def prepare_answers(settings: Settings, machine: Mapping[str, Path] | None = None) -> Prepared:
    """
    Make the kiosk's ``answers.db`` ready: made if missing, verified, migrated, and moved aside if damaged.

    A sound store is closed, and a new one begins, when central holds other answers under its name, or when a part of
    the *machine* (see ``machine.MACHINE``) is another than the one the store was begun on.

    To be run as the owner of the folder, before the recorder. Leaves the file open so that ``-wal`` and
    ``-shm`` stay for readers of other users: end the process with ``database.leave``.

    Raises:
        StoreError: It belongs to another kiosk, needs a newer program, is in use, or cannot be written.
    """
    path = settings.answers_db
    told = _Told(settings.sync_db, settings.files.copy, path.parent, machine or {})
    try:
        return _leased(path, settings.kiosk.id, told)
    except StoreError as error:
        if not _no_room(error) or not Ballast(path.parent, settings.files.ballast_bytes).release():
            raise
    note(path.parent, f"{path.parent} is full: its ballast was released")
    return _leased(path, settings.kiosk.id, told)


@dataclass(frozen=True, slots=True)
class _Told:
    """How far a store had come, by those who were told of its answers; nothing where they cannot be asked."""

    sync_db: Path
    copy: Path | None
    answers: Path
    machine: Mapping[str, Path]

    def why_to_end(self, connection: Writer, store: bytes) -> str:
        """Why *store*, sound as it is, gets no more rows; empty: it goes on."""
        part = changed(connection, self.machine)
        if part:
            return f"the {part} is another than the one this store was begun on"
        if self._in_conflict(store):
            return (
                "central has other answers under this store's name, from a copy of this card or an older one"
            )
        return "it was being closed already" if is_ending(connection) else ""

    def _in_conflict(self, store: bytes) -> bool:
        try:
            return read_link(self.sync_db).progress(store).new_store
        except StoreError:
            return False

    def last_seq(self, store: bytes) -> int:
        return max(self._by_agent(store), self._by_copy(store))

    def _by_agent(self, store: bytes) -> int:
        try:
            progress = read_link(self.sync_db).progress(store)
        except StoreError:
            return 0
        return max(progress.delivered, progress.accounted_upto)

    def _by_copy(self, store: bytes) -> int:
        try:
            usable_now = self.copy is not None and usable(self.copy, self.answers)
            return copy_state(self.copy, store).last_seq if self.copy and usable_now else 0
        except OSError:
            return 0


def _no_room(error: BaseException | None) -> bool:
    while error is not None and not is_full(error):
        error = error.__cause__
    return error is not None


def _leased(path: Path, kiosk: str, told: _Told) -> Prepared:
    try:
        make_folder(path.parent)
        lease = Lease(path)
        try:
            return _prepared(path, kiosk, lease, told)
        finally:
            lease.release()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{path} cannot be made ready ({error}): check the card and the folder's owner"
        ) from error


def _prepared(path: Path, kiosk: str, lease: Lease, told: _Told) -> Prepared:
    notes = []
    if path.exists():
        try:
            found = _verified(path, kiosk, lease, told)
        except DamagedError as error:
            notes.append(f"{error}; moved to {move_aside(path)}: a new store begins")
        else:
            ended = _ended(path, found, told)
            if not ended:
                return found.prepared
            notes.append(ended)
    elif was_ended(path):
        sweep(path)
    elif stray(path):
        aside = move_aside(path)
        if (aside / path.name).exists():
            notes.append(f"{path} was damaged; moved to {aside}: a new store begins")
        else:
            notes.append(
                f"{path} was there before and is gone: a new store begins, what it had not sent is lost"
            )
    for sentence in notes:
        note(path.parent, sentence)
    new_file(path, beginning(kiosk, time.time_ns() // 1_000_000), APPLICATION)
    found = _verified(path, kiosk, lease, told)
    changed(found.connection, told.machine)
    return Prepared(found.prepared.about, found.prepared.last_seq, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Verified:
    """
    A sound store, and the connection that keeps its files there.

    Attributes:
        unclear: Whether one more commit may have stood in its WAL, whose numbers would be given again.
    """

    prepared: Prepared
    connection: Writer
    unclear: bool = False


def _ended(path: Path, found: _Verified, told: _Told) -> str:
    """Close the store if it is to get no more rows; then a sentence that says so."""
    about, last = found.prepared.about, found.prepared.last_seq
    why = UNCLEAR if found.unclear else told.why_to_end(found.connection, about.store)
    if not why:
        return ""
    sentence = f"{why}: the store {about.store.hex()} is closed with {last} answers, and a new one begins"
    note(path.parent, sentence)
    try:
        _end(path, found.connection, about, last)
    except sqlite3.Error as error:
        # Customers come first: it goes on until the next start.
        keep_wal(found.connection)
        note(path.parent, f"the store {about.store.hex()} cannot be closed now ({error}): at the next start")
        return ""
    return sentence


def _end(path: Path, connection: Writer, about: About, last_seq: int) -> None:
    """As ``end_store``, tried again for a moment: an agent that reads is done at once."""
    until = time.monotonic() + END_S
    while True:
        try:
            return end_store(path, connection, about, last_seq)
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)


def _verified(path: Path, kiosk: str, lease: Lease, told: _Told) -> _Verified:
    _check_first_page(path)
    check_wal(path)
    in_wal, turns = standing(path), turns_in(path)
    connection = open_writer(path, lease)
    try:
        about = read_about(connection, path)
        if about.kiosk != kiosk:
            raise StoreError(
                f"{path} holds the answers of kiosk {about.kiosk}, but the settings say this is {kiosk}: "
                f"correct [kiosk] id, or export the answers and move {path.parent} away"
            )
        last = _check(connection, path, about)
        _check_end(path, in_wal, last, told.last_seq(about.store))
        unclear = is_warm(connection) and turns.unclear_behind(shown_frames(connection))
        found = put_back(connection, about.store, in_wal, last)
        last += found
        if about.schema < SCHEMA:
            from kiosk.storage.migrations import migrate  # noqa: PLC0415  half a second on a Pi, seldom needed

            migrate(connection, path)
            about = read_about(connection, path)
        keep_wal(connection)
        checkpoint(connection)
        save_meanings(path, about, connection)
    except SQLITE_ERRORS as error:
        if is_damage(error):
            raise DamagedError(f"{path} is damaged ({error})") from error
        raise
    return _Verified(Prepared(about, last), connection, unclear and not found)


def _check(connection: Writer, path: Path, about: About) -> int:
    """The highest seq of a file whose structure and newest rows are sound."""
    _check_structure(connection, path)
    last = int(connection.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0])
    first = max(pruned_upto(connection) + 1, last - TAIL_ROWS + 1)
    spoiled = batch(connection, about.store, first, TAIL_ROWS).spoiled
    if spoiled:
        raise DamagedError(
            f"{path} is damaged (answer {spoiled[0]} and {len(spoiled) - 1} more are not as written)"
        )
    return last


def _check_first_page(path: Path) -> None:
    """Before SQLite sees the file: beside one without a page it would throw away a WAL with the newest answers."""
    # Not what stands on it: a first page of garbage may be one that a checkpoint was writing at a cut.
    if path.stat().st_size < PAGE:
        raise DamagedError(f"{path} is damaged (it does not begin as a database does)")


def _check_end(path: Path, in_wal: Standing, last_seq: int, told: int) -> None:
    """
    Whether the store ends where it ended before: a number that is given again takes another answer's place.

    Raises:
        DamagedError: Answers up to a higher seq were here.
    """
    lost = hidden(in_wal, last_seq)
    if lost:
        raise DamagedError(f"{path} is damaged ({len(lost)} answers stand behind a spoiled part of its WAL)")
    if told > last_seq:
        raise DamagedError(
            f"{path} is damaged (it ends at answer {last_seq}, and central or the second copy has {told})"
        )


def _check_structure(connection: Writer, path: Path) -> None:
    """SQLite's own check, cut off after CHECK_S; what it has not reached by then is taken as sound."""
    until = time.monotonic() + CHECK_S
    connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        raise DamagedError(f"{path} is damaged ({' '.join(found.split())})")
