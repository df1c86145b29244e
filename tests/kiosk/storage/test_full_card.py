"""A card that is full: the ballast's room goes to presses, and nobody is thanked for what is not kept."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.answers import Answer, Ask, SealedText, Source
from feedback.errors import StoreError
from feedback.ratings import Kind, Rating
from kiosk.settings import Files, Settings
from kiosk.storage.ballast import Ballast
from kiosk.storage.capacity import capacity
from kiosk.storage.database import USER_VERSION_AT
from kiosk.storage.notes import read_notes
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

MB = 1 << 20


@pytest.fixture
def card(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A kiosk on a file system of 8 MB, a ballast of 1 MB made."""
    folder = tmp_path / "card"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("mounting a small file system takes root")
    settings = replace(settings, files=Files(folder / "state", ballast_mb=1))
    prepare_answers(settings)
    Ballast(settings.answers_folder, MB).step()
    yield settings
    subprocess.run(["umount", "-l", folder], check=True)


def crowd(settings: Settings, left: int) -> Path:
    """Somebody else's file that leaves *left* bytes."""
    other = settings.files.folder / "log"
    stat = os.statvfs(settings.files.folder)
    with other.open("wb") as file:
        file.write(bytes(stat.f_bavail * stat.f_frsize - left))
    return other


def with_text() -> tuple[list[Answer], list[SealedText]]:
    rated = press(Rating.BAD)[0]
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    said = Answer(0, 0, rated.place, asked, 0, Source.TOUCH, rated.moment, text_digest=b"d" * 32)
    return [said], [SealedText(os.urandom(100_000), b"d" * 32)]


def test_the_ballast_goes_to_presses(card: Settings) -> None:
    crowd(card, 100_000)
    recorder, customer = open_recorder(card, FakeClock()), Customer()
    released_at = 0
    while not customer.refused:
        customer.puts(recorder, *with_text())
        if not released_at and not Ballast(card.answers_folder, MB).held:
            released_at = len(customer.thanked)
    recorder.stop()
    kept = AnswersReader(card.answers_db).answers(1, 1_000)

    assert 0 < released_at < len(customer.thanked)
    assert [group[0] for group in customer.thanked] == list(kept.answers)
    assert kept.spoiled == ()
    assert "its ballast was released" in read_notes(card.answers_folder)[-1].sentence
    assert "full" in str(customer.refused[0])


def cut_before_its_wal(path: Path) -> None:
    """As a first start leaves it that a cut ended before the file had noted that its WAL is there."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()
    with path.open("r+b") as file:
        file.seek(USER_VERSION_AT)
        file.write(bytes(4))


def test_a_card_full_at_the_start_takes_presses(card: Settings) -> None:
    cut_before_its_wal(card.answers_db)
    crowd(card, 0)
    prepared = prepare_answers(card)
    recorder, customer = open_recorder(card, FakeClock()), Customer()
    customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()

    assert prepared.last_seq == 0
    assert len(customer.thanked) == 1


def test_a_full_card_without_ballast_is_a_sentence(card: Settings) -> None:
    Ballast(card.answers_folder, MB).release()
    cut_before_its_wal(card.answers_db)
    crowd(card, 0)

    with pytest.raises(StoreError, match="check the card"):
        prepare_answers(card)


def test_the_ballast_comes_back_with_the_room(card: Settings) -> None:
    other = crowd(card, 0)
    ballast = Ballast(card.answers_folder, MB)
    ballast.release()
    recorder = open_recorder(card, FakeClock(), idle_s=0.01)
    time.sleep(0.2)
    assert ballast.held == 0
    other.unlink()
    ends = time.monotonic() + 5
    while ballast.held < MB:
        assert time.monotonic() < ends
    recorder.stop()

    assert ballast.release()
    assert not ballast.release()


def test_the_ballast_is_made_a_little_at_a_time(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path, 3 * MB)
    sizes = []
    while ballast.step():
        sizes.append(ballast.held)

    assert [*sizes, ballast.held] == [MB, 2 * MB, 3 * MB]
    assert (tmp_path / "ballast").stat().st_blocks * 512 == 3 * MB
    assert not Ballast(tmp_path / "other", 0).step()


@pytest.mark.strace
@pytest.mark.parametrize(("fault", "survives"), [("when=20", True), ("when=20+", False)])
def test_no_room_once_is_tried_once_more(path: Path, start: Start, fault: str, survives: bool) -> None:
    Ballast(path.parent, MB).step()
    inject = ("-e", "trace=pwrite64", "-e", f"inject=pwrite64:error=ENOSPC:{fault}")
    program = start("record", path, 60, before=("strace", "-f", "-o", "/dev/null", *inject))
    lines = program.communicate(timeout=60)[0].splitlines()
    thanked = [json.loads(line)[0] for line in lines if line.startswith("[")]
    kept = AnswersReader(path).answers(1, 1_000)

    assert (len(thanked) == 120) is survives
    assert thanked == list(range(1, len(thanked) + 1))
    assert (kept.last, kept.spoiled) == (len(thanked), ())


@pytest.mark.strace
def test_a_flush_that_finds_no_room_is_not_tried_again(path: Path, start: Start) -> None:
    Ballast(path.parent, MB).step()
    inject = ("-e", "trace=fdatasync", "-e", "inject=fdatasync:error=ENOSPC:when=9")
    program = start("record", path, 60, before=("strace", "-f", "-o", "/dev/null", *inject))
    lines = program.communicate(timeout=60)[0].splitlines()

    assert lines[-1] == "refused disk I/O error"
    assert Ballast(path.parent, MB).held == MB


def test_what_a_new_meaning_was_undone_with_is_said_again(card: Settings) -> None:
    """The first press in a language, in the very commit that found no room."""
    crowd(card, 0)
    recorder, customer = open_recorder(card, FakeClock()), Customer()
    answers, texts = with_text()
    first = press(Rating.GOOD, language="en")
    while Ballast(card.answers_folder, MB).held:
        customer.puts(recorder, [*first, *answers], [SealedText(os.urandom(1_200_000), texts[0].digest)])
    recorder.stop()

    assert customer.refused == []
    assert AnswersReader(card.answers_db).answers(1, 10).spoiled == ()


def test_the_capacity_is_told(settings: Settings) -> None:
    prepare_answers(settings)
    young = capacity(settings)
    recorder, customer = Recorder(settings.answers_db, FakeClock()), Customer()
    for _ in range(12):
        customer.puts(recorder, [one for _ in range(250) for one in press(Rating.GOOD)])
    recorder.stop()
    older = capacity(settings, 3_000)

    assert young.a_day == 2_000
    assert young.days == young.answers // 2_000
    assert older.days == older.answers // 3_000
    assert 0.5 < young.answers / older.answers < 2
