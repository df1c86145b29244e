"""A question with choices: a card for each, at most six."""

from __future__ import annotations

from kiosk.ui.question import Answers, QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["Answers", "Choices"]  # the .kv file finds them once imported

rules(__file__)


class Choices(QuestionScreen):
    """Why it was so, in the company's words. One touch is enough."""
