"""A second copy on another device: never in a press's way, made up for later, and enough to bring answers back."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.answers import Answer, Ask, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.settings import Files, Settings
from kiosk.storage import second_copy
from kiosk.storage.closed import stores
from kiosk.storage.copy_files import copies, copy_state, rows_of_copy
from kiosk.storage.frames import MARK, frame, records
from kiosk.storage.notes import read_notes
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

PRESSES = 60


def until(true: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def copied(settings: Settings, stick: Path) -> Settings:
    settings = replace(settings, files=replace(settings.files, copy=stick, ballast_mb=0))
    prepare_answers(settings)
    return settings


def with_text(text: bytes) -> tuple[list[Answer], list[SealedText]]:
    rated = press(Rating.BAD)[0]
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    digest = text[:8] * 4
    said = Answer(0, 0, rated.place, asked, 0, Source.TOUCH, rated.moment, text_digest=digest)
    return [rated, said], [SealedText(text, digest)]


def day(settings: Settings, presses: int = PRESSES, clock: FakeClock | None = None) -> list[Answer]:
    """Customers, until all is copied; what they were thanked for."""
    recorder, customer = open_recorder(settings, clock or FakeClock(known=True), idle_s=0.02), Customer()
    for turn in range(presses):
        customer.puts(recorder, press(Rating(turn % 5 + 1), FakeClock(boot_ms=turn).moment()))
    customer.puts(recorder, *with_text(os.urandom(3_000)))
    until(lambda: AnswersReader(settings.answers_db).anchors())
    recorder.stop()
    return [answer for group in customer.thanked for answer in group]


def in_copy(settings: Settings, store: bytes) -> dict[int, Answer]:
    assert settings.files.copy
    rows = rows_of_copy(copies(settings.files.copy)[store], store)
    return {row[0].seq: row[0] for row in rows if isinstance(row, tuple)}


def wiped(settings: Settings) -> None:
    shutil.rmtree(settings.answers_folder)
    prepare_answers(settings)


def night(settings: Settings) -> None:
    """A life with nobody about, until what can be recovered has been."""
    recorder = open_recorder(settings, FakeClock(), idle_s=0.01)
    assert recorder._copy
    until(lambda: recorder._copy and recorder._copy._merging is None)
    recorder.stop()


def test_everything_is_there_twice(copied: Settings, stick: Path) -> None:
    thanked = day(copied)
    store = AnswersReader(copied.answers_db).store_id()

    assert list(in_copy(copied, store).values()) == thanked
    assert copy_state(stick, store).last_seq == len(thanked)
    assert day(copied, 5) == list(in_copy(copied, store).values())[len(thanked) :]


def test_a_wiped_database_comes_back(copied: Settings) -> None:
    thanked = day(copied)
    reader = AnswersReader(copied.answers_db)
    store, texts, anchors = reader.store_id(), reader.texts(range(200)), reader.anchors()
    wiped(copied)
    night(copied)
    closed, current = stores(copied.answers_folder)

    assert closed.store_id() == store != current.store_id()
    assert list(closed.answers(1, 1_000).answers) == thanked
    assert closed.answers(1, 1_000).spoiled == ()
    assert (closed.closed, closed.last_seq()) == (True, len(thanked))
    assert len(texts) == 1
    assert (closed.texts(range(200)), closed.anchors()) == (texts, anchors)
    assert f"{len(thanked)} answers of the lost store" in read_notes(copied.answers_folder)[-1].sentence


def test_it_comes_back_once(copied: Settings) -> None:
    day(copied)
    wiped(copied)
    night(copied)
    path = stores(copied.answers_folder)[0].path
    before, told = path.stat().st_ino, read_notes(copied.answers_folder)
    night(copied)

    assert path.stat().st_ino == before
    assert read_notes(copied.answers_folder) == told


def test_rows_lost_in_a_damaged_store_come_from_the_copy(
    settings: Settings, stick: Path, start: Start
) -> None:
    copied = replace(settings, files=Files(settings.files.folder, stick, 0))
    path = copied.answers_db
    # Other processes, so that nothing is left open here and no WAL keeps the rows as well.
    for words in (("prepare", path), ("copying", path, stick, 300), ("close", path)):
        assert start(*words).wait(30) == 0
    thanked = list(AnswersReader(path).answers(1, 1_000).answers)
    raw = bytearray(path.read_bytes())
    for page in range(7, len(raw) // 4096, 2):
        raw[page * 4096 : (page + 1) * 4096] = bytes(4096)
    path.write_bytes(raw)
    assert "a new store begins" in prepare_answers(copied).notes[0]
    night(copied)
    closed = stores(copied.answers_folder)[0]

    assert list(closed.answers(1, 1_000).answers) == thanked
    told = [one.sentence for one in read_notes(copied.answers_folder)]
    assert "360 answers of the damaged store" in told[-2]
    assert told[-1].startswith("240 answers of the lost store")
    assert told[-1].endswith("0 are lost")


def test_a_spoiled_copy_invents_nothing(copied: Settings, stick: Path) -> None:
    thanked = {answer.seq: answer for answer in day(copied)}
    store = AnswersReader(copied.answers_db).store_id()
    (path,) = copies(stick)[store]
    whole, chance = path.read_bytes(), random.Random(3)
    for _ in range(150):
        spoiled = bytearray(whole)
        for _ in range(chance.choice((1, 20, 200))):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        found = {row[0].seq: row[0] for _, row in records(store, bytes(spoiled)) if isinstance(row, tuple)}
        assert found.items() <= thanked.items()
    # One byte spoils one record; the next mark leads on.
    for at in range(200, len(whole), 97):
        spoiled = bytearray(whole)
        spoiled[at] ^= 0x41
        assert sum(1 for _ in records(store, bytes(spoiled))) >= sum(1 for _ in records(store, whole)) - 1
    assert not any(True for _ in records(bytes(16), whole))


def test_a_torn_tail_is_cut_off(copied: Settings, stick: Path) -> None:
    thanked = day(copied)
    store = AnswersReader(copied.answers_db).store_id()
    (path,) = copies(stick)[store]
    whole = path.read_bytes()
    for length in (len(whole) - 1, len(whole) - 700, 40, 5, 0):
        path.write_bytes(whole[:length] + (b"\0" * 300 if length else b""))
        day(copied, 1)
        found = in_copy(copied, store)
        assert [found[answer.seq] for answer in thanked] == thanked
        assert len(found) == AnswersReader(copied.answers_db).last_seq()
        assert path.read_bytes().startswith(MARK)


def test_a_full_file_is_followed_by_the_next(
    copied: Settings, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        second_copy.SecondCopy.__init__, "__kwdefaults__", {"most_bytes": 3_000, "retry_s": 0.05}
    )
    thanked = [*day(copied), *day(copied)]
    store = AnswersReader(copied.answers_db).store_id()

    assert len(copies(stick)[store]) > 3
    assert list(in_copy(copied, store).values()) == thanked


def test_a_device_that_is_away_delays_nobody_and_is_made_up_for(
    copied: Settings, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        second_copy.SecondCopy.__init__, "__kwdefaults__", {"most_bytes": 1 << 20, "retry_s": 0.05}
    )
    elsewhere = replace(copied, files=Files(copied.files.folder, stick / "mounted", 0))
    recorder, customer = open_recorder(elsewhere, FakeClock(), idle_s=0.02), Customer()
    for _ in range(20):
        customer.puts(recorder, press(Rating.GOOD))
    until(lambda: read_notes(copied.answers_folder))
    (stick / "mounted").mkdir()
    store = AnswersReader(copied.answers_db).store_id()
    until(lambda: len(read_notes(copied.answers_folder)) == 2)
    customer.puts(recorder, press(Rating.BAD))
    recorder.stop()

    assert len(in_copy(elsewhere, store)) == 42
    assert customer.refused == []
    first, second = [one.sentence for one in read_notes(copied.answers_folder)]
    assert "the second copy cannot be written" in first
    assert "is not there, or not on another device" in first
    assert "is written again" in second


def test_an_empty_mount_point_on_the_kiosk_s_own_card_is_not_written(
    copied: Settings, tmp_path: Path
) -> None:
    mount_point = tmp_path / "media"
    mount_point.mkdir()
    here = replace(copied, files=Files(copied.files.folder, mount_point, 0))
    recorder, customer = open_recorder(here, FakeClock()), Customer()
    customer.puts(recorder, press(Rating.GOOD))
    until(lambda: read_notes(copied.answers_folder))
    recorder.stop()

    assert list(mount_point.iterdir()) == []
    assert customer.refused == []


def test_a_full_device_is_caught_up_with(
    copied: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("mounting a small file system takes root")
    monkeypatch.setattr(
        second_copy.SecondCopy.__init__, "__kwdefaults__", {"most_bytes": 1 << 20, "retry_s": 0.05}
    )
    tiny = replace(copied, files=Files(copied.files.folder, folder, 0))
    recorder, customer = open_recorder(tiny, FakeClock(), idle_s=0.02), Customer()
    try:
        for _ in range(30):
            customer.puts(recorder, *with_text(os.urandom(4_000)))
        until(lambda: read_notes(copied.answers_folder))
        subprocess.run(["mount", "-o", "remount,size=1m", folder], check=True)
        until(lambda: len(read_notes(copied.answers_folder)) == 2)
        recorder.stop()
        found = in_copy(tiny, AnswersReader(copied.answers_db).store_id())
    finally:
        subprocess.run(["umount", "-l", folder], check=True)

    assert customer.refused == []
    assert len(found) == 60
    assert "No space left" in read_notes(copied.answers_folder)[0].sentence


@pytest.mark.strace
def test_a_device_that_stalls_delays_no_thank_you(copied: Settings, stick: Path, start: Start) -> None:
    """Each flush of the copy takes a second, injected; the presses take what they take."""
    trace = ("strace", "-f", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:delay_exit=1000000")
    program = start("copying", copied.answers_db, stick, 40, before=trace)
    said = program.communicate(timeout=60)[0].splitlines()

    assert float(said[0]) < 0.1
    store = AnswersReader(copied.answers_db).store_id()
    assert len(in_copy(copied, store)) == 80


def test_another_kiosk_s_copy_is_left_alone(copied: Settings) -> None:
    day(copied)
    shutil.rmtree(copied.answers_folder)
    other = replace(copied, kiosk=replace(copied.kiosk, id="k-2"))
    prepare_answers(other)
    night(other)

    assert [reader.closed for reader in stores(copied.answers_folder)] == [False]


def test_a_record_fits_its_own_store_only(path: Path, recorder: Recorder) -> None:
    (rated, ended) = Customer().puts(recorder, press(Rating.GOOD))
    raw = frame(bytes(16), (rated, None)) + b"between" + frame(bytes(16), (ended, None))

    assert [row for _, row in records(bytes(16), raw)] == [(rated, None), (ended, None)]
    assert list(records(b"1" * 16, raw)) == []
