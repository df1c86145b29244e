"""What may be answered to a question: in words, in the order shown. The screen shows it, the voice says it."""

from __future__ import annotations

from collections.abc import Sequence

from feedback.ratings import Kind, as_rating
from feedback.surveys import BEST_FIRST, WITH_ENDS, Question, Survey
from kiosk import texts


def words(question: Question, survey: Survey, language: str) -> Sequence[str]:
    """What the answers say, in the same order."""
    own = texts.load(language)
    if question.choices:
        return [survey.text(choice.texts, language) for choice in question.choices]
    if question.kind is Kind.YES_NO:
        return [own.yes, own.no]
    if question.kind in BEST_FIRST:
        ratings = (as_rating(question.kind, value) for value in question.in_order)
        return [getattr(own, rating.word) for rating in ratings if rating is not None]
    return [str(value) for value in question.in_order]


def ends(question: Question, survey: Survey, language: str) -> tuple[str, str]:
    """What least and most of a scale mean; empty where the answers say it themselves."""
    if question.kind not in WITH_ENDS:
        return "", ""
    if question.ends is None:
        own, name = texts.load(language), question.kind.value
        return getattr(own, f"{name}_least"), getattr(own, f"{name}_most")
    least, most = question.ends
    return survey.text(least, language), survey.text(most, language)


def aloud(question: Question, survey: Survey, language: str) -> Sequence[str]:
    """What is said of the answers, in the same order: a scale's ends with what they mean."""
    said = list(words(question, survey, language))
    least, most = ends(question, survey, language)
    if least or most:
        said[0], said[-1] = f"{said[0]}, {least}", f"{said[-1]}, {most}"
    return said
