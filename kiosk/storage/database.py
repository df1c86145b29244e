"""
Opening a kiosk's SQLite files: one writer for each, settings under which a power cut loses nothing.

A writer's connection is never closed in the usual way. Closing the last connection would delete ``-wal`` and
``-shm``; a reader, another user in another process, cannot make them again, and a WAL that has to grow anew
costs every press one more block. So they stay, at full size, as long as the file does.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from feedback.errors import StoreError

WAL_BYTES = 1 << 20
"""What the WAL is grown to once, and cut back to should it ever grow beyond: room for about 127 presses."""
FRAMES = WAL_BYTES // (4096 + 24)
"""Pages that the WAL holds without growing, each with its 24 byte header."""
STRETCHED_BYTES = WAL_BYTES * 7 // 8
"""A WAL of this size is taken for fully grown: what stays in the page cache is not written."""
WARM = 1
"""``user_version`` of a file whose WAL has been grown: from then on a WAL that is gone or short was lost."""
MAGIC = b"SQLite format 3\0"
USER_VERSION_AT = 60
MODE = 0o640
"""The owner writes, the group reads; SQLite gives -wal and -shm the same."""

WRITER_PRAGMAS = (
    # A page is one block of the card. While a block is rewritten, a cut can spoil all of it: with smaller
    # pages a checkpoint would spoil neighbours that stand in no WAL.
    ("page_size", 4096, 4096),
    # EXTRA before the switch to WAL, so that the removal of the switch's own journal is flushed too;
    # otherwise a cut can bring that journal back, and with it the file as it was before the first answer.
    ("synchronous", "EXTRA", 3),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    # A checkpoint costs two flushes: the writer makes it when nobody is waiting.
    ("wal_autocheckpoint", 0, 0),
    ("journal_size_limit", WAL_BYTES, WAL_BYTES),
    ("mmap_size", 0, 0),
    ("secure_delete", "ON", 1),
    ("cell_size_check", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", 5000, 5000),
)
"""Name, what is said, what must come back; in this order."""
PATIENT_S = 5.0
HURRIED_S = 0.1
"""How long a lock on a file that can be made again is waited for: customers come first."""
CARELESS_PRAGMAS = (
    ("synchronous", "NORMAL", 1),
    ("wal_autocheckpoint", FRAMES, FRAMES),
    ("busy_timeout", 100, 100),
)
"""Said after these to a file that can be made again."""
READER_PRAGMAS = (
    ("query_only", "ON", 1),
    ("mmap_size", 0, 0),
    ("cell_size_check", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("busy_timeout", 1000, 1000),
)


ROTTEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
UNREADABLE = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS)
"""SQLite's words for a damaged file. A write that fails is not among them: the file may be sound."""


SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a statement may raise. Python cannot decode SQLite's own words when they quote a damaged name."""


class DamagedError(StoreError):
    """A database is not as it was written. Prepare moves it aside; nobody else can do anything."""


class Writer(sqlite3.Connection):
    """The one connection that may write a file, with the lease that keeps it the only one."""

    lease: Lease | None = None

    def close(self) -> None:
        """Close as SQLite does, WAL and all. For copies and tests: a kiosk calls ``leave_open``."""
        # Without a WAL from here on, which is as it should be; what cannot be read is closed all the same.
        with suppress(*SQLITE_ERRORS):
            if is_warm(self):
                self.execute("PRAGMA user_version = 0")
        super().close()
        self.leave_open()

    def leave_open(self) -> None:
        """Write no more, and let another writer begin; ``-wal`` and ``-shm`` stay."""
        if self.lease is not None:
            self.lease.release()


