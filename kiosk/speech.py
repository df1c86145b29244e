"""
What a kiosk says aloud to a customer who asked for it, decided without a loudspeaker.

A visit is a value; so is what is said of it: the difference between the visit before and the visit now, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from feedback.surveys import Question, Survey
from kiosk import options, texts
from kiosk.reception import Reception
from kiosk.texts import Texts
from kiosk.visit import Key, Screen, Visit


def said(
    before: Visit, now: Visit, survey: Survey, language: str, words: Texts, *, by_buttons: bool = True
) -> str:
    """
    What is to be said when *before* has become *now*; nothing for a visit that is not spoken.

    *survey* is what the welcome asks, *words* are the product's own in *language*. *by_buttons*: there are buttons to
    answer with.
    """
    if not now.speech:
        return ""
    if now.screen is Screen.WELCOME:
        return _welcomed(before, now, survey, language, words)
    if now.screen is Screen.QUESTION and now.question is not None:
        asked = (now.question, now.survey or survey, language)
        if now.question != before.question or before.screen is not Screen.QUESTION:
            return f"{_asked(*asked)} {words.speech_buttons if by_buttons else words.speech_touch}"
        # Not the answer given meanwhile: pointed at once more is said once more.
        moved = (now.pointed, now.until_ms) != (before.pointed, before.until_ms)
        return _pointed(now, *asked, words) if moved and now.tapped is None else ""
    if now.screen is before.screen:
        return ""
    return ARRIVED[now.screen](words) if now.screen in ARRIVED else ""


ARRIVED: Mapping[Screen, Callable[[Texts], str]] = {
    Screen.PRESSED: lambda words: words.speech_chosen,
    Screen.MORE_TIME: lambda words: f"{words.more_time_title} {words.speech_more}",
    Screen.THANKS: lambda words: words.thank_you,
    Screen.OUT_OF_ORDER: lambda words: words.out_of_order_title,
}


def _welcomed(before: Visit, now: Visit, survey: Survey, language: str, words: Texts) -> str:
    """The question and how to answer it, or the name of the face that was pressed."""
    if (now.speech, now.language) != (before.speech, before.language):
        return f"{survey.text(survey.opening.texts, language)} {words.speech_hint}"
    if now.named is not None and (now.named, now.until_ms) != (before.named, before.until_ms):
        return str(getattr(words, now.named.word))
    return ""


def _asked(question: Question, survey: Survey, language: str) -> str:
    """The question, and what may be answered."""
    answers = options.aloud(question, survey, language)
    return " ".join([survey.text(question.texts, language), *(f"{answer}." for answer in answers)])


def _pointed(now: Visit, question: Question, survey: Survey, language: str, words: Texts) -> str:
    """What was pointed at; without anything the question again."""
    if now.pointed is None:
        return _asked(question, survey, language)
    if isinstance(now.pointed, Key):
        return words.skip
    return options.aloud(question, survey, language)[question.in_order.index(now.pointed)]


class Narrator:
    """
    A watcher of visits that has them spoken.

    Args:
        say: Says a text in a language, and comes back at once.
        by_buttons: There are buttons to answer with.
    """

    def __init__(
        self, reception: Reception, say: Callable[[str, str], None], *, by_buttons: bool = True
    ) -> None:
        self._reception = reception
        self._by_buttons = by_buttons
        self._say = say
        self._before = reception.visit

    def tell(self, visit: Visit) -> None:
        """*visit* has changed."""
        language, before, self._before = self._reception.language, self._before, visit
        survey, words = self._reception.standing.survey, texts.load(language)
        text = said(before, visit, survey, language, words, by_buttons=self._by_buttons)
        if text:
            self._say(text, language)
