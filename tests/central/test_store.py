"""The database: made, opened, migrated, and written by one at a time."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, select
from sqlalchemy.exc import IntegrityError

from central.store import tables
from central.store.database import FILE, REVISIONS, make_store, migrations, open_store, reading, writing
from central.store.ingest_sqlite import COLUMNS, insert_answers, move_counts
from feedback.errors import StoreError

ROW = ("b12", "k-1", bytes(16), 1, 1, "exit-1", 1, 4, "t", 1, 5, 9, False, b"", bytes(16))
COMPUTED = (9, "exact", 40, "exit", 20_717, 18, "")


def schema(path: Path) -> dict[str, str]:
    """Every statement a database was made by, blanks aside."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: "".join(sql.split()).replace('"', "") for name, sql in found}


def test_the_migrations_make_the_tables_that_the_code_has(tmp_path: Path) -> None:
    """Not only the columns: keys, references and WITHOUT ROWID too, word by word."""
    store = make_store(tmp_path)
    plain = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    tables.metadata.create_all(plain)

    with reading(store) as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), tables.metadata)
    migrated = schema(tmp_path / FILE)
    migrated.pop("alembic_version")
    assert schema(tmp_path / "plain.db") == migrated
    store.dispose()
    plain.dispose()


def test_the_revisions_known_are_those_there_are() -> None:
    script = ScriptDirectory.from_config(migrations())

    assert REVISIONS == tuple(one.revision for one in reversed(list(script.walk_revisions())))


def test_only_what_was_not_there_is_said_to_be_stored(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    rows = [(*ROW[:3], seq, seq, *ROW[5:], *COMPUTED) for seq in range(1, 7)]

    with writing(store) as connection:
        assert [0, 1] == insert_answers(connection, rows[1:3])
        assert [0, 3, 4] == insert_answers(connection, rows[:5])
        assert [] == insert_answers(connection, rows[:5])
        assert [] == insert_answers(connection, [])
    with reading(store) as connection:
        assert [1, 2, 3, 4, 5] == list(connection.execute(select(tables.answers.c.seq)).scalars())
    store.dispose()


def test_an_acknowledged_write_is_on_disk(tmp_path: Path) -> None:
    """WAL with synchronous FULL: the commit returns after the disk has it."""
    store = make_store(tmp_path)
    with reading(store) as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    store.dispose()

    assert ["wal", 2, 1, 30_000] == found
    assert 0o600 == (tmp_path / FILE).stat().st_mode & 0o777


def test_a_missing_database_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no such database; .*`central init --data"):
        open_store(tmp_path)

    assert [] == list(tmp_path.iterdir())


def test_a_second_database_is_not_made_over_the_first(tmp_path: Path) -> None:
    make_store(tmp_path).dispose()

    with pytest.raises(StoreError, match="there is a database already"):
        make_store(tmp_path)


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    make_store(tmp_path).dispose()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.commit()
    connection.close()

    with pytest.raises(StoreError, match=r"newer version of central \(schema 0099, .*install"):
        open_store(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be one" * 9])
def test_a_file_that_is_not_centrals_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(StoreError, match="not a database of central"):
        open_store(tmp_path)


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    branch = {"id": "b12", "name": "Nizami", "zone": "Asia/Baku"}

    def write_twice() -> None:
        with writing(store) as connection:
            connection.execute(insert(tables.branches), [branch])
            connection.execute(insert(tables.branches), [branch])

    with pytest.raises(IntegrityError):
        write_twice()

    with reading(store) as connection:
        assert [] == connection.execute(select(tables.branches)).all()
    store.dispose()


def test_a_reference_to_no_branch_is_refused(tmp_path: Path) -> None:
    store = make_store(tmp_path)

    with pytest.raises(IntegrityError), writing(store) as connection:
        connection.execute(insert(tables.touchpoints).values(branch_id="b99", id="exit-1", stage="exit"))
    store.dispose()


def test_only_the_rows_that_were_new_are_returned(tmp_path: Path) -> None:
    """The unique key decides, not what was read before."""
    store = make_store(tmp_path)
    assert len(COLUMNS) == len(ROW) + len(COMPUTED)
    rows = [(*ROW[:3], seq, *ROW[4:], *COMPUTED) for seq in (1, 2, 3)]

    with writing(store) as connection:
        first = insert_answers(connection, rows[:2])
        again = insert_answers(connection, rows)
    store.dispose()

    assert ([0, 1], [2]) == (first, again)


def test_a_count_that_falls_to_nothing_is_no_row(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    key = ("b12", 20_717, 18, "exit-1", "exit", "exit", "visit", "rating", 4, True, "")
    with writing(store) as connection:
        move_counts(connection, {key: 2})
        move_counts(connection, {key: -1})
        assert [1] == [row.n for row in connection.execute(select(tables.counts))]
        move_counts(connection, {key: -1})
        assert [] == connection.execute(select(tables.counts)).all()
    store.dispose()


def test_many_writers_take_turns_and_lose_nothing(tmp_path: Path) -> None:
    """Two openings of one file, as of two processes, and eight threads: no one is refused, no count is lost."""
    stores = [make_store(tmp_path), open_store(tmp_path)]
    key = ("b12", 20_717, 18, "exit-1", "exit", "exit", "visit", "rating", 4, True, "")

    def write(number: int) -> None:
        for _ in range(20):
            with writing(stores[number % 2]) as connection:
                move_counts(connection, {key: 1})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(stores[0]) as connection:
        assert 160 == connection.execute(select(tables.counts.c.n)).scalar_one()
    for store in stores:
        store.dispose()
