from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from feedback.errors import StoreError
from feedback.ratings import Rating
from kiosk.settings import Files, Settings
from kiosk.storage import schema
from kiosk.storage.database import new_file, open_writer
from kiosk.storage.migrations import migrate, set_version
from kiosk.storage.prepare import Prepared, prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.schema import APPLICATION, about_crc, beginning, read_about
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press


def test_a_first_start_makes_a_store(settings: Settings) -> None:
    prepared = prepare_answers(settings)

    assert (prepared.last_seq, prepared.notes) == (0, ())
    assert (prepared.about.kiosk, prepared.about.schema, prepared.about.usable_from) == ("k-1", 1, 1)
    assert len(prepared.about.store) == 16


def test_a_later_start_finds_it(settings: Settings) -> None:
    first = prepare_answers(settings)
    recorder = Recorder(settings.answers_db, FakeClock())
    Customer().puts(recorder, press(Rating.GOOD))
    recorder.stop()

    assert prepare_answers(settings) == replace(first, last_seq=2)


def test_no_two_stores_share_an_id(settings: Settings, tmp_path: Path) -> None:
    other = replace(settings, files=Files(tmp_path / "other"))

    assert prepare_answers(settings).about.store != prepare_answers(other).about.store


def test_readers_can_read_once_it_is_prepared(settings: Settings) -> None:
    prepare_answers(settings)
    parts = {part.name for part in settings.answers_folder.iterdir()}

    assert {"answers.db", "answers.db-wal", "answers.db-shm"} <= parts


def test_it_waits_for_no_one_who_is_writing(path: Path, settings: Settings) -> None:
    recorder = Recorder(path, FakeClock())

    with pytest.raises(StoreError, match="is being written by another process"):
        prepare_answers(settings)
    recorder.stop()


def test_another_kiosk_s_answers_are_not_taken_over(path: Path, settings: Settings) -> None:
    moved = replace(settings, kiosk=replace(settings.kiosk, id="k-2"))

    with pytest.raises(StoreError) as refused:
        prepare_answers(moved)
    assert str(refused.value) == (
        f"{path} holds the answers of kiosk k-1, but the settings say this is k-2: correct [kiosk] id, or export "
        f"the answers and move {path.parent} away"
    )


def said_of_itself(path: Path, **values: int) -> None:
    connection = open_writer(path)
    for name, value in values.items():
        connection.execute(
            "UPDATE about SET value = ?, crc = ? WHERE name = ?", (value, about_crc(name, value), name)
        )
    connection.close()


def test_what_a_newer_release_wrote_is_used_as_long_as_it_may_be(path: Path, settings: Settings) -> None:
    """A release that was rolled back goes on recording."""
    said_of_itself(path, schema=9, usable_from=1)

    assert prepare_answers(settings).about.schema == 9


def test_a_file_only_a_newer_program_may_write_is_refused(path: Path, settings: Settings) -> None:
    said_of_itself(path, schema=9, usable_from=8)
    sentence = (
        f"{path} was written at version 9 and needs a program of version 8 or newer, this one has version 1: "
        "install a newer afterword-kiosk"
    )
    for opening in (lambda: prepare_answers(settings), lambda: Recorder(path, FakeClock())):
        with pytest.raises(StoreError) as refused:
            opening()
        assert str(refused.value) == sentence
    with pytest.raises(StoreError) as refused:
        AnswersReader(path).store_id()
    assert str(refused.value) == sentence

    assert [part.name for part in path.parent.glob("damaged-*")] == []


def test_a_store_that_vanished_is_not_taken_for_a_first_start(path: Path, settings: Settings) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()

    assert prepare_answers(settings).notes == (
        f"{path} was there before and is gone: a new store begins, what it had not sent is lost",
    )
    assert prepare_answers(settings).notes == ()


def zeroed(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * page)
        file.write(bytes(4096))


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 5_000)


