"""The buzzer on mock pins: every press sounds alike."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from feedback.errors import SettingsError
from kiosk.hardware import pins
from kiosk.hardware.buzzer import SOUND_S, Buzzer

PIN = 12


@pytest.fixture
def mock() -> Iterator[MockFactory]:
    factory = pins.factory("mock")
    yield factory
    factory.reset()


def silent_again(mock: MockFactory, changes: int) -> list[bool]:
    """The states of the pin, once there are so many of them and the last is silence."""
    until = time.monotonic() + 5
    while len(mock.pin(PIN).states) < changes or mock.pin(PIN).state:
        assert time.monotonic() < until, mock.pin(PIN).states
        time.sleep(0.005)
    return [bool(state) for _, state in mock.pin(PIN).states]


def test_a_press_sounds_once_and_nobody_waits_for_it(mock: MockFactory) -> None:
    buzzer = Buzzer(PIN, mock)
    began = time.monotonic()
    buzzer.sound()
    took = time.monotonic() - began
    states = silent_again(mock, 3)
    buzzer.close()

    assert [True, False] == states[-2:]
    assert took < SOUND_S


def test_a_second_press_begins_its_sound_anew(mock: MockFactory) -> None:
    buzzer = Buzzer(PIN, mock)
    buzzer.sound()
    buzzer.sound()
    states = silent_again(mock, 3)
    buzzer.close()

    assert states[-1] is False


def test_a_kiosk_without_a_buzzer_is_silent() -> None:
    buzzer = Buzzer(None, pins.factory("mock"))
    buzzer.sound()
    buzzer.close()


def test_closing_silences_it(mock: MockFactory) -> None:
    buzzer = Buzzer(PIN, mock)
    buzzer.sound()
    buzzer.close()
    assert not mock.pin(PIN).state


def test_a_buzzer_on_a_pin_that_does_not_exist_is_refused_in_one_sentence(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match=r"^sound: buzzer = 77: .*expected a free GPIO number$"):
        Buzzer(77, mock)
