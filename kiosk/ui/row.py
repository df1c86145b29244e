"""The five faces with their words."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from feedback.ratings import Rating
from kiosk.ui.drawing import bordered
from kiosk.ui.face import FaceMark
from kiosk.ui.fitting import fit_all
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.visit import Screen

CARD_RADIUS, CARD_BORDER = 36, 2


class Row(Widget):
    """Five faces beside or below each other, and their words in one size."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Set up the faces once; texts and presses change them afterwards."""
        screen = self.screen
        self._faces: list[FaceMark] = []
        self._words: list[Lettering] = []
        self.clear_widgets()
        for seat in screen.layout.seats:
            if seat.card is not None:
                radius, border = (round(px * screen.layout.unit) for px in (CARD_RADIUS, CARD_BORDER))
                theme = screen.theme
                self.canvas.add(
                    bordered(seat.card, radius, border, theme.hairline, theme.surface, screen.layout.height)
                )
            common = {"from_top": screen.layout.height}
            self._faces.append(FaceMark(seat=seat, theme=screen.theme, radius=screen.layout.radius, **common))
            self._words.append(Lettering(font="word", place=seat.word, colour=screen.theme.ink, **common))
        for mark in (*self._faces, *self._words):
            self.add_widget(mark)
        screen.bind(texts=self._write, visit=self._mark)
        self._write()
        self._mark()

    def at(self, x: float, y: float) -> Rating | None:
        """The rating under a finger."""
        for seat in self.screen.layout.seats:
            if seat.target.holds(x, y):
                rating: Rating = seat.rating
                return rating
        return None

    def _write(self, *_: Any) -> None:
        seats = self.screen.layout.seats
        texts = [getattr(self.screen.texts, seat.rating.word) for seat in seats]
        fits = fit_all(texts, seats[0].word.width, seats[0].word.steps, MEASURES["word"])
        for word, text, fitted in zip(self._words, texts, fits, strict=True):
            word.text, word.fitted = text, fitted

    def _mark(self, *_: Any) -> None:
        visit = self.screen.visit
        for face in self._faces:
            face.still = visit.screen is Screen.PRESSED
            face.pressed = (
                visit.screen is Screen.PRESSED and face.seat.rating is visit.rating and not visit.rung
            )
