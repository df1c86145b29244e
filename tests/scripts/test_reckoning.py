"""The demonstration's reckoning can fail, and says where."""

from feedback.ratings import Rating
from scripts.demonstration.reckoning import Pressed, Reckoning, reckon

GOOD, BAD = Pressed("ab", 1, Rating.GOOD), Pressed("ab", 3, Rating.BAD)


def test_a_day_on_which_nothing_was_lost() -> None:
    """Two thanked, two stored once."""
    assert Reckoning(2, 2, 0, 0) == reckon({GOOD, BAD}, [], [GOOD, BAD], [GOOD, BAD])


def test_a_press_in_flight_counts_if_it_is_there_after_the_restart() -> None:
    """Killed before the thank-you: on disk it counts as pressed, else as never made."""
    assert Reckoning(2, 2, 0, 0) == reckon({GOOD}, [Rating.BAD], [GOOD, BAD], [GOOD, BAD])
    assert Reckoning(1, 1, 0, 0) == reckon({GOOD}, [Rating.BAD], [GOOD], [GOOD])


def test_an_answer_that_central_does_not_hold_is_lost() -> None:
    """Or holds with another face."""
    assert Reckoning(2, 1, 1, 0) == reckon({GOOD, BAD}, [], [GOOD, BAD], [GOOD])
    assert Reckoning(2, 1, 1, 1) == reckon(
        {GOOD, BAD}, [], [GOOD, BAD], [GOOD, BAD._replace(rating=Rating.GOOD)]
    )


def test_a_row_that_nobody_pressed_is_one_too_many() -> None:
    """Invented on the kiosk's disk and passed on to central."""
    assert Reckoning(1, 1, 0, 1) == reckon({GOOD}, [], [GOOD, BAD], [GOOD, BAD])


def test_an_answer_stored_twice_is_seen() -> None:
    """The same press in two rows."""
    assert Reckoning(1, 0, 0, 1) == reckon({GOOD}, [], [GOOD], [GOOD, GOOD])


def test_only_a_day_without_loss_is_whole() -> None:
    """One lost, one too many, or nothing pressed at all: not proven."""
    assert reckon({GOOD}, [], [GOOD], [GOOD]).is_whole
    for central in ([], [GOOD, GOOD], [GOOD, BAD]):
        assert not reckon({GOOD}, [], [GOOD], central).is_whole
    assert not reckon(set(), [], [], []).is_whole
