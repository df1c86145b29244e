"""The PIN pad, or that there is no PIN yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.staff import LONGEST_PIN, Staff, View
from kiosk.texts.staff_texts import StaffTexts
from kiosk.ui import shapes
from kiosk.ui.layout import Box, Layout
from kiosk.ui.staff.board import Board
from kiosk.ui.staff.places import ERASE, OPEN, pad_places
from kiosk.ui.staff.said import age
from kiosk.ui.theme import Theme

CLOSE = "close"


class Pad(Board):
    """The PIN pad on a panel of *layout*; *branch* is named where a PIN is still to be set."""

    def __init__(self, layout: Layout, theme: Theme, branch: str, **properties: Any) -> None:
        super().__init__(layout, theme, **properties)
        self.places = pad_places(layout)
        self._branch = branch
        self._keys: Mapping[str, Box] = {}

    def sign_at(self, x: float, y: float) -> str | None:
        """The key under a finger, from the top left: a digit, ``erase``, ``open`` or ``close``."""
        return next((sign for sign, box in self._keys.items() if box.holds(x, y)), None)

    def show(self, staff: Staff, now_ms: int, texts: StaffTexts) -> None:
        """Draw it anew."""
        self.begin()
        places, unit, theme = self.places, self.places.unit, self.theme
        middle = self.layout.width / 2
        width = self.layout.width - 2 * places.close.w - 160 * unit
        no_pin = staff.view is View.NO_PIN
        title = texts.no_pin if no_pin else texts.pin_title
        self._key(CLOSE, places.close, texts.close)
        self._keys = {CLOSE: self.boxed(places.close)}
        if no_pin:
            y = self.layout.height * 0.42
            self.write(title, middle, y, width, 44 * unit, theme.ink, font="title", align="center", lines=2)
            line = texts.no_pin_line.format(branch=self._branch)
            self.write(
                line, middle, y + 110 * unit, self.layout.width * 0.86, 26 * unit, theme.second_ink,
                align="center", lines=2,
            )  # fmt: skip
            return
        self.write(title, middle, places.title, width, 40 * unit, theme.ink, font="title", align="center")
        self._dots(len(staff.digits), middle, places.dots)
        self.write(
            self._line(staff, now_ms, texts), middle, places.line, self.layout.width * 0.9, 24 * unit, theme.ink,
            align="center",
        )  # fmt: skip
        for sign, box in places.keys:
            self._key(sign, box, {ERASE: texts.erase, OPEN: texts.open}.get(sign, sign))
        # A pad reads 1 2 3 in every script: it is not mirrored.
        self._keys = {**self._keys, **dict(places.keys)}

    def _line(self, staff: Staff, now_ms: int, texts: StaffTexts) -> str:
        left_ms = staff.locked_until_ms - now_ms
        if left_ms > 0:
            return texts.pin_locked.format(time=age(left_ms + 59_999, texts))
        return texts.pin_wrong if staff.wrong else ""

    def _key(self, sign: str, box: Box, text: str) -> None:
        unit, theme = self.places.unit, self.theme
        drawn = box if sign == CLOSE else self.boxed(box)  # mirrored twice is where it was
        self.card(drawn, unit)
        px = 44 if sign.isdigit() else 26
        self.write(
            text, drawn.x + drawn.w / 2, drawn.y + drawn.h / 2 + px * 0.36 * unit, drawn.w - 20 * unit, px * unit,
            theme.ink, font="title" if sign.isdigit() else "key", align="center",
        )  # fmt: skip

    def _dots(self, many: int, x: float, y: float) -> None:
        """As many as digits are typed; which ones is nobody's business."""
        radius, pitch = 8 * self.places.unit, 30 * self.places.unit
        count = min(many, LONGEST_PIN)
        for at in range(count):
            middle = self.at((x + (at - (count - 1) / 2) * pitch, y))
            self.mesh(shapes.solid(shapes.oval(middle, radius, radius)), self.theme.ink)
