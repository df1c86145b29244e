"""From stored answers to the presses that the rules against misuse look at: alike at the kiosk and at central."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

from feedback.answers import Answer, Moment, Outcome
from feedback.misuse import RatingPress
from feedback.ratings import Kind, Rating

SPAN = 64
"""
How many rows behind its press a later answer of the same response is looked for.

A response's answers follow its press closely, because the next press begins the next response: a survey has ten
questions at most. Only an outcome may have presses in between: HELD, those of some six seconds, and were there more
than 64 rows of them, the press is set aside as part of a burst anyway; EXITED, the one that cut the response short, but
at that no rule looks.
"""


class Given(NamedTuple):
    """An answer, as far as the rules look at it."""

    seq: int
    response: int
    kind: Kind
    value: int
    moment: Moment
    test: bool = False

    @property
    def opens(self) -> bool:
        """Whether it is the rating that opened its response: only these can be set aside."""
        return self.kind is Kind.RATING and self.seq == self.response

    @property
    def holds(self) -> bool:
        """Whether it says that its response began a technician's hold."""
        return self._follows and self.kind is Kind.OUTCOME and self.value == Outcome.HELD.value

    @property
    def follows_up(self) -> bool:
        """Whether it answers a further question of its response."""
        return self._follows and self.kind is not Kind.OUTCOME

    @property
    def _follows(self) -> bool:
        return 0 < self.seq - self.response <= SPAN


def given(answer: Answer) -> Given:
    """*answer*, as far as the rules look at it."""
    return Given(answer.seq, answer.response, answer.ask.kind, answer.value, answer.moment, answer.test)


def opening_presses(answers: Iterable[Given], closed: Container[int] = ()) -> list[RatingPress]:
    """
    The presses among *answers* of one store; *closed*: the seqs given outside the service hours.

    Presses come by seq; what follows them may come anywhere among them or behind.

    Whoever holds a part of the rows must hold the ``SPAN`` rows behind each press that it wants to judge.

    >>> moment = Moment("b", 0, 0)
    >>> rows = [Given(1, 1, Kind.RATING, 5, moment), Given(2, 1, Kind.OUTCOME, Outcome.HELD, moment)]
    >>> [press.held for press in opening_presses(rows)]
    [True]
    """
    presses: list[Given] = []
    held: set[int] = set()
    followed: set[int] = set()
    for answer in answers:
        if answer.opens:
            presses.append(answer)
        elif answer.holds:
            held.add(answer.response)
        elif answer.follows_up:
            followed.add(answer.response)
    return [
        RatingPress(
            one.seq,
            Rating(one.value),
            one.moment.boot,
            one.moment.boot_ms,
            one.test,
            one.seq in held,
            one.seq in followed,
            one.seq in closed,
        )
        for one in presses
    ]
