import json
from dataclasses import replace

import pytest

from kiosk import texts

LANGUAGES = texts.shipped()


def test_eight_languages_are_shipped() -> None:
    assert LANGUAGES == ("ar", "az", "de", "en", "hi", "ru", "tr", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_and_nothing_else(language: str) -> None:
    document = json.loads((texts.FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    assert tuple(document) == texts.KEYS
    assert document["language"] == language
    assert all(value.strip() for key, value in document.items() if key != "reviewed_by")


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_nothing_was_left_in_english(language: str) -> None:
    translated, english = texts.load(language), texts.load("en")
    for key in texts.KEYS:
        if key != "reviewed_by":
            assert getattr(translated, key) != getattr(english, key), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_five_words_differ(language: str) -> None:
    loaded = texts.load(language)
    assert len({loaded.excellent, loaded.good, loaded.neutral, loaded.bad, loaded.unacceptable}) == 5


@pytest.mark.parametrize("language", ["ka", "ja-JP", "../../etc/passwd"])
def test_a_language_that_is_not_shipped_gets_english(language: str) -> None:
    assert texts.load(language) == texts.load("en")
    assert texts.say(language, "good") == "Good"


def test_a_region_gets_its_language() -> None:
    assert texts.load("tr-CY") == texts.load("tr")
    assert texts.own_name("tr-CY") == "Türkçe"


def test_a_draft_is_known_as_a_draft() -> None:
    assert texts.load("en").reviewed_by is None
    assert replace(texts.load("en"), reviewed_by="A. Reader").reviewed_by
