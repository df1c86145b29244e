from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.ratings import Rating
from kiosk.settings import Files, Settings
from kiosk.storage.ballast import Ballast
from kiosk.storage.checkup import Verdict, checkup
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.salvage import mark_salvaged, salvage
from kiosk.sync.enrolment import screen_secret
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

NAMES = [
    "folder",
    "wal",
    "free space",
    "ballast",
    "database",
    "second copy",
    "old stores",
    "moved aside",
    "screen secret",
]


def found(settings: Settings, name: str) -> list[tuple[Verdict, str]]:
    return [(check.verdict, check.sentence) for check in checkup(settings) if check.name == name]


def stated(settings: Settings, name: str) -> tuple[Verdict, str]:
    (one,) = found(settings, name)
    return one


@pytest.fixture
def sound(settings: Settings, start: Start) -> Settings:
    settings = replace(settings, files=Files(settings.files.folder, ballast_mb=1))
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, 300)):
        assert start(*words).wait(30) == 0
    Ballast(settings.answers_folder, 1 << 20).step()
    screen_secret(settings)  # as an enrolment makes it
    return settings


def test_a_sound_kiosk_has_nothing_to_say(sound: Settings) -> None:
    checks = checkup(sound)

    assert [check.name for check in checks] == NAMES
    assert {check.verdict for check in checks} == {Verdict.OK}
    assert stated(sound, "database")[1] == "its structure and all 600 answers are as written"


def test_a_kiosk_that_was_never_prepared(settings: Settings) -> None:
    checks = checkup(settings)

    assert checks[0].verdict is Verdict.FAILURE
    assert "run `kiosk prepare --own answers`" in checks[0].sentence
    assert [check.name for check in checks] == NAMES[:2]
    assert all("\n" not in check.sentence for check in checks)


def zeroed(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 9)
        file.write(bytes(4096))


def one_digit(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET value = value % 5 + 1 WHERE seq = 7")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(zeroed, "its structure is damaged"), (one_digit, "1 of 600 answers are not as written")],
)
def test_damage_is_found(sound: Settings, start: Start, spoil: Callable[[Path], None], said: str) -> None:
    assert start("close", sound.answers_db).wait(20) == 0
    spoil(sound.answers_db)
    verdict, sentence = stated(sound, "database")

    assert verdict is Verdict.FAILURE
    assert sentence.startswith(said)
    assert "restart the kiosk" in sentence


def test_a_wal_that_is_missing_or_grew(sound: Settings) -> None:
    wal = sound.answers_db.with_name("answers.db-wal")
    with wal.open("r+b") as file:
        file.truncate(9 << 20)
    assert "restart kiosk-sync" in stated(sound, "wal")[1]
    wal.unlink()
    assert "is missing" in stated(sound, "wal")[1]


def test_another_user_s_checkup_makes_no_files(sound: Settings, start: Start) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving a file away takes root")
    assert start("close", sound.answers_db).wait(20) == 0
    for part in (sound.answers_folder, *sound.answers_folder.iterdir()):
        os.chown(part, 65534, -1)
    before = sorted(sound.answers_folder.iterdir())

    assert [check.name for check in checkup(sound)] == NAMES[:2]
    assert sorted(sound.answers_folder.iterdir()) == before


def test_a_folder_others_cannot_read(sound: Settings) -> None:
    sound.answers_folder.chmod(0o700)

    verdict, sentence = stated(sound, "folder")
    assert (verdict, "chmod 2750" in sentence) == (Verdict.WARNING, True)


def test_a_file_of_another_user(sound: Settings) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving a file away takes root")
    os.chown(sound.answers_db, 65534, -1)

    assert stated(sound, "folder")[0] is Verdict.FAILURE


def test_a_card_with_little_room(sound: Settings) -> None:
    free_mb = shutil.disk_usage(sound.answers_folder).free >> 20
    full = replace(sound, files=replace(sound.files, ballast_mb=free_mb + 10_000))
    nearly = replace(sound, files=replace(sound.files, ballast_mb=free_mb // 2))

    assert stated(full, "free space")[0] is Verdict.FAILURE
    assert "make room" in stated(nearly, "ballast")[1]
    assert stated(replace(sound, files=replace(sound.files, ballast_mb=0)), "ballast")[0] is Verdict.WARNING
    assert (
        "when nobody presses"
        in stated(replace(sound, files=replace(sound.files, ballast_mb=2)), "ballast")[1]
    )


def test_what_was_moved_aside_and_salvaged(sound: Settings, start: Start) -> None:
    assert start("close", sound.answers_db).wait(20) == 0
    zeroed(sound.answers_db)
    prepare_answers(sound)
    (aside,) = sound.answers_folder.glob("damaged-*")
    assert "waits to be salvaged" in stated(sound, "moved aside")[1]
    mark_salvaged(aside, salvage(aside, sound.answers_folder))

    verdict, sentence = stated(sound, "old stores")
    assert verdict is Verdict.WARNING
    assert "answers of the old store" in sentence
    assert "are lost" in sentence
    assert "was salvaged" in stated(sound, "moved aside")[1]


def test_the_second_copy(sound: Settings) -> None:
    away = replace(sound, files=replace(sound.files, copy=Path("/nowhere/at/all")))
    assert stated(away, "second copy")[0] is Verdict.WARNING
    memory = Path("/dev/shm")  # noqa: S108  a file system that is another device than tmp_path's
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == sound.answers_folder.stat().st_dev:
        pytest.skip("no other device here")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        copied = replace(sound, files=replace(sound.files, copy=Path(folder)))
        assert stated(copied, "second copy")[0] is Verdict.WARNING
        recorder = open_recorder(copied, FakeClock())
        Customer().puts(recorder, press(Rating.GOOD))
        recorder.stop()
        assert stated(copied, "second copy") == (Verdict.OK, "it has 602 of 602 answers in 1 files")
