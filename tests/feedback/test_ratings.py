"""The five ratings and the scales beside them."""

import pytest

from feedback.ratings import SHOWN_ORDER, Kind, Measures, Rating, as_rating


def test_the_weights_are_those_of_the_published_definition() -> None:
    """Excellent 10, Good 5, Neutral 0, Bad -5, Unacceptable -10."""
    assert [10, 5, 0, -5, -10] == [rating.weight for rating in SHOWN_ORDER]


def test_an_unknown_rating_is_named_with_what_was_expected() -> None:
    """A word in a script or a settings file that is no rating is answered with the five that are."""
    with pytest.raises(
        ValueError, match=r"'fine' is not a rating: expected one of excellent, good, neutral, bad"
    ):
        Rating.named("fine")


@pytest.mark.parametrize("kind", [Kind.NPS, Kind.CES, Kind.CSAT, Kind.YES_NO, Kind.CHOICE, Kind.OUTCOME])
def test_other_questions_never_enter_the_sli(kind: Kind) -> None:
    """What asks something else is never turned into a smiley."""
    assert {None} == {as_rating(kind, value) for value in kind.values}


def test_four_faces_have_no_middle() -> None:
    """Four faces count +10, +5, -5 and -10."""
    weights = [as_rating(Kind.FACES4, value).weight for value in Kind.FACES4.values]  # type: ignore[union-attr]

    assert [-10, -5, 5, 10] == weights


def test_a_service_and_an_experience_are_told_apart_by_the_answer_itself() -> None:
    """The kind alone says what an answer measures, also when its survey is unknown."""
    assert {Kind.CES, Kind.CSAT} == {kind for kind in Kind if kind.measures is Measures.SERVICE}
    assert {Kind.RATING, Kind.FACES4, Kind.STARS, Kind.NPS} == {
        kind for kind in Kind if kind.measures is Measures.EXPERIENCE
    }
