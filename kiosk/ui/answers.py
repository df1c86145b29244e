"""The answers of a question as cards with their texts, in one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kivy.properties import ObjectProperty, OptionProperty
from kivy.uix.widget import Widget

from kiosk.ui.asking import CAPITALS, Cell
from kiosk.ui.card import Card
from kiosk.ui.fitting import Fit, fit_all
from kiosk.ui.lettering import MEASURES, Lettering

CORNER = 26


class Answers(Widget):
    """
    One card for each answer of the screen's question.

    Attributes:
        screen: Has ``asking``, ``values``, ``words`` and ``visit``.
        line: Which of the theme's colours the border has.
    """

    screen = ObjectProperty()
    line = OptionProperty("hairline", options=["hairline", "edge"])

    def on_screen(self, *_: Any) -> None:
        """Set up the cards once; texts and taps change them afterwards."""
        screen = self.screen
        layout, theme = screen.layout, screen.theme
        self.clear_widgets()
        self._cards = [
            Card(
                box=cell.box,
                theme=theme,
                line=getattr(theme, self.line),
                corner=round(CORNER * layout.unit),
                unit=layout.unit,
                from_top=layout.height,
            )
            for cell in screen.asking.cells
            if cell.carded
        ]
        self._words = [
            Lettering(font="word", colour=theme.ink, from_top=layout.height) for _ in screen.asking.cells
        ]
        for widget in (*self._cards, *self._words):
            self.add_widget(widget)
        screen.bind(words=self._write, visit=self._mark)
        self._write()
        self._mark()

    def at(self, x: float, y: float) -> Any:
        """What the answer under a finger stands for; None where there is none."""
        places = zip(self.screen.values, self.screen.asking.cells, strict=True)
        return next((value for value, cell in places if cell.target.holds(x, y)), None)

    def middle_of(self, cell: Cell) -> int:
        """Around which height its text stands."""
        return cell.text.baseline

    def _write(self, *_: Any) -> None:
        cells: Sequence[Cell] = self.screen.asking.cells
        place = cells[0].text
        fits = fit_all(self.screen.words, place.width, place.steps, MEASURES["word"])
        for word, text, fitted, cell in zip(self._words, self.screen.words, fits, cells, strict=True):
            word.place = replace(cell.text, baseline=first_baseline(self.middle_of(cell), fitted))
            word.text, word.fitted = text, fitted

    def _mark(self, *_: Any) -> None:
        visit, tapped = self.screen.visit, self.screen.visit.tapped
        # Faces beside each other have no cards.
        for card, value in zip(self._cards, self.screen.values, strict=False):
            card.still = tapped is not None
            card.pointed = tapped is None and value == visit.pointed
            card.pressed = tapped == value and not visit.rung


def first_baseline(middle: int, fitted: Fit, leading: float = 1.2) -> int:
    """Where the first of the lines stands that have *middle* in their middle."""
    return middle + round(fitted.px * CAPITALS / 2 - fitted.px * leading * (len(fitted.lines) - 1) / 2)
