"""The languages to choose from, at the bottom of the welcome screen."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk import texts
from kiosk.ui.drawing import bordered, painted
from kiosk.ui.fitting import Fit, fit_all
from kiosk.ui.layout import Text
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.pills import ALL, Pill, choices, pills
from kiosk.ui.signs import globe
from kiosk.visit import LANGUAGE_MS

BORDER = 2.5
CARD_PX, CARD_CORNER = 38, 24


class Languages(Widget):
    """
    One pill per language of the survey; the chosen one has an outline.

    Where there are too many for the panel, the last pill opens all of them, over the whole screen.

    Attributes:
        is_open: All of them are shown.
    """

    screen = ObjectProperty()
    is_open = BooleanProperty(False)

    def on_screen(self, *_: Any) -> None:
        """Draw the pills, and again whenever the language may have changed."""
        self._pills: tuple[Pill, ...] = ()
        self._closing = Clock.create_trigger(self.close, LANGUAGE_MS / 1000)
        self.screen.bind(language=self._draw, survey=self._draw, visit=self.close)
        self.fbind("is_open", self._draw)
        self._draw()

    def at(self, x: float, y: float) -> str | None:
        """The language under a finger; ``ALL`` for the pill that opens all of them."""
        return next((pill.language for pill in self._pills if pill.target.holds(x, y)), None)

    @property
    def pills(self) -> tuple[Pill, ...]:
        """What can be touched now."""
        return self._pills

    def open(self) -> None:
        """Show all of them, until one is touched or nobody is there any more."""
        self.is_open = True
        self._closing()

    def close(self, *_: Any) -> None:
        """Show the welcome screen again."""
        self._closing.cancel()
        self.is_open = False

    def _draw(self, *_: Any) -> None:
        screen, layout = self.screen, self.screen.layout
        names = {language: texts.own_name(language) for language in screen.survey.languages}
        self.clear_widgets()
        self.canvas.before.clear()
        if self.is_open:
            self._pills = choices(names, layout)
            self.canvas.before.add(Color(*screen.theme.ground))
            self.canvas.before.add(Rectangle(pos=(0, 0), size=(layout.width, layout.height)))
            px = round(CARD_PX * layout.unit)
        else:
            self._pills = pills(names, layout, MEASURES["key"], texts.short_name, screen.language)
            px = layout.bar.px
        labels = [pill.label for pill in self._pills]
        room = min((pill.box.w for pill in self._pills), default=1) - layout.bar.padding
        steps = tuple((round(px * part), 1) for part in (1, 0.9, 0.8, 0.7))
        fits = fit_all(labels, room, steps, MEASURES["key"]) if self.is_open else [None] * len(labels)
        for pill, fitted in zip(self._pills, fits, strict=True):
            self._pill(pill, fitted, chosen=pill.language == screen.language)

    def _pill(self, pill: Pill, fitted: Fit | None, *, chosen: bool) -> None:
        theme, layout = self.screen.theme, self.screen.layout
        box, colour = pill.box, theme.ink if chosen or self.is_open else theme.second_ink
        border = max(1.5, BORDER * layout.unit)
        if chosen or self.is_open:
            line = theme.ink if chosen else theme.edge
            corner = CARD_CORNER * layout.unit if self.is_open else box.h / 2
            outline = bordered(box, corner, border, line, theme.surface, layout.height)
            self.canvas.before.add(outline)
        if pill.language == ALL:
            middle = (box.x + box.w / 2, layout.height - box.y - box.h / 2)
            self.canvas.before.add(painted(globe(middle, box.h * 0.29), colour))
            return
        px = fitted.px if fitted else layout.bar.px
        place = Text(
            x=box.x + box.w // 2,
            baseline=box.y + box.h // 2 + round(px * 0.727) // 2,  # half of its capitals below the middle
            width=box.w,
            steps=((px, 1),),
            align="center",
        )
        self.add_widget(
            Lettering(font="key", text=pill.label, place=place, colour=colour, from_top=layout.height)
        )
