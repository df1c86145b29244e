"""A question answered with one to five stars."""

from __future__ import annotations

import math
from typing import Any

from kivy.graphics import Color, InstructionGroup

from kiosk.ui import shapes
from kiosk.ui.answers import Answers
from kiosk.ui.asking import Cell, Form
from kiosk.ui.drawing import fill
from kiosk.ui.ends import Ends
from kiosk.ui.question import QuestionScreen
from kiosk.ui.screen import rules
from kiosk.ui.shapes import Mesh, Pair, Point

__all__ = ["Ends", "StarCards", "Stars"]  # the .kv file finds them once imported

rules(__file__)

MOST = 5
INNER = 0.46
"""A star's inner corners, as parts of its radius: softer than the pentagram's 0.38."""
PITCH = 2.15
"""From star to star, in radii."""


class Stars(QuestionScreen):
    """Each card shows as many stars as it gives, so that none has to be imagined."""

    form = Form.SCALE


class StarCards(Answers):
    """Cards with stars above their number."""

    def on_screen(self, *_: Any) -> None:
        """Draw the stars once, on top of the cards."""
        super().on_screen()
        screen = self.screen
        self._ink = Color(*screen.theme.accent)
        stars = InstructionGroup()
        stars.add(self._ink)
        for value, cell in zip(screen.values, screen.asking.cells, strict=True):
            stars.add(fill(row_of_stars(value, cell, screen.layout.height)))
        self.canvas.after.add(stars)

    def middle_of(self, cell: Cell) -> int:
        """The number stands in the lower part."""
        return cell.text.baseline + round(cell.box.h * 0.2)


def row_of_stars(count: int, cell: Cell, from_top: float) -> Mesh:
    """*count* stars side by side in the upper part of *cell*; y upwards."""
    radius = min(cell.box.w * 0.86 / (PITCH * MOST), cell.box.h * 0.2)
    y = from_top - (cell.box.y + cell.box.h * 0.33)
    first = cell.box.x + cell.box.w / 2 - (count - 1) * PITCH * radius / 2
    return shapes.joined(*(star((first + at * PITCH * radius, y), radius) for at in range(count)))


def star(centre: Point, radius: float) -> Mesh:
    """A five-pointed star with its point up, as a ribbon from the top to the foot; y upwards."""
    left: list[Point] = []
    right: list[Point] = []
    for at in range(6):
        turn = math.pi * at / 5
        far = radius if at % 2 == 0 else radius * INNER
        across, up = far * math.sin(turn), far * math.cos(turn)
        left.append((centre[0] - across, centre[1] + up))
        right.append((centre[0] + across, centre[1] + up))
    pairs: list[Pair] = list(zip(left, right, strict=True))
    return shapes.solid(pairs)
