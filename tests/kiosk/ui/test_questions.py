"""Questions after the rating in the real window: what fingers do to them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from feedback import surveys
from feedback.answers import Outcome, Source
from feedback.ratings import SHOWN_ORDER, Kind, Rating
from kiosk.ui.theme import PAPER
from kiosk.visit import IDLE_MS, MORE_MS, Key, Screen


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
        kiosk.wait(0.3)
        kiosk.later(0.5)
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


@pytest.mark.parametrize(
    ("ends", "shown"),
    [(None, ["Strongly disagree", "Strongly agree"]), (({"en": "Hard"}, {"en": "Easy"}), ["Hard", "Easy"])],
)
def test_the_ends_of_a_scale_are_the_surveys_or_else_the_products(
    driver: Any, ends: Any, shown: list[str]
) -> None:
    survey = survey_asking("ces")
    asked = replace(survey.questions[1], ends=ends)
    kiosk = driver(survey=replace(survey, questions=(survey.opening, asked)))
    kiosk.reception.press(Rating.GOOD, Source.BUTTON)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.later(0.3)
    assert kiosk.stage.front.ends == shown


def test_back_is_there_after_a_skip_and_leads_to_the_question_skipped(driver: Any) -> None:
    kiosk = driver(survey=survey_asking("ces", "nps"))
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.later(0.8)
    kiosk.later(0.5)
    back = kiosk.stage.front.place_of(Key.BACK)
    middle = back.x + back.w / 2, back.y + back.h / 2
    assert kiosk.stage.front.ids.foot.at(*middle) is None
    tap(kiosk, Key.SKIP)
    kiosk.later(0.5)
    assert kiosk.stage.front.question.id == "nps"
    assert kiosk.stage.front.ids.foot.at(*middle) is Key.BACK
    tap(kiosk, Key.BACK)
    assert kiosk.stage.front.question.id == "ces"
    assert kiosk.recorder.values == [Rating.GOOD.value]


def test_an_answer_is_called_saved_when_it_is_and_not_before(driver: Any) -> None:
    kiosk = driver(survey=survey_asking("ces", "nps"))
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.later(0.8)
    kiosk.later(0.5)
    saved = kiosk.stage.front.ids.saved
    tap(kiosk, 3)
    assert saved.text == "Your rating is saved"
    kiosk.later(0.7)
    assert saved.text == "Saving"
    kiosk.recorder.store()
    kiosk.tick(2)
    assert kiosk.stage.front.ids.saved.text == "Your answers so far are saved"


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


ASKED = {
    "nps": (Kind.NPS, range(11)),
    "ces": (Kind.CES, range(1, 8)),
    "csat": (Kind.CSAT, range(1, 6)),
    "stars": (Kind.STARS, range(1, 6)),
    "faces4": (Kind.FACES4, range(4, 0, -1)),
    "rating": (Kind.RATING, range(5, 0, -1)),
    "yes_no": (Kind.YES_NO, (1, 0)),
}


def survey_asking(*kinds: str) -> surveys.Survey:
    rating = {"id": "visit", "kind": "rating", "texts": {"en": "How was it?"}}
    further = [{"id": kind, "kind": kind, "texts": {"en": f"A question for {kind}?"}} for kind in kinds]
    document = {
        "survey": "exit",
        "version": 1,
        "languages": ["en"],
        "default_language": "en",
        "questions": [rating, *further],
    }
    return surveys.parse(json.dumps(document).encode(), "the test's survey")


@pytest.mark.parametrize("kind", ASKED)
def test_every_answer_of_every_scale_can_be_tapped_and_means_what_it_shows(driver: Any, kind: str) -> None:
    kiosk = driver(survey=survey_asking(kind))
    stored_kind, shown = ASKED[kind]
    for value in shown:
        kiosk.reception.press(Rating.GOOD, Source.BUTTON)
        kiosk.tick(2)
        kiosk.recorder.store()
        kiosk.wait(0.2)
        kiosk.later(0.5)
        assert kiosk.stage.front.values == list(shown)
        tap(kiosk, value)
        [(answers, _, _)] = kiosk.recorder.waiting
        assert (answers[0].ask.kind, answers[0].ask.question, answers[0].value) == (stored_kind, kind, value)
        kiosk.recorder.store()
        kiosk.later(0.3)
        assert kiosk.reception.visit.screen is Screen.THANKS


@pytest.mark.parametrize("kind", ["nps", "stars", "faces4"])
def test_on_a_scale_too_all_turn_grey_and_only_the_one_tapped_has_a_ring(driver: Any, kind: str) -> None:
    kiosk = driver(survey=survey_asking(kind))
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.wait(0.8)
    screen = kiosk.stage.front
    value = screen.values[1]
    tap(kiosk, value)
    picture = kiosk.picture()
    for one, cell in zip(screen.values, screen.asking.cells, strict=True):
        box = cell.box
        inside, ring = (box.x + box.w // 2, box.y + 8), (box.x + box.w // 2, box.y - 2)
        if not cell.carded:
            (x, y), radius = cell.mark, screen.asking.radius
            inside, ring = (x, y - round(radius * 0.75)), (x, y + round(radius * 1.085))
        assert picture.at(*inside) == rgb(PAPER.still)
        assert picture.at(*ring) == rgb(PAPER.ink if one == value else PAPER.ground)


def test_whoever_stands_still_is_asked_and_gets_the_same_question_again(driver: Any) -> None:
    kiosk = driver(survey=survey_asking("nps"))
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.wait(0.5)
    kiosk.later(IDLE_MS / 1000)
    assert kiosk.reception.visit.screen is Screen.MORE_TIME
    tap(kiosk, Key.MORE)
    assert kiosk.reception.visit.screen is Screen.QUESTION
    kiosk.wait(0.5)
    kiosk.later(IDLE_MS / 1000)
    tap(kiosk, Key.DONE)  # on its way to the question: the screen has only just asked
    assert kiosk.reception.visit.tapped is None
    kiosk.wait(0.5)
    tap(kiosk, Key.DONE)
    assert kiosk.recorder.values[-1] == Outcome.EXITED
    kiosk.recorder.store()
    kiosk.wait(0.3)
    assert kiosk.reception.visit.screen is Screen.THANKS


def test_whoever_walks_away_leaves_a_welcome_behind(driver: Any) -> None:
    kiosk = driver(survey=survey_asking("nps"))
    kiosk.tap(Rating.BAD)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.wait(0.5)
    for ms in (IDLE_MS, MORE_MS):
        kiosk.later(ms / 1000)
    assert kiosk.reception.visit.screen is Screen.WELCOME
    assert kiosk.recorder.values == [2, Outcome.TIMED_OUT]
    kiosk.wait(0.3)
    assert len(kiosk.stage.children) == 1
