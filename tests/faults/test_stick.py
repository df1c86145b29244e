"""A small size of ``python -m tests.faults.stick``, and its judge by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from central.store import tables
from central.store.database import writing
from tests.carrying import Carrier
from tests.faults.network.judge import Verdict
from tests.faults.stick.controls import CONTROLS
from tests.faults.stick.judge import Watch, judge

ROOT = Path(__file__).parents[2]


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    """Ten customers' answers, there and back."""
    made = Carrier(tmp_path)
    made.press(10)
    made.export()
    made.central()
    made.take()
    yield made
    made.close()


def verdict_of(carrier: Carrier) -> Verdict:
    verdict = Verdict()
    judge(carrier, verdict)
    return verdict


def test_what_went_there_and_back_is_sound(carrier: Carrier) -> None:
    assert verdict_of(carrier).sound


def test_the_judge_sees_what_central_lost(carrier: Carrier) -> None:
    with writing(carrier.store) as connection:
        connection.execute(delete(tables.answers).where(tables.answers.c.seq == 3))

    assert "lost" in verdict_of(carrier).kinds


def test_the_judge_sees_what_is_counted_twice(carrier: Carrier) -> None:
    with writing(carrier.store) as connection:
        connection.execute(update(tables.counts).values(n=tables.counts.c.n + 1))

    assert "duplicated" in verdict_of(carrier).kinds


def test_the_watch_sees_a_cursor_that_is_ahead_of_central(carrier: Carrier) -> None:
    carrier.press(1)
    CONTROLS["cursor moved at export"].after_export(carrier)  # type: ignore[misc]
    verdict = Verdict()
    Watch(carrier, verdict).look()

    assert "lost" in verdict.kinds


def test_every_trip_ends_well_and_what_is_wrong_is_caught() -> None:
    """Two of the wrong versions; ``.ci/run`` tries all of them."""
    words = (
        *(sys.executable, "-m", "tests.faults.stick", "--seed", "1"),
        *("--trips", "8", "--each", "8", "--controls", "2"),
    )
    run = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    line = json.loads(run.stdout.splitlines()[-1])

    assert line["tried"] == 8
    assert line["controls"] == line["controls_caught"] == 2
    assert 0 == line["lost"] + line["invented"] + line["duplicated"] + line["corrupt"]
