"""The keys at the foot of a question: back and skip."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.graphics import Color
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.asking import KEY_GAP, KeyPlace
from kiosk.ui.card import Card
from kiosk.ui.drawing import fill
from kiosk.ui.fitting import fit
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.shapes import Mesh
from kiosk.visit import Key

CORNER = 24
ARROW_STROKE = 0.11


class Keys(Widget):
    """
    Cards with a word each; back is there only while it leads anywhere.

    Attributes:
        screen: Has ``asking``, ``texts`` and ``visit``.
    """

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw them, and again when their words or the way back change."""
        self._cards: dict[Key, Card] = {}
        self._shown: tuple[Any, ...] = ()
        self.screen.bind(texts=self._draw, visit=self._draw)
        self._draw()

    def at(self, x: float, y: float) -> Key | None:
        """The key under a finger."""
        return next(
            (key.key for key in self.screen.asking.keys if key.key in self._cards and key.target.holds(x, y)),
            None,
        )

    def _draw(self, *_: Any) -> None:
        screen, visit = self.screen, self.screen.visit
        shown = (screen.texts, visit.can_go_back or (visit.is_pressed and Key.BACK in self._cards))
        if shown != self._shown:
            self._shown = shown
            self._build(with_back=shown[1])
        for key, card in self._cards.items():
            card.still = visit.tapped is not None
            card.pressed = visit.tapped is key and not visit.rung

    def _build(self, *, with_back: bool) -> None:
        screen = self.screen
        layout, theme = screen.layout, screen.theme
        self.clear_widgets()
        self._cards.clear()
        for place in screen.asking.keys:
            if place.key is Key.BACK and not with_back:
                continue
            card = Card(
                box=place.box,
                theme=theme,
                line=theme.hairline,
                corner=round(CORNER * layout.unit),
                unit=layout.unit,
                from_top=layout.height,
            )
            self._cards[place.key] = card
            self.add_widget(card)
            self._label(place)

    def _label(self, place: KeyPlace) -> None:
        """Its word and its arrow, together in the middle."""
        screen = self.screen
        layout, theme = screen.layout, screen.theme
        text = getattr(screen.texts, place.key.value)
        fitted = fit(text, place.text.width, place.text.steps, MEASURES["key"])
        wide = round(max(MEASURES["key"](line, fitted.px) for line in fitted.lines))
        gap = round(fitted.px * KEY_GAP)
        start = place.box.x + (place.box.w - wide - gap - place.arrow) // 2
        at = start + place.arrow + gap if place.points_left else start
        middle = start if place.points_left else start + wide + gap
        self.add_widget(
            Lettering(
                font="key",
                text=text,
                place=replace(place.text, x=at),
                fitted=fitted,
                colour=theme.ink,
                from_top=layout.height,
            )
        )
        y = layout.height - (place.box.y + place.box.h // 2)
        mark = Widget()
        mark.canvas.add(Color(*theme.ink))
        mark.canvas.add(fill(arrow((middle + place.arrow / 2, y), place.arrow, to_left=place.points_left)))
        self.add_widget(mark)


def arrow(middle: tuple[float, float], width: float, *, to_left: bool) -> Mesh:
    """An arrow of so many pixels around *middle*; y upwards."""
    x, y = middle
    half = width / 2
    side = -1 if to_left else 1
    head = half * 0.78
    tip = (x + side * half, y)
    stroke = width * ARROW_STROKE
    lines = (
        [(x - side * half, y), tip],
        [(tip[0] - side * head, y + head), tip],
        [(tip[0] - side * head, y - head), tip],
    )
    return shapes.joined(*(shapes.solid(shapes.stroke(line, stroke)) for line in lines))
