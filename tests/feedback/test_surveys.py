"""Survey documents, and what is said of a wrong one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.errors import SurveyError
from feedback.ratings import Kind
from feedback.surveys import load, parse


def exit_survey() -> dict[str, Any]:
    """A survey with a rating and a reason, in two languages."""
    return {
        "survey": "exit",
        "version": 4,
        "languages": ["en", "az"],
        "default_language": "en",
        "questions": [
            {
                "id": "visit",
                "kind": "rating",
                "texts": {"en": "How was your visit today?", "az": "Necə keçdi?"},
            },
            {
                "id": "why",
                "kind": "choice",
                "texts": {"en": "What was it?"},
                "choices": [
                    {"number": 1, "texts": {"en": "Waiting"}},
                    {"number": 2, "texts": {"en": "Staff"}},
                ],
                "after": {"question": "visit", "values": [1, 2]},
            },
        ],
    }


def said_of(document: object) -> str:
    """The sentence that refuses *document*."""
    with pytest.raises(SurveyError) as refused:
        parse(json.dumps(document).encode(), "survey.json")
    return str(refused.value)


def test_a_survey_is_read_with_its_choices_and_conditions() -> None:
    """What is written is what is asked."""
    survey = parse(json.dumps(exit_survey()).encode(), "survey.json")

    assert ("exit", 4, "visit") == (survey.id, survey.version, survey.opening.id)
    assert (Kind.CHOICE, "visit", (1, 2)) == (
        survey.questions[1].kind,
        survey.questions[1].after,
        survey.questions[1].after_values,
    )


def test_a_text_that_is_missing_in_a_language_falls_back_to_the_default() -> None:
    """Better the question in English than an empty screen."""
    survey = parse(json.dumps(exit_survey()).encode(), "survey.json")

    assert "What was it?" == survey.text(survey.questions[1].texts, "az")


def test_a_question_without_its_default_language_is_named() -> None:
    """File, key and expectation, in one sentence."""
    document = exit_survey()
    del document["questions"][0]["texts"]["en"]

    assert (
        'survey.json: questions[0].texts: expected a text for the default language "en", which has none'
        == said_of(document)
    )


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("version", 0, "version = 0: expected a whole number from 1"),
        ("version", True, "version = True"),
        ("languages", [], "languages: expected a list"),
        ("languages", ["English"], "'English': expected a language code"),
        ("default_language", "ru", "default_language = 'ru': expected one of its languages (en, az)"),
        ("questions", [], "questions: expected a list of 1 to 10"),
        ("color", "red", "unknown key 'color'"),
        ("survey", "Exit Survey", "survey = 'Exit Survey'"),
    ],
)
def test_each_wrong_key_is_named_with_what_was_expected(key: str, value: object, named: str) -> None:
    """One sentence each."""
    said = said_of(exit_survey() | {key: value})

    assert said.startswith("survey.json: ")
    assert named in said


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "visit"}, "expected an id that no earlier question has"),
        ({"kind": "smiley"}, "questions[1].kind = 'smiley': expected one of rating"),
        ({"choices": [{"number": 1, "texts": {"en": "Waiting"}}]}, "a list of 2 to 6 choices"),
        ({"choices": 2 * [{"number": 1, "texts": {"en": "Waiting"}}]}, "a number that no earlier choice has"),
        ({"after": {"question": "nps", "values": [1]}}, "the id of an earlier question"),
        ({"after": {"question": "visit", "values": [9]}}, "answers to 'visit' (of [1, 2, 3, 4, 5])"),
        ({"texts": {"en": "x" * 201}}, "a text of 1 to 200 characters"),
        ({"texts": {"en": "Why?", "fr": "Pourquoi ?"}}, "one of the survey's languages"),
    ],
)
def test_each_wrong_question_is_named_with_what_was_expected(change: dict[str, Any], named: str) -> None:
    """One sentence each."""
    document = exit_survey()
    document["questions"][1] |= change

    assert named in said_of(document)


def test_a_survey_opens_with_a_rating() -> None:
    """The welcome screen has five faces."""
    document = exit_survey()
    document["questions"] = [{"id": "how", "kind": "nps", "texts": {"en": "Would you recommend us?"}}]

    assert "the rating that opens the visit" in said_of(document)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With what was expected there."""
    with pytest.raises(SurveyError, match=r"survey.json: there is no such file; expected a survey document"):
        load(tmp_path / "survey.json")


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_whatever_the_file_holds_it_is_refused_in_a_sentence(raw: bytes) -> None:
    """No other error gets out."""
    with pytest.raises(SurveyError):
        parse(raw, "survey.json")


def test_a_scale_may_say_what_its_ends_mean() -> None:
    document = exit_survey()
    ends = {"least": {"en": "Not easy at all"}, "most": {"en": "Very easy", "az": "Çox asan"}}
    document["questions"].append({"id": "easy", "kind": "ces", "texts": {"en": "Easy?"}, "ends": ends})

    assert (ends["least"], ends["most"]) == parse(json.dumps(document).encode(), "x").questions[-1].ends


@pytest.mark.parametrize(
    ("kind", "ends", "named"),
    [
        ("yes_no", {"least": {"en": "No"}, "most": {"en": "Yes"}}, 'no ends, because the kind is "yes_no"'),
        ("nps", {"least": {"en": "No"}}, "questions[2].ends: 'most' is missing"),
        (
            "nps",
            {"least": {"en": "No"}, "most": {"az": "Bəli"}},
            "questions[2].ends.most: expected a text for",
        ),
        ("nps", ["No", "Yes"], "questions[2].ends: expected an object with least, most"),
    ],
)
def test_ends_that_are_wrong_are_named(kind: str, ends: object, named: str) -> None:
    document = exit_survey()
    document["questions"].append({"id": "more", "kind": kind, "texts": {"en": "More?"}, "ends": ends})

    assert named in said_of(document)


def test_what_follows_is_the_next_question_whose_condition_holds() -> None:
    survey = parse(json.dumps(exit_survey()).encode(), "x")

    assert survey.following((("visit", 1),)) == survey.questions[1]
    assert survey.following((("visit", 4),)) is None
    assert survey.following((("visit", 1), ("why", None))) is None
    assert survey.following((("visit", 1),), kinds=(Kind.NPS,)) is None
