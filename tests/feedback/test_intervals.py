"""A small size of ``python -m tests.intervals``, and the judge by itself."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import pytest

from feedback.ratings import Measures
from feedback.scores import Score, ces, csat
from tests.intervals import LEAST, MIXES, MOST, NARROW, SCORES, Cell, simulate

SIZES = (10, 20, 50)
SAMPLES = 3_000


@cache
def cells() -> list[Cell]:
    return list(simulate(SAMPLES, 1, SIZES))


@pytest.mark.parametrize("name", SCORES)
def test_every_interval_covers_what_it_says(name: str) -> None:
    """From ten answers on, where a score is shown."""
    found = [cell for cell in cells() if cell.score == name]

    assert len(SIZES) * 5 == len(found)
    assert [] == [cell for cell in found if cell.outside]


def test_above_its_bounds_is_only_what_cannot_be_within() -> None:
    """A share of ten answers has eleven values; samples that are nearly all alike hide their spread."""
    above = [cell for cell in cells() if cell.above]

    assert {("CSAT", "as the example", 10)} == {
        (cell.score, cell.mix, cell.n) for cell in above if cell.mix != NARROW
    }
    assert all(cell.coverage < 99.2 for cell in above)


def test_ten_answers_of_which_82_8_percent_are_good_allow_no_interval_within_the_bounds() -> None:
    """Whatever run of neighbouring counts an interval takes in, its chance is under 93 % or over 98 %."""
    crowd = MIXES["faces"]["as the example"]
    share = sum(crowd[3:]) / sum(crowd)
    chance = [math.comb(10, k) * share**k * (1 - share) ** (10 - k) for k in range(11)]
    runs = [100 * sum(chance[first:last]) for first in range(11) for last in range(first + 1, 12)]

    assert [] == [run for run in runs if LEAST <= run <= MOST]


def test_the_simulation_agrees_with_the_sum_over_all_that_can_happen() -> None:
    """The share of good answers in fifty takes 51 values, each with a chance that is known."""
    crowd = MIXES["faces"]["mostly bad"]
    share = sum(crowd[3:]) / sum(crowd)
    held = 0.0
    for good in range(51):
        score = csat({5: good, 1: 50 - good})
        assert score is not None
        if score.low <= 100 * share <= score.high:
            held += math.comb(50, good) * share**good * (1 - share) ** (50 - good)
    (cell,) = [c for c in cells() if (c.score, c.mix, c.n) == ("CSAT", "mostly bad", 50)]

    assert pytest.approx(100 * held, abs=1.2) == cell.coverage  # three of its standard errors


def wald(counts: Mapping[int, int]) -> Score:
    """The textbook's interval of a mean, too narrow for few answers."""
    n = sum(counts.values())
    mean = sum(level * count for level, count in counts.items()) / n
    variance = sum(count * (level - mean) ** 2 for level, count in counts.items()) / n
    reach = 1.96 * math.sqrt(variance / n)
    return Score("CES", Measures.SERVICE, mean, mean - reach, mean + reach, n)


def twice(counts: Mapping[int, int]) -> Score:
    """An interval nobody could be wrong with."""
    score = ces(counts)
    assert score is not None
    return Score(score.name, score.measures, score.value, score.low - 1, score.high + 1, score.n)


@pytest.mark.parametrize("wrong", [wald, twice])
def test_a_wrong_interval_is_caught(wrong: object) -> None:
    found = simulate(1_000, 1, SIZES, {"CES": (wrong, "1..7", 1)})  # type: ignore[dict-item]  # both are

    assert any(cell.outside for cell in found)


def test_the_command_prints_the_table_and_a_line_of_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.intervals", "--samples", "20", "--seed", "3"],
        check=False,
        capture_output=True,
        text=True,
    )
    *table, last = done.stdout.splitlines()

    assert {"samples": 20, "seed": 3, "intervals": 140}.items() <= json.loads(last).items()
    assert 20 == sum(line.startswith(tuple(SCORES)) for line in table)
    assert "160 of 160 cells" in done.stderr
