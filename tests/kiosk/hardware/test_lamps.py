from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from feedback.errors import SettingsError
from feedback.ratings import SHOWN_ORDER, Kind, Rating
from feedback.surveys import Question, Survey
from kiosk import visit as visits
from kiosk.hardware import pins
from kiosk.hardware.lamps import Lamps
from kiosk.visit import Screen, Visit

SURVEY = Survey("exit", 1, ("en",), "en", (Question("visit", Kind.RATING, {"en": "How was it?"}),))
PINS = dict(zip(SHOWN_ORDER, (17, 18, 22, 23, 24), strict=True))


@pytest.fixture
def mock() -> Iterator[MockFactory]:
    factory = pins.factory("mock")
    yield factory
    factory.reset()


@pytest.fixture
def lamps(mock: MockFactory) -> Iterator[Lamps]:
    made = Lamps(PINS, mock)
    yield made
    made.close()


def lit(mock: MockFactory) -> list[bool]:
    return [bool(mock.pin(pin).state) for pin in PINS.values()]


def test_all_are_lit_while_a_press_is_waited_for(mock: MockFactory, lamps: Lamps) -> None:
    lamps.show(Visit().screen)
    assert lit(mock) == [True] * 5


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_all_go_dark_together_whatever_is_pressed(rating: Rating, mock: MockFactory, lamps: Lamps) -> None:
    lamps.show(Visit().screen)
    lamps.show(visits.pressed(Visit(), SURVEY, rating, 1_000).visit.screen)
    assert lit(mock) == [False] * 5


@pytest.mark.parametrize("screen", [Screen.THANKS, Screen.OUT_OF_ORDER, Screen.QUIET])
def test_all_are_dark_while_no_press_is_waited_for(screen: Screen, mock: MockFactory, lamps: Lamps) -> None:
    lamps.show(Visit().screen)
    lamps.show(screen)
    assert lit(mock) == [False] * 5


def test_every_lamp_has_the_same_history_after_any_visit(mock: MockFactory, lamps: Lamps) -> None:
    visit = Visit()
    for rating in SHOWN_ORDER:
        visit = visits.pressed(visit, SURVEY, rating, visit.ring_until_ms + 1_000).visit
        lamps.show(visit.screen)
        visit = visits.failed(visit) if rating is Rating.BAD else Visit(edges=visit.edges)
        lamps.show(visit.screen)
    histories = [[state for _, state in mock.pin(pin).states] for pin in PINS.values()]
    assert all(history == histories[0] for history in histories)


def test_a_lamp_on_a_pin_that_does_not_exist_is_refused_in_one_sentence(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match=r"^lamps: good = 77: .*expected a free GPIO number$"):
        Lamps({Rating.GOOD: 77}, mock)


def test_closing_leaves_them_dark(mock: MockFactory) -> None:
    lamps = Lamps(PINS, mock)
    lamps.show(Visit().screen)
    lamps.close()
    assert lit(mock) == [False] * 5
