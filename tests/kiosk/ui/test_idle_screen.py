"""The real window when nobody is in front of it: quiet hours, night, *you said, we did*, and no burnt-in picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from feedback.ratings import Rating
from kiosk.idle import AWAKE_MS, NORMAL, SHIFT_EVERY_MS, STILL_MS, Opening, Outlook
from kiosk.ui.theme import NIGHT, PAPER
from kiosk.visit import Screen

DAY, SPLIT, HALF = ((540, 1080),), ((540, 780), (840, 1080)), ((600, 840),)
WEEK = (Opening(0, 3, DAY), Opening(4, 4, SPLIT), Opening(5, 5, HALF), Opening(6, 6, ()))
WORST = tuple(Opening(day, day, SPLIT if day % 2 else DAY) for day in range(7))
CLOSED = Outlook(quiet=True, week=WEEK, next_day=3, next_periods=DAY)
WE_DID = Outlook(
    we_did={"en": "You asked for more seats. Four new ones stand by the window.", "az": "Dörd yeni oturacaq."}
)
SIZES = [(1280, 800), (800, 480), (1080, 1920)]


def rgb(colour):
    return tuple(round(part * 255) for part in colour[:3])


def expect(kiosk, outlook: Outlook) -> None:
    kiosk.reception.expect(outlook)
    kiosk.tick(2)


def ground(kiosk):
    return kiosk.picture().at(8, 8)


def written(kiosk) -> str:
    """Everything the screen in front says."""
    return " | ".join(
        " ".join(line.text for line in widget.lines)
        for widget in kiosk.stage.front.walk(restrict=True)
        if getattr(widget, "lines", None)
    )


@pytest.mark.parametrize("size", SIZES)
def test_outside_the_hours_the_screen_is_dark_and_says_when_the_branch_opens(driver, size) -> None:
    kiosk = driver(*size)
    expect(kiosk, CLOSED)
    kiosk.save(f"quiet-{size[0]}x{size[1]}")
    assert ground(kiosk) == rgb(NIGHT.ground)
    said = written(kiosk)
    assert "We are closed now" in said
    assert "Open again: Thu 09:00–18:00" in said
    assert (
        "Mon – Thu | 09:00–18:00 | Fri | 09:00–13:00, 14:00–18:00 | Sat | 10:00–14:00 | Sun | closed" in said
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["az", "en", "ru", "tr"])
def test_seven_different_days_fit(driver, survey_of, size, language: str) -> None:
    kiosk = driver(*size, survey=survey_of([language]))
    expect(kiosk, replace(CLOSED, week=WORST))
    boxes = [
        line.box for widget in kiosk.stage.front.walk(restrict=True) for line in getattr(widget, "lines", ())
    ]
    assert all(0 <= box.x and box.x + box.w <= size[0] and box.y + box.h <= size[1] for box in boxes)
    rows = sorted({box.y for box in boxes})
    tallest = {y: max(box.h for box in boxes if box.y == y) for y in rows}
    # Boxes hold room for accents above and below their letters: a fifth of one may lie over its neighbour.
    assert all(y + tallest[y] * 0.8 <= below for y, below in pairwise(rows) if below - y > 3)


def test_a_press_outside_the_hours_is_stored_and_thanked_like_any_other(driver) -> None:
    """It will be set aside; whoever is still there is not told so."""
    kiosk = driver()
    expect(kiosk, CLOSED)
    kiosk.reception.press(Rating.BAD, 2)
    kiosk.tick(2)
    assert kiosk.recorder.values == [Rating.BAD.value]
    assert kiosk.reception.screen is Screen.PRESSED
    kiosk.recorder.store()
    kiosk.wait(0.3)
    assert kiosk.reception.screen is Screen.THANKS
    assert kiosk.stage.front is kiosk.stage.children[0]
    kiosk.wait(AWAKE_MS / 1000 + 1)
    assert kiosk.reception.screen is Screen.QUIET


def test_a_finger_wakes_the_faces_and_rates_nothing(driver) -> None:
    kiosk = driver()
    expect(kiosk, CLOSED)
    seat = kiosk.seat(Rating.GOOD)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick(2)
    assert kiosk.recorder.values == []
    assert kiosk.reception.screen is Screen.WELCOME
    assert ground(kiosk) == rgb(NIGHT.ground)
    assert kiosk.picture().at(seat.x, seat.y - round(kiosk.layout.radius * 0.75)) == rgb(
        NIGHT.faces[Rating.GOOD]
    )
    kiosk.wait(1)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick(2)
    assert kiosk.recorder.values == [Rating.GOOD.value]


def test_the_screen_rests_again_when_whoever_woke_it_has_gone(driver) -> None:
    kiosk = driver()
    expect(kiosk, CLOSED)
    kiosk.touch(640, 180)
    kiosk.wait(AWAKE_MS / 1000 - 2)
    assert kiosk.reception.screen is Screen.WELCOME
    kiosk.wait(3)
    assert kiosk.reception.screen is Screen.QUIET
    assert "We are closed now" in written(kiosk)


def test_the_evening_is_dark_and_the_morning_is_not(driver) -> None:
    kiosk = driver()
    assert ground(kiosk) == rgb(PAPER.ground)
    expect(kiosk, Outlook(night=True))
    kiosk.save("night")
    assert ground(kiosk) == rgb(NIGHT.ground)
    expect(kiosk, NORMAL)
    assert ground(kiosk) == rgb(PAPER.ground)


def test_nobodys_screen_turns_dark_under_the_finger(driver) -> None:
    kiosk = driver()
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    expect(kiosk, Outlook(night=True))
    assert kiosk.reception.screen is Screen.PRESSED
    assert ground(kiosk) == rgb(PAPER.ground)
    kiosk.recorder.store()
    kiosk.wait(4)
    assert kiosk.reception.screen is Screen.WELCOME
    assert ground(kiosk) == rgb(NIGHT.ground)


def test_a_high_contrast_kiosk_is_dark_enough(driver) -> None:
    kiosk = driver(theme="high_contrast")
    expect(kiosk, CLOSED)
    assert ground(kiosk) == (0, 0, 0)


@pytest.mark.parametrize("size", SIZES)
def test_what_the_branch_did_stands_on_the_welcome_in_the_language_shown(driver, size) -> None:
    kiosk = driver(*size)
    expect(kiosk, WE_DID)
    kiosk.save(f"we-did-{size[0]}x{size[1]}")
    assert "Four new ones stand by the window." in written(kiosk)
    kiosk.reception.speak("az")
    kiosk.tick(2)
    assert "Dörd yeni oturacaq." in written(kiosk)
    kiosk.reception.speak("ru")
    kiosk.tick(2)
    assert "Four new ones" in written(kiosk)


@pytest.mark.parametrize("size", SIZES)
def test_the_longest_line_keeps_its_distance(driver, size) -> None:
    kiosk = driver(*size)
    expect(kiosk, Outlook(we_did={"en": "Wmwmwm mwmwmwmw " * 5}))
    front = kiosk.stage.front
    mine = [line.box for line in front.ids.we_did.lines]
    others = [
        line.box
        for widget in front.walk(restrict=True)
        if getattr(widget, "lines", None) is not front.ids.we_did.lines
        for line in getattr(widget, "lines", ())
    ]
    assert all(box.x >= 0 and box.x + box.w <= size[0] for box in mine)
    for box in mine:
        for other in others:
            apart = box.y + box.h * 0.9 <= other.y or other.y + other.h * 0.9 <= box.y
            assert apart or box.x + box.w <= other.x or other.x + other.w <= box.x, (box, other)


def test_a_picture_nobody_touches_moves_a_little_and_comes_back_for_the_next_customer(driver) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.EXCELLENT)
    edge = (seat.x - kiosk.layout.radius, seat.y)
    before = kiosk.picture()
    kiosk.app._begun_ms -= STILL_MS + 2 * SHIFT_EVERY_MS
    kiosk.wait(1.1)
    moved = kiosk.picture()
    assert moved.at(edge[0] + 2, edge[1]) == before.at(*edge)
    assert moved.at(0, 0) == rgb(PAPER.ground)
    assert {moved.at(0, y) for y in range(0, 800, 50)} == {rgb(PAPER.ground)}
    kiosk.touch(640, 180)
    kiosk.wait(1.1)
    assert kiosk.picture().raw == before.raw


def test_staff_are_told_whom_to_call(driver) -> None:
    kiosk = driver(support="Harbour IT, 012 555 04 04")
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    kiosk.recorder.fail()
    kiosk.tick(2)
    kiosk.save("out-of-order-support")
    assert "Harbour IT, 012 555 04 04" in written(kiosk)
