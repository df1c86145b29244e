"""The command `central`: what it prints, and one sentence for everything that is wrong."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from central.cli import main
from central.keys import SPARE, load_keys
from central.store.database import FILE
from kiosk.settings import load
from tests.central.test_documents import survey

Run = Callable[..., str]


@pytest.fixture
def well(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that succeeds; what it printed."""

    def run(*words: str) -> str:
        code = main(words)
        said = capfd.readouterr()
        assert (0, "") == (code, said.err)
        return said.out

    return run


@pytest.fixture
def wrong(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that is refused: one sentence on stderr, nothing on stdout, exit code 2."""

    def run(*words: str) -> str:
        code = main(words)
        said = capfd.readouterr()
        assert (2, "") == (code, said.out)
        assert 1 == len(said.err.splitlines()), said.err
        return said.err

    return run


def content(folder: Path) -> list[str]:
    """Everything in the database of *folder*, but the life it is in: that begins whoever it is served to."""
    connection = sqlite3.connect(folder / FILE)
    found = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "generations"')]
    connection.close()
    return found


@pytest.fixture
def survey_file(tmp_path: Path) -> Path:
    path = tmp_path / "exit.json"
    path.write_bytes(survey(1))
    return path


def test_init_shows_password_read_key_and_fingerprint_once(tmp_path: Path, well: Run, wrong: Run) -> None:
    """The files are their owner's alone; the spare key is to be moved away."""
    folder = tmp_path / "central"

    said = well("init", "--data", str(folder))

    assert load_keys(folder).fingerprint in said
    assert re.search(r"password: \S{20,}", said)
    assert re.search(r"read key: +\S{43}\b", said)
    assert f"Move {folder / SPARE}" in said
    assert {0o600} == {
        path.stat().st_mode & 0o777 for path in folder.iterdir() if path.suffix in (".pem", ".db")
    }
    assert "there already" in wrong("init", "--data", str(folder))


def test_serve_goes_on_without_the_spare_key(folder: Path) -> None:
    """It was moved off the machine, as init said."""
    (folder / SPARE).unlink()

    assert load_keys(folder).fingerprint


def test_a_code_comes_with_the_kiosk_toml_that_a_kiosk_reads(folder: Path, tmp_path: Path, well: Run) -> None:
    """Written exactly as the contract has it; the kiosk's own reader takes it."""
    path = tmp_path / "kiosk.toml"
    words = ("code", "b12", "--touchpoint", "exit-1", "--kiosk", "k-3f9a2c", "--write", str(path))

    said = well(*words, "--data", str(folder))

    assert re.search(r": (\w{5}-){3}\w{5}$", said, re.MULTILINE)
    assert path.read_text().startswith(
        f"""\
# kiosk.toml: what belongs to this place.
[kiosk]
id = "k-3f9a2c"
branch = "b12"
touchpoint = "exit-1"
name = "Branch b12"
[central]
url = "http://127.0.0.1:8000"
fingerprint = "{load_keys(folder).fingerprint}"
sealing = "{load_keys(folder).public.sealing.hex()}"
[files]
folder = "/var/lib/afterword"
"""
    )
    assert "k-3f9a2c" == load(path).kiosk.id


def test_the_examples_in_kiosk_toml_are_read_too(folder: Path, tmp_path: Path, well: Run) -> None:
    """A technician takes the signs away and it still means something."""
    said = well("code", "b12", "--touchpoint", "exit-1", "--data", str(folder))
    toml = said[said.index("# kiosk.toml") :]
    path = tmp_path / "kiosk.toml"
    path.write_text(re.sub(r"^# ((\[|[a-z_]+ =).*)", r"\1", toml, flags=re.MULTILINE))

    assert {"screen", "buttons", "lamps", "pins"} <= tomllib.loads(path.read_text()).keys()
    assert 5 == len(load(path).buttons)


def test_a_branch_whose_name_has_quotes_makes_a_kiosk_toml(folder: Path, tmp_path: Path, well: Run) -> None:
    path = tmp_path / "kiosk.toml"
    name = 'The "Old" \\ Port'
    well("branch", "add", "b14", "--name", name, "--zone", "Asia/Baku", "--data", str(folder))
    well("code", "b14", "--touchpoint", "exit-1", "--write", str(path), "--data", str(folder))

    assert name == load(path).kiosk.name


def test_a_survey_is_published_when_its_version_grows(
    folder: Path, survey_file: Path, well: Run, wrong: Run
) -> None:
    words = ("survey", str(survey_file), "--data", str(folder))

    assert "Published survey exit, version 1." in well(*words)
    assert "Already published" in well(*words)
    survey_file.write_bytes(survey(1, "Another text?"))
    assert "expected 2 or more" in wrong(*words)
    survey_file.write_bytes(survey(2, "Another text?"))
    assert "Published survey exit, version 2." in well(*words)


def test_a_rebuild_of_what_is_right_changes_nothing(folder: Path, well: Run) -> None:
    said = well("rebuild", "--data", str(folder))

    assert "Computed 0 answers again: 0 of them and 0 counts were different before." == said.strip()


WRONG = {
    "an unknown branch": (("code", "b99", "--touchpoint", "exit-1"), "branch b99: there is no such branch"),
    "a stage that differs": (
        ("code", "b12", "--touchpoint", "exit-1", "--stage", "counter"),
        "is at stage exit already",
    ),
    "an odd touchpoint": (("code", "b12", "--touchpoint", "Exit 1"), "--touchpoint Exit 1: expected"),
    "an odd kiosk": (("code", "b12", "--touchpoint", "exit-1", "--kiosk", "a/b"), "--kiosk a/b: expected"),
    "an odd address": (
        ("code", "b12", "--touchpoint", "exit-1", "--url", "ftp://x"),
        "--url ftp://x: expected an address",
    ),
    "a file that cannot be written": (
        ("code", "b12", "--touchpoint", "exit-1", "--write", "/nowhere/kiosk.toml"),
        "/nowhere/kiosk.toml: cannot be written",
    ),
    "a branch that is there": (
        ("branch", "add", "b12", "--name", "N", "--zone", "Asia/Baku"),
        "branch b12: is there already",
    ),
    "an odd branch": (("branch", "add", "B 12", "--name", "N", "--zone", "Asia/Baku"), "ID B 12: expected"),
    "an unknown zone": (
        ("branch", "add", "b14", "--name", "N", "--zone", "Baku"),
        "--zone Baku: expected a time zone's name",
    ),
    "a zone that is a path": (
        ("branch", "add", "b14", "--name", "N", "--zone", "../../etc/passwd"),
        "expected a time zone's name",
    ),
    "a branch without a name": (
        ("branch", "add", "b14", "--name", " ", "--zone", "Asia/Baku"),
        "--name: expected",
    ),
    "a survey that is no file": (("survey", "/nowhere.json"), "/nowhere.json: there is no such file"),
    "a survey that is none": (("survey", "/etc/hostname"), "/etc/hostname"),
    "settings of an unknown branch": (
        ("settings", "b99", "/etc/hostname"),
        "branch b99: there is no such branch; add it",
    ),
    "settings shown of an unknown branch": (("settings", "b99", "--show"), "branch b99: there is no such"),
    "settings that are not there yet": (
        ("settings", "b13", "--show"),
        "branch b13: has no settings yet; publish them with `central settings b13 FILE`",
    ),
    "settings that are no file": (("settings", "b12", "/nowhere.json"), "/nowhere.json: cannot be read"),
    "settings that are none": (("settings", "b12", "/etc/hostname"), "/etc/hostname: is not JSON"),
    "a picture of an unknown branch": (
        ("media", "b99", "logo", "/etc/hostname"),
        "branch b99: there is no such",
    ),
    "a picture that is none": (
        ("media", "b12", "logo", "/etc/hostname"),
        "/etc/hostname: is neither PNG, JPEG nor WAV",
    ),
    "a picture that is no file": (
        ("media", "b12", "logo", "/nowhere.png"),
        "/nowhere.png: cannot be read (No such file or directory); expected a PNG, JPEG or WAV file",
    ),
    "a picture taken away that is not there": (
        ("media", "b12", "logo", "--remove"),
        "branch b12: has no file called logo; its files are: none",
    ),
    "a picture without a file": (("media", "b12", "logo"), "media b12: expected NAME FILE to publish"),
    "neither a file nor --show": (("settings", "b12"), "settings b12: expected a file to publish, or --show"),
    "both a file and --show": (("settings", "b12", "/etc/hostname", "--show"), "expected a file to publish"),
    "a port that is none": (("serve", "--port", "99999"), "--port 99999: expected"),
    "a port that is a word": (("serve", "--port", "x"), "invalid int value"),
    "an address of elsewhere": (("serve", "--host", "192.0.2.1"), "cannot be served on"),
    "an address that is none": (("serve", "--host", "no host"), "--host no host"),
    "an unknown command": (("frobnicate",), "invalid choice"),
    "no command": ((), "the following arguments are required"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_sentence_and_changes_nothing(
    folder: Path, name: str, well: Run, wrong: Run
) -> None:
    """It names what is wrong and what is expected; the database is as it was."""
    words, said = WRONG[name]
    well("--data", str(folder), "code", "b12", "--touchpoint", "exit-1")
    before = content(folder)

    assert said in wrong("--data", str(folder), *words)
    assert before == content(folder)


@pytest.mark.parametrize(
    "words",
    [
        ("branch", "add", "b14", "--name", "N", "--zone", "Asia/Baku"),
        ("code", "b12", "--touchpoint", "exit-1"),
        ("rebuild",),
        ("settings", "b12", "--show"),
        ("serve",),
    ],
    ids=lambda words: words[0],
)
def test_without_a_data_folder_every_command_says_so(
    tmp_path: Path, words: tuple[str, ...], wrong: Run
) -> None:
    said = wrong(*words, "--data", str(tmp_path / "nothing"))

    assert f"{tmp_path / 'nothing' / FILE}: there is no such database" in said
    assert not (tmp_path / "nothing").exists()


def test_a_mistake_ends_the_process_with_2_and_no_traceback(tmp_path: Path) -> None:
    """As a script and a technician see it."""
    words = [sys.executable, "-m", "central.cli", "serve", "--data", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))


def test_a_newer_database_is_refused_by_serve(folder: Path, wrong: Run) -> None:
    connection = sqlite3.connect(folder / FILE)
    connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.commit()
    connection.close()

    assert "made by a newer version of central" in wrong("serve", "--data", str(folder))


def test_a_lost_key_is_named(folder: Path, wrong: Run) -> None:
    (folder / "signing-key.pem").unlink()

    assert "signing-key.pem: cannot be read" in wrong("serve", "--data", str(folder))


def test_serve_says_when_it_is_heard_and_logs_no_query(folder: Path, tmp_path: Path) -> None:
    """A script waits for the line; the log has paths and statuses, and nothing that was asked with."""
    log = tmp_path / "central.log"
    words = [sys.executable, "-m", "central.cli", "--data", str(folder), "serve", "--port", "0"]
    with (
        log.open("wb") as sink,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=sink, text=True) as program,
    ):
        assert program.stdout
        address = program.stdout.readline().removeprefix("serving on ").strip()
        assert requests.get(f"{address}/v1/health", timeout=20).json()["ok"]
        requests.get(f"{address}/v1/time?nonce=onlyhere", headers={"X-Word": "secretword"}, timeout=20)
        program.send_signal(signal.SIGTERM)
        program.wait(20)

    logged = log.read_text()
    assert '"GET /v1/time HTTP/1.1" 200' in logged
    assert "onlyhere" not in logged
    assert "secretword" not in logged
    assert "Traceback" not in logged


def test_a_port_in_use_is_said(folder: Path, wrong: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert f"port {port}: cannot be served on" in wrong("serve", "--port", port, "--data", str(folder))


def test_a_touchpoint_named_late_puts_its_answers_at_their_stage(folder: Path, well: Run) -> None:
    """Answers that came under a name central did not know are counted at its stage from then on."""
    connection = sqlite3.connect(folder / FILE)
    connection.execute("INSERT INTO asks VALUES (1, 'exit', 1, 'visit', 'rating', 'en')")
    connection.execute("INSERT INTO boots VALUES (1, 'k-1', 'b', NULL)")
    connection.execute(
        "INSERT INTO answers SELECT 'b12', 'k-1', x'00', 1, 1, 'till-1', 1, 4, 't', 1, 5, 5, 0, x'', x'00', "
        "5, 'estimated', 9, '', 1, 1, ''"
    )
    connection.execute(
        "INSERT INTO counts VALUES ('b12', 1, 1, 'till-1', '', 'exit', 'visit', 'rating', 4, 1, '', 1)"
    )
    connection.commit()

    well("--data", str(folder), "code", "b12", "--touchpoint", "till-1", "--stage", "till")

    found = connection.execute("SELECT stage, n FROM counts").fetchall()
    assert [("till", 1)] == found
    assert [("till",)] == connection.execute("SELECT stage FROM answers").fetchall()
    connection.close()
