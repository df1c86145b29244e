"""A question answered with yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from feedback.surveys import Question, Survey
from kiosk import texts
from kiosk.ui.question import Answers, QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["Answers", "YesNo"]  # the .kv file finds them once imported

rules(__file__)


class YesNo(QuestionScreen):
    """Two cards of one size."""

    def values_of(self, question: Question) -> Sequence[int]:
        """Yes comes first."""
        return list(reversed(question.values))

    def words_of(self, question: Question, survey: Survey, language: str) -> Sequence[str]:
        """In the visit's language."""
        words = texts.load(language)
        return [words.yes, words.no]
