"""What the verbs for technicians print, asked of the real command."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.test_wrong_input import SETTINGS


@pytest.fixture
def kiosk_toml(tmp_path: Path) -> Path:
    """A kiosk that is prepared and has recorded a day."""
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk"))
    run(path, "prepare", "--own", "answers")
    run(path, "prepare", "--own", "sync")
    run(path, "demo", "--earlier-days", "3")
    return path


def run(kiosk_toml: Path, *words: str, code: int = 0) -> str:
    """What ``kiosk`` prints; it has to end with *code*."""
    words = (sys.executable, "-m", "kiosk.cli", "--config", str(kiosk_toml), *words)
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert code == done.returncode, done.stderr
    return done.stdout


def test_every_answer_is_exported_in_either_form(kiosk_toml: Path) -> None:
    stored = json.loads(run(kiosk_toml, "status", "--json"))["stored"]
    rows = list(csv.DictReader(io.StringIO(run(kiosk_toml, "export", "--csv"))))
    lines = [json.loads(line) for line in run(kiosk_toml, "export", "--json").splitlines()]

    assert stored > 0
    assert [str(seq) for seq in range(1, stored + 1)] == [row["seq"] for row in rows]
    assert list(range(1, stored + 1)) == [line["seq"] for line in lines]


def test_the_status_says_what_waits_and_how_long_the_card_has_room(kiosk_toml: Path) -> None:
    said = run(kiosk_toml, "status")

    assert "answers stored" in said
    assert "waiting to be sent" in said
    assert "days at" in said
    assert "central last acknowledged: never" in said


def test_the_doctor_finds_a_spoiled_answer(kiosk_toml: Path) -> None:
    """All is well; then a row is no longer as it was written, and the check that reads every row says so."""
    well = run(kiosk_toml, "doctor")
    database = kiosk_toml.parent / "kiosk" / "answers" / "answers.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE answers SET value = 6 - value WHERE seq = 5")

    ill = run(kiosk_toml, "doctor", code=1)

    assert "failure" not in well
    assert "failure  database" in ill


def test_the_status_says_what_is_counted_and_since_when_the_oldest_waits(kiosk_toml: Path) -> None:
    """Before the screen ever counted there is nothing; a summary works all the same."""
    before = json.loads(run(kiosk_toml, "status", "--json"))
    summary = json.loads(run(kiosk_toml, "summary", "--all", "--json"))
    rows = [json.loads(line) for line in run(kiosk_toml, "export", "--json").splitlines()]
    presses = [row for row in rows if row["kind"] == "rating" and row["seq"] == row["response"]]

    assert before["counting"] == "there are no counts yet"
    assert before["not_counted"] == before["stored"] > 0
    assert summary["n"] + sum(summary["set_aside"].values()) == len(presses)
    assert summary["counting"]["behind"] == before["stored"]
