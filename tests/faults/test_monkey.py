"""A small size of ``python -m tests.faults.monkey`` and ``tests.faults.soak``, and their judges by themselves."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.faults.soak import Reading, Soaked

pytestmark = pytest.mark.screen


def last_line(*words: str) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", *words], check=False, capture_output=True, text=True, timeout=600
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_a_monkey_breaks_nothing_and_wrong_kiosks_are_found_out() -> None:
    code, said = last_line("tests.faults.monkey", "--count", "200", "--seed", "3")

    assert (0, 200) == (code, said["tried"])
    assert (3, 3) == (said["controls"], said["controls_caught"])
    assert (0, 0, 0) == (said["crashes"], said["escapes"], said["stuck"])
    assert said["thanked_answers"]


@pytest.mark.parametrize(
    ("last", "wrong"),
    [
        (Reading(24, 104_900, 40, 65), []),
        (Reading(24, 105_100, 40, 9), ["memory grew from 100000 KiB at hour 2 to 105100"]),
        (Reading(24, 90_000, 41, 9), ["40 files were open at hour 2, 41 at the end"]),
        (Reading(24, 90_000, 40, 66), ["66 files of fonts were open at the end, 65 at most are expected"]),
    ],
)
def test_a_day_is_judged_by_its_second_hour(last: Reading, wrong: list[str]) -> None:
    soaked = Soaked([Reading(1, 50_000, 30, 5), Reading(2, 100_000, 40, 9), last])

    assert wrong == soaked.wrong()
