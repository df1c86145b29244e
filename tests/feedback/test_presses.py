"""From rows to presses: which rows count, and what is learnt of a press from those behind it."""

from hypothesis import given as every
from hypothesis import strategies as st

from feedback.answers import Answer, Ask, Moment, Outcome, Place, Source
from feedback.misuse import RatingPress
from feedback.presses import SPAN, Given, given, opening_presses
from feedback.ratings import Kind, Rating

AT = Moment("boot", 5_000, 0)
PRESS = Given(10, 10, Kind.RATING, 4, AT)
ENDED = Given(11, 10, Kind.OUTCOME, Outcome.ANSWERED.value, AT)
WHY = Given(12, 10, Kind.CHOICE, 2, AT)
HELD = Given(15, 10, Kind.OUTCOME, Outcome.HELD.value, AT)


def test_a_press_is_the_rating_that_opened_its_response() -> None:
    """A rating asked for later is an answer of its own question and no press."""
    later = Given(11, 10, Kind.RATING, 2, AT)
    stars = Given(12, 12, Kind.STARS, 2, AT)

    assert [RatingPress(10, Rating.GOOD, "boot", 5_000, followed=True)] == opening_presses(
        [PRESS, later, stars]
    )


def test_what_came_behind_says_held_and_followed() -> None:
    """An outcome is no answer to a question; any other kind is, and each belongs to one press."""
    other = Given(20, 20, Kind.RATING, 5, AT, test=True)

    assert [(False, False)] == marks(PRESS, ENDED)
    assert [(False, True)] == marks(PRESS, WHY, ENDED)
    assert [(True, False), (False, False)] == marks(PRESS, ENDED, HELD, other)
    assert [False, True] == [press.test for press in opening_presses([PRESS, other])]


def test_what_comes_too_far_behind_says_nothing() -> None:
    """Central looks no further, so the kiosk does not either."""
    last, beyond = (HELD._replace(seq=PRESS.seq + SPAN + more) for more in (0, 1))

    assert [(True, False)] == marks(PRESS, last)
    assert [(False, False)] == marks(PRESS, beyond)


def test_a_press_outside_the_hours_is_marked_by_its_seq() -> None:
    assert [True] == [press.closed for press in opening_presses([PRESS], {10})]
    assert [False] == [press.closed for press in opening_presses([PRESS], {11})]


def test_an_answer_is_given_as_it_was_stored() -> None:
    """The kiosk's own answers take the same way as central's rows."""
    ask = Ask("exit", 4, "visit", Kind.RATING, "az")
    answer = Answer(10, 10, Place("b12", "exit-1"), ask, 4, Source.TOUCH, AT)

    assert PRESS == given(answer)


@every(st.permutations([PRESS, ENDED, WHY, HELD]))
def test_in_whatever_order_rows_are_read_a_press_is_the_same(rows: list[Given]) -> None:
    """Central puts new rows beside those it reads."""
    assert [(True, True)] == marks(*rows)


def marks(*rows: Given) -> list[tuple[bool, bool]]:
    return [(press.held, press.followed) for press in opening_presses(rows)]
