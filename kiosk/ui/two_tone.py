"""One line in two tones: what it is about, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.fitting import shorten
from kiosk.ui.lettering import MEASURES, Lettering

GAP = 0.6
"""Between the two, as parts of the size."""


class TwoTone(Widget):
    """
    *first* in ink and *second* in second ink on one line.

    The line takes a smaller size where it is too long, and loses the end of *second* where that is not enough.
    """

    first = StringProperty("")
    second = StringProperty("")
    place = ObjectProperty(None, allownone=True)
    theme = ObjectProperty(None, allownone=True)
    from_top = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        rewrite = Clock.create_trigger(self._write, -1)
        super().__init__(**properties)
        for name in ("first", "second", "place", "theme", "from_top"):
            self.fbind(name, rewrite)
        rewrite()

    def _write(self, *_: Any) -> None:
        place = self.place
        px = next((px for px, _ in place.steps if sum(self._widths(px)) <= place.width), place.steps[-1][0])
        first = shorten(self.first, place.width, px, MEASURES["title"])
        taken = self._widths(px)[0] if first == self.first else place.width
        room = place.width - taken
        second = shorten(self.second, room, px, MEASURES["text"])
        after = place.x - taken if place.align == "right" else place.x + taken
        self.clear_widgets()
        for font, text, x, width, colour in (
            ("title", first, place.x, place.width, self.theme.ink),
            ("text", second, after, room, self.theme.second_ink),
        ):
            where = replace(place, x=x, width=width, steps=((px, 1),))
            self.add_widget(
                Lettering(font=font, text=text, place=where, colour=colour, from_top=self.from_top)
            )

    def _widths(self, px: int) -> tuple[int, int]:
        """What each of the two takes, the first with the gap after it."""
        first = round(MEASURES["title"](self.first, px) + px * GAP) if self.first else 0
        return first, round(MEASURES["text"](self.second, px))
