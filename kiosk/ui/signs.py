"""The thank-you's check and the pause sign."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from kivy.animation import Animation
from kivy.graphics import InstructionGroup, PopMatrix, PushMatrix, Translate
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.drawing import painted
from kiosk.ui.shapes import Mesh, Point

CHECK: tuple[Point, ...] = ((-0.36, 0.05), (-0.10, 0.30), (0.37, -0.22))
CHECK_STROKE = 0.15
DRAWN_SECONDS = 0.24
PAUSE_STROKE = 0.095
GLOBE_STROKE, GLOBE_MERIDIAN, GLOBE_STEPS = 0.13, 0.45, 36
BAR_X, BAR_HALF, BAR_STROKE = 0.222, 0.35, 0.19


class Check(Widget):
    """
    The check on its disc, drawn once as if by hand.

    Attributes:
        drawn: How much of it is drawn, 0 to 1.
    """

    screen = ObjectProperty()
    drawn = NumericProperty(1.0)

    def on_screen(self, *_: Any) -> None:
        """Set up the disc; the check follows on it."""
        layout, theme = self.screen.layout, self.screen.theme
        x, y = layout.thanks_sign
        self._stroke = InstructionGroup()
        disc = shapes.solid(shapes.oval((0, 0), layout.sign, layout.sign))
        for instruction in (
            PushMatrix(),
            Translate(x, layout.height - y),
            painted(disc, theme.accent),
            self._stroke,
            PopMatrix(),
        ):
            self.canvas.add(instruction)
        self._draw()

    def begin(self, *, moving: bool) -> None:
        """Show the check, at once or as a movement."""
        Animation.cancel_all(self, "drawn")
        self.drawn = 0.0 if moving else 1.0
        if moving:
            Animation(drawn=1.0, duration=DRAWN_SECONDS, t="out_cubic").start(self)

    def on_drawn(self, *_: Any) -> None:
        """Draw so much of it."""
        self._draw()

    def _draw(self) -> None:
        self._stroke.clear()
        if self.drawn > 0:
            self._stroke.add(painted(check(self.screen.layout.sign, self.drawn), self.screen.theme.on_accent))


class Pause(Widget):
    """Two bars in a circle. Never a face: a sad face would look like a rating."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw it once."""
        layout = self.screen.layout
        x, y = layout.pause_sign
        sign = painted(pause((x, layout.height - y), layout.pause), self.screen.theme.accent)
        self.canvas.add(sign)


def check(radius: float, drawn: float) -> Mesh:
    """The first part of the check, *drawn* of its whole length, on a disc of *radius*; y upwards."""
    way = _part([(x * radius, -y * radius) for x, y in CHECK], drawn)
    # One stroke per leg: their round ends make the round corner.
    return shapes.joined(*(shapes.solid(shapes.stroke(leg, CHECK_STROKE * radius)) for leg in pairwise(way)))


def pause(centre: Point, radius: float) -> Mesh:
    """A circle around two bars."""
    x, y = centre
    bars = (
        shapes.solid(
            shapes.stroke(
                [
                    (x + side * BAR_X * radius, y - BAR_HALF * radius),
                    (x + side * BAR_X * radius, y + BAR_HALF * radius),
                ],
                BAR_STROKE * radius,
            )
        )
        for side in (-1, 1)
    )
    width = PAUSE_STROKE * radius
    return shapes.joined(shapes.ring(centre, radius - width / 2, width), *bars)


def globe(centre: Point, radius: float) -> Mesh:
    """The sign of all languages: a ball with its equator and two meridians."""
    x, y = centre
    width = radius * GLOBE_STROKE
    turns = [math.tau * step / GLOBE_STEPS for step in range(GLOBE_STEPS + 1)]
    high = radius - width / 2
    meridian = [(x + high * GLOBE_MERIDIAN * math.cos(turn), y + high * math.sin(turn)) for turn in turns]
    lines = (
        [(x - radius, y), (x + radius, y)],
        meridian,
    )
    strokes = (shapes.solid(shapes.stroke(line, width)) for line in lines)
    return shapes.joined(shapes.ring(centre, radius - width / 2, width), *strokes)


def _part(way: Sequence[Point], part: float) -> list[Point]:
    """The first *part* of the length of a line through points."""
    left = part * sum(math.dist(a, b) for a, b in pairwise(way))
    walked = [way[0]]
    for start, end in pairwise(way):
        length = math.dist(start, end)
        share = min(1.0, left / length)
        walked.append((start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))
        left -= length
        if left <= 0:
            break
    return walked
