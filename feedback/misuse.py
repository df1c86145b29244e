"""
Which presses are set aside, by named rules over raw rows. Nothing is deleted; the rules can run again.

Every rule looks at most ``REACH`` rating presses back and ahead, so that kiosk and central agree whatever
part of the rows they hold: a press is judged once its neighbours are there. Of a neighbour only face and
moment matter, and whether it is a test: what follows a press, a technician's hold and the hours say something of
that press alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from feedback.ratings import Rating

VERSION = 2
"""Grows when a rule or a figure changes; counts name the version they were made by."""

QUICK_MS = 5_000
"""A customer does not follow another within 5 s (the interval HappyOrNot gives as its example)."""
BURST_PRESSES = 5
BURST_MS = 5_000
"""Five presses within five seconds are somebody playing."""
REACH = BURST_PRESSES - 1


class Rule(Enum):
    """Why a press is set aside, judged in this order."""

    TEST = "test"
    """Pressed by a technician on purpose."""
    SERVICE = "service"
    """It began a technician's hold of two buttons."""
    CLOSED = "closed"
    """Pressed outside the branch's service hours."""
    BURST = "burst"
    """One of five or more presses within five seconds."""
    REPEAT = "repeat"
    """The same face again within five seconds."""
    CORRECTED = "corrected"
    """Another face followed within five seconds, and no further question was answered: the last one counts."""


@dataclass(frozen=True, slots=True)
class RatingPress:
    """
    What the rules know of a rating that opened a response; ``feedback.presses`` makes it from rows.

    Attributes:
        held: It began a technician's hold: its response has the outcome HELD.
        followed: A further question of its response was answered, so the customer meant it.
        closed: Given outside the service hours, for certain: ``feedback.hours`` says so.
    """

    seq: int
    rating: Rating
    boot: str
    boot_ms: int
    test: bool = False
    held: bool = False
    followed: bool = False
    closed: bool = False


def set_aside(presses: Sequence[RatingPress]) -> dict[int, Rule]:
    """
    The presses that do not count, with the rule that says so; *presses* of one store, by seq.

    >>> good, bad = Rating.GOOD, Rating.BAD
    >>> presses = [(1, good, 0), (3, good, 900), (5, bad, 9000)]
    >>> set_aside([RatingPress(seq, rating, "boot", ms) for seq, rating, ms in presses])
    {3: <Rule.REPEAT: 'repeat'>}
    """
    counted = [press for press in presses if not press.test]
    judged = {press.seq: Rule.TEST for press in presses if press.test}
    for at, press in enumerate(counted):
        rule = _rule(counted, at)
        if rule is not None:
            judged[press.seq] = rule
    return judged


def _rule(presses: Sequence[RatingPress], at: int) -> Rule | None:
    press = presses[at]
    if press.held:
        return Rule.SERVICE
    if press.closed:
        return Rule.CLOSED
    if _in_burst(presses, at):
        return Rule.BURST
    before = presses[at - 1] if at else None
    if before and before.rating is press.rating and _apart_ms(before, press) < QUICK_MS:
        return Rule.REPEAT
    after = presses[at + 1] if at + 1 < len(presses) and not press.followed else None
    if after and after.rating is not press.rating and _apart_ms(press, after) < QUICK_MS:
        return Rule.CORRECTED
    return None


def _in_burst(presses: Sequence[RatingPress], at: int) -> bool:
    for start in range(max(0, at - REACH), at + 1):
        end = start + BURST_PRESSES - 1
        if end < len(presses) and _apart_ms(presses[start], presses[end]) <= BURST_MS:
            return True
    return False


def _apart_ms(earlier: RatingPress, later: RatingPress) -> float:
    """Milliseconds between two presses; endless across a restart, when nobody can have pressed twice."""
    return later.boot_ms - earlier.boot_ms if earlier.boot == later.boot else float("inf")
