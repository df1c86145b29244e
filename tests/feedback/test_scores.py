"""Scores from counts, with their intervals."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.ratings import Measures, Rating
from feedback.scores import Score, added, band, ces, csat, nps, sli

EXAMPLE = dict(zip(sorted(Rating, reverse=True), (181, 26, 4, 27, 12), strict=True))
COUNTS = st.dictionaries(st.sampled_from(list(Rating)), st.integers(0, 500))


def known(score: Score | None) -> Score:
    """*score*, which is there."""
    assert score is not None
    return score


@pytest.mark.parametrize(
    ("score", "ends"), [(sli, (-100, 100)), (nps, (-100, 100)), (ces, (1, 7)), (csat, (0, 100))]
)
@given(st.dictionaries(st.integers(1, 5), st.integers(1, 5_000), min_size=1))
def test_an_interval_holds_its_score(
    score: Callable[[Mapping[int, int]], Score | None], ends: tuple[int, int], counts: dict[int, int]
) -> None:
    """Also with a single answer, also at the very end of the scale, where the interval ends too."""
    found = known(score(counts))

    assert ends[0] <= found.low <= found.value <= found.high <= ends[1]
    assert found.low < found.high


@pytest.mark.parametrize("score", [sli, nps, ces, csat])
def test_no_answers_are_no_score(score: Callable[[Mapping[int, int]], Score | None]) -> None:
    """Nothing asked, nothing scored: 0 is a score like any other."""
    assert score({}) is None


def test_the_worked_example() -> None:
    """181, 26, 4, 27 and 12 of 250 make 67.4, give or take about seven and a half."""
    score = known(sli(EXAMPLE))

    assert score.value == pytest.approx(67.4)
    assert (pytest.approx(58.7, abs=0.05), pytest.approx(74.0, abs=0.05)) == (score.low, score.high)
    assert ("SLI", Measures.EXPERIENCE, 250) == (score.name, score.measures, score.n)


@pytest.mark.parametrize("rating", list(Rating))
def test_all_equal_answers_still_leave_a_doubt(rating: Rating) -> None:
    """Five times the same face is no certainty."""
    score = known(sli({rating: 5}))

    assert score.high - score.low > 10


@given(COUNTS)
def test_a_score_stays_on_its_scale(counts: dict[Rating, int]) -> None:
    """Whatever is pressed, the SLI and both ends of its interval lie within -100..100."""
    score = sli(counts)

    if sum(counts.values()):
        assert -100 <= known(score).low <= known(score).high <= 100
        assert -100 <= known(score).value <= 100
    else:
        assert score is None


@given(COUNTS, COUNTS)
def test_branches_combine_by_adding_counts(here: dict[Rating, int], there: dict[Rating, int]) -> None:
    """Two branches together score as if all their customers had stood at one kiosk."""
    both = sli(added(here, there))
    total = {rating: here.get(rating, 0) + there.get(rating, 0) for rating in Rating}

    assert sli(total) == both


def test_more_answers_leave_less_doubt() -> None:
    """Ten times the answers, about a third of the width."""
    few = known(sli(EXAMPLE))
    many = known(sli({rating: 10 * count for rating, count in EXAMPLE.items()}))

    assert (many.high - many.low) == pytest.approx((few.high - few.low) / 10**0.5, rel=0.05)


@pytest.mark.parametrize(("good", "n"), [(4, 5), (5, 10), (207, 250), (80, 100)])
def test_csat_has_agresti_and_coulls_interval(good: int, n: int) -> None:
    """As published for a share: 1.96 squared more answers, half of them good."""
    more = 1.96**2
    share = (good + more / 2) / (n + more)
    reach = 1.96 * (share * (1 - share) / (n + more)) ** 0.5

    score = known(csat({5: good, 2: n - good}))

    assert (pytest.approx(100 * (share - reach)), pytest.approx(100 * (share + reach))) == (
        score.low,
        score.high,
    )
    assert Measures.SERVICE is score.measures


@pytest.mark.parametrize(("good", "low", "high"), [(0, 0, 48.9), (5, 51.1, 100)])
def test_a_share_of_none_or_all_is_cut_at_the_end(good: int, low: float, high: float) -> None:
    """Five of five good answers say little of the sixth."""
    score = known(csat({5: good, 2: 5 - good}))

    assert (pytest.approx(low, abs=0.05), pytest.approx(high, abs=0.05)) == (score.low, score.high)


def test_nps_is_promoters_less_detractors() -> None:
    """9 and 10 promote, 0 to 6 detract, 7 and 8 are neither."""
    score = known(nps({10: 30, 9: 20, 8: 15, 7: 15, 6: 10, 0: 10}))

    assert score.value == pytest.approx(30)
    assert (score.low, score.high) == (pytest.approx(13.7, abs=0.05), pytest.approx(44.1, abs=0.05))


def test_effort_is_a_mean_of_one_to_seven() -> None:
    """CES stays on its own scale."""
    score = known(ces({7: 5, 5: 5}))

    assert score.value == pytest.approx(6)
    assert 1 <= score.low < 6 < score.high <= 7


@pytest.mark.parametrize(
    ("n", "shown"), [(9, "counts_only"), (10, "few_answers"), (29, "few_answers"), (30, "enough")]
)
def test_few_answers_are_said_to_be_few(n: int, shown: str) -> None:
    """Below 10 only counts, below 30 with a warning."""
    assert shown == known(sli({Rating.GOOD: n})).reliability


def test_the_bands_meet_without_overlapping() -> None:
    """The better word takes the edge."""
    assert ["excellent", "good", "neutral", "bad", "unacceptable"] == [
        band(value) for value in (50, 49.9, 0, -0.1, -50)
    ]
