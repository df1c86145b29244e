"""A small size of ``python -m tests.faults.kill``, and the judge by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from feedback.answers import Answer
from feedback.ratings import Rating
from tests.faults.oracle import Ledger, judge, spelled
from tests.kiosk.storage.presses import press

STORE = "ab"


def stored(seq: int = 1, rating: Rating = Rating.BAD) -> list[Answer]:
    """One press as it stands in the store."""
    return [replace(answer, seq=seq + at, response=seq) for at, answer in enumerate(press(rating))]


def ledger(*groups: list[Answer], thanked: bool = True) -> Ledger:
    """Somebody pressed each of *groups* and was thanked for it."""
    made = Ledger()
    for answers in groups:
        first = answers[0]
        moment = (first.moment.boot, first.moment.boot_ms, first.moment.wall_ms)
        said = [["P", first.value, first.source.value, first.ask.language, *moment]]
        if thanked:
            said.append(["T", STORE, *(spelled(answer) for answer in answers)])
        made.take("".join(json.dumps(line) + "\n" for line in said).encode())
    return made


def rows(answers: list[Answer]) -> list[tuple[str, Answer]]:
    return [(STORE, answer) for answer in answers]


def test_what_was_thanked_for_and_is_there_is_sound() -> None:
    assert judge(ledger(stored()), rows(stored())).sound


def test_a_press_in_flight_may_be_there_or_not() -> None:
    assert judge(ledger(stored(), thanked=False), rows(stored())).sound
    assert judge(ledger(stored(), thanked=False), []).sound


@pytest.mark.parametrize(
    ("there", "fault"),
    [
        ([], "lost"),
        (stored()[:1], "lost"),
        (stored(rating=Rating.GOOD), "lost"),
        (stored(rating=Rating.GOOD), "invented"),
        ([*stored(), *stored(seq=3)], "duplicated"),
    ],
)
def test_the_judge_sees(there: list[Answer], fault: str) -> None:
    assert getattr(judge(ledger(stored()), rows(there)), fault)


def test_a_line_that_the_kill_has_cut_was_seen_by_nobody() -> None:
    cut = Ledger()
    cut.take(b'["P", 1, "t"')

    assert cut.pressed == {}


def test_killed_at_any_instant_nothing_is_lost_or_invented() -> None:
    words = [sys.executable, "-m", "tests.faults.kill", "--count", "60", "--window-every", "0", "--seed", "1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    last = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, done.stderr
    assert last["tried"] == 60
    # There was something to lose.
    assert last["thanked_answers"] > 120
    assert last["controls"] == last["controls_caught"] == 2


@pytest.mark.screen
def test_killed_with_its_window_nothing_is_lost_or_invented() -> None:
    words = [sys.executable, "-m", "tests.faults.kill", "--count", "4", "--window-every", "2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["windows"] == 2
