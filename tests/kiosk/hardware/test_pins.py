import builtins
import importlib.util
from typing import Any

import pytest
from gpiozero.exc import PinUnknownPi

from feedback.errors import SettingsError
from kiosk.hardware import pins


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingsError, match=r"^pins = 'rpi': expected one of lgpio, mock$"):
        pins.factory("rpi")


@pytest.mark.skipif(importlib.util.find_spec("lgpio") is not None, reason="lgpio is installed here")
def test_without_lgpio_the_sentence_says_what_to_install() -> None:
    with pytest.raises(SettingsError, match=r"lgpio is not installed.*apt-get install python3-lgpio"):
        pins.factory("lgpio")


@pytest.mark.parametrize("trouble", [PinUnknownPi("no revision"), OSError("can not open gpiochip")])
def test_a_machine_without_pins_is_named_in_one_sentence(trouble: Exception) -> None:
    def fail() -> Any:
        raise trouble

    with pytest.raises(SettingsError, match=r"cannot be opened .*is this a Pi"):
        pins.opened(fail)


def test_a_fault_of_ours_is_not_disguised_as_a_setting() -> None:
    with pytest.raises(builtins.ZeroDivisionError):
        pins.opened(lambda: 1 // 0)
