"""Visits as lists of presses and waits: no screen, no disk, no clock."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.answers import Outcome
from feedback.ratings import SHOWN_ORDER, Kind, Rating
from kiosk import visit as visits
from kiosk.visit import BOUNCE_MS, LANGUAGE_MS, RING_MS, SLOW_MS, THANKS_MS, Draft, Screen, Step, Visit
from tests.kiosk.customer import Kiosk

GOOD, BAD, NEUTRAL = Rating.GOOD, Rating.BAD, Rating.NEUTRAL


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_a_press_is_stored_with_its_outcome_and_shown_at_once(rating: Rating) -> None:
    kiosk = Kiosk().press(rating)
    assert kiosk.stored == [
        (Draft("visit", Kind.RATING, rating.value), Draft("", Kind.OUTCOME, Outcome.ANSWERED.value))
    ]
    assert (kiosk.screen, kiosk.visit.rating) == (Screen.PRESSED, rating)


def test_thanks_follow_the_commit_once_the_ring_has_been_seen() -> None:
    kiosk = Kiosk().press(GOOD).wait(20).commit()
    assert kiosk.screen is Screen.PRESSED
    assert kiosk.wait(RING_MS - 21).screen is Screen.PRESSED
    assert kiosk.wait(1).screen is Screen.THANKS


def test_a_commit_after_the_ring_is_thanked_at_once() -> None:
    assert Kiosk().press(GOOD).wait(RING_MS).commit().screen is Screen.THANKS


def test_the_thank_you_ends_by_itself() -> None:
    kiosk = Kiosk().press(GOOD).wait(RING_MS).commit()
    assert kiosk.wait(THANKS_MS - 1).screen is Screen.THANKS
    assert kiosk.wait(1).screen is Screen.WELCOME


def test_a_touch_ends_the_thank_you() -> None:
    assert Kiosk().press(GOOD).wait(RING_MS).commit().touch().screen is Screen.WELCOME


def test_a_touch_beside_the_faces_does_nothing_while_an_answer_is_being_stored() -> None:
    assert Kiosk().press(GOOD).wait(300).touch().screen is Screen.PRESSED


def test_a_slow_commit_is_said_and_never_thanked_early() -> None:
    kiosk = Kiosk().press(GOOD).wait(SLOW_MS - 1)
    assert not kiosk.visit.slow
    kiosk.wait(1)
    assert kiosk.visit.slow
    assert kiosk.wait(3_600_000).screen is Screen.PRESSED
    assert kiosk.commit().screen is Screen.THANKS
    assert not kiosk.visit.slow


def test_two_presses_during_a_slow_commit_are_both_stored_and_thanked_together() -> None:
    kiosk = Kiosk().press(GOOD).wait(1_000).press(BAD).wait(1_000)
    assert [drafts[0].value for drafts in kiosk.stored] == [GOOD.value, BAD.value]
    assert kiosk.visit.rating is BAD
    assert kiosk.commit().screen is Screen.PRESSED
    assert kiosk.commit().screen is Screen.THANKS


def test_a_press_during_the_thank_you_is_the_next_customers() -> None:
    kiosk = Kiosk().press(GOOD).wait(RING_MS).commit().wait(500).press(BAD)
    assert kiosk.screen is Screen.PRESSED
    assert len(kiosk.stored) == 2


@pytest.mark.parametrize("gap", [0, 1, 20, 50, 81, BOUNCE_MS - 1])
def test_a_bouncing_contact_is_one_press(gap: int) -> None:
    assert len(Kiosk().press(GOOD).wait(gap).press(GOOD).stored) == 1


def test_the_same_face_pressed_again_after_the_bounce_is_a_second_press() -> None:
    assert len(Kiosk().press(GOOD).wait(BOUNCE_MS).press(GOOD).stored) == 2


def test_two_faces_pressed_together_are_two_presses() -> None:
    assert len(Kiosk().press(GOOD).wait(5).press(BAD).stored) == 2


def test_a_contact_bouncing_into_another_faces_press_is_still_a_bounce() -> None:
    kiosk = Kiosk().press(GOOD).wait(10).press(BAD).wait(10).press(GOOD)
    assert len(kiosk.stored) == 2
    assert kiosk.visit.rating is BAD


def test_a_bounce_is_remembered_through_the_end_of_a_thank_you() -> None:
    kiosk = Kiosk().press(GOOD).wait(RING_MS).commit().press(BAD).commit().touch()
    kiosk.now += BOUNCE_MS - 1
    assert len(kiosk.press(BAD).stored) == 2


def test_a_failure_is_never_thanked_and_nothing_is_taken_after_it() -> None:
    kiosk = Kiosk().press(GOOD).wait(50).press(BAD).fail()
    assert kiosk.screen is Screen.OUT_OF_ORDER
    assert kiosk.commit().wait(60_000).touch().press(NEUTRAL).screen is Screen.OUT_OF_ORDER
    assert len(kiosk.stored) == 2


def test_a_chosen_language_stays_for_the_press_and_its_thanks_then_falls_back() -> None:
    kiosk = Kiosk().speak("az").wait(5_000).press(GOOD).wait(RING_MS).commit()
    assert kiosk.visit.language == "az"
    assert kiosk.wait(THANKS_MS).visit.language is None


def test_a_language_left_alone_falls_back() -> None:
    kiosk = Kiosk().speak("az").wait(LANGUAGE_MS - 1)
    assert kiosk.visit.language == "az"
    assert kiosk.wait(1).visit == Visit()


def test_choosing_again_starts_the_languages_time_afresh() -> None:
    kiosk = Kiosk().speak("az").wait(LANGUAGE_MS - 1).speak("ru").wait(LANGUAGE_MS - 1)
    assert kiosk.visit.language == "ru"


def test_the_language_changes_only_on_the_welcome_screen() -> None:
    assert Kiosk().press(GOOD).speak("ru").visit.language is None


# Whatever happens -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Press:
    rating: Rating


@dataclass(frozen=True)
class Wait:
    ms: int


HAPPENING = st.one_of(
    st.builds(Press, st.sampled_from(Rating)),
    st.builds(Wait, st.integers(0, 30_000) | st.integers(0, 250)),
    st.sampled_from(["commit", "fail", "touch", "az", "ru"]),
)
HAPPENINGS = st.lists(HAPPENING, max_size=60)


def play(kiosk: Kiosk, happening: Press | Wait | str) -> None:
    match happening:
        case Press(rating):
            kiosk.press(rating)
        case Wait(ms):
            kiosk.wait(ms)
        case "commit":
            # A recorder answers each store once.
            if kiosk.visit.awaited:
                kiosk.commit()
        case "fail":
            kiosk.fail()
        case "touch":
            kiosk.touch()
        case language:
            kiosk.speak(str(language))


@given(HAPPENINGS)
def test_every_edge_that_is_no_bounce_is_stored_until_a_failure(happenings: list[Press | Wait | str]) -> None:
    kiosk = Kiosk()
    taken: dict[Rating, int] = {}
    expected: list[Rating] = []
    broken = False
    for happening in happenings:
        if isinstance(happening, Press) and not broken:
            rating = happening.rating
            if rating not in taken or kiosk.now - taken[rating] >= BOUNCE_MS:
                taken[rating] = kiosk.now
                expected.append(rating)
        broken = broken or happening == "fail"
        play(kiosk, happening)
    assert [Rating(drafts[0].value) for drafts in kiosk.stored] == expected


@given(HAPPENINGS)
def test_nobody_is_thanked_while_a_commit_is_awaited(happenings: list[Press | Wait | str]) -> None:
    kiosk = Kiosk()
    for happening in happenings:
        play(kiosk, happening)
        assert kiosk.screen is not Screen.THANKS or kiosk.visit.awaited == 0
        assert kiosk.visit.awaited == 0 or kiosk.screen is Screen.PRESSED


@given(HAPPENINGS)
def test_a_ring_is_there_exactly_while_pressed(happenings: list[Press | Wait | str]) -> None:
    kiosk = Kiosk()
    for happening in happenings:
        play(kiosk, happening)
        assert (kiosk.visit.rating is not None) == (kiosk.screen is Screen.PRESSED)
        assert not kiosk.visit.slow or kiosk.screen is Screen.PRESSED


@given(HAPPENINGS)
def test_once_everything_is_stored_and_time_has_passed_the_welcome_is_there(
    happenings: list[Press | Wait | str],
) -> None:
    kiosk = Kiosk()
    for happening in happenings:
        play(kiosk, happening)
    while kiosk.visit.awaited:
        kiosk.commit()
    kiosk.wait(LANGUAGE_MS + THANKS_MS + RING_MS)
    broken = "fail" in happenings
    assert kiosk.screen is (Screen.OUT_OF_ORDER if broken else Screen.WELCOME)
    assert broken or kiosk.visit.language is None
    assert kiosk.visit.until_ms is None


@given(HAPPENINGS, st.integers(0, 2_000))
def test_being_told_the_time_too_early_changes_nothing(
    happenings: list[Press | Wait | str], early: int
) -> None:
    kiosk = Kiosk()
    for happening in happenings:
        play(kiosk, happening)
    if kiosk.visit.until_ms is not None:
        before = kiosk.visit
        assert visits.waited(before, kiosk.visit.until_ms - 1 - early) == Step(before)
