"""One line in two tones: what it is about, in words or as a logo, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, Rectangle
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui import shapes
from kiosk.ui.asking import CAPITALS
from kiosk.ui.drawing import painted
from kiosk.ui.fitting import shorten
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.theme import PAPER

GAP = 0.6
"""Between the two, as parts of the size."""
LOGO_HIGH, LOGO_WIDE = 1.9, 0.45
"""At most, as parts of the size and of the line's width."""
PLATE, PLATE_CORNER = 0.3, 0.35
"""How far the ground of a logo reaches beyond it, and its corner, as parts of the size."""
DARK = 0.55
"""A ground darker than that needs paper below a logo: they are drawn for paper."""


class TwoTone(Widget):
    """
    *first* in ink and *second* in second ink on one line.

    The line takes a smaller size where it is too long, and loses the end of *second* where that is not enough. A *logo*
    (a texture) takes the place of *first*, whose name it shows.
    """

    first = StringProperty("")
    second = StringProperty("")
    place = ObjectProperty(None, allownone=True)
    theme = ObjectProperty(None, allownone=True)
    from_top = NumericProperty(0)
    logo = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: Any) -> None:
        self._picture = InstructionGroup()
        rewrite = Clock.create_trigger(self._write, -1)
        super().__init__(**properties)
        for name in ("first", "second", "place", "theme", "from_top", "logo"):
            self.fbind(name, rewrite)
        self.canvas.add(self._picture)
        rewrite()

    def _write(self, *_: Any) -> None:
        place = self.place
        px = next((px for px, _ in place.steps if sum(self._widths(px)) <= place.width), place.steps[-1][0])
        named = "" if self.logo else self.first
        first = shorten(named, place.width, px, MEASURES["title"])
        taken = self._widths(px)[0] if first == named else place.width
        room = place.width - taken
        second = shorten(self.second, room, px, MEASURES["text"])
        after = place.x - taken if place.align == "right" else place.x + taken
        self.clear_widgets()
        self._draw_logo(px)
        for font, text, x, width, colour in (
            ("title", first, place.x, place.width, self.theme.ink),
            ("text", second, after, room, self.theme.second_ink),
        ):
            where = replace(place, x=x, width=width, steps=((px, 1),))
            self.add_widget(
                Lettering(font=font, text=text, place=where, colour=colour, from_top=self.from_top)
            )

    def _draw_logo(self, px: int) -> None:
        self._picture.clear()
        if not self.logo:
            return
        wide, high = self._logo_size(px)
        x = self.place.x - wide if self.place.align == "right" else self.place.x
        y = self.from_top - self.place.baseline + px * CAPITALS / 2 - high / 2
        if sum(self.theme.ground[:3]) / 3 < DARK:
            grown, corner = px * PLATE, px * PLATE_CORNER
            plate = shapes.card(x - grown, y - grown, wide + 2 * grown, high + 2 * grown, corner)
            self._picture.add(painted(shapes.solid(plate), PAPER.surface))
        self._picture.add(Color(1, 1, 1, 1))
        self._picture.add(Rectangle(texture=self.logo, pos=(x, y), size=(wide, high)))

    def _logo_size(self, px: int) -> tuple[float, float]:
        """As high as it may be, or as wide."""
        high = px * LOGO_HIGH
        wide = high * self.logo.width / self.logo.height
        most = self.place.width * LOGO_WIDE
        return (wide, high) if wide <= most else (most, most * self.logo.height / self.logo.width)

    def _widths(self, px: int) -> tuple[int, int]:
        """What each of the two takes, the first with the gap after it."""
        if self.logo:
            first = round(self._logo_size(px)[0] + px * (GAP + PLATE))
        else:
            first = round(MEASURES["title"](self.first, px) + px * GAP) if self.first else 0
        return first, round(MEASURES["text"](self.second, px))
