"""Every language has every sentence, and each fits where it stands."""

from __future__ import annotations

import json
import string

import pytest

from central.touchpoints import wording
from kiosk import texts

ENGLISH = wording.load("en")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_pages_speak_every_language_a_kiosk_is_shipped_with() -> None:
    assert set(texts.shipped()) <= set(wording.shipped())


@pytest.mark.parametrize("language", wording.shipped())
def test_a_language_lacks_no_sentence_and_fills_the_same_places(language: str) -> None:
    document = json.loads((wording.FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    words = wording.load(language)

    assert tuple(document) == wording.KEYS
    assert words.language == language
    for key in wording.KEYS[2:]:
        text = getattr(words, key)
        assert text.strip(), key
        assert places(text) == places(getattr(ENGLISH, key)), key
