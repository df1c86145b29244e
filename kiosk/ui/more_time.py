"""Asks whoever stands still before a question whether they need more time."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, ObjectProperty

from feedback.answers import Source
from kiosk.reception import Reception
from kiosk.ui.asking import Form, asking
from kiosk.ui.layout import Box
from kiosk.ui.question import Answers, Lettering, Tick
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.visit import Key

__all__ = ["Answers", "Lettering", "MoreTime", "Tick"]  # the .kv file finds them once imported

rules(__file__)


class MoreTime(CustomerScreen):
    """
    Two keys and no countdown: nobody is hurried, and nothing already said can be lost.

    Attributes:
        asking: Where everything goes: as a question with two answers.
        values: What the keys stand for.
        words: What they say.
    """

    asking = ObjectProperty()
    values = ListProperty()
    words = ListProperty()

    def __init__(self, reception: Reception, **properties: Any) -> None:
        keys = [Key.MORE, Key.DONE]
        place = asking(properties["layout"], Form.CARDS, len(keys))
        super().__init__(reception, asking=place, values=keys, **properties)

    def shown(self, reception: Reception) -> dict[str, Any]:
        """The visit and the words."""
        shown = super().shown(reception)
        return {**shown, "words": [shown["texts"].more, shown["texts"].done]}

    def place_of(self, tapped: int | Key) -> Box:
        """Where a finger hits a key."""
        return self.asking.cells[self.values.index(tapped)].target

    def touched(self, x: float, y: float) -> None:
        """A touch anywhere says that somebody is there; only one key says that they have done."""
        self.reception.turn(self.ids.answers.at(x, y) or Key.MORE, Source.TOUCH)
