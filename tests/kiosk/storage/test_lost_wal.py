"""A WAL that is gone, cut off or rotten in one place: no number is given twice, and what stands is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.database import WAL_BYTES
from kiosk.storage.pages import PAGE, rows_of
from kiosk.storage.prepare import Prepared, prepare_answers
from kiosk.storage.reading import AnswersReader
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.test_second_copy import night

FRAME = PAGE + 24
HEADER = 32


def recorded(path: Path, start: Start, presses: int) -> list[list[object]]:
    """So many presses, thanked for, in processes that are over; nobody idled, so they stand in the WAL alone."""
    assert start("prepare", path).wait(20) == 0
    recorder = start("record", path, presses)
    said = recorder.communicate(timeout=20)[0].splitlines()
    return [json.loads(line) for line in said[1:]]


def wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def frames_with(path: Path, seq: int) -> list[int]:
    """Where the frames begin in which the answer *seq* stands."""
    raw = wal(path).read_bytes()
    starts = range(HEADER, len(raw) - FRAME + 1, FRAME)
    return [at for at in starts if seq in dict(rows_of(raw[at + 24 : at + FRAME]))]


def spoil(path: Path, at: int) -> None:
    with wal(path).open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * 512)


@pytest.mark.parametrize(
    "lose",
    [
        lambda path: wal(path).unlink(),
        lambda path: os.truncate(wal(path), 0),
        lambda path: os.truncate(wal(path), HEADER + FRAME),
        lambda path: os.truncate(wal(path), WAL_BYTES // 2),
    ],
)
def test_without_its_wal_a_store_gives_no_more_numbers(
    settings: Settings, start: Start, lose: Callable[[Path], None]
) -> None:
    path = settings.answers_db
    recorded(path, start, 3)
    before = AnswersReader(path).store_id()
    lose(path)
    prepared = prepare_answers(settings)

    assert prepared.about.store != before
    assert prepared.notes[0].startswith(
        f"{path} is damaged (its -wal, which may hold the newest answers, is gone or cut off); moved to "
    )


def test_a_first_start_that_was_cut_before_it_had_a_wal_goes_on(settings: Settings, start: Start) -> None:
    path = settings.answers_db
    assert start("prepare", path).wait(20) == 0
    assert start("close", path).wait(20) == 0

    assert not wal(path).exists()
    assert prepare_answers(settings).notes == ()


@pytest.mark.parametrize("where", [0, 2_048])
def test_a_response_behind_one_rotten_block_is_put_back(settings: Settings, start: Start, where: int) -> None:
    path = settings.answers_db
    thanked = recorded(path, start, 4)
    first, *_ = frames_with(path, 8)
    spoil(path, first + where)
    prepared = prepare_answers(settings)
    there = AnswersReader(path).answers(1, 100).answers

    assert prepared.notes == ()
    assert prepared.last_seq == 8
    assert [answer.seq for answer in there] == [seq for seq, *_ in thanked]


def test_a_response_whose_last_page_is_torn_is_not_put_back_and_its_numbers_are_not_given_again(
    settings: Settings, start: Start
) -> None:
    """More may have belonged to it, on the part that is gone."""
    path = settings.answers_db
    recorded(path, start, 4)
    first, *others = frames_with(path, 8)
    spoil(path, first)
    for at in others:
        # The middle of the page: neither its list of rows nor the rows, which fill it from the end.
        spoil(path, at + 1_200)

    assert_closed_with(6, prepare_answers(settings), path)


def test_what_does_not_verify_is_not_put_back_and_its_numbers_are_not_given_again(
    settings: Settings, start: Start
) -> None:
    path = settings.answers_db
    recorded(path, start, 4)
    first, *others = frames_with(path, 8)
    spoil(path, first)
    for at in others:
        garble_row(path, at, 7)

    assert_closed_with(6, prepare_answers(settings), path)


def test_a_newest_response_that_is_all_rotten_ends_the_store(settings: Settings, start: Start) -> None:
    """Nothing is left that says it was there, but that something was."""
    path = settings.answers_db
    recorded(path, start, 4)
    for at in frames_with(path, 8):
        with wal(path).open("r+b") as file:
            file.seek(at)
            file.write(bytes(FRAME))

    assert_closed_with(6, prepare_answers(settings), path)


def test_a_store_that_ended_well_goes_on_wherever_in_its_wal_that_was(
    settings: Settings, start: Start
) -> None:
    path = settings.answers_db
    for presses in (1, 3, 70, 90, 2):
        recorded(path, start, presses)

    assert prepare_answers(settings).last_seq == 2 * 166
    assert len(list(stores(settings.answers_folder))) == 1


def assert_closed_with(answers: int, prepared: Prepared, path: Path) -> None:
    """Of the store that was there, with its first *answers*, no number is ever given again."""
    (closed,) = [store for store in stores(path.parent) if store.store_id() != prepared.about.store]

    assert [answer.seq for answer in closed.answers(1, 100).answers] == list(range(1, answers + 1))
    assert prepared.last_seq == 0
    assert prepared.notes[0].startswith(
        "the end of its WAL does not tell whether one more answer was thanked for"
    )


def garble_row(path: Path, at: int, seq: int) -> None:
    """Another value in the row of *seq* on the page of the frame at *at*; its checksum stays."""
    raw = bytearray(wal(path).read_bytes())
    page = raw[at + 24 : at + FRAME]
    values = dict(rows_of(bytes(page)))[seq]
    crc = int(values[10] or 0)
    tail = str(values[8]).encode() + crc.to_bytes(6 if crc >= 1 << 31 else 4)
    where = page.index(tail)
    raw[at + 24 + where - 1] ^= 1
    wal(path).write_bytes(raw)


def test_answers_that_only_the_second_copy_has_end_the_store_and_come_back(
    settings: Settings, start: Start, stick: Path
) -> None:
    """The newest answers are gone with their blocks and left no trace in the file; the copy has them."""
    path = settings.answers_db
    assert start("prepare", path).wait(20) == 0
    assert start("mirror", path, stick, 4).wait(20) == 0
    before = AnswersReader(path).store_id()
    for seq in (7, 8):
        for at in frames_with(path, seq):
            spoil(path, at)
            spoil(path, at + 2_048)
    copied = replace(settings, files=replace(settings.files, copy=stick, ballast_mb=0))
    prepared = prepare_answers(copied)
    night(copied)
    kept = {store.store_id(): store.answers(1, 99).answers for store in stores(copied.answers_folder)}

    assert prepared.about.store != before
    assert [answer.seq for answer in kept[before]] == [1, 2, 3, 4, 5, 6, 7, 8]
