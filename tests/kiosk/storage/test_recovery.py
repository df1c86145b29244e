"""Old stores are recovered in the recorder's idle time, whatever is cut, and nobody waits for it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.answers import Answer
from feedback.ratings import Rating
from kiosk.settings import Files, Settings
from kiosk.storage.closed import closed_path, stores
from kiosk.storage.notes import note, read_notes
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.salvage import DONE
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

PRESSES = 300


def until(true: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def written(settings: Settings, start: Start) -> list[Answer]:
    """A store with answers, all of them in its file, open nowhere."""
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, PRESSES), ("close", path)):
        assert start(*words).wait(30) == 0
    return list(AnswersReader(path).answers(1, 10_000).answers)


def spoil(path: Path, statement: str = "UPDATE answers SET value = value % 5 + 1 WHERE seq >= 591") -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def idle(settings: Settings) -> None:
    """A recorder's life with nobody about, until the old stores are recovered."""
    recorder = Recorder(settings.answers_db, FakeClock(), idle_s=0.01)
    until(lambda: not [a for a in settings.answers_folder.glob("damaged-*") if not (a / DONE).exists()])
    until(lambda: len(read_notes(settings.answers_folder)) > 1)
    recorder.stop()


def test_a_damaged_store_is_sent_under_its_own_id(settings: Settings, written: list[Answer]) -> None:
    before = AnswersReader(settings.answers_db).store_id()
    spoil(settings.answers_db)
    prepare_answers(settings)
    idle(settings)
    closed, current = stores(settings.answers_folder)
    batch = closed.answers(1, 10_000)

    assert (closed.closed, current.closed) == (True, False)
    assert closed.store_id() == batch.store == before != current.store_id()
    assert closed.path == closed_path(settings.answers_folder, before)
    assert list(batch.answers) == written[:590]
    # The lost tail shows: rows that were there and do not verify are to be declared void.
    assert (closed.last_seq(), batch.spoiled) == (600, tuple(range(591, 601)))
    assert current.last_seq() == 0
    assert closed.path.stat().st_mode & 0o777 == 0o440
    first, second = [one.sentence for one in read_notes(settings.answers_folder)]
    assert "a new store begins" in first
    assert (
        f"590 answers of the damaged store {before.hex()} were recovered and are sent, 10 were not" in second
    )


def test_what_does_not_verify_is_kept_for_upload(settings: Settings, written: list[Answer]) -> None:
    spoil(settings.answers_db)
    raw = settings.answers_db.read_bytes()
    prepare_answers(settings)
    idle(settings)
    (aside,) = settings.answers_folder.glob("damaged-*")

    assert (aside / "answers.db").read_bytes() == raw
    assert json.loads((aside / DONE).read_text())["kept"] == 590


def test_a_restart_does_not_repeat_it(settings: Settings, written: list[Answer]) -> None:
    spoil(settings.answers_db)
    prepare_answers(settings)
    idle(settings)
    closed = stores(settings.answers_folder)[0].path
    before, told = closed.stat(), read_notes(settings.answers_folder)
    for _ in range(2):
        prepare_answers(settings)
        recorder = Recorder(settings.answers_db, FakeClock(), idle_s=0.01)
        time.sleep(0.2)
        recorder.stop()

    assert (closed.stat().st_ino, closed.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert read_notes(settings.answers_folder) == told


def test_a_scribble_is_no_evidence_of_millions_lost(settings: Settings, written: list[Answer]) -> None:
    path = settings.answers_db
    spoil(path, "UPDATE answers SET seq = 9000000000 WHERE seq = 600")
    prepare_answers(settings)
    idle(settings)

    assert stores(settings.answers_folder)[0].last_seq() == 599


def test_a_store_put_back_is_not_closed(settings: Settings, written: list[Answer], tmp_path: Path) -> None:
    path = settings.answers_db
    kept = tmp_path / "kept.db"
    shutil.copy(path, kept)
    spoil(path)
    prepare_answers(settings)
    idle(settings)
    for part in path.parent.glob("answers.db*"):
        part.unlink()
    shutil.copy(kept, path)
    prepare_answers(settings)

    assert [reader.closed for reader in stores(settings.answers_folder)] == [False]


@pytest.mark.strace
@pytest.mark.parametrize("call", ["fsync", "rename", "pwrite64"])
def test_a_cut_at_any_point_is_harmless(
    settings: Settings, written: list[Answer], start: Start, tmp_path: Path, call: str
) -> None:
    """Killed at the first, second, third… call of its kind, then started again."""
    spoil(settings.answers_db)
    prepare_answers(settings)
    moment, survived = 1, False
    while not survived:
        folder = tmp_path / f"{call}-{moment}"
        shutil.copytree(settings.files.folder, folder)
        path = folder / "answers" / "answers.db"
        trace = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}")
        killing = (*trace, "-e", f"inject={call}:signal=KILL:when={moment}")
        survived = start("recover", path, before=killing).communicate(timeout=60)[0].endswith("recovered\n")
        idle(replace(settings, files=Files(folder)))
        closed = stores(path.parent)[0]
        assert list(closed.answers(1, 10_000).answers) == written[:590]
        assert [part.name for part in closed.path.parent.iterdir()] == [closed.path.name]
        shutil.rmtree(folder)
        moment += 1 if call != "pwrite64" else 5

    assert moment > 3


