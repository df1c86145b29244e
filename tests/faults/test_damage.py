"""A small size of ``python -m tests.faults.damage``."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def damage(*words: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    command = [sys.executable, "-m", "tests.faults.damage", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    return done, json.loads(done.stdout.splitlines()[-1])


def test_a_spoiled_database_costs_what_was_spoiled_and_invents_nothing() -> None:
    done, last = damage("--files", "20", "--part", "database")

    assert done.returncode == 0, done.stderr
    assert last["tried"] == 20
    assert last["moved_aside"] > 3
    assert last["recall"] >= 0.95
    assert last["controls"] == last["controls_caught"] == 1


def test_a_spoiled_wal_costs_nothing_that_can_still_be_read() -> None:
    """
    What stands behind the spoiled part is found. Only a WAL whose end is gone leaves no trace of its last
    numbers: those that central never had may be given again.
    """
    _, last = damage("--files", "20", "--part", "wal")

    assert (last["lost"], last["invented"], last["corrupt"]) == (0, 0, 0)
    assert last["seconds_to_thank_longest"] < 10
    assert all(short.split(": ")[1] in {"WAL truncated", "gone", "blocks"} for short in last["short_by_kind"])
