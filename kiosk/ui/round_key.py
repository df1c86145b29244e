"""The round keys at the end of the bar: each changes how the screen looks, for one visit."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui.drawing import bordered
from kiosk.ui.pills import Pill

BORDER, CHOSEN_BORDER = 2, 2.5


class RoundKey(Widget):
    """One of them. A subclass says where it stands, whether it was chosen, and what sign it has."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw it, and again when it was chosen or left."""
        self.key = self.place()
        self._was_chosen: bool | None = None
        self.screen.bind(visit=self._draw)
        self._draw()

    def holds(self, x: float, y: float) -> bool:
        """Whether a finger there is on the key."""
        return self.key.target.holds(x, y)

    def place(self) -> Pill:
        """Where it stands on the screen's layout."""
        raise NotImplementedError

    def is_chosen(self) -> bool:
        """Whether this visit has chosen it."""
        raise NotImplementedError

    def sign(self) -> None:
        """Draw what stands on it."""
        raise NotImplementedError

    def _draw(self, *_: Any) -> None:
        chosen = self.is_chosen()
        if self._was_chosen is chosen:
            return
        self._was_chosen = chosen
        layout, theme, box = self.screen.layout, self.screen.theme, self.key.box
        width = max(1.5, (CHOSEN_BORDER if chosen else BORDER) * layout.unit)
        edge = theme.ink if chosen else theme.hairline
        self.clear_widgets()
        self.canvas.clear()
        self.canvas.add(bordered(box, box.h / 2, width, edge, theme.surface, layout.height))
        self.sign()
