from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback.ratings import Rating
from kiosk.settings import Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

KILLS = 250


def lines_of(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    return process.stdout.read().splitlines()


def test_every_thanked_answer_survives_kill_9(settings: Settings, path: Path, start: Start) -> None:
    """Killed at any instant, prepared again, killed again: each thanked answer is there, once, unchanged."""
    chance = random.Random(3)
    thanked: dict[int, list[object]] = {}
    for turn in range(KILLS):
        program = start("record", path, "", turn)
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.15))
        program.kill()
        for line in lines_of(program):
            if line.endswith("]"):  # the kill may cut the last line; its answer was stored all the same
                seq, *rest = json.loads(line)
                assert seq not in thanked
                thanked[seq] = rest
        program.wait()
        prepare_answers(settings)
    batch = AnswersReader(path).answers(1, 1_000_000)
    found = {a.seq: [a.response, a.value, a.moment.boot, a.moment.boot_ms] for a in batch.answers}

    assert batch.spoiled == ()
    assert list(found) == list(range(1, batch.last + 1))
    assert thanked.items() <= found.items()
    # What is there and was not thanked for: at most the press under way at each kill, whole.
    assert len(found) - len(thanked) <= 4 * KILLS
    assert len(thanked) > KILLS


def test_a_reader_sees_whole_commits_while_the_writer_writes(path: Path, start: Start) -> None:
    reader = start("read", path, 2)
    assert reader.stdout
    assert reader.stdout.readline() == "reading\n"
    recorder, customer = Recorder(path, FakeClock(), idle_s=0.01), Customer()
    for _ in range(600):
        customer.puts(recorder, press(Rating(len(customer.thanked) % 5 + 1)))
    said = lines_of(reader)
    recorder.stop()

    reads, last = json.loads(said[-1])
    assert reads > 10
    assert last == AnswersReader(path).last_seq() == 1_200


SCREEN, AGENT, GROUP = 65_531, 65_532, 65_533
"""Two users and the group they share, as kiosk-ui, kiosk-sync and kiosk."""


@pytest.fixture
def shared() -> Iterator[Path]:
    """An answers.db that SCREEN owns and AGENT may read."""
    if os.geteuid() != 0:
        pytest.skip("two users take root")
    folder = Path(tempfile.mkdtemp(prefix="afterword-"))
    folder.chmod(0o755)
    state = folder / "state"
    state.mkdir()
    os.chown(state, SCREEN, GROUP)
    yield state / "answers" / "answers.db"
    shutil.rmtree(folder)


def run_as(user: int, start: Start, *words: object) -> subprocess.Popen[str]:
    rights = ("setpriv", f"--reuid={user}", f"--regid={GROUP}", "--clear-groups")
    return start(*words, before=rights, umask=0o027)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


@pytest.mark.parametrize("left", ["open", "killed", "closed", "no-shm"])
@pytest.mark.parametrize("first", ["reader", "writer"])
def test_the_recorder_records_whoever_comes_first(shared: Path, start: Start, left: str, first: str) -> None:
    """The agent may read the folder and not write it; whatever it finds, it never stands in the recorder's way."""
    leave_as(shared, left, start)
    if first == "reader":
        # It stays open while the recorder starts.
        assert first_line(run_as(AGENT, start, "look", shared)).split()[0] in {"read", "later"}
    prepared = run_as(SCREEN, start, "prepare", shared)
    assert prepared.wait(20) == 0, lines_of(prepared)
    recorder = run_as(SCREEN, start, "record", shared, 2)
    said = lines_of(recorder)
    late = first_line(run_as(AGENT, start, "look", shared))

    assert said[0] == "ready"
    assert [json.loads(line)[0] for line in said[1:]] == [7, 8, 9, 10]
    assert late == "read 10\n"


def leave_as(path: Path, left: str, start: Start) -> None:
    """Record three presses, and leave the folder as it may be found."""
    for words in (("prepare", path), ("record", path, 3)):
        assert run_as(SCREEN, start, *words).wait(20) == 0
    if left == "killed":
        killed = run_as(SCREEN, start, "hold", path)
        assert first_line(killed) == "holding\n"
        killed.kill()
        killed.wait()
    if left == "closed":
        assert run_as(SCREEN, start, "close", path).wait(20) == 0
        assert not path.with_name("answers.db-wal").exists()
    if left == "no-shm":
        path.with_name("answers.db-shm").unlink()
