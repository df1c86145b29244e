"""The staff's day: the figures, the keys above them, and the code that a phone carries to central."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.texts.staff_texts import StaffTexts
from kiosk.ui.keys import arrow
from kiosk.ui.layout import Box, Layout
from kiosk.ui.qr_code import MODULE_MM, QrCode
from kiosk.ui.staff.board import Board
from kiosk.ui.staff.cards import Cards
from kiosk.ui.staff.places import Key, day_places
from kiosk.ui.staff.said import Said
from kiosk.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What is on the staff's day.

    Attributes:
        said: The figures; None: they are still being read, or cannot be.
        trouble: They cannot be read.
        by_phone: The address to be scanned, while that is asked for; empty: the figures are shown.
        can_go_by_phone: There is an address, and a secret to vouch with.
        note: What came of saving a picture.
    """

    said: Said | None
    trouble: bool = False
    by_phone: str = ""
    can_go_by_phone: bool = False
    can_go_later: bool = False
    note: str = ""


class StaffDay(Board):
    """The staff's day on a panel of *layout*."""

    def __init__(self, layout: Layout, theme: Theme, **properties: Any) -> None:
        super().__init__(layout, theme, **properties)
        self.places = day_places(layout)
        self.least_px = self.places.least_px
        self._keys: Mapping[Key, Box] = {}

    def key_at(self, x: float, y: float) -> Key | None:
        """The key under a finger, from the top left."""
        return next((key for key, target in self._keys.items() if target.holds(x, y)), None)

    def show(self, shown: Shown, texts: StaffTexts) -> None:
        """Draw it anew."""
        self.begin()
        places, unit, theme = self.places, self.places.unit, self.theme
        self._draw_keys(shown, texts)
        if shown.said is None:
            line = texts.unreadable if shown.trouble else "…"
            middle = self.layout.width / 2
            self.write(
                line, middle, self.layout.height * 0.45, self.layout.width * 0.8, 32 * unit, theme.ink,
                align="center", lines=2,
            )  # fmt: skip
            return
        said = shown.said
        width = places.head_width
        self.write(said.title, places.margin, places.title, width, 44 * unit, theme.ink, font="title")
        when = shown.note or said.when
        self.write(
            when, places.margin, places.when, width, 22 * unit, theme.second_ink, lines=places.when_lines
        )
        if shown.by_phone:
            self._draw_code(shown.by_phone, texts)
            return
        cards = Cards(self, unit)
        cards.gauge(places.gauge, texts.sli, said.gauge)
        cards.levels(places.levels, texts.by_rating, said.counted, said.levels)
        cards.facts(places.facts, said.facts)
        cards.hours(places.hours, texts.by_hour, texts.good, texts.bad, said.columns)
        cards.reasons(places.reasons, texts.reasons, said.of, said.reasons, texts.no_reasons)
        cards.trend(places.trend, said.spans, texts.daily, said.trend, said.first_day, said.last_day)
        whole = self.layout.width - 2 * places.margin
        self.write(said.meaning, places.margin, places.meaning, whole, 26 * unit, theme.ink, font="key")
        self.write(said.doubts, places.margin, places.doubts, whole, 19 * unit, theme.second_ink, lines=2)

    def _draw_keys(self, shown: Shown, texts: StaffTexts) -> None:
        unit, theme = self.places.unit, self.theme
        hidden = {Key.LATER} if not shown.can_go_later else set()
        if shown.said is None or shown.by_phone:
            hidden |= {Key.SAVE}
        if shown.said is None or not shown.can_go_by_phone:
            hidden |= {Key.BY_PHONE}
        self._keys = {
            place.key: self.boxed(place.target) for place in self.places.keys if place.key not in hidden
        }
        for place in self.places.keys:
            if place.key in hidden:
                continue
            box = place.box
            self.card(box, unit)
            middle_x, middle_y = box.x + box.w / 2, box.y + box.h / 2
            if place.key in {Key.EARLIER, Key.LATER}:
                to_left = (place.key is Key.EARLIER) != self.layout.mirrored
                self.mesh(arrow(self.at((middle_x, middle_y)), 28 * unit, to_left=to_left), theme.ink)
                continue
            pressed = shown.by_phone and place.key is Key.BY_PHONE
            self.write(
                getattr(texts, place.key.value), middle_x, middle_y + 8 * unit, box.w - 16 * unit, 23 * unit,
                theme.accent if pressed else theme.ink, font="key", align="center",
            )  # fmt: skip

    def _draw_code(self, address: str, texts: StaffTexts) -> None:
        top, margin = self.places.gauge.y, self.places.margin
        room = min(self.layout.height - top - 3 * margin, self.layout.width - 2 * margin)
        most = max(2 * self.layout.panel.both(MODULE_MM), 1)
        code = QrCode(address, room, most)
        self.canvas.add(code.drawn((self.layout.width - code.size) // 2, top, self.layout.height))
        self.write(
            texts.by_phone_line,
            self.layout.width / 2,
            top + code.size + 34 * self.places.unit,
            self.layout.width - 2 * margin,
            24 * self.places.unit,
            self.theme.ink,
            align="center",
            lines=2,
        )
