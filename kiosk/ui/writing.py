"""A question answered in the customer's own words, on keys of their language."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from feedback.answers import Source
from feedback.surveys import Question
from kiosk.keyboards import Act, Keyboard, Stroke, begins_sentence, keyboard
from kiosk.reception import Reception
from kiosk.ui import shapes
from kiosk.ui.answers import first_baseline
from kiosk.ui.card import Card
from kiosk.ui.drawing import painted
from kiosk.ui.field import Field
from kiosk.ui.fitting import fit
from kiosk.ui.key_board import Board, KeyBox, board
from kiosk.ui.key_signs import rub, shift, space
from kiosk.ui.keys import arrow
from kiosk.ui.layout import Box, Text
from kiosk.ui.lettering import MEASURES, Lettering
from kiosk.ui.screen import CustomerScreen
from kiosk.visit import Key

CORNER = 16
LETTER_PX, WORD_PX, BACK_PX = 42, 34, 28
SIGN = 35
"""Pixels of the design that a sign on a key is large."""


class Written(CustomerScreen):
    """
    The question, what is being written, and the keys.

    What is written is in the visit alone; here only which page of the keys is shown, and whether the next letter is a
    capital.

    Attributes:
        page: Which page of keys is shown.
    """

    page = ObjectProperty(Act.LETTERS)
    shifted = OptionProperty("by itself", options=["by itself", "yes", "no"])
    title = StringProperty("")

    def __init__(self, reception: Reception, question: Question, **properties: Any) -> None:
        self._asked = question
        self._shown: tuple[Any, ...] = ()
        self._keys: dict[KeyBox, Card] = {}
        super().__init__(reception, **properties)
        self._below = Widget()
        self._field = Field(self.theme, self.layout.height)
        self.add_widget(self._below)
        self.add_widget(self._field)
        self._draw()

    @property
    def keyboard(self) -> Keyboard:
        """The keys of the visit's language; nobody else is asked."""
        return keyboard(self.reception.language) or keyboard("en")  # type: ignore[return-value]

    @property
    def board(self) -> Board:
        return board(self.layout, self.keyboard, self.page, with_back=self._with_back)

    @property
    def _with_back(self) -> bool:
        return bool(self.visit.can_go_back)

    @property
    def is_capital(self) -> bool:
        """Whether the next letter is a capital."""
        if self.shifted == "by itself":
            return begins_sentence(self.visit.text)
        return bool(self.shifted == "yes")

    @property
    def _sends(self) -> bool:
        """Whether the last key sends: with nothing written it skips. Sent is sent, while that is being stored."""
        return bool(self.visit.text.strip()) or self.visit.tapped is Key.SEND

    def shown(self, reception: Reception) -> dict[str, Any]:
        """The visit and the question in the visit's language."""
        survey = reception.visit.survey or reception.standing.survey
        return {**super().shown(reception), "title": survey.text(self._asked.texts, reception.language)}

    def render(self) -> None:
        """Show the reception as it is now."""
        super().render()
        self._draw()

    def arrive(self, *, moving: bool) -> None:
        """The letters come first, whatever the customer before had chosen."""
        self.page, self.shifted = Act.LETTERS, "by itself"
        self._draw()

    def place_of(self, tapped: Key) -> Box:
        """Where a finger hits a key."""
        if tapped is Key.BACK:
            return self.board.back.target
        return next(key.target for key in self.board.keys if key.stroke is Act.SEND)

    def touched(self, x: float, y: float) -> None:
        """Hand on a finger: on a key, or beside them."""
        if self._with_back and self.board.back.target.holds(x, y):
            self.reception.turn(Key.BACK, Source.TOUCH)
            return
        key = next((key for key in self.board.keys if key.target.holds(x, y)), None)
        if key is None:
            self.reception.touch()
        elif isinstance(key.stroke, Act):
            self._act(key.stroke)
        else:
            self._write(key.stroke)

    def _act(self, act: Act) -> None:
        if act is Act.SEND:
            self.reception.turn(Key.SEND, Source.TOUCH)
        elif act is Act.RUB:
            self.reception.rub()
        elif act is Act.SHIFT:
            self.shifted = "no" if self.is_capital else "yes"
            self.reception.touch()
        else:
            self.page = act
            self.reception.touch()
        self._draw()

    def _write(self, character: str) -> None:
        capital = self.is_capital and self.keyboard.cased and self.page is Act.LETTERS
        written = self.keyboard.capital(character) if capital else character
        self.shifted = "by itself"
        self.page = self.keyboard.page_after(self.page)
        self.reception.write(written)
        self._draw()

    # Drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        # Called before all is there: while the properties are given.
        if not hasattr(self, "_field"):
            return
        keys = (
            self.keyboard.language,
            self.page,
            self.is_capital,
            self._with_back,
            self.texts,
            self._sends,
        )
        if keys != self._shown:
            self._shown = keys
            self._draw_keys()
        for key, card in self._keys.items():
            card.still = self.visit.tapped is not None
            card.pressed = self.visit.tapped is Key.SEND and key.stroke is Act.SEND and not self.visit.rung
        self._field.show(self.board, self.visit.text)

    def _draw_keys(self) -> None:
        self._below.clear_widgets()
        for canvas in (self._below.canvas, self._below.canvas.after):
            canvas.clear()
        self._keys.clear()
        at = self.board
        if self._with_back:
            self._below.add_widget(self._card(at.back))
            self._label(at.back.box, self.texts.back, BACK_PX, arrow_to_left=not self.layout.mirrored)
        for key in at.keys:
            self._keys[key] = self._card(key)
            self._below.add_widget(self._keys[key])
            self._face(key)
        common = {"from_top": self.layout.height}
        self._below.add_widget(
            Lettering(font="title", text=self.title, place=at.title, colour=self.theme.ink, **common)
        )
        self._below.add_widget(
            Lettering(text=self.texts.no_names, place=at.hint, colour=self.theme.second_ink, **common)
        )

    def _card(self, key: KeyBox) -> Card:
        return Card(
            box=key.box,
            theme=self.theme,
            line=self._colour(key) or self.theme.hairline,
            surface=self._colour(key),
            corner=round(CORNER * self.board.unit),
            unit=self.board.unit,
            from_top=self.layout.height,
        )

    def _colour(self, key: KeyBox) -> Any:
        """What sends is in the accent, what writes nothing a little darker than the letters."""
        theme = self.theme
        if key.stroke is Act.SEND and self._sends:
            return theme.accent
        return None if isinstance(key.stroke, str) or theme.outlined else theme.hairline

    def _face(self, key: KeyBox) -> None:
        """What stands on a key: a letter, a word, or a sign."""
        if key.stroke is Act.RUB:
            self._sign(key.box, rub(self._middle(key.box), self._px(SIGN)))
        elif key.stroke is Act.SHIFT:
            self._sign(key.box, shift(self._middle(key.box), self._px(SIGN), full=self.is_capital))
        elif key.stroke == " ":
            self._sign(
                key.box, space(self._middle(key.box), min(key.box.w * 0.5, self._px(240)), self._px(20))
            )
        else:
            px = WORD_PX if isinstance(key.stroke, Act) else LETTER_PX
            accented = key.stroke is Act.SEND and self._sends
            self._label(key.box, self._said(key.stroke), px, accented=accented)

    def _said(self, stroke: Stroke) -> str:
        if stroke is Act.SEND:
            return str(self.texts.send if self._sends else self.texts.skip)
        if stroke is Act.NUMBERS:
            return "123"
        if stroke is Act.LETTERS:
            return self.keyboard.letters_key
        if stroke is Act.MORE:
            return self.keyboard.more_key
        cased = self.is_capital and self.page is Act.LETTERS and self.keyboard.cased
        return self.keyboard.capital(str(stroke)) if cased else str(stroke)

    def _label(
        self,
        box: Box,
        text: str,
        design_px: int,
        *,
        arrow_to_left: bool | None = None,
        accented: bool = False,
    ) -> None:
        px = self._px(design_px)
        room = box.w - self._px(16) - (px * 1.4 if arrow_to_left is not None else 0)
        steps = tuple((round(px * part), 1) for part in (1, 0.9, 0.8, 0.7, 0.6, 0.5))
        fitted = fit(text, round(room), steps, MEASURES["key"])
        middle = box.x + box.w // 2
        if arrow_to_left is not None:
            wide = MEASURES["key"](text, fitted.px)
            side = 1 if arrow_to_left else -1
            start = middle - side * (wide + fitted.px * 1.4) / 2
            mark = arrow(
                (start + side * fitted.px * 0.45, self.layout.height - box.y - box.h / 2),
                fitted.px * 0.9,
                to_left=arrow_to_left,
            )
            self._below.canvas.after.add(painted(mark, self.theme.ink))
            middle += round(side * fitted.px * 0.7)
        baseline = first_baseline(box.y + box.h // 2, fitted)
        place = Text(middle, baseline, round(room), steps, "center")
        self._below.add_widget(
            Lettering(
                font="key",
                text=text,
                place=place,
                fitted=fitted,
                colour=self.theme.on_accent if accented else self.theme.ink,
                from_top=self.layout.height,
            )
        )

    def _sign(self, box: Box, mesh: shapes.Mesh) -> None:
        mark = Widget()
        mark.canvas.add(painted(mesh, self.theme.ink))
        self._below.add_widget(mark)

    def _middle(self, box: Box) -> tuple[float, float]:
        return box.x + box.w / 2, self.layout.height - box.y - box.h / 2

    def _px(self, design: float) -> int:
        return round(design * self.board.unit)