def scribbled(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to look like one" * 200)


def one_digit(path: Path) -> None:
    """A row that is whole for SQLite and says another rating."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE answers SET value = value % 5 + 1 WHERE seq = 7")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: zeroed(path, 0),
        lambda path: zeroed(path, 1),
        lambda path: zeroed(path, 5),
        lambda path: zeroed(path, 12),
        cut_short,
        scribbled,
        one_digit,
        lambda path: path.write_bytes(b""),
    ],
)
def test_a_damaged_store_is_moved_aside_and_presses_are_taken(
    settings: Settings, start: Start, spoil: Callable[[Path], None]
) -> None:
    path = settings.answers_db
    # Other processes, so that nothing of the file is left open here.
    for words in (("prepare", path), ("record", path, 300), ("close", path)):
        assert start(*words).wait(20) == 0
    before = AnswersReader(path).store_id()
    spoil(path)
    if spoil is one_digit:
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM answers WHERE seq > 500")
    spoiled = path.read_bytes()
    prepared = prepare_answers(settings)
    recorder, customer = Recorder(path, FakeClock()), Customer()
    customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()
    (aside,) = path.parent.glob("damaged-0001-*")

    assert prepared.about.store != before
    assert len(prepared.notes) == 1
    assert prepared.notes[0].startswith(f"{path} is damaged (")
    assert prepared.notes[0].endswith(f"moved to {aside}: a new store begins")
    assert "\n" not in prepared.notes[0]
    assert customer.thanked
    assert (aside / "answers.db").read_bytes() == spoiled


def test_a_wal_left_over_is_never_played_into_a_new_store(path: Path, settings: Settings) -> None:
    """A cut while a damaged set was being moved: the file is gone, its WAL is still there."""
    recorder = Recorder(path, FakeClock())
    Customer().puts(recorder, press(Rating.GOOD))
    recorder.stop()
    aside = path.parent / "damaged-0001-20260101T0000"
    aside.mkdir()
    path.rename(aside / "answers.db")
    prepared = prepare_answers(settings)

    assert prepared.last_seq == 0
    assert {part.name for part in aside.iterdir()} == {
        f"answers.db{suffix}" for suffix in ("", "-wal", "-shm", ".meanings")
    }
    assert prepared.notes == (f"{path} was damaged; moved to {aside}: a new store begins",)
    assert len(list(path.parent.glob("damaged-*"))) == 1


def test_each_damage_gets_a_folder_of_its_own(path: Path, settings: Settings) -> None:
    for _ in range(2):
        scribbled(path)
        prepare_answers(settings)

    assert [folder.name[:12] for folder in sorted(path.parent.glob("damaged-*"))] == [
        "damaged-0001",
        "damaged-0002",
    ]


def test_a_card_that_refuses_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match=r"cannot be made ready .*: check the card and the folder's owner"):
        prepare_answers(settings)


def second(tmp_path: Path, *, fails: bool = False) -> tuple[Path, Migrations]:
    """A file of schema 1 and a release that knows schema 2."""
    path = tmp_path / "answers.db"
    new_file(path, beginning("k-1", 0), APPLICATION)
    migrations = Migrations("answers")

    @migrations()
    def remarks(db: Database) -> None:
        db.execute("CREATE TABLE remarks (seq INTEGER PRIMARY KEY, remark TEXT) STRICT")
        set_version(db, 2, 1)
        if fails:
            _ = 1 / 0

    return path, migrations


def test_a_migration_leaves_a_copy_of_what_was(tmp_path: Path) -> None:
    path, migrations = second(tmp_path)
    connection = open_writer(path)
    copy = migrate(connection, path, migrations)

    assert copy == tmp_path / "answers-before-remarks.db"
    assert (read_about(connection, path).schema, read_about(connection, path).usable_from) == (2, 1)
    assert connection.execute("SELECT count(*) FROM remarks").fetchone() == (0,)
    assert not connection.in_transaction
    assert read_about(sqlite3.connect(copy), copy).schema == 1
    assert migrate(connection, path, migrations) is None


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path, migrations = second(tmp_path, fails=True)
    connection = open_writer(path)
    with pytest.raises(ZeroDivisionError):
        migrate(connection, path, migrations)

    assert not connection.in_transaction
    assert read_about(connection, path).schema == 1
    assert "remarks" not in Database(connection).table_names()


def test_prepare_migrates(path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.storage import migrations, prepare

    monkeypatch.setattr(prepare, "SCHEMA", 2)
    monkeypatch.setattr(schema, "SCHEMA", 2)
    _path, known = second(settings.files.folder / "other")
    monkeypatch.setattr(migrations.migrate, "__defaults__", (known,))
    prepared: Prepared = prepare_answers(settings)

    assert (prepared.about.schema, prepared.notes) == (2, ())
    assert path.with_name("answers-before-remarks.db").exists()
