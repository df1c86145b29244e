"""Large texts for one visit, chosen by a key in the bar."""

from __future__ import annotations

import pytest

from feedback.ratings import Rating
from kiosk.ui.pills import size_key
from kiosk.visit import LANGUAGE_MS, Screen


def choose(kiosk) -> None:
    box = size_key(kiosk.layout).target
    kiosk.touch(box.x + box.w // 2, box.y + box.h // 2)
    kiosk.tick(2)


def letters(kiosk) -> int:
    """How high the letters of the question are."""
    [line, *_] = kiosk.stage.front.ids.question.lines
    return line.pieces[0][0].px


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", [(1280, 800), (800, 480), (1080, 1920)])
def test_a_touch_makes_the_question_larger_and_another_as_it_was(driver, survey_of, size, language) -> None:
    kiosk = driver(
        *size, survey=survey_of([language, "de"], {"en": "How was it?", "ar": "كيف كانت؟"}[language])
    )
    before = letters(kiosk)
    choose(kiosk)
    assert letters(kiosk) >= 1.1 * before
    assert kiosk.recorder.values == []
    choose(kiosk)
    assert letters(kiosk) == before


def test_they_stay_for_the_whole_visit_and_not_for_the_next(driver, survey_of) -> None:
    kiosk = driver(survey=survey_of(["en"]))
    choose(kiosk)
    kiosk.tap(Rating.BAD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.wait(0.5)
    assert kiosk.reception.visit.screen is not Screen.WELCOME
    assert kiosk.layout.large
    while kiosk.reception.visit.screen is not Screen.WELCOME:
        kiosk.wait(1)
        if kiosk.recorder.waiting:
            kiosk.recorder.store()
    kiosk.wait(0.5)
    assert not kiosk.layout.large


def test_whoever_chooses_them_and_leaves_leaves_nothing_behind(driver) -> None:
    kiosk = driver()
    before = letters(kiosk)
    choose(kiosk)
    kiosk.wait(LANGUAGE_MS / 1000 - 1)
    assert letters(kiosk) > before
    kiosk.wait(2)
    assert letters(kiosk) == before
