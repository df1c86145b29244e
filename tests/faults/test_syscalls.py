"""A small size of ``python -m tests.faults.syscalls``."""

from __future__ import annotations

import errno
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedback.ratings import Rating
from kiosk.storage.closed import stores
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from kiosk.storage.recovery import Recovery
from tests.faults.life import settings
from tests.faults.oracle import rows_of
from tests.faults.spoiling import FRAME, PAGE
from tests.kiosk.storage.presses import Customer, FakeClock, press


@pytest.mark.strace
def test_whatever_call_fails_nobody_is_thanked_in_vain() -> None:
    words = [
        sys.executable,
        "-m",
        "tests.faults.syscalls",
        "--calls",
        "12",
        "--seed",
        "12",
        "--phase",
        "record",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    last = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, done.stderr
    assert last["tried"] == 12
    assert last["controls"] == last["controls_caught"] == 1


@pytest.mark.parametrize("passes", [0, 1])
def test_a_card_that_cannot_be_read_for_a_moment_is_recovered_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: int
) -> None:
    """The pages are read twice: first for what the rows mean, then for the rows."""
    kiosk = settings(tmp_path)
    prepare_answers(kiosk)
    recorder, customer = Recorder(kiosk.answers_db, FakeClock()), Customer()
    thanked = customer.puts(recorder, press(Rating.BAD))
    recorder.stop()
    with kiosk.answers_db.open("r+b") as file:
        file.write(b"no header any more")
    prepare_answers(kiosk)

    (aside,) = kiosk.answers_db.parent.glob("damaged-*")
    sizes = [(aside / f"answers.db{part}").stat().st_size for part in ("", "-wal")]
    sound = passes * (sizes[0] // PAGE + sizes[1] // FRAME)
    reads, pread = itertools.count(), os.pread

    def failing(descriptor: int, size: int, at: int) -> bytes:
        if next(reads) < sound:
            return pread(descriptor, size, at)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as faulty:
        faulty.setattr(os, "pread", failing)
        recover(kiosk.answers_db.parent)
    recover(kiosk.answers_db.parent)

    assert [answer for _, answer in rows_of(stores(kiosk.answers_db.parent))] == list(thanked)


def recover(folder: Path) -> None:
    """What a start does when nobody presses."""
    recovery = Recovery(folder)
    while recovery.step():
        pass
