"""Five buttons below the screen: a finger closes a contact, and the rating is pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from gpiozero import Button
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from feedback.answers import Source
from feedback.errors import SettingsError
from feedback.ratings import Rating


class Buttons:
    """
    The buttons of one kiosk, each between its pin and ground.

    Args:
        pins: The pin of each rating (BCM numbers). A kiosk may have fewer buttons than ratings, or none.
        press: Called with the rating and ``Source.BUTTON``, in the pins' own thread.
        factory: Where the pins are.

    Raises:
        SettingsError: A pin cannot carry a button.
    """

    def __init__(
        self, pins: Mapping[Rating, int], press: Callable[[Rating, Source], None], factory: Factory
    ) -> None:
        self._buttons: list[Button] = []
        for rating, pin in pins.items():
            try:
                # No bounce_time: contact bounce is judged in kiosk.visit, where tests reach it. gpiozero's mock
                # pins ignore it, and lgpio's filter delays every press by the time it waits.
                button = Button(pin, pull_up=True, bounce_time=None, pin_factory=factory)
            except (GPIOZeroError, ValueError) as error:
                self.close()
                raise SettingsError(
                    f"buttons: {rating.word} = {pin}: no button can be read there ({error}); expected a free GPIO "
                    "number"
                ) from None
            button.when_pressed = partial(press, rating, Source.BUTTON)
            self._buttons.append(button)

    def close(self) -> None:
        """Let the pins go."""
        for button in self._buttons:
            button.close()
        self._buttons.clear()
