from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from feedback.errors import StoreError
from kiosk.storage.database import (
    WAL_BYTES,
    Lease,
    checkpoint,
    flush,
    new_file,
    open_reader,
    open_writer,
    writing,
)
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import open_files

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER) STRICT"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "own" / "plain.db"
    new_file(path, [(TABLE, ())], 7)
    return path


def wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("page_size", 4096),
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("wal_autocheckpoint", 0),
        ("journal_size_limit", WAL_BYTES),
        ("mmap_size", 0),
        ("secure_delete", 1),
        ("cell_size_check", 1),
        ("trusted_schema", 0),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("application_id", 7),
    ],
)
def test_the_writer_s_settings_hold(plain: Path, pragma: str, value: object) -> None:
    assert value == open_writer(plain).execute(f"PRAGMA {pragma}").fetchone()[0]


def test_extra_is_said_before_the_switch_to_wal(plain: Path) -> None:
    """The order is what keeps a cut from bringing the file of before the switch back."""
    said: list[str] = []

    class Spy(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            said.append(sql)
            return super().execute(sql, *values)  # type: ignore[arg-type]

    from kiosk.storage.database import WRITER_PRAGMAS, _apply

    _apply(sqlite3.connect(plain, isolation_level=None, factory=Spy), WRITER_PRAGMAS)
    set_ = [sql for sql in said if "=" in sql]

    assert set_[1:4] == [
        "PRAGMA synchronous = EXTRA",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
    ]


def test_a_setting_sqlite_does_not_take_is_an_error(plain: Path) -> None:
    from kiosk.storage.database import _apply

    with pytest.raises(sqlite3.OperationalError, match="keeps synchronous at 2, not 9"):
        _apply(sqlite3.connect(plain), (("synchronous", "FULL", 9),))


def test_a_commit_fills_the_block_it_ends_in(plain: Path) -> None:
    """With psow=0 the frame is written twice, so that no later commit rewrites a block that holds this one."""
    connection = open_writer(plain)
    checkpoint(connection)
    for _ in range(3):
        with writing(connection):
            connection.execute("INSERT INTO t (n) VALUES (1)")
    _busy, frames, _copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    assert frames == 6


def test_the_wal_has_its_full_size_from_the_start_and_keeps_it(plain: Path) -> None:
    connection = open_writer(plain)
    size = wal(plain).stat().st_size
    for turn in range(500):
        with writing(connection):
            connection.execute("INSERT INTO t (n) VALUES (?)", (turn,))
        if turn % 100 == 99:
            assert checkpoint(connection)

    assert 0.9 * WAL_BYTES < size <= WAL_BYTES
    assert size == wal(plain).stat().st_size


def test_stretching_leaves_nothing_in_the_file(plain: Path) -> None:
    open_writer(plain)

    assert open_reader(plain).execute("SELECT name FROM sqlite_schema").fetchall() == [("t",)]
    assert open_reader(plain).execute("PRAGMA page_count").fetchone() == (2,)


def test_the_owner_writes_and_the_group_reads(plain: Path) -> None:
    open_writer(plain)

    assert stat.S_IMODE(plain.parent.stat().st_mode) == 0o2750
    for part in (plain, wal(plain), plain.with_name("plain.db-shm")):
        assert stat.S_IMODE(part.stat().st_mode) & 0o037 == 0, part


def test_a_second_writer_is_refused(plain: Path) -> None:
    first = open_writer(plain)

    with pytest.raises(StoreError, match=r"plain\.db is being written by another process: stop the kiosk's"):
        open_writer(plain)
    first.leave_open()
    open_writer(plain)


def test_a_second_writing_process_is_refused_until_the_first_is_dead(path: Path, start: Start) -> None:
    holder = start("hold", path)
    assert holder.stdout
    assert holder.stdout.readline() == "holding\n"

    with pytest.raises(StoreError, match="is being written by another process"):
        open_writer(path)
    holder.kill()
    holder.wait()
    open_writer(path).leave_open()


def test_a_missing_file_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"none\.db is missing: run `kiosk prepare`"):
        open_writer(tmp_path / "none.db")
    with pytest.raises(
        StoreError, match=r"none\.db cannot be read yet .*: try again later, or run `kiosk pre"
    ):
        open_reader(tmp_path / "none.db")

    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(plain: Path) -> None:
    open_writer(plain)
    reader = open_reader(plain)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO t (n) VALUES (1)")
    reader.execute("PRAGMA query_only = OFF")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO t (n) VALUES (1)")


def test_a_block_that_raises_leaves_nothing(plain: Path) -> None:
    connection = open_writer(plain)

    def half() -> None:
        with writing(connection):
            connection.execute("INSERT INTO t (n) VALUES (1)")
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        half()

    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_statement_sqlite_refuses_leaves_its_reason(plain: Path) -> None:
    connection = open_writer(plain)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value"), writing(connection):
        connection.execute("INSERT INTO t (n) VALUES ('many')")

    assert not connection.in_transaction


def test_a_file_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    with pytest.raises(sqlite3.OperationalError):
        new_file(path, [(TABLE, ()), ("CREATE TABLE t (again)", ())], 7)

    assert not path.exists()
    new_file(path, [(TABLE, ())], 7)
    assert path.exists()


def test_a_program_that_just_ends_leaves_the_wal_for_readers(path: Path, start: Start) -> None:
    ended = start("end", path)
    ended.communicate(timeout=20)

    assert ended.returncode == 0
    assert wal(path).stat().st_size > 0.9 * WAL_BYTES
    assert path.with_name("answers.db-shm").exists()


def test_a_lease_ends_when_it_is_released(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "x")
    with pytest.raises(StoreError):
        Lease(tmp_path / "x")
    lease.release()

    Lease(tmp_path / "x").release()


def test_flush_takes_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flush(tmp_path)
    flush(tmp_path / "file")

    assert open_files(tmp_path) == []
