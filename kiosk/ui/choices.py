"""A question with choices: a card for each, at most six."""

from __future__ import annotations

from collections.abc import Sequence

from feedback.surveys import Question, Survey
from kiosk.ui.question import Answers, QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["Answers", "Choices"]  # the .kv file finds them once imported

rules(__file__)


class Choices(QuestionScreen):
    """Why it was so, in the company's words. One touch is enough."""

    def words_of(self, question: Question, survey: Survey, language: str) -> Sequence[str]:
        """Each choice in the visit's language."""
        return [survey.text(choice.texts, language) for choice in question.choices]
