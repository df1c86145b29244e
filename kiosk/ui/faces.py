"""
The five faces as triangles, computed from a rating and a radius.

Measures are parts of the radius from the centre of the disc, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from feedback.ratings import Rating
from kiosk.ui.shapes import Mesh, Pair, Point, cubic, filled, joined, oval, ring, scaled, solid, stroke

RIM = 0.024
EYE_X, EYE_Y = 0.33, -0.19
EYE_HALF_WIDTH, EYE_HALF_HEIGHT = 0.092, 0.140
STROKE, STROKE_OUTLINED, STROKE_SMALL = 0.098, 0.110, 0.12
SMALL_RADIUS_PX = 24
"""Below this the strokes are heavier, or they would vanish."""
OUTLINE = 0.05
"""The white outline of a disc in high contrast."""
BROW_STROKE = 0.093
GRIN_OUTLINE = 0.06
RING_WIDTH, RING_RADIUS = 0.055, 1.085
PRESSED_SIZE = 0.965
"""A pressed face is this much of its size."""

_Curve = tuple[Point, Point, Point, Point]

MOUTHS: dict[Rating, _Curve] = {
    Rating.GOOD: ((-0.44, 0.22), (-0.26, 0.53), (0.26, 0.53), (0.44, 0.22)),
    Rating.NEUTRAL: ((-0.36, 0.36), (-0.12, 0.36), (0.12, 0.36), (0.36, 0.36)),
    Rating.BAD: ((-0.39, 0.49), (-0.23, 0.26), (0.23, 0.26), (0.39, 0.49)),
    Rating.UNACCEPTABLE: ((-0.44, 0.58), (-0.28, 0.20), (0.28, 0.20), (0.44, 0.58)),
}
GRIN_TOP: _Curve = ((-0.47, 0.17), (-0.20, 0.22), (0.20, 0.22), (0.47, 0.17))
GRIN_LEFT: _Curve = ((-0.47, 0.17), (-0.43, 0.50), (-0.23, 0.63), (0.0, 0.63))
GRIN_RIGHT: _Curve = ((0.0, 0.63), (0.23, 0.63), (0.43, 0.50), (0.47, 0.17))
BROW: _Curve = ((0.50, -0.505), (0.40, -0.485), (0.29, -0.445), (0.19, -0.395))


@dataclass(frozen=True)
class Face:
    """
    One face around 0,0, y downwards, to be drawn in this order.

    Attributes:
        disc: The disc.
        rim: The line inside its edge; in high contrast the outline.
        features: Eyes, mouth and brows.
        ring: What appears around it under a finger; the same for every rating.
    """

    disc: Mesh
    rim: Mesh
    features: Mesh
    ring: Mesh


@lru_cache(maxsize=64)
def face(rating: Rating, radius: float, *, outlined: bool = False) -> Face:
    """The face of *rating*, *radius* pixels large; *outlined* for high contrast."""
    rim = (OUTLINE if outlined else RIM) * radius
    middle = (0.0, 0.0)
    features = joined(*(solid(shape) for shape in _features(rating, radius, outlined=outlined)))
    return Face(
        disc=solid(oval(middle, radius, radius)),
        rim=ring(middle, radius - rim / 2, rim),
        features=features,
        ring=ring(middle, RING_RADIUS * radius, RING_WIDTH * radius),
    )


def _features(rating: Rating, radius: float, *, outlined: bool) -> list[list[Pair]]:
    eyes = [
        oval((side * EYE_X * radius, EYE_Y * radius), EYE_HALF_WIDTH * radius, EYE_HALF_HEIGHT * radius)
        for side in (-1, 1)
    ]
    if rating is Rating.EXCELLENT:
        return [*eyes, _grin(radius)]
    width = _stroke_width(radius, outlined=outlined)
    mouth = stroke(scaled(cubic(*MOUTHS[rating]), radius), width * radius)
    if rating is Rating.UNACCEPTABLE:
        return [*eyes, mouth, *_brows(radius)]
    return [*eyes, mouth]


def _stroke_width(radius: float, *, outlined: bool) -> float:
    if radius < SMALL_RADIUS_PX:
        return STROKE_SMALL
    return STROKE_OUTLINED if outlined else STROKE


def _grin(radius: float) -> list[Pair]:
    half = 20
    top = cubic(*GRIN_TOP, steps=2 * half)
    bottom = cubic(*GRIN_LEFT, steps=half) + cubic(*GRIN_RIGHT, steps=half)[1:]
    return filled(scaled(top, radius), scaled(bottom, radius), GRIN_OUTLINE * radius)


def _brows(radius: float) -> list[list[Pair]]:
    right = scaled(cubic(*BROW), radius)
    left = [(-x, y) for x, y in right]
    return [stroke(side, BROW_STROKE * radius) for side in (left, right)]
