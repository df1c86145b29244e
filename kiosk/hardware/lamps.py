"""Lamps beside the buttons. They say "you may press" and never which was pressed."""

from __future__ import annotations

from collections.abc import Mapping

from gpiozero import LED
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from feedback.errors import SettingsError
from feedback.ratings import Rating
from kiosk.visit import Screen


class Lamps:
    """
    The lamps of one kiosk, a watcher of its visits.

    All are lit together while a press is waited for and dark otherwise, whatever was pressed: from a lamp
    nobody learns an answer. Dark while out of order, and while the branch is closed.

    Args:
        pins: The pin of each rating's lamp (BCM numbers).
        factory: Where the pins are.

    Raises:
        SettingsError: A pin cannot carry a lamp.
    """

    def __init__(self, pins: Mapping[Rating, int], factory: Factory) -> None:
        self._lamps: list[LED] = []
        for rating, pin in pins.items():
            try:
                lamp = LED(pin, initial_value=False, pin_factory=factory)
            except (GPIOZeroError, ValueError) as error:
                self.close()
                raise SettingsError(
                    f"lamps: {rating.word} = {pin}: no lamp can be lit there ({error}); expected a free GPIO number"
                ) from None
            self._lamps.append(lamp)

    def show(self, screen: Screen) -> None:
        """Light or darken all of them for what the *screen* shows. Also to be called once at the start."""
        lit = screen is Screen.WELCOME
        for lamp in self._lamps:
            lamp.value = lit

    def close(self) -> None:
        """Darken them and let the pins go."""
        for lamp in self._lamps:
            lamp.off()
            lamp.close()
        self._lamps.clear()