def test_a_press_waits_for_no_recovery(settings: Settings, start: Start) -> None:
    path = settings.answers_db
    assert start("prepare", path).wait(30) == 0
    assert start("fill", path, 40_000).wait(60) == 0
    spoil(path, "UPDATE answers SET value = value % 5 + 1 WHERE seq >= 39991")
    prepare_answers(settings)
    recorder, customer, waits = Recorder(path, FakeClock(), idle_s=0.01), Customer(), []
    (aside,) = path.parent.glob("damaged-*")
    while not (aside / DONE).exists():
        time.sleep(0.05)
        began = time.perf_counter()
        customer.puts(recorder, press(Rating.GOOD))
        waits.append(time.perf_counter() - began)
    recorder.stop()
    waits.sort()
    print(f"{len(waits)} presses: p50 {waits[len(waits) // 2]:.4f} s, longest {waits[-1]:.4f} s")

    assert stores(path.parent)[0].size().rows == 39_990
    assert len(waits) > 20
    assert waits[len(waits) * 9 // 10] < 0.05


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a store and not for a second one."""
    folder = tmp_path / "card"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2560k", "none", folder]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_no_room_to_recover_is_no_reason_to_refuse_customers(
    settings: Settings, small_card: Path, start: Start
) -> None:
    settings = replace(settings, files=Files(small_card / "state"))
    path = settings.answers_db
    for words in (("prepare", path), ("fill", path, 12_000), ("close", path)):
        assert start(*words).wait(30) == 0
    spoil(path, "UPDATE answers SET value = value % 5 + 1 WHERE seq > 11990")
    assert start("prepare", path).wait(30) == 0
    recorder, customer = Recorder(path, FakeClock(), idle_s=0.01), Customer()
    until(lambda: "could not be recovered" in read_notes(path.parent)[-1].sentence)
    customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()

    assert (len(customer.thanked), recorder.trouble) == (1, None)
    assert [reader.closed for reader in stores(path.parent)] == [False]


def test_notes_outlive_torn_lines_and_stay_short(tmp_path: Path) -> None:
    note(tmp_path, "one")
    note(tmp_path, "one")
    with (tmp_path / "notes.jsonl").open("ab") as file:
        file.write(b'{"wall_ms": 17, "sent')
    note(tmp_path, "two")
    assert [one.sentence for one in read_notes(tmp_path)] == ["one", "two"]
    for number in range(300):
        note(tmp_path, f"{number} " + "long " * 100)

    assert (tmp_path / "notes.jsonl").stat().st_size < 70_000
    assert read_notes(tmp_path)[-1].sentence.startswith("299 ")
    assert read_notes(tmp_path / "nowhere") == []
    note(tmp_path / "nowhere", "no folder, no trouble")
