"""A question answered with yes or no."""

from __future__ import annotations

from kiosk.ui.question import Answers, QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["Answers", "YesNo"]  # the .kv file finds them once imported

rules(__file__)


class YesNo(QuestionScreen):
    """Two cards of one size."""
