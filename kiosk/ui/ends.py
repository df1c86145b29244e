"""What the two ends of a scale mean, in one size."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui.fitting import fit_all
from kiosk.ui.lettering import MEASURES, Lettering


class Ends(Widget):
    """
    Below the least answer and below the most.

    Attributes:
        screen: Has ``asking`` and ``ends``.
    """

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Set up both once; their texts follow the language."""
        screen = self.screen
        self._texts = [
            Lettering(place=place, colour=screen.theme.second_ink, from_top=screen.layout.height)
            for place in screen.asking.ends
        ]
        for text in self._texts:
            self.add_widget(text)
        screen.bind(ends=self._write)
        self._write()

    def _write(self, *_: Any) -> None:
        place, texts = self.screen.asking.ends[0], self.screen.ends
        fits = fit_all(texts, place.width, place.steps, MEASURES["text"])
        for lettering, text, fitted in zip(self._texts, texts, fits, strict=True):
            lettering.text, lettering.fitted = text, fitted
