"""What the customer's screens have in common: they show a visit on a ground of one colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.graphics import Color, Rectangle, Translate
from kivy.lang import Builder
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk import texts
from kiosk.reception import Reception


class CustomerScreen(Widget):
    """
    One screen. Its .kv file says what stands on it.

    Attributes:
        reception: Takes what a finger does here.
        layout: Where everything goes.
        theme: The colours.
        visit: What is shown.
        texts: The product's own words in the visit's language.
        organisation: Whose kiosk this is.
        logo: Its logo, a texture, shown in place of its name; None: there is none.
        branch: Where it stands.
        sunk: How far below its place it is drawn, in pixels, while it fades in.
    """

    reception = ObjectProperty()
    # Without rebind a rule like `root.visit.slow` is read once and never again: a visit is no Kivy object.
    layout = ObjectProperty(rebind=True)
    theme = ObjectProperty(rebind=True)
    visit = ObjectProperty(rebind=True)
    texts = ObjectProperty(rebind=True)
    organisation = StringProperty("")
    logo = ObjectProperty(None, allownone=True)
    branch = StringProperty("")
    sunk = NumericProperty(0)

    def __init__(self, reception: Reception, **properties: Any) -> None:
        # Given before the .kv rules run: these read them at once.
        super().__init__(reception=reception, **properties, **self.shown(reception))
        with self.canvas.before:
            Color(*self.theme.ground)
            Rectangle(pos=(0, 0), size=(self.layout.width, self.layout.height))
            self._lift = Translate(0, 0, 0)
        with self.canvas.after:
            self._down = Translate(0, 0, 0)
        self.fbind("sunk", self._move)

    def shown(self, reception: Reception) -> dict[str, Any]:
        """What of *reception* this screen shows, by the names of its properties."""
        return {"visit": reception.visit, "texts": texts.load(reception.language)}

    def render(self) -> None:
        """Show the reception as it is now."""
        for name, value in self.shown(self.reception).items():
            setattr(self, name, value)

    def arrive(self, *, moving: bool) -> None:
        """It comes into view: whatever it draws once, it draws now."""

    def touched(self, x: float, y: float) -> None:
        """A finger landed at *x*, *y* from the top left."""

    def _move(self, *_: Any) -> None:
        self._lift.y, self._down.y = -self.sunk, self.sunk


def rules(module_file: str) -> None:
    """Load the .kv file that stands beside a screen's module."""
    Builder.load_file(str(Path(module_file).with_suffix(".kv")))
