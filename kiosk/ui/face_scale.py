"""A question answered with a face: four of them, or the five of the rating."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty

from feedback.ratings import Rating, as_rating
from feedback.surveys import Question
from kiosk.ui.answers import Answers
from kiosk.ui.asking import Form
from kiosk.ui.face import FaceMark
from kiosk.ui.layout import Seat
from kiosk.ui.question import QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["FaceAnswers", "FaceScale"]  # the .kv file finds them once imported

rules(__file__)


class FaceScale(QuestionScreen):
    """Faces in the order of the welcome screen, the best first, with the same words."""

    form = Form.FACES


class FaceAnswers(Answers):
    """Faces with their words; on cards where they stand below each other."""

    question = ObjectProperty()

    def on_screen(self, *_: Any) -> None:
        """Set up the faces on what the cards are."""
        screen, self._faces = self.screen, []
        super().on_screen()
        for rating, cell in zip(ratings(screen.question), screen.asking.cells, strict=True):
            x, y = cell.mark
            seat = Seat(rating, cell.target, x, y, cell.text, None)
            self._faces.append(
                FaceMark(
                    seat=seat,
                    theme=screen.theme,
                    radius=screen.asking.radius,
                    from_top=screen.layout.height,
                )
            )
            self.add_widget(self._faces[-1])
        self._mark()

    def _mark(self, *_: Any) -> None:
        super()._mark()
        visit, tapped = self.screen.visit, self.screen.visit.tapped
        for face, value in zip(self._faces, self.screen.values, strict=False):
            face.still = tapped is not None
            face.pressed = tapped == value and not visit.rung


def ratings(question: Question) -> list[Rating]:
    """What the faces mean, the best first."""
    meant = (as_rating(question.kind, value) for value in question.in_order)
    return [rating for rating in meant if rating is not None]
