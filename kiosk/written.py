"""Whether customers can write here: keys in their language on this panel, and central's key to seal it with."""

from __future__ import annotations

from collections.abc import Sequence

from feedback.answers import SealedText
from feedback.errors import StoreError
from feedback.ratings import Kind
from feedback.surveys import Survey
from kiosk import keyboards
from kiosk.panel import Panel
from kiosk.pinned import screen_pins
from kiosk.sealing import sealed_text
from kiosk.settings import Settings
from kiosk.visit import ASKED_HERE


class Writing:
    """
    Says what may be asked, and seals what is written.

    Args:
        panel: The glass that the keys are on.
    """

    def __init__(self, settings: Settings, panel: Panel) -> None:
        self._settings, self._panel = settings, panel
        self._key: bytes | None = None

    def kinds(self, language: str, survey: Survey) -> Sequence[Kind]:
        """What may be asked of a customer who reads *language*; asked as a response begins."""
        wanted = any(question.kind is Kind.TEXT for question in survey.questions)
        if not wanted or not keyboards.fits(language, self._panel):
            return ASKED_HERE
        pins = screen_pins(self._settings)
        # Kept until the response is over: what was asked for can be sealed.
        self._key = pins.keys.sealing if pins else self._key
        return ASKED_HERE if self._key is None else (*ASKED_HERE, Kind.TEXT)

    def seal(self, text: str) -> SealedText:
        """*text*, readable by central alone."""
        if self._key is None:
            raise StoreError("nothing written can be sealed: central's key is not known")
        return sealed_text(text, self._key, self._settings.kiosk.id)
