"""The words of questions and choices, from the survey documents central holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from central.dashboard import words
from central.scores.report import Reason
from central.store.tables import documents
from feedback import surveys
from feedback.errors import SurveyError
from feedback.ratings import Kind
from feedback.surveys import Survey

LANGUAGE = "en"
_MOST_DOCUMENTS = 50

Labels = dict[tuple[str, str, int | None], str]
"""(survey, question, choice) to words; a question's own words have the choice None."""


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One choice with its part of those who chose."""

    said: str
    n: str
    part: float


@dataclass(frozen=True, slots=True)
class ReasonList:
    """The choices of one question, the most frequent first."""

    question: str
    of: str
    rows: list[ReasonRow]


def labels(connection: Connection) -> Labels:
    """The newest words of every question and choice."""
    newest_first = (
        select(documents.c.name, documents.c.version, documents.c.body)
        .where(documents.c.name == "survey")
        .order_by(documents.c.version.desc())
        .limit(_MOST_DOCUMENTS)
    )
    found: Labels = {}
    for name, version, body in connection.execute(newest_first):
        try:
            survey = surveys.parse(body, f"{name} version {version}")
        except SurveyError:
            # A page without the words is better than no page: the choice's number is shown in their place.
            continue
        # A choice that a later version dropped keeps its older words.
        found = _words(survey) | found
    return found


def _words(survey: Survey) -> Labels:
    said: Labels = {}
    for question in survey.questions:
        said[survey.id, question.id, None] = survey.text(question.texts, LANGUAGE)
        for choice in question.choices:
            said[survey.id, question.id, choice.number] = survey.text(choice.texts, LANGUAGE)
    return said


def reason_lists(reasons: Iterable[Reason], labels: Labels) -> list[ReasonList]:
    """The reasons question by question."""
    lists: dict[tuple[str, str], ReasonList] = {}
    for reason in reasons:
        asked = (reason.survey, reason.question)
        title = labels.get((*asked, None)) or words.plain(reason.question).capitalize()
        one = lists.setdefault(asked, ReasonList(title, words.count(reason.of), []))
        part = round(100 * reason.n / reason.of, 2)
        one.rows.append(ReasonRow(_said(reason, labels), words.count(reason.n), part))
    return list(lists.values())


def _said(reason: Reason, labels: Labels) -> str:
    if reason.kind == Kind.YES_NO.value:
        return "Yes" if reason.value else "No"
    return labels.get((reason.survey, reason.question, reason.value)) or f"Choice {reason.value}"
