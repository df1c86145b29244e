"""The thank-you: shown when the answer is on disk, and never before."""

from __future__ import annotations

from kiosk.ui.lettering import Lettering
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.ui.signs import Check

__all__ = ["Check", "Lettering", "Thanks"]  # the .kv file finds them once imported

rules(__file__)


class Thanks(CustomerScreen):
    """A check, two words, and where the answer is. A touch anywhere ends it."""

    def arrive(self, *, moving: bool) -> None:
        """Draw the check once."""
        self.ids.check.begin(moving=moving)

    def touched(self, x: float, y: float) -> None:
        """The next customer is there."""
        self.reception.touch()
