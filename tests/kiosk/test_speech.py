"""What is said aloud: a visit as presses and waits, and what somebody who cannot see the screen hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedback import surveys
from feedback.answers import Source
from feedback.ratings import Kind, Rating
from kiosk import options, texts
from kiosk import visit as visits
from kiosk.reception import Reception, Standing
from kiosk.speech import Narrator, said
from kiosk.visit import IDLE_MS, LANGUAGE_MS, RING_MS, THANKS_MS, Screen, Visit
from tests.kiosk.test_reception import PLACE, FakeClock, FakeRecorder

SURVEY = surveys.load(Path("kiosk/survey.json"))
ENGLISH = texts.load("en")
QUESTION = "How was your visit today? Press a face to hear its name. Press it again to choose it."


def heard(before: Visit, now: Visit, language: str = "en", *, by_buttons: bool = True) -> str:
    return said(before, now, SURVEY, language, texts.load(language), by_buttons=by_buttons)


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
    assert heard(chosen, question).startswith("What was it mostly about? Waiting time. Staff.")
    assert heard(chosen, question).endswith(ENGLISH.speech_buttons)
    assert heard(chosen, question, by_buttons=False).endswith(ENGLISH.speech_touch)


def put(at_ms: int = 6_000) -> Visit:
    """Asked what it was about, after a good rating; it listens."""
    named = visits.pressed(asked(), SURVEY, Rating.GOOD, 5_000).visit
    chosen = visits.pressed(named, SURVEY, Rating.GOOD, at_ms).visit
    return visits.waited(visits.committed(chosen, at_ms + 50), at_ms + RING_MS).visit


def steer(visit: Visit, *presses: Rating) -> list[visits.Step]:
    """What each of *presses* of buttons leads to, one a second."""
    steps = []
    for at, rating in enumerate(presses):
        steps.append(visits.steered(visit, rating, 10_000 + 1_000 * at))
        visit = steps[-1].visit
    return steps


NEXT, BEFORE, CHOOSE, AGAIN = Rating.UNACCEPTABLE, Rating.EXCELLENT, Rating.NEUTRAL, Rating.BAD


def test_the_outer_buttons_go_from_answer_to_answer_and_the_middle_one_chooses() -> None:
    question = put()
    steps = steer(question, NEXT, NEXT, BEFORE, CHOOSE)

    assert [1, 2, 1, 1] == [step.visit.pointed for step in steps]
    assert ["Waiting time", "Staff", "Waiting time", ""] == [
        heard(before.visit, now.visit)
        for before, now in zip([visits.Step(question), *steps], steps, strict=False)
    ]
    assert [0, 0, 0] == [len(step.store) for step in steps[:3]]
    assert 1 == steps[3].store[0].value


def test_the_row_of_answers_is_a_ring_with_skip_in_it() -> None:
    back = steer(put(), BEFORE, BEFORE)
    assert visits.Key.SKIP is back[0].visit.pointed
    assert "Skip" == heard(put(), back[0].visit)
    assert back[1].visit.question is not None
    assert back[1].visit.question.in_order[-1] == back[1].visit.pointed

    around = steer(back[0].visit, NEXT)
    assert 1 == around[0].visit.pointed

    skipped = steer(put(), BEFORE, CHOOSE)[-1]
    assert [Kind.OUTCOME] == [draft.kind for draft in skipped.store]


def test_the_middle_button_names_the_first_answer_before_it_chooses_one() -> None:
    first, second = steer(put(), CHOOSE, CHOOSE)
    assert (1, ()) == (first.visit.pointed, first.store)
    assert 1 == second.store[0].value


def test_any_other_button_says_again_where_one_is() -> None:
    question = put()
    assert heard(question, steer(question, AGAIN)[0].visit).startswith("What was it mostly about?")
    there, again = steer(question, NEXT, AGAIN)
    assert "Waiting time" == heard(there.visit, again.visit)


def test_a_finger_names_an_answer_and_chooses_it_the_second_time() -> None:
    first = visits.answered(put(), 2, 10_000)
    assert (2, ()) == (first.visit.pointed, first.store)
    assert "Staff" == heard(put(), first.visit)
    assert 3 == visits.answered(first.visit, 3, 11_000).visit.pointed
    assert 2 == visits.answered(first.visit, 2, 11_000).store[0].value


def test_a_bouncing_button_goes_one_answer_on() -> None:
    first = visits.steered(put(), NEXT, 10_000)
    assert first.visit == visits.steered(first.visit, NEXT, 10_040).visit


def test_asked_for_more_time_any_button_gives_it() -> None:
    question = put()
    assert question.until_ms is not None
    more = visits.waited(question, question.until_ms).visit
    assert heard(question, more) == f"Would you like more time? {ENGLISH.speech_more}"
    back = visits.steered(more, BEFORE, question.until_ms + 5_000).visit
    assert Screen.QUESTION is back.screen
    assert heard(more, back).startswith("What was it mostly about?")


def test_a_scale_is_said_with_what_its_ends_mean() -> None:
    nps = surveys.Question("again", Kind.NPS, {"en": "Would you come again?"})
    said = options.aloud(nps, SURVEY, "en")
    assert ["0, Not at all likely", "1", "10, Extremely likely"] == [said[0], said[1], said[-1]]


def test_whoever_has_nothing_spoken_answers_as_ever() -> None:
    """A button that goes down before a question is the next customer's rating, and one touch is enough."""
    named = visits.pressed(Visit(), SURVEY, Rating.GOOD, 5_000).visit
    question = visits.waited(visits.committed(named, 5_050), 5_000 + RING_MS).visit
    assert not visits.is_steered(question)
    assert 2 == visits.answered(question, 2, 10_000).store[0].value


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

    recorder.store()
    clock.now_ms += RING_MS
    reception.tick()
    for rating in (NEXT, NEXT, CHOOSE):
        clock.now_ms += 1_000
        reception.press(rating, Source.BUTTON)

    assert ["Waiting time", "Staff"] == [text for text, _ in told[-2:]]
    assert [2] == [answer.value for answer in recorder.put_in[-1] if answer.ask.kind is Kind.CHOICE]
    assert Source.BUTTON is recorder.put_in[-1][0].source
