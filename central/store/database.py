"""Central's database: made, opened and migrated here, and written by one writer at a time."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from central.store import rules
from feedback.errors import StoreError

FILE = "central.db"
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every schema this version knows, oldest first; the last one is the one it works with."""
WAIT_S = 30
READERS = 40
"""Connections at once: the threads of one uvicorn process, each reading at most once."""

_turn = threading.Lock()


def make_store(folder: Path) -> Engine:
    """
    A new, empty database in *folder*, which is made if need be.

    Raises:
        StoreError: There is one already, or the folder cannot be written.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb"):
            path.chmod(0o600)
    except FileExistsError:
        raise StoreError(
            f"{path}: there is a database already; choose another folder for a new one"
        ) from None
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be made ({error.strerror}); name a folder that this user may write"
        ) from None
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    store = _engine(path)
    _migrate(store)
    with writing(store) as begun:
        rules.note(begun)
    return store


def open_store(folder: Path) -> Engine:
    """
    The database in *folder*, brought up to this version's schema.

    Raises:
        StoreError: It is missing, is not central's, or was made by a newer version.
    """
    path = folder / FILE
    if not path.is_file():
        raise StoreError(
            f"{path}: there is no such database; name the folder of an existing one, or make it with "
            f"`central init --data {folder}`"
        )
    store = _engine(path)
    try:
        found = _revision(path)
    except StoreError:
        store.dispose()
        raise
    if found not in REVISIONS:
        store.dispose()
        raise StoreError(
            f"{path}: made by a newer version of central (schema {found}, this one knows up to {REVISIONS[-1]}); "
            "install that version or a later one"
        )
    if found != REVISIONS[-1]:
        _migrate(store)
    return store


@contextmanager
def writing(store: Engine) -> Iterator[Connection]:
    """
    A transaction that may write: all of it or nothing, one at a time.

    Waits its turn, first among this process's threads, then among processes.
    """
    with _turn, _only_process(store), store.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(store: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database, whatever is written meanwhile."""
    with store.connect() as connection, connection.begin():
        yield connection


def migrations() -> Any:
    """Alembic's settings, made without an .ini file."""
    # Imported here: a start that migrates nothing does not load Alembic.
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def _engine(path: Path) -> Engine:
    # mode=rw: a file that vanished is an error, not a new empty database.
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    store = create_engine(
        URL.create("sqlite", database=str(path.absolute())),
        creator=lambda: sqlite3.connect(address, uri=True, timeout=WAIT_S, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=READERS,
    )
    event.listen(store, "connect", _prepare)
    event.listen(store, "begin", _begin)
    return store


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # None: BEGIN is ours to say. Left alone, sqlite3 begins late, and a SELECT is in no transaction at all.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    # IMMEDIATE: with a plain BEGIN, two that read and then write are refused at once with "database is locked",
    # whatever the timeout.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _only_process(store: Engine) -> Iterator[None]:
    # SQLite before 3.51.3 can lose a commit when two connections write and checkpoint one WAL file in the same
    # instant; `central code` and `central serve` are two processes. The commit and its checkpoint are inside.
    with Path(f"{store.url.database}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def scrub(store: Engine) -> None:
    """Leave nothing of what was overwritten in the WAL: its content goes to its place, and it is cut to nothing."""
    with _only_process(store):
        raw = store.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.close()


def _migrate(store: Engine) -> None:
    from alembic import command  # noqa: PLC0415

    config = migrations()
    with writing(store) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(path: Path) -> str:
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True, timeout=WAIT_S)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise _foreign(path) from None
        raise StoreError(
            f"{path}: cannot be opened ({error}); see who else uses it, then try again"
        ) from None
    except sqlite3.DatabaseError:
        raise _foreign(path) from None
    finally:
        connection.close()
    if row is None:
        raise _foreign(path)
    return str(row[0])


def _foreign(path: Path) -> StoreError:
    return StoreError(
        f"{path}: this is not a database of central, or it is damaged; name the right folder or restore a backup"
    )
