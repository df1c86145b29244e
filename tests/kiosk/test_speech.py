"""What is said aloud: a visit as presses and waits, and what somebody who cannot see the screen hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedback import surveys
from feedback.answers import Source
from feedback.ratings import Kind, Rating
from kiosk import texts
from kiosk import visit as visits
from kiosk.reception import Reception, Standing
from kiosk.speech import Narrator, said
from kiosk.visit import IDLE_MS, LANGUAGE_MS, RING_MS, THANKS_MS, Screen, Visit
from tests.kiosk.test_reception import PLACE, FakeClock, FakeRecorder

SURVEY = surveys.load(Path("kiosk/survey.json"))
ENGLISH = texts.load("en")
QUESTION = "How was your visit today? Press a face to hear its name. Press it again to choose it."


def heard(before: Visit, now: Visit, language: str = "en") -> str:
    return said(before, now, SURVEY, language, texts.load(language))


def asked(at_ms: int = 1_000) -> Visit:
    return visits.spoken(Visit(), at_ms)


def test_whoever_asks_for_speech_hears_the_question_and_how_to_answer() -> None:
    assert QUESTION == heard(Visit(), asked())


def test_asking_again_says_it_again() -> None:
    assert QUESTION == heard(asked(), visits.spoken(asked(), 9_000))


def test_nothing_is_said_to_anybody_else() -> None:
    now = visits.pressed(Visit(), SURVEY, Rating.BAD, 1_000).visit
    assert "" == heard(Visit(), now)


@pytest.mark.parametrize("rating", list(Rating))
def test_the_first_press_names_and_stores_nothing_and_the_second_chooses(rating: Rating) -> None:
    named = visits.pressed(asked(), SURVEY, rating, 5_000)
    assert (Screen.WELCOME, (), rating) == (named.visit.screen, named.store, named.visit.named)
    assert getattr(ENGLISH, rating.word) == heard(asked(), named.visit)

    chosen = visits.pressed(named.visit, SURVEY, rating, 6_000)
    assert Screen.PRESSED is chosen.visit.screen
    assert (Kind.RATING, rating.value) == (chosen.store[0].kind, chosen.store[0].value)
    assert "Chosen." == heard(named.visit, chosen.visit)


def test_another_face_is_named_and_not_chosen() -> None:
    first = visits.pressed(asked(), SURVEY, Rating.GOOD, 5_000).visit
    other = visits.pressed(first, SURVEY, Rating.BAD, 6_000)
    assert ((), Rating.BAD) == (other.store, other.visit.named)
    assert "Bad" == heard(first, other.visit)


def test_a_bouncing_contact_chooses_nothing() -> None:
    first = visits.pressed(asked(), SURVEY, Rating.GOOD, 5_000).visit
    assert first == visits.pressed(first, SURVEY, Rating.GOOD, 5_040).visit


def test_all_time_outs_are_doubled() -> None:
    assert 1_000 + 2 * LANGUAGE_MS == asked().until_ms
    named = visits.pressed(asked(), SURVEY, Rating.GOOD, 5_000).visit
    assert 5_000 + 2 * LANGUAGE_MS == named.until_ms
    chosen = visits.pressed(named, SURVEY, Rating.GOOD, 6_000).visit
    question = visits.waited(visits.committed(chosen, 6_050), 6_000 + RING_MS).visit
    assert (Screen.QUESTION, 6_000 + RING_MS + 2 * IDLE_MS) == (question.screen, question.until_ms)
    thanked = visits.skipped(question, 10_000).visit
    thanked = visits.waited(visits.committed(thanked, 10_050), 10_000 + RING_MS).visit
    assert (Screen.THANKS, 10_000 + RING_MS + 2 * THANKS_MS) == (thanked.screen, thanked.until_ms)
    assert "Thank you" == heard(question, thanked)


def test_the_question_that_follows_is_said_with_its_choices() -> None:
    named = visits.pressed(asked(), SURVEY, Rating.GOOD, 5_000).visit
    chosen = visits.pressed(named, SURVEY, Rating.GOOD, 6_000).visit
    question = visits.waited(visits.committed(chosen, 6_050), 6_000 + RING_MS).visit
    assert heard(chosen, question).startswith("What was it mostly about?. Waiting time. Staff.")


def test_speech_is_for_one_visit() -> None:
    left = visits.waited(asked(), 1_000 + 2 * LANGUAGE_MS).visit
    assert (0, None, Screen.WELCOME) == (left.speech, left.named, left.screen)
    assert visits.pressed(left, SURVEY, Rating.GOOD, 90_000).store


def test_a_kiosk_that_is_out_of_order_says_so() -> None:
    assert "Out of service for now" == heard(asked(), visits.failed(asked()))


def test_it_is_said_in_the_language_chosen() -> None:
    turkish = visits.spoke(asked(), "tr", 2_000)
    assert heard(asked(), turkish, "tr").startswith("Bugünkü ziyaretiniz nasıldı? ")


def test_the_whole_visit_is_heard_on_the_reception() -> None:
    """From the sixth key to the thank-you, as the front joins it."""
    clock, recorder, told = FakeClock(), FakeRecorder(), []
    reception = Reception(Standing(PLACE, SURVEY), recorder, clock, lambda run: run())
    reception.watchers.append(Narrator(reception, lambda text, language: told.append((text, language))).tell)

    reception.speech()
    for _ in range(2):
        clock.now_ms += 1_000
        reception.press(Rating.GOOD, Source.BUTTON)

    assert [(QUESTION, "en"), ("Good", "en"), ("Chosen.", "en")] == told
    assert 1 == len(recorder.put_in)
