"""The welcome screen: the question, five faces, their words and the languages. Also shows a press."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty, StringProperty

from feedback.answers import Source
from kiosk.reception import Reception
from kiosk.ui.contrast import Contrast
from kiosk.ui.languages import Languages
from kiosk.ui.letter_size import LetterSize
from kiosk.ui.lettering import Lettering
from kiosk.ui.pills import ALL
from kiosk.ui.row import Row
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.ui.two_tone import TwoTone

__all__ = [
    "Contrast",
    "Languages",
    "LetterSize",
    "Lettering",
    "Row",
    "TwoTone",
    "Welcome",
]  # the .kv file finds them once imported

rules(__file__)


class Welcome(CustomerScreen):
    """
    What stands there all day.

    Attributes:
        survey: What is asked.
        language: The language shown.
        question: The survey's opening question in it.
        we_did: What the branch has done because of what customers said; empty while somebody is pressing.
    """

    survey = ObjectProperty()
    language = StringProperty("")
    question = StringProperty("")
    we_did = StringProperty("")

    def shown(self, reception: Reception) -> dict[str, Any]:
        """The visit, and the question in its language."""
        survey, language = reception.standing.survey, reception.language
        question = survey.text(survey.opening.texts, language)
        said = reception.outlook.we_did
        return {
            **super().shown(reception),
            "survey": survey,
            "language": language,
            "question": question,
            "we_did": said.get(language) or said.get(survey.default_language, ""),
        }

    def touched(self, x: float, y: float) -> None:
        """Hand on a finger: on a face, on a language, or on neither."""
        languages = self.ids.languages
        rating = None if languages.is_open else self.ids.row.at(x, y)
        keys = (
            {}
            if languages.is_open
            else {
                self.reception.contrast: self.ids.contrast,
                self.reception.enlarge: self.ids.letter_size,
            }
        )
        chosen = next((do for do, key in keys.items() if key.holds(x, y)), None)
        language = languages.at(x, y)
        if language == ALL:
            languages.open()
            return
        languages.close()
        if rating is not None:
            self.reception.press(rating, Source.TOUCH)
        elif language is not None:
            self.reception.speak(language)
        elif chosen is not None:
            chosen()
        else:
            self.reception.touch()
