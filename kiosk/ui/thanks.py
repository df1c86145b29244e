"""The thank-you: shown when the answer is on disk, and never before; with a code to go on by phone, if there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.reception import Reception
from kiosk.ui.drawing import bordered
from kiosk.ui.layout import Box, Layout, Text
from kiosk.ui.lettering import Lettering
from kiosk.ui.qr_code import MODULE_MM, QrCode
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.ui.signs import Check

__all__ = ["Check", "Code", "Lettering", "Thanks"]  # the .kv file finds them once imported

CORNER = 26
TITLE_PX, LINE_PX = 30, 24


@dataclass(frozen=True)
class CodePlaces:
    """Where the code stands: its card, the code's own room, and the two texts below it."""

    card: Box
    room: Box
    title: Text
    line: Text
    beside: int


def code_places(layout: Layout) -> CodePlaces:
    """The card at the end of the line, or at the foot of an upright panel; ``beside`` is left for the thanks."""
    unit, margin = layout.unit, layout.margin
    tall = layout.height > layout.width
    texts = round((TITLE_PX * 1.6 + LINE_PX * 3.4) * unit)
    if tall:
        wide, top = round(layout.width * 0.62), round(layout.height * 0.57)
        high = min(wide + texts, layout.height - top - margin)
        left = (layout.width - wide) // 2
    else:
        high = layout.height - 2 * margin
        wide, top = min(high - texts + 2 * margin // 3, layout.width // 2 - margin), margin
        left = margin if layout.mirrored else layout.width - margin - wide
    edge = max(2, round(4 * unit))
    side = min(wide, high - texts) - 2 * edge
    room = Box(left + (wide - side) // 2, top + edge, side, side)
    middle, inner = left + wide // 2, wide - round(24 * unit)
    title_y = top + side + round(TITLE_PX * 0.9 * unit)
    steps = tuple((max(12, round(TITLE_PX * unit * part)), 1) for part in (1, 0.88, 0.76, 0.66))
    lines = tuple((max(12, round(LINE_PX * unit * part)), 2) for part in (1, 0.88, 0.76, 0.66))
    return CodePlaces(
        Box(left, top, wide, high),
        room,
        Text(middle, title_y, inner, steps, "center"),
        Text(middle, title_y + round(LINE_PX * 1.5 * unit), inner, lines, "center", leading=1.3),
        layout.width - 2 * margin if tall else layout.width - wide - 3 * margin,
    )


class Thanks(CustomerScreen):
    """
    A check, two words, and where the answer is. A touch anywhere ends it.

    Attributes:
        link: The address to go on at; empty: none is offered.
        title: Where the two words stand.
        saved: Where the line below them stands.
    """

    link = StringProperty("")
    title = ObjectProperty()
    saved = ObjectProperty()

    def __init__(self, reception: Reception, **properties: Any) -> None:
        layout = properties["layout"]
        super().__init__(reception, title=layout.thanks, saved=layout.saved, **properties)

    def render(self) -> None:
        """Show the reception as it is now; beside a code the words have less room."""
        super().render()
        layout, self.link = self.layout, self.reception.link
        width = code_places(layout).beside if self.link else layout.width
        self.title = replace(layout.thanks, width=min(layout.thanks.width, width))
        self.saved = replace(layout.saved, width=min(layout.saved.width, width))

    def arrive(self, *, moving: bool) -> None:
        """Draw the check once."""
        self.ids.check.begin(moving=moving)

    def touched(self, x: float, y: float) -> None:
        """The next customer is there."""
        self.reception.touch()


class Code(Widget):
    """The code on its card, with what it is for."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw it, and again when another customer has another one."""
        self.screen.bind(link=self._draw, texts=self._draw)
        self._draw()

    def _draw(self, *_: Any) -> None:
        screen = self.screen
        self.clear_widgets()
        self.canvas.before.clear()
        if not screen.link:
            return
        layout, theme = screen.layout, screen.theme
        places = code_places(layout)
        code = QrCode(screen.link, places.room.w, max(2 * layout.panel.both(MODULE_MM), 1))
        border = max(1, round(2 * layout.unit))
        group = bordered(
            places.card, CORNER * layout.unit, border, theme.hairline, theme.surface, layout.height
        )
        self.canvas.before.add(group)
        left = places.room.x + (places.room.w - code.size) // 2
        top = places.room.y + (places.room.h - code.size) // 2
        self.canvas.before.add(code.drawn(left, top, layout.height))
        for font, text, place, colour in (
            ("key", screen.texts.say_more, places.title, theme.ink),
            ("text", screen.texts.say_more_line, places.line, theme.second_ink),
        ):
            self.add_widget(
                Lettering(font=font, text=text, place=place, colour=colour, from_top=layout.height)
            )


rules(__file__)
