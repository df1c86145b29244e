"""Buttons on mock pins: gpiozero's own back end without a board."""

import threading
from collections.abc import Collection, Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from feedback.answers import Source
from feedback.errors import SettingsError
from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.hardware import buttons as hardware
from kiosk.hardware import pins
from kiosk.hardware.buttons import HOLD_S, Buttons

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


HOLD_TESTED_S = 0.4
LONG_S = 3 * HOLD_TESTED_S


class Sign:
    """The technician's sign, awaited."""

    def __init__(self) -> None:
        self.told: list[Collection[Rating]] = []
        self._heard = threading.Event()

    def __call__(self, ratings: Collection[Rating]) -> None:
        self.told.append(ratings)
        self._heard.set()

    def comes(self, within_s: float) -> bool:
        return self._heard.wait(within_s)


@pytest.fixture
def sign() -> Sign:
    return Sign()


@pytest.fixture
def holdable(mock: MockFactory, presses: list[tuple[Rating, Source]], sign: Sign) -> Iterator[Buttons]:
    """Buttons whose hold is short, so that a test need not wait for a technician's."""
    made = Buttons(PINS, lambda *press: presses.append(press), mock, sign, hold_s=HOLD_TESTED_S)
    yield made
    made.close()


def down(mock: MockFactory, *ratings: Rating) -> None:
    for rating in ratings:
        mock.pin(PINS[rating]).drive_low()


def up(mock: MockFactory, *ratings: Rating) -> None:
    for rating in ratings:
        mock.pin(PINS[rating]).drive_high()


OUTERMOST = (Rating.EXCELLENT, Rating.UNACCEPTABLE)


def test_the_two_outermost_buttons_held_together_are_a_technicians_sign(
    mock: MockFactory, holdable: Buttons, presses: list[tuple[Rating, Source]], sign: Sign
) -> None:
    """Told once, as long as they are held; and their presses came when they went down."""
    down(mock, *OUTERMOST)
    assert [(rating, Source.BUTTON) for rating in OUTERMOST] == presses

    assert sign.comes(10)
    assert not threading.Event().wait(LONG_S)
    up(mock, *OUTERMOST)

    assert [OUTERMOST] == sign.told
    assert 2 == len(presses)


def test_the_sign_can_be_given_again(mock: MockFactory, holdable: Buttons, sign: Sign) -> None:
    for times in (1, 2):
        down(mock, *OUTERMOST)
        assert sign.comes(10)
        sign._heard.clear()
        up(mock, *OUTERMOST)
        assert times == len(sign.told)


@pytest.mark.parametrize(
    "ratings",
    [
        (Rating.EXCELLENT,),
        (Rating.UNACCEPTABLE,),
        (Rating.EXCELLENT, Rating.GOOD),
        (Rating.NEUTRAL, Rating.UNACCEPTABLE),
    ],
)
def test_another_hold_is_nothing(
    ratings: tuple[Rating, ...], mock: MockFactory, holdable: Buttons, sign: Sign
) -> None:
    """A bag leant on one button, or on two neighbours."""
    down(mock, *ratings)
    assert not sign.comes(LONG_S)


@pytest.mark.parametrize("released", OUTERMOST)
def test_a_hold_let_go_too_early_is_nothing(
    released: Rating, mock: MockFactory, holdable: Buttons, sign: Sign
) -> None:
    down(mock, *OUTERMOST)
    threading.Event().wait(HOLD_TESTED_S / 4)
    up(mock, released)
    assert not sign.comes(LONG_S)


def test_a_button_that_is_stuck_and_a_customer_on_the_other_are_no_sign(
    mock: MockFactory, holdable: Buttons, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They did not go down together."""
    monkeypatch.setattr(hardware, "TOGETHER_S", 0.2)
    down(mock, Rating.EXCELLENT)
    threading.Event().wait(0.6)
    down(mock, Rating.UNACCEPTABLE)
    assert not sign.comes(LONG_S)


def test_buttons_that_are_down_when_the_kiosk_starts_are_no_sign(mock: MockFactory, sign: Sign) -> None:
    """Nor are they presses: a bag lay on them overnight."""
    presses: list[Rating] = []
    for rating in OUTERMOST:
        mock.pin(PINS[rating]).drive_low()
    started = Buttons(PINS, lambda rating, _: presses.append(rating), mock, sign, hold_s=HOLD_TESTED_S)

    assert not sign.comes(LONG_S)
    assert [] == presses
    started.close()


def test_a_kiosk_with_three_buttons_has_its_own_outermost(mock: MockFactory, sign: Sign) -> None:
    three = {rating: PINS[rating] for rating in (Rating.GOOD, Rating.NEUTRAL, Rating.BAD)}
    made = Buttons(three, lambda *_: None, mock, sign, hold_s=HOLD_TESTED_S)
    down(mock, Rating.GOOD, Rating.BAD)

    assert sign.comes(10)
    assert [(Rating.GOOD, Rating.BAD)] == sign.told
    made.close()


def test_one_button_alone_has_no_sign(mock: MockFactory, sign: Sign) -> None:
    made = Buttons({Rating.GOOD: 6}, lambda *_: None, mock, sign, hold_s=HOLD_TESTED_S)
    down(mock, Rating.GOOD)

    assert not sign.comes(LONG_S)
    made.close()


def test_a_technician_holds_for_five_seconds() -> None:
    assert 5.0 == HOLD_S


def test_a_pin_that_does_not_exist_is_refused_in_one_sentence(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match=r"^buttons: bad = 99: .*expected a free GPIO number$"):
        Buttons({Rating.BAD: 99}, lambda *_: None, mock)


def test_a_pin_that_is_taken_is_refused_and_the_others_are_let_go(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match="good = 5"):
        Buttons({Rating.EXCELLENT: 5, Rating.GOOD: 5}, lambda *_: None, mock)
    Buttons({Rating.EXCELLENT: 5}, lambda *_: None, mock).close()


def test_a_kiosk_without_buttons_has_none(mock: MockFactory) -> None:
    Buttons({}, lambda *_: None, mock).close()
