"""What is asked: a survey document, its questions and choices, with texts per language."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedback.errors import SurveyError
from feedback.ratings import Kind

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
MOST_CHOICES = 6
"""More than six choices are not read at an exit."""
MOST_QUESTIONS = 10
LONGEST_TEXT = 200

ASKED = (
    Kind.RATING,
    Kind.FACES4,
    Kind.STARS,
    Kind.NPS,
    Kind.CES,
    Kind.CSAT,
    Kind.YES_NO,
    Kind.CHOICE,
    Kind.TEXT,
)
"""Kinds a question may have. An outcome is not asked."""

BEST_FIRST = (Kind.RATING, Kind.FACES4, Kind.YES_NO)

WITH_ENDS = (Kind.NPS, Kind.CES, Kind.CSAT, Kind.STARS)
"""Scales that run from least to most."""

Texts = dict[str, str]
Said = tuple[tuple[str, int | None], ...]
"""The questions put to one customer, by id and in the order put, each with its answer; None: skipped."""


@dataclass(frozen=True)
class Choice:
    """One of a question's choices. Its number is what is stored, so it keeps its meaning for ever."""

    number: int
    texts: Texts


@dataclass(frozen=True)
class Question:
    """
    One question.

    Attributes:
        id: Its name in every answer.
        kind: What its answers mean.
        texts: The question as shown, per language.
        choices: What may be chosen, for kind ``choice``.
        after: Asked only after this question was answered with one of ``after_values``; None: always asked.
        ends: What least and most of a scale mean; None: what the product says of its kind.
    """

    id: str
    kind: Kind
    texts: Texts
    choices: tuple[Choice, ...] = ()
    after: str | None = None
    after_values: tuple[int, ...] = ()
    ends: tuple[Texts, Texts] | None = None

    @property
    def values(self) -> Sequence[int]:
        """What an answer to it may say."""
        return [choice.number for choice in self.choices] or self.kind.values

    @property
    def in_order(self) -> Sequence[int]:
        """The same in the order shown: the best face first, yes before no, all else from least to most."""
        return list(reversed(self.values)) if self.kind in BEST_FIRST else list(self.values)


@dataclass(frozen=True)
class Survey:
    """
    A survey: one version of what a touchpoint asks. The first question is the one on the welcome screen.

    Attributes:
        id: Its name.
        version: Grows with every change; an answer carries the version it was given under.
        languages: Shown in this order.
        default_language: Every text exists in this one; others fall back to it.
        questions: In the order asked.
    """

    id: str
    version: int
    languages: tuple[str, ...]
    default_language: str
    questions: tuple[Question, ...]

    def text(self, texts: Texts, language: str) -> str:
        """*texts* in *language*, or in the default language where it is missing there."""
        return texts.get(language) or texts[self.default_language]

    @property
    def opening(self) -> Question:
        """The question on the welcome screen."""
        return self.questions[0]

    def following(self, said: Said, kinds: Container[Kind] = ASKED) -> Question | None:
        """
        What to ask of a customer who has *said* so much: the next question of *kinds* whose condition holds.

        A condition on a question that was skipped, or not put, does not hold.
        """
        asked = said[-1][0] if said else None
        ids = [question.id for question in self.questions]
        behind = self.questions[ids.index(asked) + 1 :] if asked in ids else self.questions
        answers = dict(said)
        for question in behind:
            holds = question.after is None or answers.get(question.after) in question.after_values
            if holds and question.kind in kinds:
                return question
        return None


