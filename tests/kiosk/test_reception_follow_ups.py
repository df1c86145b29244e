"""What a reception stores of the questions after the rating."""

import pytest

from feedback import surveys
from feedback.answers import Outcome, Source
from feedback.ratings import Kind, Rating
from kiosk.reception import Standing
from kiosk.visit import DEAF_MS, IDLE_MS, MORE_MS, RING_MS, Key, Screen
from tests.kiosk.test_reception import PLACE, Desk

SURVEY = surveys.parse(
    b"""{"survey": "exit", "version": 8, "languages": ["en", "az"], "default_language": "en", "questions": [
    {"id": "visit", "kind": "rating", "texts": {"en": "How was it?"}},
    {"id": "easy", "kind": "ces", "texts": {"en": "Was it easy?"}},
    {"id": "recommend", "kind": "nps", "texts": {"en": "Recommend?"}}]}""",
    "the test's survey",
)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.reception.standing = Standing(PLACE, SURVEY)
    return desk


def settle(desk: Desk) -> None:
    """The disk is done, the ring was seen, and what follows has been read."""
    while desk.recorder.waiting:
        desk.recorder.store()
        desk.run()
    for ms in (RING_MS, DEAF_MS):
        desk.clock.now_ms += ms
        desk.reception.tick()


def stored(desk: Desk) -> list[list[tuple[str, int, int]]]:
    """Each commit: question, value and the response each answer belongs to; 0: it opens one."""
    return [
        [(answer.ask.question or answer.ask.kind.value, answer.value, answer.response) for answer in answers]
        for answers in desk.recorder.put_in
    ]


def test_every_later_answer_names_the_first_of_its_response(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    settle(desk)
    desk.reception.answer(7, Source.TOUCH)
    settle(desk)
    desk.reception.answer(10, Source.TOUCH)
    settle(desk)
    assert stored(desk) == [
        [("visit", 4, 0)],
        [("easy", 7, 1)],
        [("recommend", 10, 1), ("outcome", Outcome.ANSWERED, 1)],
    ]
    assert desk.reception.visit.screen is Screen.THANKS
    for answers in desk.thanked:
        assert {answer.response for answer in answers} == {1}


def test_an_answer_says_when_how_and_in_which_language_it_was_given(desk: Desk) -> None:
    desk.reception.speak("az")
    desk.press(Rating.GOOD, Source.BUTTON)
    settle(desk)
    desk.reception.answer(1, Source.TOUCH)
    [answer] = desk.recorder.put_in[1]
    assert (answer.source, answer.moment.boot_ms) == (Source.TOUCH, desk.clock.now_ms)
    assert (answer.ask.kind, answer.ask.version, answer.ask.language) == (Kind.CES, 8, "az")
    assert answer.place == PLACE


def test_the_next_press_ends_the_response_before_it_in_its_own_commit(desk: Desk) -> None:
    desk.press(Rating.GOOD, Source.BUTTON)
    settle(desk)
    desk.press(Rating.BAD, Source.BUTTON)
    assert stored(desk)[1:] == [[("visit", 2, 0), ("outcome", Outcome.EXITED, 1)]]
    settle(desk)
    desk.reception.answer(3, Source.TOUCH)
    assert stored(desk)[2:] == [[("easy", 3, 2)]]


def test_a_press_on_the_heels_of_another_ends_it_once_that_has_its_number(desk: Desk) -> None:
    desk.press(Rating.GOOD, Source.BUTTON)
    desk.press(Rating.BAD, Source.BUTTON)
    assert stored(desk) == [[("visit", 4, 0)], [("visit", 2, 0)]]
    desk.recorder.store()
    desk.run()
    assert stored(desk)[2:] == [[("outcome", Outcome.EXITED, 1)]]


def test_whoever_walks_away_is_stored_as_timed_out_with_the_way_they_came(desk: Desk) -> None:
    desk.press(Rating.BAD, Source.BUTTON)
    settle(desk)
    for ms in (IDLE_MS, MORE_MS):
        desk.clock.now_ms += ms
        desk.reception.tick()
    assert desk.reception.visit.screen is Screen.WELCOME
    [outcome] = desk.recorder.put_in[1]
    assert (outcome.value, outcome.response, outcome.source) == (Outcome.TIMED_OUT, 1, Source.BUTTON)


def test_a_survey_that_comes_during_a_visit_is_the_next_customers(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    settle(desk)
    desk.reception.standing = Standing(PLACE, surveys.Survey("exit", 9, ("en",), "en", SURVEY.questions[:1]))
    desk.reception.answer(4, Source.TOUCH)
    [answer] = desk.recorder.put_in[1]
    assert (answer.ask.question, answer.ask.version) == ("easy", 8)


def test_the_keys_do_what_they_say(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    settle(desk)
    desk.reception.turn(Key.SKIP, Source.TOUCH)
    settle(desk)
    desk.reception.turn(Key.BACK, Source.TOUCH)
    assert desk.reception.visit.question == SURVEY.questions[1]
    desk.clock.now_ms += IDLE_MS
    desk.reception.tick()
    desk.reception.turn(Key.MORE, Source.TOUCH)
    assert desk.reception.visit.screen is Screen.QUESTION
    desk.clock.now_ms += IDLE_MS
    desk.reception.tick()
    desk.reception.turn(Key.DONE, Source.TOUCH)
    assert desk.reception.visit.tapped is None  # that finger was on its way to the question
    desk.clock.now_ms += DEAF_MS
    desk.reception.turn(Key.DONE, Source.TOUCH)
    assert stored(desk)[1:] == [[("outcome", Outcome.EXITED, 1)]]
