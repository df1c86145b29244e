"""A surface that is drawn on once: letters, boxes and meshes, mirrored where the language is read from the right."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.drawing import bordered, fill
from kiosk.ui.layout import Box, Layout, Text
from kiosk.ui.lettering import Lettering
from kiosk.ui.shapes import Mesh, Point
from kiosk.ui.theme import Colour, Theme

CORNER, BORDER = 26, 2


class Board(Widget):
    """
    One screen of the staff's, drawn anew whenever it says something else.

    Args:
        layout: Of the panel.
        theme: The colours.
    """

    def __init__(self, layout: Layout, theme: Theme, **properties: Any) -> None:
        super().__init__(size=(layout.width, layout.height), size_hint=(None, None), **properties)
        self.layout, self.theme = layout, theme
        self.least_px = 1

    def begin(self) -> None:
        """An empty board."""
        self.clear_widgets()
        self.canvas.clear()
        with self.canvas:
            Color(*self.theme.ground)
            Rectangle(pos=(0, 0), size=(self.layout.width, self.layout.height))

    def boxed(self, box: Box) -> Box:
        """*box* where it is drawn."""
        return Box(self.layout.width - box.x - box.w, box.y, box.w, box.h) if self.layout.mirrored else box

    def at(self, point: Point) -> Point:
        """*point*, counted from the top, where it is drawn, counted from the bottom."""
        x, y = point
        return (self.layout.width - x if self.layout.mirrored else x, self.layout.height - y)

    def card(self, box: Box, unit: float) -> None:
        """A card."""
        corner, border = CORNER * unit, max(1, round(BORDER * unit))
        theme = self.theme
        self.canvas.add(
            bordered(self.boxed(box), corner, border, theme.hairline, theme.surface, self.layout.height)
        )

    def mesh(self, mesh: Mesh, colour: Colour) -> None:
        """*mesh*, made of points that ``at`` gave."""
        self.canvas.add(Color(*colour))
        self.canvas.add(fill(mesh))

    def bar(self, x: float, y: float, width: float, height: float, radius: float, colour: Colour) -> None:
        """A filled rectangle with round corners, if it is any."""
        if width <= 0 or height <= 0:
            return
        left = self.layout.width - x - width if self.layout.mirrored else x
        radius = min(radius, width / 2, height / 2)
        bottom = self.layout.height - y - height
        self.mesh(shapes.solid(shapes.card(left, bottom, width, height, max(0.5, radius))), colour)

    def line(self, points: list[Point], width: float, colour: Colour) -> None:
        """A line through *points*."""
        self.mesh(shapes.solid(shapes.stroke([self.at(point) for point in points], width)), colour)

    def write(
        self,
        text: str,
        x: float,
        baseline: float,
        width: float,
        px: float,
        colour: Colour,
        *,
        font: str = "text",
        align: str = "left",
        lines: int = 1,
    ) -> Lettering:
        """*text* from *x* on; it begins at the right where the language does."""
        size = max(self.least_px, round(px))
        steps = tuple((max(self.least_px, round(size * part)), lines) for part in (1, 0.92, 0.85, 0.78))
        if self.layout.mirrored:
            x = self.layout.width - x
            align = {"left": "right", "right": "left"}.get(align, align)
        place = Text(round(x), round(baseline), max(1, round(width)), steps, align, leading=1.3)
        letters = Lettering(font=font, text=text, place=place, colour=colour, from_top=self.layout.height)
        self.add_widget(letters)
        return letters
