"""Figures of a day that is not over move in steps, whatever comes."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from feedback.steps import FEWEST, shown_before

QUARTERS = st.integers(0, 99)
CAME = st.lists(QUARTERS, max_size=120).map(Counter)


def shown(came: Counter[int], now: int) -> int:
    before = shown_before(came, now)
    return sum(n for quarter, n in came.items() if quarter < before)


@given(CAME, QUARTERS, st.integers(1, 50))
def test_what_comes_in_this_quarter_or_later_changes_nothing(came: Counter[int], now: int, more: int) -> None:
    for quarter in range(now, 100):
        assert shown_before(came + Counter({quarter: more}), now) == shown_before(came, now)


@given(CAME)
def test_every_move_is_of_five_at_least(came: Counter[int]) -> None:
    figures = [shown(came, now) for now in range(101)]

    assert all(later == earlier or later >= earlier + FEWEST for earlier, later in pairwise(figures))
    assert figures[0] == 0
    assert sum(came.values()) - figures[-1] < FEWEST


def test_five_in_one_quarter_are_shown_at_its_end_and_not_before() -> None:
    came = {40: 5}

    assert [shown_before(came, now) for now in (40, 41, 60)] == [0, 41, 41]


def test_four_wait_for_a_fifth() -> None:
    assert shown_before({40: 4}, 60) == 0
    assert shown_before({40: 4, 59: 1}, 60) == 60
