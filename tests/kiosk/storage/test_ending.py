"""A sound store that gets no more rows: closed as it is, once, whatever is cut."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.ratings import Rating
from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.database import open_reader
from kiosk.storage.link import LinkFile, new_link_file
from kiosk.storage.link_state import Progress
from kiosk.storage.notes import read_notes
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import ROOT
from tests.kiosk.storage.presses import Customer, FakeClock, press

PRESSES = 20
CONFLICT = "central has other answers under this store's name, from a copy of this card or an older one"


def pressed(settings: Settings, count: int = PRESSES) -> None:
    recorder = Recorder(settings.answers_db, FakeClock())
    for _ in range(count):
        Customer().puts(recorder, press(Rating.GOOD))
    recorder.stop()


def in_conflict(settings: Settings, store: bytes) -> None:
    """The agent has been told that central holds other answers under the name of *store*."""
    if not settings.sync_db.exists():
        new_link_file(settings.sync_db)
    file = LinkFile(settings.sync_db)
    file.save(file.link.advanced(replace(file.link.progress(store), new_store=True)))
    file.leave_open()


def contents(settings: Settings) -> dict[bytes, list[int]]:
    """The seqs of every store, the one in use too."""
    return {
        reader.store_id(): [answer.seq for answer in reader.answers(1, 1_000).answers]
        for reader in stores(settings.answers_folder)
    }


def test_a_store_in_conflict_is_closed_and_a_new_one_begins(settings: Settings) -> None:
    store = prepare_answers(settings).about.store
    pressed(settings)
    in_conflict(settings, store)

    prepared = prepare_answers(settings)

    closed, current = stores(settings.answers_folder)
    assert prepared.about.store == current.store_id() != store
    assert (store, True, 2 * PRESSES) == (closed.store_id(), closed.closed, closed.last_seq())
    assert {store: list(range(1, 41)), prepared.about.store: []} == contents(settings)
    assert prepared.notes == (
        f"{CONFLICT}: the store {store.hex()} is closed with 40 answers, and a new one begins",
    )
    assert prepared.notes[0] == read_notes(settings.answers_folder)[-1].sentence
    assert 0o440 == closed.path.stat().st_mode & 0o777
    assert [closed.path.name] == [part.name for part in closed.path.parent.iterdir()]


def test_it_happens_once(settings: Settings) -> None:
    in_conflict(settings, prepare_answers(settings).about.store)
    pressed(settings)
    new = prepare_answers(settings).about.store
    pressed(settings)

    again = prepare_answers(settings)

    assert (new, 40, ()) == (again.about.store, again.last_seq, again.notes)
    assert 1 == len(read_notes(settings.answers_folder))


def test_an_empty_store_leaves_no_trace(settings: Settings) -> None:
    store = prepare_answers(settings).about.store
    in_conflict(settings, store)

    prepared = prepare_answers(settings)

    assert {prepared.about.store: []} == contents(settings)
    assert store != prepared.about.store


def test_a_store_that_is_fine_goes_on(settings: Settings) -> None:
    store = prepare_answers(settings).about.store
    pressed(settings)
    in_conflict(settings, b"o" * 16)

    assert (store, 40) == (prepare_answers(settings).about.store, prepare_answers(settings).last_seq)


def test_somebody_who_reads_just_now_puts_it_off(settings: Settings) -> None:
    store = prepare_answers(settings).about.store
    pressed(settings)
    in_conflict(settings, store)
    with closing(open_reader(settings.answers_db)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM answers").fetchone()

        assert store == prepare_answers(settings).about.store
    pressed(settings)

    prepare_answers(settings)

    assert list(range(1, 81)) == contents(settings)[store]
    assert "cannot be closed now" in read_notes(settings.answers_folder)[-2].sentence


# A copied card ----------------------------------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, Path]:
    """A board and a card that say who they are."""
    parts = {"board": tmp_path / "board", "card": tmp_path / "card"}
    parts["board"].write_bytes(b"10000000abcdef01\0")
    parts["card"].write_bytes(b"0353445344313238\n")
    return parts


@pytest.mark.parametrize("part", ["board", "card"])
def test_another_board_or_card_begins_a_new_store(
    settings: Settings, machine: dict[str, Path], part: str
) -> None:
    store = prepare_answers(settings, machine).about.store
    pressed(settings)
    assert store == prepare_answers(settings, machine).about.store
    machine[part].write_bytes(b"10000000abcdef02\0")

    prepared = prepare_answers(settings, machine)

    assert store != prepared.about.store
    assert list(range(1, 41)) == contents(settings)[store]
    assert prepared.notes[0].startswith(f"the {part} is another than the one this store was begun on: ")
    assert prepared.about.store == prepare_answers(settings, machine).about.store


def test_a_board_that_says_nothing_today_is_no_other_board(
    settings: Settings, machine: dict[str, Path]
) -> None:
    store = prepare_answers(settings, machine).about.store
    machine["board"].unlink()
    machine["card"].write_bytes(b"")

    assert store == prepare_answers(settings, machine).about.store


def test_a_store_of_an_older_release_learns_where_it_is(settings: Settings, machine: dict[str, Path]) -> None:
    store = prepare_answers(settings).about.store
    pressed(settings)
    assert store == prepare_answers(settings, machine).about.store
    machine["board"].write_bytes(b"10000000abcdef02\0")

    assert store != prepare_answers(settings, machine).about.store


def test_the_serial_itself_is_not_kept(settings: Settings, machine: dict[str, Path]) -> None:
    prepare_answers(settings, machine)

    with closing(sqlite3.connect(settings.answers_db)) as file:
        kept = repr(file.execute("SELECT * FROM about").fetchall())
    assert "board_serial" in kept
    assert "abcdef01" not in kept


# Cuts -------------------------------------------------------------------------------------------------------------


def prepared_until(settings: Settings, most: int) -> bool:
    """Prepare in a process that is killed before it touches a file for the *most*-th time; whether it came through."""
    command = [sys.executable, str(Path(__file__).with_name("cut_short.py"))]
    command += [str(settings.files.folder), str(most)]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode == 0


def test_a_cut_at_any_point_closes_it_once_and_loses_nothing(settings: Settings) -> None:
    store = prepare_answers(settings).about.store
    pressed(settings)
    in_conflict(settings, store)
    most, stages = 1, set()
    # The same kiosk is cut again and again, each time a little later than before.
    while not prepared_until(settings, most):
        most += 1
        stages.add((settings.answers_db.exists(), (settings.answers_folder / "stores").exists()))

    found = contents(settings)

    assert list(range(1, 41)) == found.pop(store)
    assert [[]] == list(found.values())
    assert 1 == len(read_notes(settings.answers_folder))
    assert not list(settings.answers_folder.glob("damaged-*"))
    assert {(True, False), (False, True), (True, True)} <= stages


def test_what_sync_db_says_of_others_ends_nothing(settings: Settings) -> None:
    new_link_file(settings.sync_db)
    file = LinkFile(settings.sync_db)
    file.save(file.link.advanced(Progress(b"x" * 16, new_store=True)))
    file.leave_open()

    assert () == prepare_answers(settings).notes
