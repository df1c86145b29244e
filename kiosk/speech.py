"""
What a kiosk says aloud to a customer who asked for it, decided without a loudspeaker.

A visit is a value; so is what is said of it: the difference between the visit before and the visit now, in words.
"""

from __future__ import annotations

from collections.abc import Callable

from feedback.surveys import Question, Survey
from kiosk import texts
from kiosk.reception import Reception
from kiosk.texts import Texts
from kiosk.visit import Screen, Visit


def said(before: Visit, now: Visit, survey: Survey, language: str, words: Texts) -> str:
    """
    What is to be said when *before* has become *now*; nothing for a visit that is not spoken.

    *survey* is what the welcome asks, *words* are the product's own in *language*.
    """
    if not now.speech:
        return ""
    if now.screen is Screen.WELCOME:
        return _welcomed(before, now, survey, language, words)
    if now.screen is Screen.QUESTION and now.question is not None and now.question != before.question:
        return _asked(now.question, now.survey or survey, language)
    arrived = {
        Screen.PRESSED: words.speech_chosen,
        Screen.THANKS: words.thank_you,
        Screen.OUT_OF_ORDER: words.out_of_order_title,
    }
    return arrived.get(now.screen, "") if before.screen is not now.screen else ""


def _welcomed(before: Visit, now: Visit, survey: Survey, language: str, words: Texts) -> str:
    """The question and how to answer it, or the name of the face that was pressed."""
    if (now.speech, now.language) != (before.speech, before.language):
        return f"{survey.text(survey.opening.texts, language)} {words.speech_hint}"
    if now.named is not None and (now.named, now.until_ms) != (before.named, before.until_ms):
        return str(getattr(words, now.named.word))
    return ""


def _asked(question: Question, survey: Survey, language: str) -> str:
    """The question, and what may be chosen."""
    choices = [survey.text(choice.texts, language) for choice in question.choices]
    return ". ".join([survey.text(question.texts, language), *choices])


class Narrator:
    """
    A watcher of visits that has them spoken.

    Args:
        say: Says a text in a language, and comes back at once.
    """

    def __init__(self, reception: Reception, say: Callable[[str, str], None]) -> None:
        self._reception = reception
        self._say = say
        self._before = reception.visit

    def tell(self, visit: Visit) -> None:
        """*visit* has changed."""
        language, before, self._before = self._reception.language, self._before, visit
        text = said(before, visit, self._reception.standing.survey, language, texts.load(language))
        if text:
            self._say(text, language)
