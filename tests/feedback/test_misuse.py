"""Which presses are set aside, told as lists of presses."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from feedback.misuse import REACH, RatingPress, Rule, set_aside
from feedback.ratings import Rating

GOOD, BAD = Rating.GOOD, Rating.BAD


def pressed(*presses: tuple[float, Rating], boot: str = "boot") -> list[RatingPress]:
    """Presses as (second, rating), numbered from 1."""
    return [RatingPress(at, rating, boot, round(1000 * s)) for at, (s, rating) in enumerate(presses, 1)]


def test_one_customer_after_another_all_count() -> None:
    """Six seconds apart is another customer."""
    assert {} == set_aside(pressed((0, GOOD), (6, GOOD), (12, BAD)))


def test_the_same_face_again_is_a_repeat() -> None:
    """The first press counts, the second within five seconds does not."""
    assert {2: Rule.REPEAT} == set_aside(pressed((0, GOOD), (4.9, GOOD)))
    assert {} == set_aside(pressed((0, GOOD), (5, GOOD)))


def test_the_last_face_counts_when_a_customer_corrects() -> None:
    """Another face within five seconds: the first was a slip."""
    assert {1: Rule.CORRECTED} == set_aside(pressed((0, BAD), (2, GOOD)))


def test_a_child_mashing_counts_for_nothing() -> None:
    """Five presses within five seconds are a game, all of them; the customer before is not drawn in."""
    mash = [(20 + at / 2, rating) for at, rating in enumerate(3 * [GOOD, BAD])]

    judged = set_aside(pressed((0, GOOD), *mash, (40, GOOD)))

    assert dict.fromkeys(range(2, 8), Rule.BURST) == judged


def test_a_restart_parts_two_presses() -> None:
    """Boot clocks of two boots are not compared: nobody presses across a restart."""
    before, after = pressed((1, GOOD))[0], RatingPress(2, GOOD, "next boot", 1100)

    assert {} == set_aside([before, after])


def test_a_technicians_test_is_set_aside_and_touches_nobody_else() -> None:
    """Test presses neither count nor make a customer's press a repeat."""
    presses = [RatingPress(1, GOOD, "b", 0, test=True), RatingPress(2, GOOD, "b", 1000)]

    assert {1: Rule.TEST} == set_aside(presses)


def test_a_customer_who_went_on_to_a_further_question_meant_the_first_face() -> None:
    """Another face within five seconds is then the next customer's."""
    first, second = pressed((0, BAD), (4, GOOD))

    assert {} == set_aside([replace(first, followed=True), second])


def test_the_press_that_began_a_hold_is_set_aside_as_service_and_a_press_while_closed_as_closed() -> None:
    """Whatever else they may be: the first reason that holds is the one told."""
    first, second = pressed((0, GOOD), (1, BAD))
    both = replace(first, held=True, closed=True)

    assert {1: Rule.SERVICE} == set_aside([both, second])
    assert {1: Rule.CLOSED} == set_aside([replace(both, held=False), second])
    assert {1: Rule.TEST} == set_aside([replace(both, test=True), second])


@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(list(Rating))), max_size=20), st.data())
def test_what_is_said_of_one_press_alone_changes_no_other(
    gaps: list[tuple[int, Rating]], draw: st.DataObject
) -> None:
    """Held, followed up, closed: central learns them late, and then needs to look at that press only."""
    presses, now = [], 0
    for at, (gap, rating) in enumerate(gaps, 1):
        now += gap
        presses.append(RatingPress(at, rating, "b", now))
    marks = st.tuples(st.booleans(), st.booleans(), st.booleans())
    marked = []
    for press in presses:
        held, followed, closed = draw.draw(marks)
        marked.append(replace(press, held=held, followed=followed, closed=closed))
    before = set_aside(presses)

    for at, press in enumerate(marked):
        alone = set_aside([*presses[:at], press, *presses[at + 1 :]])
        assert set_aside(marked).get(press.seq) == alone.get(press.seq)
        assert before.keys() - {press.seq} == alone.keys() - {press.seq}


@given(st.lists(st.tuples(st.integers(0, 8000), st.sampled_from(list(Rating))), max_size=40), st.data())
def test_a_press_is_judged_by_its_neighbours_alone(
    gaps: list[tuple[int, Rating]], draw: st.DataObject
) -> None:
    """Central, which sees a part of the rows, judges as the kiosk does that sees them all."""
    presses, now = [], 0
    for at, (gap, rating) in enumerate(gaps, 1):
        now += gap
        presses.append(RatingPress(at, rating, "b", now))
    whole = set_aside(presses)

    first = draw.draw(st.integers(0, len(presses)))
    part = presses[max(0, first - REACH) : first + 1 + REACH]

    for press in presses[first : first + 1]:
        assert whole.get(press.seq) == set_aside(part).get(press.seq)
