"""Black and white for one visit, chosen by a key in the bar."""

from __future__ import annotations

import pytest

from feedback.ratings import Rating
from kiosk.ui.pills import contrast_key, size_key
from kiosk.ui.theme import PAPER
from kiosk.visit import LANGUAGE_MS, Screen


def rgb(colour):
    return tuple(round(part * 255) for part in colour[:3])


def choose(kiosk) -> None:
    box = contrast_key(kiosk.layout).target
    kiosk.touch(box.x + box.w // 2, box.y + box.h // 2)
    kiosk.tick(2)


def ground(kiosk):
    return kiosk.picture().at(8, 8)


@pytest.mark.parametrize("size", [(1280, 800), (800, 480), (1080, 1920)])
def test_a_touch_turns_the_screen_black_and_white_and_another_back(driver, size) -> None:
    kiosk = driver(*size)
    kiosk.save(f"contrast-key-{size[0]}x{size[1]}")
    choose(kiosk)
    kiosk.save(f"contrast-{size[0]}x{size[1]}")
    assert ground(kiosk) == (0, 0, 0)
    assert kiosk.recorder.values == []
    choose(kiosk)
    assert ground(kiosk) == rgb(PAPER.ground)


def test_it_stays_for_the_whole_visit_and_not_for_the_next(driver, survey_of) -> None:
    kiosk = driver(survey=survey_of(["en"]))
    choose(kiosk)
    kiosk.tap(Rating.BAD)
    kiosk.tick(2)
    assert kiosk.reception.visit.screen is Screen.PRESSED
    assert ground(kiosk) == (0, 0, 0)
    kiosk.recorder.store()
    kiosk.wait(0.5)
    assert kiosk.reception.visit.screen is not Screen.WELCOME
    assert ground(kiosk) == (0, 0, 0)
    while kiosk.reception.visit.screen is not Screen.WELCOME:
        kiosk.wait(1)
        if kiosk.recorder.waiting:
            kiosk.recorder.store()
    kiosk.wait(0.5)
    assert ground(kiosk) == rgb(PAPER.ground)


def test_whoever_chooses_it_and_leaves_leaves_nothing_behind(driver) -> None:
    kiosk = driver()
    choose(kiosk)
    kiosk.wait(LANGUAGE_MS / 1000 - 1)
    assert ground(kiosk) == (0, 0, 0)
    kiosk.wait(2)
    assert ground(kiosk) == rgb(PAPER.ground)


@pytest.mark.parametrize("place", [contrast_key, size_key])
@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (800, 480), (1920, 1080), (1080, 1920)])
def test_the_key_is_two_centimetres_and_touches_no_language(driver, size, place) -> None:
    kiosk = driver(*size)
    key = place(kiosk.layout)
    glass = kiosk.layout.panel
    assert key.target.w >= glass.across(20)
    assert key.target.h >= glass.down(20)
    pills = kiosk.stage.front.ids.languages._pills
    assert pills
    assert all(pill.target.x + pill.target.w <= key.target.x + 1 for pill in pills)
    assert all(pill.target.w >= min(glass.across(20), kiosk.layout.bar.pitch) for pill in pills)
