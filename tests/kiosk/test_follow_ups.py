"""What is asked after the rating, as lists of presses, taps and waits: no screen, no disk, no clock."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import surveys
from feedback.answers import Outcome
from feedback.ratings import SHOWN_ORDER, Kind, Rating
from kiosk.visit import DEAF_MS, IDLE_MS, MORE_MS, RING_MS, SLOW_MS, THANKS_MS, Draft, Screen
from tests.kiosk.customer import Kiosk

GOOD, BAD = Rating.GOOD, Rating.BAD
ENGLISH = {"en": "Text"}
CHOICES = [{"number": number, "texts": ENGLISH} for number in (1, 2, 7)]
SURVEY = surveys.parse(
    json.dumps(
        {
            "survey": "exit",
            "version": 3,
            "languages": ["en"],
            "default_language": "en",
            "questions": [
                {"id": "visit", "kind": "rating", "texts": ENGLISH},
                {
                    "id": "liked",
                    "kind": "choice",
                    "texts": ENGLISH,
                    "choices": CHOICES,
                    "after": {"question": "visit", "values": [4, 5]},
                },
                {
                    "id": "disliked",
                    "kind": "choice",
                    "texts": ENGLISH,
                    "choices": CHOICES,
                    "after": {"question": "visit", "values": [1, 2]},
                },
                {
                    "id": "words",
                    "kind": "text",
                    "texts": ENGLISH,
                    "after": {"question": "disliked", "values": [1]},
                },
                {
                    "id": "recommend",
                    "kind": "nps",
                    "texts": ENGLISH,
                    "after": {"question": "visit", "values": [1, 2, 4, 5]},
                },
            ],
        }
    ).encode(),
    "the test's survey",
)
ENDED = {outcome: Draft("", Kind.OUTCOME, outcome.value) for outcome in Outcome}


def kiosk_after(rating: Rating) -> Kiosk:
    """Somebody has rated, and the first question has been read."""
    return Kiosk(SURVEY).press(rating).settle()


@pytest.mark.parametrize("rating", [GOOD, BAD])
def test_the_rating_is_on_disk_at_the_press_and_its_outcome_waits_for_the_answers(rating: Rating) -> None:
    kiosk = Kiosk(SURVEY).press(rating)
    assert kiosk.stored == [(Draft("visit", Kind.RATING, rating.value),)]
    assert kiosk.screen is Screen.PRESSED


def test_a_rating_that_nothing_follows_is_one_commit_with_its_outcome() -> None:
    kiosk = Kiosk(SURVEY).press(Rating.NEUTRAL).wait(RING_MS).commit()
    assert kiosk.stored == [(Draft("visit", Kind.RATING, 3), ENDED[Outcome.ANSWERED])]
    assert kiosk.screen is Screen.THANKS


def test_good_and_bad_may_be_asked_other_questions() -> None:
    assert kiosk_after(GOOD).asked == "liked"
    assert kiosk_after(BAD).asked == "disliked"


def test_no_question_is_shown_before_the_rating_is_on_disk_and_its_ring_was_seen() -> None:
    kiosk = Kiosk(SURVEY).press(BAD).wait(10_000)
    assert (kiosk.screen, kiosk.visit.slow) == (Screen.PRESSED, True)
    assert (kiosk.commit().screen, kiosk.visit.slow) == (Screen.QUESTION, False)
    quick = Kiosk(SURVEY).press(BAD).wait(1).commit()
    assert quick.screen is Screen.PRESSED
    assert quick.wait(RING_MS - 1).screen is Screen.QUESTION


def test_no_question_is_shown_while_another_press_is_still_being_stored() -> None:
    kiosk = Kiosk(SURVEY).press(GOOD).wait(1_000).press(BAD).wait(1_000)
    assert kiosk.commit().screen is Screen.PRESSED
    assert (kiosk.commit().screen, kiosk.asked) == (Screen.QUESTION, "disliked")


def test_each_answer_is_stored_at_once_and_the_last_one_with_the_outcome() -> None:
    kiosk = kiosk_after(GOOD).answer(7)
    assert kiosk.stored[1:] == [(Draft("liked", Kind.CHOICE, 7),)]
    assert kiosk.visit.tapped == 7
    kiosk.settle()
    assert kiosk.asked == "recommend"
    kiosk.answer(0)
    assert kiosk.stored[2:] == [(Draft("recommend", Kind.NPS, 0), ENDED[Outcome.ANSWERED])]
    assert kiosk.screen is Screen.QUESTION
    assert kiosk.wait(RING_MS).commit().screen is Screen.THANKS
    assert kiosk.wait(THANKS_MS).screen is Screen.WELCOME


def test_a_question_for_a_text_is_passed_over_without_a_keyboard() -> None:
    assert kiosk_after(BAD).answer(1).settle().asked == "recommend"


def test_the_thank_you_waits_for_the_commit_of_the_last_answer() -> None:
    kiosk = kiosk_after(GOOD).answer(1).settle().answer(9).wait(SLOW_MS)
    assert (kiosk.screen, kiosk.visit.slow) == (Screen.QUESTION, True)
    assert kiosk.wait(60_000).screen is Screen.QUESTION
    assert kiosk.commit().screen is Screen.THANKS


@pytest.mark.parametrize("value", [3, 0, -1, 100])
def test_what_is_no_answer_to_the_question_is_not_stored(value: int) -> None:
    kiosk = kiosk_after(GOOD).answer(value)
    assert len(kiosk.stored) == 1
    assert kiosk.visit.tapped is None


def test_a_second_tap_that_meant_the_screen_before_answers_nothing() -> None:
    kiosk = Kiosk(SURVEY).press(GOOD).wait(RING_MS).commit().wait(DEAF_MS - 1).answer(1).skip()
    assert len(kiosk.stored) == 1
    assert len(kiosk.wait(1).answer(1).answer(2).stored) == 2


def test_skipping_one_question_asks_the_next_and_the_response_ends_as_skipped() -> None:
    kiosk = kiosk_after(GOOD).skip()
    assert (kiosk.asked, len(kiosk.stored)) == ("recommend", 1)
    kiosk.wait(DEAF_MS).answer(10)
    assert kiosk.stored[1:] == [(Draft("recommend", Kind.NPS, 10), ENDED[Outcome.SKIPPED])]


def test_skipping_everything_is_one_more_commit_and_thanked() -> None:
    kiosk = kiosk_after(GOOD).skip().wait(DEAF_MS).skip()
    assert kiosk.stored[1:] == [(ENDED[Outcome.SKIPPED],)]
    assert kiosk.settle().screen is Screen.THANKS


def test_back_returns_to_a_question_that_was_skipped_and_to_none_that_was_answered() -> None:
    kiosk = kiosk_after(GOOD)
    assert not kiosk.visit.can_go_back
    kiosk.skip().wait(DEAF_MS)
    assert kiosk.visit.can_go_back
    assert kiosk.back().asked == "liked"
    kiosk.wait(DEAF_MS).answer(2).settle()
    assert (kiosk.asked, kiosk.visit.can_go_back) == ("recommend", False)
    assert kiosk.back().asked == "recommend"
    kiosk.answer(5)
    assert kiosk.outcomes == [Outcome.ANSWERED]


def test_whoever_stands_still_is_asked_whether_they_need_more_time() -> None:
    kiosk = kiosk_after(GOOD).touch().wait(IDLE_MS - 1)
    assert kiosk.screen is Screen.QUESTION
    assert kiosk.wait(1).screen is Screen.MORE_TIME
    assert kiosk.wait(MORE_MS - 1).screen is Screen.MORE_TIME


def test_more_time_can_be_had_as_often_as_wanted() -> None:
    kiosk = kiosk_after(GOOD)
    for _ in range(12):
        kiosk.wait(IDLE_MS)
        assert kiosk.screen is Screen.MORE_TIME
        assert (kiosk.touch().screen, kiosk.asked) == (Screen.QUESTION, "liked")
    assert kiosk.outcomes == []


def test_a_second_tap_that_asked_for_more_time_answers_nothing() -> None:
    kiosk = kiosk_after(GOOD).wait(IDLE_MS).touch().answer(1)
    assert len(kiosk.stored) == 1
    assert len(kiosk.wait(DEAF_MS).answer(1).stored) == 2


def test_an_unhappy_customer_who_walks_away_is_still_counted() -> None:
    kiosk = kiosk_after(BAD).answer(2).settle().wait(IDLE_MS + MORE_MS)
    assert kiosk.stored == [
        (Draft("visit", Kind.RATING, 2),),
        (Draft("disliked", Kind.CHOICE, 2),),
        (ENDED[Outcome.TIMED_OUT],),
    ]
    assert kiosk.screen is Screen.WELCOME
    assert kiosk.visit.awaited == 1
    assert kiosk.commit().screen is Screen.WELCOME


def test_whoever_has_done_says_so_and_is_thanked() -> None:
    kiosk = kiosk_after(GOOD).wait(IDLE_MS).done()
    assert kiosk.stored[1:] == [(ENDED[Outcome.EXITED],)]
    assert kiosk.screen is Screen.MORE_TIME
    assert kiosk.settle().screen is Screen.THANKS


def test_a_button_pressed_during_a_question_begins_the_next_response_and_ends_the_last() -> None:
    kiosk = kiosk_after(GOOD).press(BAD)
    assert kiosk.stored[1:] == [(Draft("visit", Kind.RATING, 2),)]
    assert kiosk.ended == {1: Outcome.EXITED}
    assert kiosk.settle().asked == "disliked"


def test_a_button_pressed_while_the_last_answer_is_stored_ends_nothing_twice() -> None:
    kiosk = kiosk_after(GOOD).answer(1).settle().answer(9).press(BAD)
    assert kiosk.ended == {}
    assert kiosk.outcomes == [Outcome.ANSWERED]


def test_a_failure_during_a_question_is_out_of_order() -> None:
    kiosk = kiosk_after(GOOD).answer(1).fail()
    assert kiosk.screen is Screen.OUT_OF_ORDER
    assert kiosk.wait(600_000).answer(1).press(GOOD).screen is Screen.OUT_OF_ORDER
    assert len(kiosk.stored) == 2


def test_the_language_stays_through_the_questions_and_falls_back_after_them() -> None:
    kiosk = Kiosk(SURVEY).speak("az").press(GOOD).settle().answer(1).settle()
    assert kiosk.visit.language == "az"
    assert kiosk.answer(9).settle().visit.language == "az"
    assert kiosk.wait(THANKS_MS).visit.language is None


# Whatever happens -------------------------------------------------------------------------------------------------

HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("press"), st.sampled_from(SHOWN_ORDER)),
        st.tuples(st.just("answer"), st.integers(0, 10)),
        st.tuples(st.just("wait"), st.integers(0, 30_000) | st.integers(0, 600)),
        st.tuples(st.sampled_from(["skip", "back", "done", "touch", "commit", "settle"]), st.none()),
    ),
    max_size=60,
)


def play(kiosk: Kiosk, name: str, value: object) -> None:
    if name == "commit" and not kiosk.visit.awaited:
        return  # a recorder answers each store once
    do = getattr(kiosk, name)
    do() if value is None else do(value)


@given(HAPPENINGS)
def test_every_response_has_one_outcome_once_everybody_has_left(happenings: list[tuple[str, object]]) -> None:
    kiosk = Kiosk(SURVEY)
    for name, value in happenings:
        play(kiosk, name, value)
    while kiosk.screen is not Screen.WELCOME or kiosk.visit.awaited:
        kiosk.settle().wait(60_000)
    responses = sum(draft.kind is Kind.RATING for drafts in kiosk.stored for draft in drafts)
    assert len(kiosk.outcomes) == responses


@given(HAPPENINGS)
def test_a_question_is_answered_at_most_once_in_a_response(happenings: list[tuple[str, object]]) -> None:
    kiosk = Kiosk(SURVEY)
    for name, value in happenings:
        play(kiosk, name, value)
    response: list[str] = []
    for drafts in kiosk.stored:
        for draft in drafts:
            response = [] if draft.kind is Kind.RATING else response
            assert draft.question not in response
            response.append(draft.question)


@given(HAPPENINGS)
def test_nothing_new_is_shown_while_a_commit_is_awaited(happenings: list[tuple[str, object]]) -> None:
    kiosk = Kiosk(SURVEY)
    for name, value in happenings:
        play(kiosk, name, value)
        visit = kiosk.visit
        assert visit.screen is not Screen.THANKS or not visit.awaited
        # Whoever walked away waits for nothing: only the outcome is on its way then.
        assert not visit.awaited or visit.is_pressed or visit.screen is Screen.WELCOME
        assert not visit.slow or visit.is_pressed
        assert (visit.question is not None) == (visit.screen in (Screen.QUESTION, Screen.MORE_TIME))
