"""What a customer is writing, as far as it has come, with the place of the next letter."""

from __future__ import annotations

from dataclasses import replace

from kivy.graphics import InstructionGroup
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.drawing import bordered, painted
from kiosk.ui.fitting import Fit, fit
from kiosk.ui.key_board import CAPITALS, Board
from kiosk.ui.layout import Text
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.theme import Theme
from kiosk.visit import MOST_TEXT

CORNER, BORDER = 24, 3
SPACE = 0.28
"""A space at the end, as parts of the size: lines are fitted without it."""
SOON_FULL = 60
"""So few characters before the end it says how many there are."""


class Field(Widget):
    """
    A frame, the text as large as it fits, and a caret that does not blink.

    Args:
        from_top: The screen's height in pixels.
    """

    def __init__(self, theme: Theme, from_top: int) -> None:
        super().__init__()
        self._theme, self._from_top = theme, from_top
        self._shown: tuple[Board, str] | None = None

    def show(self, at: Board, text: str) -> None:
        """Show *text* where *at* says."""
        if self._shown == (at, text):
            return
        self._shown = at, text
        theme, from_top = self._theme, self._from_top
        self.clear_widgets()
        for canvas in (self.canvas.before, self.canvas.after):
            canvas.clear()
        border = max(1, round(BORDER * at.unit))
        corner = round(CORNER * at.unit)
        self.canvas.before.add(bordered(at.field, corner, border, theme.accent, theme.surface, from_top))
        fitted = fit(text or " ", at.text.width, at.text.steps, MEASURES["text"])
        place = replace(at.text, baseline=at.text.baseline + round(fitted.px * CAPITALS))
        if text.strip():
            self.add_widget(
                Lettering(text=text, place=place, fitted=fitted, colour=theme.ink, from_top=from_top)
            )
        self.canvas.after.add(self._caret(place, fitted, text))
        if len(text) > MOST_TEXT - SOON_FULL:
            said = f"{len(text)} / {MOST_TEXT}"
            self.add_widget(
                Lettering(text=said, place=at.counter, colour=theme.second_ink, from_top=from_top)
            )

    def _caret(self, place: Text, fitted: Fit, text: str) -> InstructionGroup:
        px, last = fitted.px, fitted.lines[-1] if text.strip() else ""
        wide = MEASURES["text"](last, px) if last else 0
        wide += (len(text) - len(text.rstrip(" "))) * px * SPACE + px * 0.1
        x = place.x - wide if place.align == "right" else place.x + wide
        below = (len(fitted.lines) - 1) * px * place.leading if last else 0
        y = self._from_top - place.baseline - round(below)
        stem = shapes.stroke([(x, y - px * 0.12), (x, y + px * 0.85)], max(2.0, px * 0.08))
        return painted(shapes.solid(stem), self._theme.accent)
