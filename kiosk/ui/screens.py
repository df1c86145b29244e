"""The customer's screens: which one a visit is on. Each is made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from feedback.ratings import Kind
from feedback.surveys import Question
from kiosk.reception import Reception
from kiosk.ui.choices import Choices
from kiosk.ui.face_scale import FaceScale
from kiosk.ui.question import QuestionScreen
from kiosk.ui.scale import Scale
from kiosk.ui.screen import CustomerScreen
from kiosk.ui.stars import Stars
from kiosk.ui.writing import Written
from kiosk.ui.yes_no import YesNo
from kiosk.visit import Screen

QUESTIONS: Mapping[Kind, type[QuestionScreen]] = {
    Kind.RATING: FaceScale,
    Kind.FACES4: FaceScale,
    Kind.STARS: Stars,
    Kind.NPS: Scale,
    Kind.CES: Scale,
    Kind.CSAT: Scale,
    Kind.YES_NO: YesNo,
    Kind.CHOICE: Choices,
}
"""How each kind of question is asked."""


class Screens:
    """
    Finds the screen of a visit.

    Args:
        common: What every screen is given: layout, theme, names.
        fixed: The screens that have no question.
    """

    def __init__(
        self,
        reception: Reception,
        fixed: Mapping[Screen, Callable[[], CustomerScreen]],
        **common: Any,
    ) -> None:
        self._reception = reception
        self._fixed = fixed
        self._common = common
        self._made: dict[Callable[[], CustomerScreen], CustomerScreen] = {}
        self._asked: dict[str, tuple[Question, CustomerScreen]] = {}

    def of(self, screen: Screen, question: Question | None = None) -> CustomerScreen:
        """The one for *screen*, where *question* is asked if it is any."""
        if screen is Screen.QUESTION and question is not None:
            return self._asking(question)
        make = self._fixed[screen]
        if make not in self._made:
            self._made[make] = make()
        return self._made[make]

    def _asking(self, question: Question) -> CustomerScreen:
        known = self._asked.get(question.id)
        # The same name with other texts or choices is another question: the survey is a newer one.
        if known is None or known[0] != question:
            make = Written if question.kind is Kind.TEXT else QUESTIONS[question.kind]
            known = question, make(self._reception, question, **self._common)
            self._asked[question.id] = known
        return known[1]
