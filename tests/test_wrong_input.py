"""Wrong input ends in one plain sentence and exit code 2, and nothing has changed. Asked of the real commands."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.storage.database import open_writer, writing
from kiosk.storage.schema import about_crc

SETTINGS = """\
[kiosk]
id = "k-1"
branch = "b12"
touchpoint = "exit-1"
name = "Nizami Street branch"
[central]
url = "http://127.0.0.1:8000"
fingerprint = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
[files]
folder = "{folder}"
"""


def said(tmp_path: Path, program: str, *words: str) -> str:
    """What *program* says to wrong input: one line. It ends with 2 and leaves every file as it was."""
    before = contents(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", f"{program}.cli", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 2 == done.returncode, done.stderr
    assert "" == done.stdout
    assert before == contents(tmp_path)
    (line,) = done.stderr.splitlines()
    return line


def contents(folder: Path) -> dict[str, str]:
    """A digest of every file below *folder* that holds anything; SQLite's -shm holds nothing that lasts."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stat().st_size and not path.name.endswith("-shm")
    }


@pytest.fixture
def kiosk_toml(tmp_path: Path) -> Path:
    """Settings without a fault."""
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk"))
    return path


def prepared(kiosk_toml: Path) -> Path:
    """The answers.db of a kiosk that was prepared."""
    words = [sys.executable, "-m", "kiosk.cli", "--config", str(kiosk_toml), "prepare", "--own", "answers"]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    return kiosk_toml.parent / "kiosk" / "answers" / "answers.db"


def made_for_a_newer_version(database: Path) -> None:
    """As a later release would leave it: usable from schema 99 on."""
    connection = open_writer(database)
    with writing(connection):
        for name in ("schema", "usable_from"):
            values = (99, about_crc(name, 99), name)
            connection.execute("UPDATE about SET value = ?, crc = ? WHERE name = ?", values)
    connection.leave_open()


@pytest.mark.parametrize(
    "command", [["ui"], ["sync"], ["status"], ["prepare", "--own", "answers"]], ids=" ".join
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(
    tmp_path: Path, kiosk_toml: Path, command: list[str]
) -> None:
    kiosk_toml.write_text(kiosk_toml.read_text() + '[screen]\nthemes = "paper"\n')

    line = said(tmp_path, "kiosk", "--config", str(kiosk_toml), *command)

    assert f"{kiosk_toml}" in line
    assert "themes" in line
    assert "theme" in line.split("themes", 1)[1]


def test_two_ratings_on_one_pin_are_both_named(tmp_path: Path, kiosk_toml: Path) -> None:
    kiosk_toml.write_text(kiosk_toml.read_text() + "[buttons]\ngood = 17\nbad = 17\n")

    line = said(tmp_path, "kiosk", "--config", str(kiosk_toml), "ui")

    assert str(kiosk_toml) in line
    for word in ("GPIO 17", "good", "bad"):
        assert word in line


def test_missing_settings_are_named(tmp_path: Path) -> None:
    line = said(tmp_path, "kiosk", "--config", str(tmp_path / "nowhere.toml"), "ui")

    assert "nowhere.toml" in line


def test_a_survey_without_a_text_for_its_default_language_is_not_published(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "central")]
    subprocess.run(
        [sys.executable, "-m", "central.cli", *data, "init"], check=True, capture_output=True, timeout=60
    )
    survey = tmp_path / "survey.json"
    question = {"id": "visit", "kind": "rating", "texts": {"az": "Bu günkü ziyarətiniz necə keçdi?"}}
    survey.write_text(
        json.dumps(
            {
                "survey": "exit",
                "version": 2,
                "languages": ["en", "az"],
                "default_language": "en",
                "questions": [question],
            }
        )
    )

    line = said(tmp_path, "central", *data, "survey", str(survey))

    assert f'{survey}: questions[0].texts: expected a text for the default language "en"' in line


@pytest.mark.parametrize(
    "command", [["prepare", "--own", "answers"], ["ui"], ["summary"], ["status"]], ids=" ".join
)
def test_a_database_that_only_a_newer_version_can_use_is_left_as_it_is(
    tmp_path: Path, kiosk_toml: Path, command: list[str]
) -> None:
    database = prepared(kiosk_toml)
    made_for_a_newer_version(database)

    line = said(tmp_path, "kiosk", "--config", str(kiosk_toml), *command)

    assert str(database) in line
    assert "99" in line
    assert "newer" in line


@pytest.mark.parametrize("command", [["ui"], ["summary"], ["status"]], ids=" ".join)
def test_a_missing_database_says_what_makes_it(tmp_path: Path, kiosk_toml: Path, command: list[str]) -> None:
    line = said(tmp_path, "kiosk", "--config", str(kiosk_toml), *command)

    assert "answers.db" in line
    assert "kiosk prepare" in line


def test_a_kiosk_that_is_not_enrolled_is_told_so(tmp_path: Path, kiosk_toml: Path) -> None:
    line = said(tmp_path, "kiosk", "--config", str(kiosk_toml), "sync")

    assert "k-1 is not enrolled" in line
    assert "central code" in line


def test_central_without_its_folder_says_what_makes_it(tmp_path: Path) -> None:
    line = said(tmp_path, "central", "--data", str(tmp_path / "nowhere"), "serve")

    assert "nowhere" in line
    assert "central init" in line


def test_a_script_that_no_finger_can_play_is_quoted(tmp_path: Path, kiosk_toml: Path) -> None:
    line = said(
        tmp_path, "kiosk", "--config", str(kiosk_toml), "demo", "--earlier-days", "1", "--zone", "Baku"
    )

    assert "--zone Baku: expected a time zone such as Asia/Baku" in line
