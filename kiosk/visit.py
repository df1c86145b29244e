"""
One customer's visit, decided without a screen, a disk or a clock.

A visit is a value. Each function takes it with what happened and when, and returns the next one. Times are
milliseconds of the boot clock, which never jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from feedback.answers import Outcome
from feedback.ratings import Kind, Rating

BOUNCE_MS = 100
"""A second edge of the same button within this is its contact bouncing (20-50 ms usual, 81 ms seen)."""
RING_MS = 160
"""The ring under the finger stays at least this long, so that the eye has seen it."""
SLOW_MS = 600
"""A commit that takes longer than this is called "saving" on the screen."""
THANKS_MS = 2_500
"""How long the thank-you stays; a touch or a press ends it."""
LANGUAGE_MS = 20_000
"""A language chosen and then left falls back to the branch's own after this long."""


class Screen(Enum):
    """What the customer sees."""

    WELCOME = "welcome"
    PRESSED = "pressed"
    THANKS = "thanks"
    OUT_OF_ORDER = "out_of_order"
    QUIET = "quiet"
    """Outside the service hours, in place of WELCOME; no visit is ever on it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to be stored, before it has a place, a moment and a number."""

    question: str
    kind: Kind
    value: int


@dataclass(frozen=True, slots=True)
class Visit:
    """
    The time one customer is in front of the kiosk.

    Attributes:
        screen: What is shown.
        rating: The face that carries the ring, while PRESSED.
        awaited: Commits that have not returned yet.
        slow: The commit is taking long enough to say so.
        until_ms: When ``waited`` has something to do; None while only a finger can change anything.
        ring_until_ms: Not before this may the ring give way to the thank-you.
        language: The language chosen by this customer; None for the branch's own.
        edges: The last edge of each rating, for contact bounce.
    """

    screen: Screen = Screen.WELCOME
    rating: Rating | None = None
    awaited: int = 0
    slow: bool = False
    until_ms: int | None = None
    ring_until_ms: int = 0
    language: str | None = None
    edges: tuple[tuple[Rating, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """The next visit, and what must be stored in one commit before anybody is thanked."""

    visit: Visit
    store: tuple[Draft, ...] = ()


def pressed(visit: Visit, question: str, rating: Rating, at_ms: int) -> Step:
    """
    A face was touched or its button went down.

    Every press is stored, also one that interrupts a thank-you or follows quickly: which of them count
    is decided later, from the stored rows, by named rules. Only the bouncing of a contact is no press.
    """
    if visit.screen is Screen.OUT_OF_ORDER or _bounces(visit, rating, at_ms):
        return Step(visit)
    following = Visit(
        screen=Screen.PRESSED,
        rating=rating,
        awaited=visit.awaited + 1,
        slow=visit.slow and visit.awaited > 0,
        until_ms=at_ms + SLOW_MS,
        ring_until_ms=at_ms + RING_MS,
        language=visit.language,
        edges=(*((r, ms) for r, ms in visit.edges if r is not rating), (rating, at_ms)),
    )
    return Step(
        following,
        (Draft(question, Kind.RATING, rating.value), Draft("", Kind.OUTCOME, Outcome.ANSWERED.value)),
    )


def committed(visit: Visit, at_ms: int) -> Visit:
    """One commit has returned: the answer is on disk. Thanks, once the ring has been seen."""
    visit = replace(visit, awaited=max(0, visit.awaited - 1))
    if visit.screen is not Screen.PRESSED or visit.awaited:
        return visit
    if at_ms < visit.ring_until_ms:
        return replace(visit, until_ms=visit.ring_until_ms)
    return _thanking(visit, at_ms)


def failed(visit: Visit) -> Visit:
    """A commit failed: nobody is thanked, and nothing more is taken until the kiosk has been checked."""
    return replace(visit, screen=Screen.OUT_OF_ORDER, rating=None, awaited=0, slow=False, until_ms=None)


def touched(visit: Visit, at_ms: int) -> Visit:
    """A finger landed where no face is: it ends a thank-you, and nothing else."""
    return _welcoming(visit) if visit.screen is Screen.THANKS else waited(visit, at_ms)


def spoke(visit: Visit, language: str, at_ms: int) -> Visit:
    """The customer chose *language*."""
    if visit.screen is not Screen.WELCOME:
        return visit
    return replace(visit, language=language, until_ms=at_ms + LANGUAGE_MS)


def waited(visit: Visit, at_ms: int) -> Visit:
    """Time passed: it is now *at_ms*."""
    if visit.until_ms is None or at_ms < visit.until_ms:
        return visit
    if visit.screen is Screen.PRESSED and not visit.awaited:
        return _thanking(visit, at_ms)
    if visit.screen is Screen.PRESSED:
        return replace(visit, slow=True, until_ms=None)
    return _welcoming(visit)


def _bounces(visit: Visit, rating: Rating, at_ms: int) -> bool:
    return any(r is rating and at_ms - ms < BOUNCE_MS for r, ms in visit.edges)


def _thanking(visit: Visit, at_ms: int) -> Visit:
    return replace(visit, screen=Screen.THANKS, rating=None, slow=False, until_ms=at_ms + THANKS_MS)


def _welcoming(visit: Visit) -> Visit:
    return Visit(awaited=visit.awaited, edges=visit.edges)
