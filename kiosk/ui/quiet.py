"""The quiet screen: outside the service hours, when the branch opens again. A finger anywhere wakes the faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kivy.properties import ListProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from feedback.hours import Periods
from kiosk import texts
from kiosk.idle import DAYS, Opening
from kiosk.reception import Reception
from kiosk.texts import Texts
from kiosk.ui.layout import Layout, Text
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.ui.two_tone import TwoTone

__all__ = ["Lettering", "Quiet", "TwoTone", "Week"]  # the .kv file finds them once imported

rules(__file__)

WEEK_PX = 32
"""At a height of 800."""
DAY_WIDTH = 7.0
"""Of the column of the days, as parts of the size: two short names with a dash."""


@dataclass(frozen=True)
class Places:
    """Where everything goes on the quiet screen."""

    title: Text
    opens: Text
    tell_us: Text
    week: tuple[Text, ...]


def places(layout: Layout) -> Places:
    """The places on a screen of *layout*: a title in the upper half, the week below, the hint where staff's line is."""
    unit = min(layout.width, layout.height) / 800
    title = replace(layout.stopped, baseline=round(layout.height * 0.31))
    opens = replace(layout.explained, baseline=title.baseline + round(74 * unit))
    first = opens.baseline + round(86 * unit)
    last = layout.rule_y - round(12 * unit)
    step = min(round(WEEK_PX * 1.5 * unit), (last - first) // (DAYS - 1))
    px = min(round(WEEK_PX * unit), round(step / 1.3))
    week = tuple(replace(opens, baseline=first + step * at, steps=((px, 1),)) for at in range(DAYS))
    return Places(title, opens, layout.staff, week)


class Quiet(CustomerScreen):
    """
    What stands there while the branch is closed.

    Attributes:
        places: Where everything goes.
        next_opening: When the branch opens next; empty where nobody knows.
        openings: Its week, ``kiosk.idle.Opening`` by days alike.
    """

    places = ObjectProperty()
    next_opening = StringProperty("")
    openings = ListProperty()

    def __init__(self, reception: Reception, **properties: Any) -> None:
        super().__init__(reception, places=places(properties["layout"]), **properties)

    def shown(self, reception: Reception) -> dict[str, Any]:
        """The branch's hours, in the language of the branch."""
        words, outlook = texts.load(reception.language), reception.outlook
        opens = ""
        if outlook.next_day is not None:
            opens = f"{words.opens_again}: {weekdays(words)[outlook.next_day]} {hours(outlook.next_periods, words)}"
        return {**super().shown(reception), "next_opening": opens, "openings": list(outlook.week)}

    def touched(self, x: float, y: float) -> None:
        """Somebody is there after all."""
        self.reception.touch()


class Week(Widget):
    """The branch's hours, a line for each row of days alike."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Write the lines, and again when the hours or the language have changed."""
        self.screen.bind(openings=self._write, texts=self._write)
        self._write()

    def _write(self, *_: Any) -> None:
        screen = self.screen
        self.clear_widgets()
        openings: Sequence[Opening] = screen.openings
        if not openings:
            return
        px = screen.places.week[0].steps[0][0]
        named = [days(opening, screen.texts) for opening in openings]
        wide = max(max(MEASURES["key"](name, px) for name in named) + px, DAY_WIDTH * px)
        for place, name, opening in zip(screen.places.week, named, openings, strict=False):
            beside = -round(wide) if place.align == "right" else round(wide)
            times = replace(place, x=place.x + beside, width=place.width - round(wide))
            for font, text, where, colour in (
                ("key", name, place, screen.theme.second_ink),
                ("text", hours(opening.periods, screen.texts), times, screen.theme.ink),
            ):
                self.add_widget(
                    Lettering(font=font, text=text, place=where, colour=colour, from_top=screen.layout.height)
                )


def weekdays(words: Texts) -> tuple[str, ...]:
    """The short names of Monday to Sunday."""
    return (
        words.monday,
        words.tuesday,
        words.wednesday,
        words.thursday,
        words.friday,
        words.saturday,
        words.sunday,
    )


def days(opening: Opening, words: Texts) -> str:
    """The days of *opening*, such as ``Mon – Fri``."""
    first, last = weekdays(words)[opening.first], weekdays(words)[opening.last]
    return first if opening.first == opening.last else f"{first} – {last}"


def hours(periods: Periods, words: Texts) -> str:
    """
    Open times as they stand on a door.

    >>> hours(((540, 780), (840, 1440)), texts.load("en"))
    '09:00–13:00, 14:00–24:00'
    """
    if not periods:
        return words.closed_day
    return ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in periods)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
