"""What the screens of all questions have in common: what is saved, the question, the answers, the keys."""

from __future__ import annotations

from typing import Any, ClassVar

from kivy.graphics import Color
from kivy.properties import ListProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from feedback.answers import Source
from feedback.surveys import Question, Survey
from kiosk import options, texts
from kiosk.reception import Reception
from kiosk.ui import shapes
from kiosk.ui.answers import Answers
from kiosk.ui.asking import Form, asking
from kiosk.ui.drawing import fill
from kiosk.ui.keys import Keys
from kiosk.ui.layout import Box
from kiosk.ui.lettering import Lettering
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.ui.signs import check
from kiosk.visit import Key

__all__ = ["Answers", "Keys", "Lettering", "QuestionScreen", "Tick"]  # the .kv file finds them once imported

rules(__file__)


class QuestionScreen(CustomerScreen):
    """
    One question. A class of its own for each way to answer; its .kv file adds the answers, with the id ``answers``.

    Attributes:
        question: What is asked.
        asking: Where everything goes.
        values: What the answers stand for, in the order shown.
        words: What they say in the visit's language.
        title: The question in it.
        saved: What is on the disk already.
        ends: What the two ends of a scale mean.
    """

    form: ClassVar[Form] = Form.CARDS

    question = ObjectProperty()
    asking = ObjectProperty()
    values = ListProperty()
    words = ListProperty()
    title = StringProperty("")
    saved = StringProperty("")
    ends = ListProperty(["", ""])

    def __init__(self, reception: Reception, question: Question, **properties: Any) -> None:
        self._asked = question
        values = list(question.in_order)
        place = asking(properties["layout"], self.form, len(values))
        super().__init__(reception, question=question, asking=place, values=values, **properties)

    def ends_of(self, question: Question, survey: Survey, language: str) -> tuple[str, str]:
        """What least and most mean; empty where the answers say it themselves."""
        return options.ends(question, survey, language)

    def shown(self, reception: Reception) -> dict[str, Any]:
        """The visit, the question and its answers in the visit's language."""
        survey = reception.visit.survey or reception.standing.survey
        language, question = reception.language, self._asked
        words = texts.load(language)
        visit = reception.visit
        # Not the answer that is on its way to the disk: it is not saved yet.
        stored = visit.said[:-1] if visit.is_pressed else visit.said
        several = sum(1 for _, value in stored if value is not None) > 1
        return {
            **super().shown(reception),
            "title": survey.text(question.texts, language),
            "words": list(options.words(question, survey, language)),
            "ends": list(self.ends_of(question, survey, language)),
            "saved": words.saving if visit.slow else words.answers_saved if several else words.rating_saved,
        }

    def place_of(self, tapped: int | Key) -> Box:
        """Where a finger hits an answer, or a key."""
        if isinstance(tapped, Key):
            return next(place.target for place in self.asking.keys if place.key is tapped)
        return self.asking.cells[self.values.index(tapped)].target

    def touched(self, x: float, y: float) -> None:
        """Hand on a finger: on an answer, on a key, or on neither."""
        value, key = self.ids.answers.at(x, y), self.ids.foot.at(x, y)
        if value is not None:
            self.reception.answer(value, Source.TOUCH)
        elif key is not None:
            self.reception.turn(key, Source.TOUCH)
        else:
            self.reception.touch()


class Tick(Widget):
    """The small sign beside what is saved."""

    screen = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Draw it once."""
        layout, theme = self.screen.layout, self.screen.theme
        x, y, radius = self.screen.asking.tick
        with self.canvas:
            Color(*theme.accent)
        self.canvas.add(fill(shapes.solid(shapes.oval((x, layout.height - y), radius, radius))))
        with self.canvas:
            Color(*theme.on_accent)
        self.canvas.add(fill(shapes.moved(check(radius * 1.05, 1.0), (x, layout.height - y))))
