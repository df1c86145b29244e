"""A question answered with a number: NPS from 0 to 10, CES from 1 to 7, CSAT from 1 to 5."""

from __future__ import annotations

from feedback.ratings import Kind
from feedback.surveys import Question
from kiosk.texts import Texts
from kiosk.ui.asking import Form
from kiosk.ui.question import Answers, Lettering, QuestionScreen
from kiosk.ui.screen import rules

__all__ = ["Answers", "Lettering", "Scale"]  # the .kv file finds them once imported

rules(__file__)

ENDS = {Kind.NPS: "nps", Kind.CES: "ces", Kind.CSAT: "csat"}


class Scale(QuestionScreen):
    """Keys from least to most, and what the two ends mean below them."""

    form = Form.SCALE

    def ends_of(self, question: Question, words: Texts) -> tuple[str, str]:
        """Those of the kind."""
        name = ENDS[question.kind]
        return getattr(words, f"{name}_least"), getattr(words, f"{name}_most")
