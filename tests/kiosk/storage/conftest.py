"""A kiosk's folder in tmp_path, and the programs that share it in other processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.presses import FakeClock

ROOT = Path(__file__).parents[3]
PROGRAMS = Path(__file__).with_name("programs.py")

MEMORY = Path("/dev/shm")  # noqa: S108  a file system that is another device than tmp_path's

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress("http://127.0.0.1:1", "ab" * 32),
        Files(tmp_path / "state"),
    )


@pytest.fixture
def path(settings: Settings) -> Path:
    """A prepared answers.db."""
    prepare_answers(settings)
    return settings.answers_db


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def recorder(path: Path, clock: FakeClock) -> Iterator[Recorder]:
    recorder = Recorder(path, clock, idle_s=0.02)
    yield recorder
    recorder.stop()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program of ``programs.py`` in another process, which ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def starting(*words: object, before: tuple[object, ...] = (), **options: object) -> subprocess.Popen[str]:
        command = [str(word) for word in (*before, sys.executable, PROGRAMS, *words)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process: subprocess.Popen[str] = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,  # type: ignore[call-overload]
        )
        started.append(process)
        return process

    yield starting
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Path]:
    """A folder on another device."""
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no other device here")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)
