from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from feedback.answers import Answer, Ask, Moment, Place, Source
from feedback.errors import StoreError
from feedback.misuse import RatingPress
from feedback.ratings import Kind, Rating
from kiosk.settings import Settings
from kiosk.storage.database import checkpoint, open_writer
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader, Batch
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, open_files, press

PRESSES = 40


@pytest.fixture
def filled(path: Path, recorder: Recorder) -> list[Answer]:
    customer = Customer()
    for turn in range(PRESSES):
        moment = FakeClock(boot_ms=turn * 9_000).moment()
        customer.puts(recorder, press(Rating(turn % 5 + 1), moment))
    recorder.stop()
    return [answer for group in customer.thanked for answer in group]


def test_a_run_is_what_was_asked_for(path: Path, filled: list[Answer]) -> None:
    reader = AnswersReader(path)

    assert [5, 6, 7] == [answer.seq for answer in reader.answers(5, 3).answers]
    assert filled == list(reader.answers(1, 1_000).answers)
    assert (reader.answers(79, 1_000).last, reader.answers(81, 10).last) == (80, 0)


def test_an_empty_store_has_nothing(path: Path) -> None:
    reader = AnswersReader(path)

    assert reader.last_seq() == 0
    assert reader.answers(1, 100) == Batch(reader.store_id(), ())
    assert (reader.rating_presses(), reader.anchors(), reader.texts([1])) == ([], [], {})


def test_rating_presses_are_those_of_the_five_faces(path: Path, filled: list[Answer]) -> None:
    presses = AnswersReader(path).rating_presses(first=75)

    assert presses == [
        RatingPress(answer.seq, Rating(answer.value), "9fe6", answer.moment.boot_ms)
        for answer in filled[74:]
        if answer.ask.kind is Kind.RATING
    ]
    assert [press.seq for press in presses] == [75, 77, 79]


def test_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read yet"):
        AnswersReader(tmp_path / "answers.db").last_seq()


def test_a_new_store_under_the_same_name_is_seen(path: Path, settings: Settings) -> None:
    reader = AnswersReader(path)
    before = reader.store_id()
    path.write_bytes(b"spoiled" * 1_000)
    prepare_answers(settings)

    assert reader.store_id() != before


def test_a_reader_keeps_nothing_open(path: Path, filled: list[Answer]) -> None:
    reader = AnswersReader(path)
    before = open_files(path.parent)
    for _ in range(20):
        reader.answers(1, 10)
    after = open_files(path.parent)
    connection = open_writer(path)

    assert checkpoint(connection)
    connection.leave_open()
    # In the writer's own process SQLite keeps one descriptor back and uses it again: a close would drop locks.
    assert len(after) <= len(before) + 1