def load(path: Path) -> Survey:
    """
    The survey in the file *path*.

    Raises:
        SurveyError: With one sentence that names the file, the key and what was expected.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise SurveyError(f"{path}: there is no such file; expected a survey document") from None
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({error.strerror}); expected a survey document") from None
    return parse(raw, str(path))


def parse(raw: bytes, where: str) -> Survey:
    """
    The survey written as JSON in *raw*; *where* names its origin in every error.

    Raises:
        SurveyError: With one sentence that names the origin, the key and what was expected.
    """
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SurveyError(f"{where}: is not JSON ({error}); expected a survey document") from None
    return _Reader(where).survey(document)


class _Reader:
    """Reads a parsed document and says in one sentence what is wrong with it."""

    def __init__(self, where: str) -> None:
        self._where = where

    def survey(self, document: Any) -> Survey:
        keys = {"survey", "version", "languages", "default_language", "questions"}
        self._object("the document", document, keys, keys)
        languages = self._languages(document["languages"])
        default = document["default_language"]
        if default not in languages:
            raise self._wrong(
                f"default_language = {default!r}", f"one of its languages ({', '.join(languages)})"
            )
        survey = Survey(
            id=self._name("survey", document["survey"]),
            version=self._whole("version", document["version"], 1, 2**31 - 1),
            languages=languages,
            default_language=default,
            questions=(),
        )
        questions = self._questions(document["questions"], survey)
        return Survey(survey.id, survey.version, languages, default, questions)

    def _questions(self, raw: Any, survey: Survey) -> tuple[Question, ...]:
        if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_QUESTIONS:
            raise self._wrong("questions", f"a list of 1 to {MOST_QUESTIONS} questions")
        questions: list[Question] = []
        for at, one in enumerate(raw):
            question = self._question(f"questions[{at}]", one, survey, questions)
            questions.append(question)
        if questions[0].kind is not Kind.RATING or questions[0].after is not None:
            raise self._wrong(
                "questions[0]", 'the rating that opens the visit (kind "rating", without "after")'
            )
        return tuple(questions)

    def _question(self, key: str, raw: Any, survey: Survey, earlier: list[Question]) -> Question:
        required = {"id", "kind", "texts"}
        self._object(key, raw, required, required | {"choices", "after", "ends"})
        name = self._name(f"{key}.id", raw["id"])
        if any(question.id == name for question in earlier):
            raise self._wrong(f"{key}.id = {name!r}", "an id that no earlier question has")
        kind = self._kind(f"{key}.kind", raw["kind"])
        choices = self._choices(f"{key}.choices", raw.get("choices"), kind, survey)
        after, values = self._after(f"{key}.after", raw.get("after"), earlier)
        ends = self._ends(f"{key}.ends", raw.get("ends"), kind, survey)
        texts = self._texts(f"{key}.texts", raw["texts"], survey)
        return Question(name, kind, texts, choices, after, values, ends)

    def _kind(self, key: str, raw: Any) -> Kind:
        allowed = [kind.value for kind in ASKED]
        if raw not in allowed:
            raise self._wrong(f"{key} = {raw!r}", f"one of {', '.join(allowed)}")
        return Kind(raw)

    def _choices(self, key: str, raw: Any, kind: Kind, survey: Survey) -> tuple[Choice, ...]:
        if kind is not Kind.CHOICE:
            if raw is not None:
                raise self._wrong(key, f'no choices, because the kind is "{kind.value}"')
            return ()
        if not isinstance(raw, list) or not 2 <= len(raw) <= MOST_CHOICES:
            raise self._wrong(key, f"a list of 2 to {MOST_CHOICES} choices")
        choices: list[Choice] = []
        for at, one in enumerate(raw):
            inner = f"{key}[{at}]"
            self._object(inner, one, {"number", "texts"}, {"number", "texts"})
            number = self._whole(f"{inner}.number", one["number"], 1, Kind.CHOICE.values[-1])
            if any(choice.number == number for choice in choices):
                raise self._wrong(f"{inner}.number = {number}", "a number that no earlier choice has")
            choices.append(Choice(number, self._texts(f"{inner}.texts", one["texts"], survey)))
        return tuple(choices)

    def _ends(self, key: str, raw: Any, kind: Kind, survey: Survey) -> tuple[Texts, Texts] | None:
        if raw is None:
            return None
        if kind not in WITH_ENDS:
            raise self._wrong(key, f'no ends, because the kind is "{kind.value}"')
        self._object(key, raw, {"least", "most"}, {"least", "most"})
        least, most = (self._texts(f"{key}.{end}", raw[end], survey) for end in ("least", "most"))
        return least, most

    def _after(self, key: str, raw: Any, earlier: list[Question]) -> tuple[str | None, tuple[int, ...]]:
        if raw is None:
            return None, ()
        self._object(key, raw, {"question", "values"}, {"question", "values"})
        named = next((question for question in earlier if question.id == raw["question"]), None)
        if named is None:
            raise self._wrong(f"{key}.question = {raw['question']!r}", "the id of an earlier question")
        values = raw["values"]
        allowed = list(named.values)
        if not isinstance(values, list) or not values or any(_is_odd(value, allowed) for value in values):
            raise self._wrong(
                f"{key}.values = {values!r}", f"a list of answers to {named.id!r} (of {allowed})"
            )
        return named.id, tuple(values)

    def _texts(self, key: str, raw: Any, survey: Survey) -> Texts:
        if not isinstance(raw, dict):
            raise self._wrong(key, 'texts by language, such as {"en": "How was your visit?"}')
        if survey.default_language not in raw:
            raise self._wrong(
                key, f'a text for the default language "{survey.default_language}", which has none'
            )
        for language, text in raw.items():
            if language not in survey.languages:
                raise self._wrong(
                    f"{key}.{language}", f"one of the survey's languages ({', '.join(survey.languages)})"
                )
            if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
                raise self._wrong(f"{key}.{language}", f"a text of 1 to {LONGEST_TEXT} characters")
        return dict(raw)

    def _languages(self, raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw or len(set(map(str, raw))) != len(raw):
            raise self._wrong("languages", 'a list of different language codes, such as ["en", "az"]')
        for language in raw:
            if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
                raise self._wrong(f"languages: {language!r}", 'a language code such as "en" or "zh-Hans"')
        return tuple(raw)

    def _name(self, key: str, raw: Any) -> str:
        if not isinstance(raw, str) or not NAME.fullmatch(raw):
            raise self._wrong(
                f"{key} = {raw!r}", "1 to 40 small letters, digits, dots, dashes or underscores"
            )
        return raw

    def _whole(self, key: str, raw: Any, least: int, most: int) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
            raise self._wrong(f"{key} = {raw!r}", f"a whole number from {least} to {most}")
        return raw

    def _object(self, key: str, raw: Any, required: set[str], known: set[str]) -> None:
        if not isinstance(raw, dict):
            raise self._wrong(key, f"an object with {', '.join(sorted(required))}")
        for name in sorted(raw.keys() - known):
            raise self._wrong(f"{key}: unknown key {name!r}", f"only {', '.join(sorted(known))}")
        for name in sorted(required - raw.keys()):
            raise self._wrong(f"{key}: {name!r} is missing", f"all of {', '.join(sorted(required))}")

    def _wrong(self, what: str, expected: str) -> SurveyError:
        return SurveyError(f"{self._where}: {what}: expected {expected}")


def _is_odd(value: Any, allowed: list[int]) -> bool:
    return isinstance(value, bool) or not isinstance(value, int) or value not in allowed
