"""A question answered with a number: NPS from 0 to 10, CES from 1 to 7, CSAT from 1 to 5."""

from __future__ import annotations

from feedback.ratings import Kind
from feedback.surveys import Question, Survey
from kiosk.ui.asking import Form
from kiosk.ui.ends import Ends
from kiosk.ui.question import Answers, QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["Answers", "Ends", "Scale"]  # the .kv file finds them once imported

rules(__file__)


class Scale(QuestionScreen):
    """Keys from least to most, and what the two ends mean below them."""

    form = Form.SCALE

    def ends_of(self, question: Question, survey: Survey, language: str) -> tuple[str, str]:
        """NPS has two rows on a narrow panel, whose corners are not its ends: it names the keys."""
        least, most = super().ends_of(question, survey, language)
        if question.kind is Kind.NPS:
            return f"{question.values[0]} – {least}", f"{question.values[-1]} – {most}"
        return least, most
