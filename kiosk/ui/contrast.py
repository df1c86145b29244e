"""The key for black and white, at the end of the bar: for one visit, and once more to go back."""

from __future__ import annotations

import math
from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.drawing import bordered, painted
from kiosk.ui.pills import contrast_key
from kiosk.ui.shapes import Mesh, Point

SIGN_RADIUS, SIGN_WIDTH = 0.2, 0.045
"""Of the half-filled disc, as parts of the key."""
BORDER, CHOSEN_BORDER = 2, 2.5
ARC_STEPS = 24


class Contrast(Widget):
    """A round key with a half-filled disc, the sign screens use for it everywhere."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw it, and again when it was chosen or left."""
        self._key = contrast_key(self.screen.layout, mirrored=self.screen.layout.mirrored)
        self._chosen: bool | None = None
        self.screen.bind(visit=self._draw)
        self._draw()

    def holds(self, x: float, y: float) -> bool:
        """Whether a finger there is on the key."""
        return self._key.target.holds(x, y)

    def _draw(self, *_: Any) -> None:
        screen, box = self.screen, self._key.box
        if self._chosen is screen.visit.contrast:
            return
        self._chosen = screen.visit.contrast
        layout, theme = screen.layout, screen.theme
        width = max(1.5, (CHOSEN_BORDER if self._chosen else BORDER) * layout.unit)
        edge = theme.ink if self._chosen else theme.hairline
        middle = (box.x + box.w / 2, layout.height - box.y - box.h / 2)
        self.canvas.clear()
        self.canvas.add(bordered(box, box.h / 2, width, edge, theme.surface, layout.height))
        self.canvas.add(painted(half_disc(middle, SIGN_RADIUS * box.h, SIGN_WIDTH * box.h), theme.ink))


def half_disc(centre: Point, radius: float, width: float) -> Mesh:
    """A ring of *width* whose right half is filled."""
    x, y = centre
    angles = [math.pi * (at / ARC_STEPS - 0.5) for at in range(ARC_STEPS + 1)]
    arc = [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]
    chord = [(x, at_y) for _, at_y in arc]
    half = shapes.solid(list(zip(chord, arc, strict=True)))
    return shapes.joined(shapes.ring(centre, radius, width), half)