@pytest.mark.parametrize(
    ("statement", "spoiled"),
    [
        ("UPDATE answers SET value = 5 WHERE seq = 3", (3,)),
        ("UPDATE answers SET boot_ms = boot_ms + 1 WHERE seq = 4", (4,)),
        ("UPDATE answers SET response = 1 WHERE seq = 4", (4,)),
        ("UPDATE answers SET test = 1 WHERE seq = 5", (5,)),
        ("UPDATE answers SET source = 't' WHERE seq = 6", (6,)),
        ("UPDATE answers SET crc = crc + 1 WHERE seq = 80", (80,)),
        ("DELETE FROM answers WHERE seq IN (7, 9)", (7, 9)),
        ("UPDATE boots SET boot = 'other'", tuple(range(1, 81))),
        ("UPDATE places SET branch = 'b13'", tuple(range(1, 81))),
        ("UPDATE asks SET kind = 'stars' WHERE kind = 'rating'", tuple(range(1, 81, 2))),
        ("UPDATE asks SET kind = 'nonsense' WHERE kind = 'rating'", tuple(range(1, 81, 2))),
        ("DELETE FROM asks WHERE kind = 'outcome'", tuple(range(2, 81, 2))),
    ],
)
def test_a_row_that_is_not_as_written_is_reported_and_not_returned(
    path: Path, filled: list[Answer], statement: str, spoiled: tuple[int, ...]
) -> None:
    connection = open_writer(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(statement)
    connection.leave_open()
    batch = AnswersReader(path).answers(1, 1_000)

    assert batch.spoiled == spoiled
    assert list(batch.answers) == [answer for answer in filled if answer.seq not in spoiled]


def test_rows_of_another_store_do_not_pass(path: Path, filled: list[Answer]) -> None:
    """A file put together from two cards: the rows are whole, and belong to another store."""
    connection = open_writer(path)
    value = b"another store id"
    from kiosk.storage.schema import about_crc

    connection.execute(
        "UPDATE about SET value = ?, crc = ? WHERE name = 'store'", (value, about_crc("store", value))
    )
    connection.leave_open()

    assert len(AnswersReader(path).answers(1, 1_000).spoiled) == 80


def test_a_lookup_that_lost_its_meaning_does_not_stop_the_recorder(path: Path, filled: list[Answer]) -> None:
    connection = open_writer(path)
    connection.execute("UPDATE asks SET kind = 'nonsense' WHERE kind = 'rating'")
    connection.leave_open()
    recorder, customer = Recorder(path, FakeClock()), Customer()
    customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()

    assert customer.refused == []
    assert [81, 82] == [answer.seq for answer in AnswersReader(path).answers(81, 9).answers]


@given(
    value=st.integers(-(2**63), 2**63 - 1),
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=6, max_size=6),
    times=st.tuples(st.integers(0, 2**53), st.integers(-(2**53), 2**53)),
    test=st.booleans(),
    source=st.sampled_from(Source),
    kind=st.sampled_from([kind for kind in Kind if kind is not Kind.TEXT]),
)
@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_answered_comes_back_as_it_was(
    path: Path,
    value: int,
    words: list[str],
    times: tuple[int, int],
    test: bool,
    source: Source,
    kind: Kind,
) -> None:
    branch, touchpoint, survey, question, language, boot = words
    ask = Ask(survey, 4, question, kind, language)
    answer = Answer(0, 0, Place(branch, touchpoint), ask, value, source, Moment(boot, *times), test)
    recorder, customer = Recorder(path, FakeClock()), Customer()
    thanked = customer.puts(recorder, [answer])
    recorder.stop()

    assert customer.refused == []
    assert tuple(thanked) == AnswersReader(path).answers(thanked[0].seq, 1).answers
    assert thanked[0] == replace(answer, seq=thanked[0].seq, response=thanked[0].seq)


def test_no_flipped_byte_invents_an_answer(settings: Settings, start: Start, tmp_path: Path) -> None:
    """
    Every byte of a small file flipped, one at a time: what is read back was pressed, exactly so.

    Bytes of free space and of SQLite's own bookkeeping may change nothing, or make the file unreadable.
    """
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, 12), ("close", path)):
        assert start(*words).wait(20) == 0
    # No WAL: the copies are read in rollback mode, which needs no -shm, and so 8,000 times faster.
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    true = set(AnswersReader(path).answers(1, 100).answers)
    whole = path.read_bytes()
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    seen = {"whole": 0, "spoiled": 0, "unreadable": 0}
    with copy.open("r+b", buffering=0) as file:
        for at in used_bytes(whole):
            os.pwrite(file.fileno(), bytes([whole[at] ^ 0xFF]), at)
            seen[outcome(copy, true)] += 1
            os.pwrite(file.fileno(), whole[at : at + 1], at)

    assert len(true) == 24
    assert min(seen.values()) > 100


def used_bytes(whole: bytes) -> list[int]:
    """Where something stands: the blank middle of each page is left out but for every 64th byte."""
    return [at for at, byte in enumerate(whole) if byte or at % 64 == 0]


def outcome(copy: Path, true: set[Answer]) -> str:
    try:
        batch = AnswersReader(copy).answers(1, 100)
    except StoreError:
        return "unreadable"
    assert set(batch.answers) <= true
    return "whole" if set(batch.answers) == true else "spoiled"