class Lease:
    """
    The right to write one file, held on a file beside it until ``release`` or the end of the process.

    Two writers that checkpoint one WAL can lose a commit (SQLite before 3.51.3), and SQLite lets both in.
    """

    def __init__(self, path: Path) -> None:
        beside = path.with_name(path.name + ".lease")
        self._descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise StoreError(
                f"{path} is being written by another process: stop the kiosk's screen or sync service first"
            ) from None
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def open_writer(path: Path, lease: Lease | None = None, *, can_be_made_again: bool = False) -> Writer:
    """
    The one writing connection to the existing file at *path*; for use by one thread.

    The file is made by ``new_file``. The connection is kept to the end of the process: end it with ``leave``.
    What *can_be_made_again* is flushed only by its checkpoints, which SQLite makes by itself: a cut may cost its newest
    commits, never its structure.

    Raises:
        DamagedError: The file is no database, or damaged at its root.
        StoreError: It is missing, or another writer has it, or the card refuses.
    """
    try:
        if not path.exists():
            raise StoreError(f"{path} is missing: run `kiosk prepare`")
        lease = lease or Lease(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        connection = sqlite3.connect(
            # psow=0: by default SQLite trusts the card to leave the rest of a block alone while part of it is
            # written. A cut that garbles the whole block then takes answers already thanked for.
            path.absolute().as_uri() + "?mode=rw&psow=0",
            uri=True,
            isolation_level=None,
            timeout=HURRIED_S if can_be_made_again else PATIENT_S,
            check_same_thread=False,
            factory=Writer,
        )
        connection.lease = lease
        connection.text_factory = _text
        _keep_for_ever(connection)
        _apply(connection, WRITER_PRAGMAS)
        if can_be_made_again:
            _apply(connection, CARELESS_PRAGMAS)
        else:
            _stretch_wal(connection, path)
    except (*SQLITE_ERRORS, OSError) as error:
        lease.release()
        if is_damage(error):
            raise DamagedError(f"{path} is damaged ({error}): run `kiosk prepare`") from error
        raise _unwritable(path, error) from error
    return connection


def _unwritable(path: Path, error: Exception) -> StoreError:
    return StoreError(f"{path} cannot be written ({error}): check the card and the folder's owner")


def open_reader(path: Path) -> sqlite3.Connection:
    """
    A connection that can only read *path*, while its writer writes. A long read keeps the WAL growing.

    Raises:
        StoreError: It cannot be read now; its owner has not prepared it yet.
    """
    try:
        # Not readonly_shm=1: SQLite shares the -shm within a process, and its writer would find it read-only.
        connection = sqlite3.connect(
            path.absolute().as_uri() + "?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = _text
        _apply(connection, READER_PRAGMAS)
        # Nothing is read before the first query.
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except SQLITE_ERRORS as error:
        raise StoreError(
            f"{path} cannot be read yet ({error}): try again later, or run `kiosk prepare` as its owner"
        ) from error
    return connection


def new_file(path: Path, statements: Iterable[tuple[str, tuple[object, ...]]], application: int) -> None:
    """
    Make the database *path* by *statements*, all of it or nothing: a cut leaves no file or a whole one.

    It is made under another name, without a WAL, flushed, and then given its name.
    """
    make_folder(path.parent)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    unfinished.with_name(unfinished.name + "-journal").unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
    connection = sqlite3.connect(unfinished, isolation_level=None)
    _apply(connection, WRITER_PRAGMAS[:2])
    connection.execute(f"PRAGMA application_id = {application}")
    with writing(connection):
        for statement, values in statements:
            connection.execute(statement, values)
    connection.close()
    flush(unfinished)
    unfinished.rename(path)
    flush(path.parent)


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """
    One transaction: committed when the block ends, undone when it raises.

    BEGIN IMMEDIATE: with a plain BEGIN, one who reads first and then writes is refused at once with "database
    is locked", whatever the timeout.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # After an I/O error SQLite has already undone it, and a ROLLBACK would raise over the reason.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if connection.in_transaction:
        raise sqlite3.ProgrammingError("a transaction is still open after its COMMIT")


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Copy the WAL into the file as far as readers allow; whether all of it was copied. Two flushes."""
    _busy, frames, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(frames == copied)


def shown_frames(connection: sqlite3.Connection) -> int:
    """How many frames of the WAL belong to commits, after a checkpoint: the newest ends with the last of them."""
    return int(connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])


def keep_wal(connection: sqlite3.Connection) -> None:
    """Note in the file itself that its WAL is there now; with the next checkpoint ``check_wal`` can see it."""
    if not is_warm(connection):
        connection.execute(f"PRAGMA user_version = {WARM}")


def is_warm(connection: sqlite3.Connection) -> bool:
    """Whether the file's WAL has been grown: before that nobody has pressed."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] == WARM)


def check_wal(path: Path) -> None:
    """
    Whether the WAL of *path* is still there: it may hold thanked answers, and without it nothing shows that they were.

    To be asked before a writer opens the file, which makes a new WAL.

    Raises:
        DamagedError: It was there, and is gone or cut off.
    """
    with path.open("rb") as file:
        first = file.read(USER_VERSION_AT + 4)
    # A first page of garbage may be one that a checkpoint was writing at a cut: the WAL has it whole.
    if not first.startswith(MAGIC) or int.from_bytes(first[USER_VERSION_AT:]) != WARM:
        return
    wal = path.with_name(path.name + "-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size <= STRETCHED_BYTES:
        raise DamagedError(
            f"{path} is damaged (its -wal, which may hold the newest answers, is gone or cut off)"
        )


def is_damage(error: Exception) -> bool:
    """Whether *error* tells of the file, and not of a lock, a right or a full card."""
    # Extended codes carry the primary one in their lowest byte; errors of Python's own module have none.
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in ROTTEN or code in UNREADABLE or isinstance(error, UnicodeDecodeError)


def make_folder(folder: Path) -> None:
    """Make *folder* if it is missing: the owner writes, the group reads what is made in it."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    # mkdir takes neither the setgid bit nor more than the umask allows.
    folder.chmod(0o2750)
    flush(folder.parent)


def flush(path: Path) -> None:
    """Wait until *path*, a file or a folder, is on the card."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leave(code: int = 0) -> NoReturn:
    """End the process without closing any database: the way out for everything that opened a writer."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _apply(connection: sqlite3.Connection, pragmas: tuple[tuple[str, object, object], ...]) -> None:
    for name, said, expected in pragmas:
        connection.execute(f"PRAGMA {name} = {said}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if name == "page_size" and found != expected:
            raise DamagedError(f"its pages are said to be of {found} bytes, not {expected}")
        if found != expected:
            raise sqlite3.OperationalError(f"SQLite keeps {name} at {found}, not {expected}")


@lru_cache(maxsize=512)
def _text(raw: bytes) -> str:
    """*raw* as text, also when damaged: its checksum fails then, where a strict reading would end the whole query."""
    return raw.decode(errors="replace")


def _keep_for_ever(connection: sqlite3.Connection) -> None:
    """Never let Python close *connection*, not even when the interpreter ends."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def _stretch_wal(connection: Writer, path: Path) -> None:
    """
    Grow the WAL to its working size with a transaction that is taken back.

    A page cache of a few pages makes SQLite write the rest to the WAL before any commit. Presses overwrite it
    in place, which spares each of them the file system's own journal of a growing file.
    """
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size > STRETCHED_BYTES:
        return
    pages = connection.execute("PRAGMA cache_size").fetchone()[0]
    connection.execute("PRAGMA cache_size = 8")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE stretch (blank BLOB)")
    connection.execute("INSERT INTO stretch VALUES (zeroblob(?))", (4096 * (FRAMES - 5),))
    connection.execute("ROLLBACK")
    connection.execute(f"PRAGMA cache_size = {pages}")
    if wal.exists():
        flush(wal)
    # SQLite flushes the name of a new -wal only with its first commit.
    flush(path.parent)
