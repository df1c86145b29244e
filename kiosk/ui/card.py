"""A card or key that can be tapped: a border, a surface and the ring it gets under a finger."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.drawing import fill
from kiosk.ui.theme import Colour

BORDER, RING = 2.0, 4.0
"""Width of the border, and by how much the ring is wider outside it, in pixels of the design."""
CLEAR = (0, 0, 0, 0)


class Card(Widget):
    """
    One card.

    Its meshes are made once; a tap only changes colours, so that the next frame has it.

    Attributes:
        box: What is drawn.
        corner: Its radius.
        line: The border's colour.
        pressed: It carries the ring.
        still: One of those on the screen is pressed, so all are grey.
        surface: Its colour; None: the theme's.
        pointed: Its text was said: pressed once more it is chosen.
    """

    box = ObjectProperty()
    theme = ObjectProperty()
    line = ObjectProperty()
    surface = ObjectProperty(None, allownone=True)
    corner = NumericProperty()
    unit = NumericProperty(1)
    from_top = NumericProperty()
    pressed = BooleanProperty(False)
    still = BooleanProperty(False)
    pointed = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        rebuild = Clock.create_trigger(self._build, -1)
        super().__init__(**properties)
        for name in ("box", "theme", "line", "corner", "unit", "from_top"):
            self.fbind(name, rebuild)
        for name in ("pressed", "still", "pointed"):
            self.fbind(name, self._paint)
        self._build()

    def _build(self, *_: Any) -> None:
        border, ring = max(1, round(BORDER * self.unit)), max(2, round(RING * self.unit))
        self._ring, self._line, self._inside = Color(), Color(), Color()
        self.canvas.clear()
        for colour, grown in ((self._ring, ring), (self._line, 0), (self._inside, -border)):
            box = self.box
            y = self.from_top - box.y - box.h
            shape = shapes.card(
                box.x - grown,
                y - grown,
                box.w + 2 * grown,
                box.h + 2 * grown,
                max(1, self.corner + grown),
            )
            self.canvas.add(colour)
            self.canvas.add(fill(shapes.solid(shape)))
        self._paint()

    def _paint(self, *_: Any) -> None:
        theme = self.theme
        line: Colour = theme.ink if self.pressed or self.pointed else self.line
        self._ring.rgba = theme.ink if self.pressed else CLEAR
        self._line.rgba = line
        self._inside.rgba = theme.still if self.still else self.surface or theme.surface
