"""The key for black and white: for one visit, and once more to go back."""

from __future__ import annotations

import math

from kiosk.ui import shapes
from kiosk.ui.drawing import painted
from kiosk.ui.pills import Pill, contrast_key
from kiosk.ui.round_key import RoundKey
from kiosk.ui.shapes import Mesh, Point

SIGN_RADIUS, SIGN_WIDTH = 0.2, 0.045
"""Of the half-filled disc, as parts of the key."""
ARC_STEPS = 24


class Contrast(RoundKey):
    """A round key with a half-filled disc, the sign screens use for it everywhere."""

    def place(self) -> Pill:
        return contrast_key(self.screen.layout)

    def is_chosen(self) -> bool:
        chosen: bool = self.screen.visit.contrast
        return chosen

    def sign(self) -> None:
        box = self.key.box
        middle = (box.x + box.w / 2, self.screen.layout.height - box.y - box.h / 2)
        disc = half_disc(middle, SIGN_RADIUS * box.h, SIGN_WIDTH * box.h)
        self.canvas.add(painted(disc, self.screen.theme.ink))


def half_disc(centre: Point, radius: float, width: float) -> Mesh:
    """A ring of *width* whose right half is filled."""
    x, y = centre
    angles = [math.pi * (at / ARC_STEPS - 0.5) for at in range(ARC_STEPS + 1)]
    arc = [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]
    chord = [(x, at_y) for _, at_y in arc]
    half = shapes.solid(list(zip(chord, arc, strict=True)))
    return shapes.joined(shapes.ring(centre, radius, width), half)
