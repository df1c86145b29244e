"""The languages to choose from, at the bottom of the welcome screen."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk import texts
from kiosk.ui.drawing import bordered
from kiosk.ui.layout import Text
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.pills import Pill, pills

BORDER = 2.5


class Languages(Widget):
    """One pill per language of the survey; the chosen one has an outline."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw the pills, and again whenever the language may have changed."""
        self._pills: tuple[Pill, ...] = ()
        self.screen.bind(language=self._draw, survey=self._draw)
        self._draw()

    def at(self, x: float, y: float) -> str | None:
        """The language under a finger."""
        return next((pill.language for pill in self._pills if pill.target.holds(x, y)), None)

    def _draw(self, *_: Any) -> None:
        screen = self.screen
        names = {language: texts.own_name(language) for language in screen.survey.languages}
        self._pills = pills(names, screen.layout, MEASURES["key"])
        self.clear_widgets()
        self.canvas.before.clear()
        for pill in self._pills:
            self._pill(pill, chosen=pill.language == screen.language)

    def _pill(self, pill: Pill, *, chosen: bool) -> None:
        theme, layout = self.screen.theme, self.screen.layout
        box = pill.box
        if chosen:
            border = max(1.5, BORDER * layout.unit)
            outline = bordered(box, box.h / 2, border, theme.ink, theme.surface, layout.height)
            self.canvas.before.add(outline)
        capitals = round(layout.bar.px * 0.727)
        place = Text(
            x=box.x + box.w // 2,
            baseline=layout.bar.y + capitals // 2,
            width=box.w,
            steps=((layout.bar.px, 1),),
            align="center",
        )
        colour = theme.ink if chosen else theme.second_ink
        self.add_widget(
            Lettering(font="key", text=pill.label, place=place, colour=colour, from_top=layout.height)
        )
