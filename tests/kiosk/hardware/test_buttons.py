"""Buttons on mock pins: gpiozero's own back end without a board."""

from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from feedback.answers import Source
from feedback.errors import SettingsError
from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.hardware import pins
from kiosk.hardware.buttons import Buttons

PINS = dict(zip(SHOWN_ORDER, (5, 6, 13, 19, 26), strict=True))


@pytest.fixture
def mock() -> Iterator[MockFactory]:
    factory = pins.factory("mock")
    yield factory
    factory.reset()


@pytest.fixture
def presses() -> list[tuple[Rating, Source]]:
    return []


@pytest.fixture
def buttons(mock: MockFactory, presses: list[tuple[Rating, Source]]) -> Iterator[Buttons]:
    made = Buttons(PINS, lambda rating, source: presses.append((rating, source)), mock)
    yield made
    made.close()


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_a_contact_closed_to_ground_presses_its_rating(
    rating: Rating, mock: MockFactory, buttons: Buttons, presses: list[tuple[Rating, Source]]
) -> None:
    pins.press(mock, PINS[rating])
    assert presses == [(rating, Source.BUTTON)]


def test_nothing_is_pressed_by_setting_up_or_letting_go(
    mock: MockFactory, buttons: Buttons, presses: list[tuple[Rating, Source]]
) -> None:
    assert presses == []
    mock.pin(5).drive_low()
    presses.clear()
    mock.pin(5).drive_high()
    assert presses == []


def test_a_button_held_down_presses_once(
    mock: MockFactory, buttons: Buttons, presses: list[tuple[Rating, Source]]
) -> None:
    mock.pin(6).drive_low()
    mock.pin(6).drive_low()
    assert presses == [(Rating.GOOD, Source.BUTTON)]


def test_every_edge_is_handed_on_because_bounce_is_judged_in_the_visit(
    mock: MockFactory, buttons: Buttons, presses: list[tuple[Rating, Source]]
) -> None:
    for _ in range(5):
        pins.press(mock, 13)
    assert presses == [(Rating.NEUTRAL, Source.BUTTON)] * 5


def test_two_buttons_held_together_press_both(
    mock: MockFactory, buttons: Buttons, presses: list[tuple[Rating, Source]]
) -> None:
    mock.pin(5).drive_low()
    mock.pin(26).drive_low()
    assert [rating for rating, _ in presses] == [Rating.EXCELLENT, Rating.UNACCEPTABLE]


def test_a_pin_that_does_not_exist_is_refused_in_one_sentence(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match=r"^buttons: bad = 99: .*expected a free GPIO number$"):
        Buttons({Rating.BAD: 99}, lambda *_: None, mock)


def test_a_pin_that_is_taken_is_refused_and_the_others_are_let_go(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match="good = 5"):
        Buttons({Rating.EXCELLENT: 5, Rating.GOOD: 5}, lambda *_: None, mock)
    Buttons({Rating.EXCELLENT: 5}, lambda *_: None, mock).close()


def test_a_kiosk_without_buttons_has_none(mock: MockFactory) -> None:
    Buttons({}, lambda *_: None, mock).close()
