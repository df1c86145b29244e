"""Five buttons below the screen: a finger closes a contact, and the rating is pressed. Two held long: a technician."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial

from gpiozero import Button
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from feedback.answers import Source
from feedback.errors import SettingsError
from feedback.ratings import Rating

HOLD_S = 5.0
"""The two outermost buttons held down this long are a technician's sign. Longer than anybody leans on two faces."""
TOGETHER_S = 1.0
"""Both go down within this: a button that is stuck and a customer who leans on the other are no technician."""


class Buttons:
    """
    The buttons of one kiosk, each between its pin and ground.

    Args:
        pins: The pin of each rating (BCM numbers). A kiosk may have fewer buttons than ratings, or none.
        press: Called with the rating and ``Source.BUTTON``, in the pins' own thread.
        factory: Where the pins are.
        held: Called once with the two ratings whose buttons, the outermost there are, were held down together; in a
            thread of gpiozero's. They were pressed like any other when they went down.
        hold_s: See HOLD_S.

    Raises:
        SettingsError: A pin cannot carry a button.
    """

    def __init__(
        self,
        pins: Mapping[Rating, int],
        press: Callable[[Rating, Source], None],
        factory: Factory,
        held: Callable[[Collection[Rating]], None] | None = None,
        *,
        hold_s: float = HOLD_S,
    ) -> None:
        self._buttons: dict[Rating, Button] = {}
        self._held = held
        self._gate = threading.Lock()
        self._told = False
        for rating, pin in pins.items():
            try:
                # No bounce_time: contact bounce is judged in kiosk.visit, where tests reach it. gpiozero's mock
                # pins ignore it, and lgpio's filter delays every press by the time it waits.
                button = Button(pin, pull_up=True, bounce_time=None, hold_time=hold_s, pin_factory=factory)
            except (GPIOZeroError, ValueError) as error:
                self.close()
                raise SettingsError(
                    f"buttons: {rating.word} = {pin}: no button can be read there ({error}); expected a free GPIO "
                    "number"
                ) from None
            button.when_pressed = partial(press, rating, Source.BUTTON)
            self._buttons[rating] = button
        if held and len(pins) > 1:
            # One that is down already when the kiosk starts is no press and no hold: gpiozero tells of neither.
            for rating in (max(pins), min(pins)):
                self._buttons[rating].when_held = self._long
                self._buttons[rating].when_released = self._released

    def close(self) -> None:
        """Let the pins go."""
        for button in self._buttons.values():
            button.close()
        self._buttons.clear()

    def _long(self) -> None:
        """One of the two has been down for the whole time; told by a thread for each."""
        ratings = max(self._buttons), min(self._buttons)
        first, second = (self._buttons[rating] for rating in ratings)
        with self._gate:
            if self._told or not (first.is_held and second.is_held):
                return
            since = first.active_time, second.active_time
            if since[0] is None or since[1] is None or abs(since[0] - since[1]) > TOGETHER_S:
                return
            self._told = True
        if self._held:
            self._held(ratings)

    def _released(self) -> None:
        with self._gate:
            self._told = False
