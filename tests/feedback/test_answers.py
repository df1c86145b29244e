"""What makes an answer the same answer."""

from dataclasses import fields, replace

from feedback.answers import Answer, Ask, Moment, Outcome, Place, Response, Source
from feedback.ratings import Kind

ANSWER = Answer(
    seq=7,
    response=7,
    place=Place("b12", "exit-1"),
    ask=Ask("exit", 4, "visit", Kind.RATING, "az"),
    value=4,
    source=Source.BUTTON,
    moment=Moment("boot", 1000, 1_790_000_000_000),
)
OTHERS = {
    "seq": 8,
    "response": 6,
    "place": Place("b12", "exit-2"),
    "ask": replace(ANSWER.ask, language="en"),
    "value": 5,
    "source": Source.TOUCH,
    "moment": replace(ANSWER.moment, wall_ms=0),
    "test": True,
    "text_digest": b"digest",
}


def test_every_captured_field_is_part_of_the_content() -> None:
    """Change any one of them, and it is another answer: a conflict, never a duplicate."""
    assert {field.name for field in fields(Answer)} == OTHERS.keys()

    changed = {replace(ANSWER, **{name: other}).content() for name, other in OTHERS.items()}

    assert len(OTHERS) == len(changed - {ANSWER.content()})


def test_a_number_changes_nothing_else() -> None:
    """No captured field is left behind when the recorder numbers an answer."""
    answer = replace(ANSWER, **OTHERS)

    assert replace(answer, seq=41, response=40) == answer.numbered(41, 40)


def test_fields_do_not_run_into_each_other() -> None:
    """ "b1" at "2-exit" is not "b12" at "-exit"."""
    here, there = Place("b1", "2-exit"), Place("b12", "-exit")

    assert replace(ANSWER, place=here).content() != replace(ANSWER, place=there).content()


def test_a_response_that_was_cut_has_no_outcome() -> None:
    """The plug went before the visit ended."""
    ended = replace(ANSWER, ask=replace(ANSWER.ask, kind=Kind.OUTCOME), value=Outcome.TIMED_OUT.value)

    assert Response((ANSWER,)).outcome is None
    assert Response((ANSWER, ended)).outcome is Outcome.TIMED_OUT
