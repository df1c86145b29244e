"""Questions after the rating in the real window: what fingers do to them."""

from typing import Any

import pytest

from feedback.answers import Outcome, Source
from feedback.ratings import SHOWN_ORDER, Kind, Rating
from kiosk.ui.theme import PAPER
from kiosk.visit import Key, Screen


def rgb(colour: Any) -> tuple[int, ...]:
    return tuple(round(part * 255) for part in colour[:3])


@pytest.fixture
def asked(driver: Any, shipped_survey: Any) -> Any:
    """The shipped survey's question after a rating; to be called with the rating and the window's size."""

    def ask(rating: Rating = Rating.GOOD, *size: int, **options: Any) -> Any:
        kiosk = driver(*size, survey=shipped_survey, **options)
        kiosk.tap(rating)
        kiosk.tick(2)
        kiosk.recorder.store()
        kiosk.wait(0.8)
        return kiosk

    return ask


def tap(kiosk: Any, tapped: int | Key) -> None:
    box = kiosk.stage.front.place_of(tapped)
    kiosk.touch(box.x + box.w / 2, box.y + box.h / 2)
    kiosk.tick()


def test_a_choice_is_stored_and_then_thanked_for(asked: Any) -> None:
    kiosk = asked()
    tap(kiosk, 3)
    [(answers, _, _)] = kiosk.recorder.waiting
    assert [(a.ask.kind, a.value, a.source) for a in answers] == [
        (Kind.CHOICE, 3, Source.TOUCH),
        (Kind.OUTCOME, Outcome.ANSWERED, Source.TOUCH),
    ]
    kiosk.wait(1)
    assert kiosk.reception.visit.screen is Screen.QUESTION
    kiosk.recorder.store()
    kiosk.wait(0.3)
    assert kiosk.reception.visit.screen is Screen.THANKS


@pytest.mark.parametrize("tapped", [1, 2, 3, 4, 5, 6, Key.SKIP])
def test_whatever_is_tapped_all_turn_grey_and_it_alone_has_the_ring(asked: Any, tapped: int | Key) -> None:
    kiosk = asked()
    screen = kiosk.stage.front
    tap(kiosk, tapped)
    picture = kiosk.picture()
    boxes: dict[int | Key, Any] = dict(
        zip(screen.values, (cell.box for cell in screen.asking.cells), strict=True)
    )
    boxes[Key.SKIP] = next(place.box for place in screen.asking.keys if place.key is Key.SKIP)
    for one, box in boxes.items():
        assert picture.at(box.x + box.w // 2, box.y + 12) == rgb(PAPER.still)
        outside = picture.at(box.x + box.w // 2, box.y - 2)
        assert outside == rgb(PAPER.ink if one == tapped else PAPER.ground)


def test_a_question_looks_the_same_after_every_rating(asked: Any) -> None:
    pictures = {asked(rating).picture().raw for rating in SHOWN_ORDER}
    assert len(pictures) == 1


def test_a_touch_between_the_answers_is_none(asked: Any) -> None:
    kiosk = asked()
    kiosk.touch(640, 190)
    kiosk.tick(2)
    assert kiosk.recorder.waiting == []
    assert kiosk.reception.visit.screen is Screen.QUESTION


def test_a_finger_that_taps_twice_on_a_face_answers_nothing(driver: Any, shipped_survey: Any) -> None:
    kiosk = driver(survey=shipped_survey)
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.wait(0.2)
    assert kiosk.reception.visit.screen is Screen.QUESTION
    kiosk.touch(320, 430)
    kiosk.tick(2)
    assert kiosk.recorder.waiting == []


def test_skip_is_stored_as_skipped_and_thanked(asked: Any) -> None:
    kiosk = asked()
    tap(kiosk, Key.SKIP)
    assert kiosk.recorder.values[-1] == Outcome.SKIPPED
    kiosk.recorder.store()
    kiosk.wait(0.5)
    assert kiosk.reception.visit.screen is Screen.THANKS
