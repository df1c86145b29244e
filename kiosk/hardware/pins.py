"""
Which pins there are: those of a Raspberry Pi, or mock pins that a program or a test moves.

Factories are imported by name and passed in. gpiozero's own choice, by an environment variable or by trying
one after the other, looks in package metadata that a PyInstaller bundle does not have.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from feedback.errors import SettingsError

NAMES = ("lgpio", "mock")


def factory(name: str) -> Factory:
    """
    The pin factory called *name*: ``lgpio`` on a Pi, ``mock`` anywhere.

    Raises:
        SettingsError: There is no such factory, or this machine has no pins for it.
    """
    if name == "mock":
        return MockFactory(pin_class=MockPWMPin)
    if name == "lgpio":
        return _lgpio()
    raise SettingsError(f"pins = {name!r}: expected one of {', '.join(NAMES)}")


def press(pins: Factory, number: int) -> None:
    """Press and release the button on the mock pin *number*, as a finger would: it closes a contact to ground."""
    pin = pins.pin(number)
    pin.drive_low()
    pin.drive_high()


def _lgpio() -> Factory:
    try:
        # Imported here: gpiozero's module needs the C library, which only a Pi has.
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415
    except ImportError:
        raise SettingsError(
            'pins = "lgpio": the library lgpio is not installed; on a Pi: apt-get install python3-lgpio, '
            'elsewhere: pins = "mock"'
        ) from None
    if not hasattr(importlib.import_module("lgpio"), "gpiochip_open"):
        # On Python 3.13 pip installs lgpio 0.0.0.2, an empty stub that imports without complaint.
        raise SettingsError(
            'pins = "lgpio": the installed lgpio is an empty stub; remove it and apt-get install python3-lgpio'
        )
    return opened(LGPIOFactory)


def opened(make: Callable[[], Factory]) -> Factory:
    """
    The factory that *make* opens.

    Raises:
        SettingsError: This machine has no pins, or may not use them.
    """
    try:
        return make()
    except Exception as error:
        # lgpio raises a bare Exception of its own, gpiozero several others.
        if not isinstance(error, GPIOZeroError | OSError) and type(error).__module__ != "lgpio":
            raise
        raise SettingsError(
            f'pins = "lgpio": this machine\'s pins cannot be opened ({error}); is this a Pi, and is the user in '
            'the group gpio? Elsewhere: pins = "mock"'
        ) from None
