"""Scores from counts: whatever is put together is put together by adding counts."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.scores.report import CHOSEN, METRICS, REPORTED, Cell, Report, Row, added, listed, report, tallied
from feedback.ratings import Kind
from feedback.scores import Score

RULES = ("", "", "", "repeat", "burst", "test")


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    kind = draw(st.sampled_from(REPORTED))
    value = draw(st.sampled_from(kind.values[:10] if kind is Kind.CHOICE else kind.values))
    return Cell(
        "exit", draw(st.sampled_from(["visit", "why"])), kind.value, value, draw(st.sampled_from(RULES))
    )


slots = st.tuples(st.integers(0, 6), st.integers(8, 18), st.sampled_from(["arrival", "exit"]))
presses = st.lists(st.tuples(slots, cells(), st.integers(0, 40)), max_size=40)
tallies = st.dictionaries(cells(), st.integers(0, 40), max_size=12).map(Counter)


def rated(counts: dict[int, int], kind: str = "rating") -> Report:
    return report(Counter({Cell("exit", "visit", kind, value, ""): n for value, n in counts.items()}))


def score(one: Score | None) -> Score:
    assert one is not None
    return one


def test_the_golden_example() -> None:
    sli = rated({5: 181, 4: 26, 3: 4, 2: 27, 1: 12}).sli

    assert round(score(sli.score).value, 1) == 67.4
    assert (sli.n, sli.reliability, sli.set_aside) == (250, "enough", {})
    assert list(sli.counts.items()) == [
        ("excellent", 181),
        ("good", 26),
        ("neutral", 4),
        ("bad", 27),
        ("unacceptable", 12),
    ]


def test_stars_and_four_faces_enter_the_sli_and_nothing_else_does() -> None:
    tally = Counter(
        {
            Cell("exit", "visit", "rating", 5, ""): 1,
            Cell("web", "visit", "stars", 5, ""): 1,
            Cell("old", "visit", "faces4", 3, ""): 1,
            Cell("exit", "easy", "ces", 1, ""): 50,
            Cell("exit", "recommend", "nps", 0, ""): 50,
            Cell("exit", "service", "csat", 1, ""): 50,
            Cell("exit", "again", "yes_no", 0, ""): 50,
        }
    )

    assert report(tally).sli.counts == {"excellent": 2, "good": 1, "neutral": 0, "bad": 0, "unacceptable": 0}


def test_a_score_of_nought_is_not_the_same_as_no_score() -> None:
    assert score(rated({3: 40}).sli.score).value == 0
    assert rated({}).sli.score is None


def test_below_ten_answers_only_counts_may_be_shown() -> None:
    assert [rated({5: n}).sli.reliability for n in (0, 9, 10, 29, 30)] == [
        "counts_only",
        "counts_only",
        "few_answers",
        "few_answers",
        "enough",
    ]


def test_what_is_set_aside_is_told_by_rule_and_not_counted() -> None:
    tally = Counter(
        {
            Cell("exit", "visit", "rating", 5, ""): 12,
            Cell("exit", "visit", "rating", 1, "burst"): 9,
            Cell("exit", "visit", "rating", 1, "repeat"): 2,
            Cell("exit", "visit", "rating", 2, "repeat"): 1,
            Cell("exit", "recommend", "nps", 2, "test"): 4,
        }
    )
    one = report(tally)

    assert (score(one.sli.score).value, one.sli.n) == (100, 12)
    assert one.sli.set_aside == {"burst": 9, "repeat": 3}
    assert one.nps.set_aside == {"test": 4}


def test_reasons_are_parts_of_those_who_gave_one() -> None:
    tally = Counter({Cell("exit", "why", "choice", 1, ""): 3, Cell("exit", "why", "choice", 2, ""): 9})
    tally[Cell("exit", "why", "choice", 1, "test")] = 5

    assert [(reason.value, reason.n, reason.of) for reason in report(tally).reasons] == [
        (2, 9, 12),
        (1, 3, 12),
    ]


def test_a_day_without_answers_is_listed_without_a_score() -> None:
    rows = [Row(1, Cell("exit", "visit", "rating", 5, ""), 3)]

    (_, first), (_, second) = listed(tallied(rows), [1, 2])

    assert (first.sli.n, second.sli.n, second.sli.score) == (3, 0, None)


def test_every_kind_that_can_be_scored_is_scored() -> None:
    assert {kind for kind in Kind if kind.measures} == set(REPORTED) - set(CHOSEN)


@pytest.mark.parametrize("part", ["day", "hour", "stage"])
@given(pressed=presses)
def test_the_parts_add_up_to_the_total(
    part: str, pressed: list[tuple[tuple[int, int, str], Cell, int]]
) -> None:
    """However answers are grouped, the groups together hold every answer once and give the total's scores."""
    at = ["day", "hour", "stage"].index(part)
    total = tallied(Row("total", cell, n) for _, cell, n in pressed).get("total", Counter())
    parts = tallied(Row(slot[at], cell, n) for slot, cell, n in pressed)

    assert added(parts.values()) == total
    assert report(added(parts.values())) == report(total)
    for metric in METRICS:
        name = metric.name.lower()
        assert getattr(report(total), name).n == sum(getattr(report(one), name).n for one in parts.values())


@given(one=tallies, other=tallies)
def test_branches_combine_by_adding_counts(one: Counter[Cell], other: Counter[Cell]) -> None:
    together, apart = report(added([one, other])), (report(one), report(other))

    for name in ("sli", "nps", "ces", "csat"):
        measured = getattr(together, name)
        for level, n in measured.counts.items():
            assert n == sum(getattr(part, name).counts[level] for part in apart)


@given(tally=tallies)
def test_an_interval_holds_its_score(tally: Counter[Cell]) -> None:
    one = report(tally)
    for measured in (one.sli, one.nps, one.ces, one.csat):
        if measured.score:
            # Wilson's ends may be off by the last bit of a float.
            assert measured.score.low - 1e-9 <= measured.score.value <= measured.score.high + 1e-9
            assert measured.score.low < measured.score.high
