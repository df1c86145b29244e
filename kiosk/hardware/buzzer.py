"""A buzzer: one short sound for every press, the same whatever was pressed and whether it counts."""

from __future__ import annotations

from gpiozero import Buzzer as Sounder
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from feedback.errors import SettingsError

SOUND_S = 0.06


class Buzzer:
    """
    The buzzer of one kiosk, of the kind that sounds while it has current.

    Args:
        pin: Its GPIO (BCM number); None: there is none, and ``sound`` does nothing.
        factory: Where the pins are.

    Raises:
        SettingsError: The pin cannot carry a buzzer.
    """

    def __init__(self, pin: int | None, factory: Factory) -> None:
        self._sounder: Sounder | None = None
        if pin is None:
            return
        try:
            self._sounder = Sounder(pin, initial_value=False, pin_factory=factory)
        except (GPIOZeroError, ValueError) as error:
            raise SettingsError(
                f"sound: buzzer = {pin}: no buzzer can be heard there ({error}); expected a free GPIO number"
            ) from None

    def sound(self) -> None:
        """Sound once, and come back at once; a sound under way begins anew."""
        if self._sounder is not None:
            self._sounder.beep(on_time=SOUND_S, off_time=0, n=1, background=True)

    def close(self) -> None:
        """Be silent and let the pin go."""
        if self._sounder is not None:
            self._sounder.off()
            self._sounder.close()
            self._sounder = None
