from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from feedback.answers import Answer, Ask, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.pages import PAGE, pages_of, rows_of
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.salvage import salvage
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

PRESSES = 400


@pytest.fixture
def damaged(settings: Settings, start: Start, tmp_path: Path) -> Path:
    """A set as a running kiosk leaves it, half of it only in its WAL, moved aside."""
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, PRESSES)):
        assert start(*words).wait(20) == 0
    aside = tmp_path / "aside"
    aside.mkdir()
    for part in path.parent.glob("answers.db*"):
        shutil.copy(part, aside)
    return aside


def true_rows(aside: Path) -> dict[int, Answer]:
    reader = AnswersReader(aside / "answers.db")
    return {answer.seq: answer for answer in reader.answers(1, 10_000).answers}


def test_a_sound_set_is_saved_whole(damaged: Path, tmp_path: Path) -> None:
    true = true_rows(damaged)
    saved = salvage(damaged, tmp_path)
    assert saved
    reader = AnswersReader(saved.path)

    assert (saved.kept, saved.last_seq) == (2 * PRESSES, 2 * PRESSES)
    assert saved.store == reader.store_id() == AnswersReader(damaged / "answers.db").store_id()
    assert list(true.values()) == list(reader.answers(1, 10_000).answers)
    assert [(one.path, one.closed) for one in stores(tmp_path)[:-1]] == [(saved.path, True)]


def test_saving_twice_is_saving_once(damaged: Path, tmp_path: Path) -> None:
    assert salvage(damaged, tmp_path) == salvage(damaged, tmp_path)


def test_every_page_zeroed_loses_only_what_stood_on_it(damaged: Path, tmp_path: Path) -> None:
    """No invented rating, and all rows of the other pages: what the numbers mean stands in a second file."""
    true = true_rows(damaged)
    # All in the file, none of it a second time in the WAL.
    with sqlite3.connect(damaged / "answers.db") as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    whole = (damaged / "answers.db").read_bytes()
    pages = list(pages_of(whole, b""))
    recall = {}
    for number, page in enumerate(pages):
        answers_on_it = {rowid for rowid, values in rows_of(page) if len(values) == 11}
        (damaged / "answers.db").write_bytes(
            whole[: number * PAGE] + bytes(PAGE) + whole[(number + 1) * PAGE :]
        )
        saved = salvage(damaged, tmp_path / f"stores-{number}")
        rows = true_rows_of(saved.path) if saved else {}
        assert rows.items() <= true.items()
        recall[number] = len(rows) / len(true.keys() - answers_on_it)

    assert len(pages) > 12
    assert set(recall.values()) == {1}


def test_without_the_second_file_the_pages_still_tell(damaged: Path, tmp_path: Path) -> None:
    (damaged / "answers.db.meanings").unlink()
    saved = salvage(damaged, tmp_path)

    assert saved
    assert saved.kept == 2 * PRESSES


def true_rows_of(path: Path) -> dict[int, Answer]:
    return {answer.seq: answer for answer in AnswersReader(path).answers(1, 10_000).answers}


@pytest.mark.parametrize("size", [0, 1, 100, 4_095])
def test_a_file_without_a_page_leaves_what_stands_in_its_wal(
    settings: Settings, start: Start, tmp_path: Path, size: int
) -> None:
    """SQLite throws the WAL of an empty file away, also when it only reads."""
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, PRESSES)):
        assert start(*words).wait(20) == 0
    wal = path.with_name("answers.db-wal").read_bytes()
    in_wal = {seq for page in pages_of(b"", wal) for seq, values in rows_of(page) if len(values) == 11}
    os.truncate(path, size)
    prepare_answers(settings)
    (aside,) = path.parent.glob("damaged-*")
    saved = salvage(aside, tmp_path)

    assert saved
    assert {answer.seq for answer in AnswersReader(saved.path).answers(1, 10_000).answers} >= in_wal > set()
    assert (aside / "answers.db-wal").read_bytes() == wal


def test_scribbling_anywhere_invents_nothing(damaged: Path, tmp_path: Path) -> None:
    true = true_rows(damaged)
    chance = random.Random(5)
    for part in ("answers.db", "answers.db-wal"):
        whole = (damaged / part).read_bytes()
        for turn in range(6):
            spoiled = bytearray(whole)
            for _ in range(400):
                spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
            (damaged / part).write_bytes(spoiled)
            saved = salvage(damaged, tmp_path / f"{part}-{turn}")
            assert saved is None or true_rows_of(saved.path).items() <= true.items()
        (damaged / part).write_bytes(whole)


def test_texts_and_anchors_are_saved(path: Path, tmp_path: Path, clock: FakeClock) -> None:
    clock.known = True
    recorder = Recorder(path, clock, idle_s=0.01)
    rated = press(Rating.BAD)
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    said = Answer(0, 0, rated[0].place, asked, 0, Source.TOUCH, rated[0].moment, text_digest=b"d" * 32)
    text = SealedText(os.urandom(9_000), b"d" * 32)
    Customer().puts(recorder, [*rated, said], [text])
    while not AnswersReader(path).anchors():
        pass
    recorder.stop()
    saved = salvage(path.parent, tmp_path)
    assert saved
    reader = AnswersReader(saved.path)

    assert reader.texts([3]) == {3: text}
    assert reader.answers(1, 9).answers[2].text_digest == b"d" * 32
    assert reader.anchors() == AnswersReader(path).anchors()


def test_what_is_no_store_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "answers.db").write_bytes(b"scribble" * 4096)

    assert salvage(tmp_path, tmp_path) is None
    assert salvage(tmp_path / "nowhere", tmp_path) is None


def test_a_kiosk_goes_on_and_its_old_answers_are_saved(settings: Settings, start: Start) -> None:
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, PRESSES)):
        assert start(*words).wait(20) == 0
    before = AnswersReader(path).store_id()
    with path.open("r+b") as file:
        file.seek(3 * PAGE)
        file.write(os.urandom(PAGE))
    prepared = prepare_answers(settings)
    (aside,) = path.parent.glob("damaged-*")
    saved = salvage(aside, path.parent)

    assert saved
    assert prepared.about.store != before == saved.store
    assert json.dumps(prepared.notes).count("damaged") >= 1
    assert saved.kept > 0
