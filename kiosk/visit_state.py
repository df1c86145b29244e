"""
A customer's visit as values: what is seen, said and waited for.

``kiosk.visit`` decides on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from feedback.answers import Outcome
from feedback.ratings import Kind, Rating
from feedback.surveys import ASKED, Question, Said, Survey

BOUNCE_MS = 100
"""A second edge of the same button within this is its contact bouncing (20-50 ms usual, 81 ms seen)."""
RING_MS = 160
"""The ring under the finger stays at least this long, so that the eye has seen it."""
RING_MOST_MS = 300
"""And no longer than this, whatever the disk does: then only the grey says that something was pressed."""
SLOW_MS = 600
"""A commit that takes longer than this is called "saving" on the screen."""
THANKS_MS = 2_500
"""How long the thank-you stays; a touch or a press ends it."""
SCAN_MS = 12_000
"""How long it stays with a code to scan: time to see it, take out a phone and hold it there."""
LANGUAGE_MS = 20_000
"""A language chosen and then left falls back to the branch's own after this long."""
IDLE_MS = 20_000
"""A question waits this long before it asks whether anybody needs more time."""
MORE_MS = 20_000
"""And that is asked for this long: at least the 20 s of WCAG 2.2.1, and as often as is wanted."""
DEAF_MS = 400
"""A question takes no answer before it can have been read: a second tap that meant the screen before is none."""

ASKED_HERE = tuple(kind for kind in ASKED if kind is not Kind.TEXT)
"""What every kiosk can ask; a text only where there are keys to write it with, and central's key to seal it."""
MOST_TEXT = 300
"""Characters of what a customer writes."""


class Screen(Enum):
    """What the customer sees."""

    WELCOME = "welcome"
    PRESSED = "pressed"
    QUESTION = "question"
    MORE_TIME = "more_time"
    THANKS = "thanks"
    OUT_OF_ORDER = "out_of_order"
    QUIET = "quiet"
    """Outside the service hours, in place of WELCOME; no visit is ever on it."""


class Key(Enum):
    """The keys around a question. They say something of the visit, not of what is asked."""

    BACK = "back"
    SKIP = "skip"
    MORE = "more"
    DONE = "done"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to be stored, before it has a place, a moment and a number."""

    question: str
    kind: Kind
    value: int
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """
    The time one customer is in front of the kiosk.

    Attributes:
        screen: What is shown.
        rating: The face that carries the ring, while PRESSED.
        survey: What this response is asked; None while there is none.
        question: What is asked now, while QUESTION or MORE_TIME.
        tapped: The answer or key that carries the ring while what it says is being stored.
        said: The questions put so far, the rating first, with their answers; None: skipped.
        is_open: A response has begun and its outcome is not said yet.
        awaited: Commits that have not returned yet.
        rung: The ring has been seen long enough, and is gone while the disk is still at work.
        slow: The commit is taking long enough to say so.
        until_ms: When ``waited`` has something to do; None while only a finger can change anything.
        ring_until_ms: Not before this may the ring give way to what follows.
        deaf_until_ms: Not before this is a tap meant for the question shown.
        language: The language chosen by this customer; None for the branch's own.
        contrast: This customer wants the screen in black and white.
        large: This customer wants texts as large as there is room for.
        speech: How often this customer has asked for it to be spoken; then a first press names and a second chooses,
            and there is twice the time for everything.
        named: The face that was pressed first.
        pointed: What of the question shown was named so.
        kinds: What this response may be asked.
        text: What is being written; nowhere else, and gone once it was sent.
        edges: The last edge of each rating, for contact bounce.
    """

    screen: Screen = Screen.WELCOME
    rating: Rating | None = None
    survey: Survey | None = None
    question: Question | None = None
    tapped: int | Key | None = None
    said: Said = ()
    is_open: bool = False
    awaited: int = 0
    rung: bool = False
    slow: bool = False
    until_ms: int | None = None
    ring_until_ms: int = 0
    deaf_until_ms: int = 0
    language: str | None = None
    contrast: bool = False
    large: bool = False
    speech: int = 0
    named: Rating | None = None
    pointed: int | Key | None = None
    kinds: Sequence[Kind] = ASKED_HERE
    text: str = field(default="", repr=False)
    edges: tuple[tuple[Rating, int], ...] = ()

    @property
    def is_pressed(self) -> bool:
        """Something carries the ring: what it says is on its way to the disk, or just there."""
        return self.screen is Screen.PRESSED or self.tapped is not None

    @property
    def can_go_back(self) -> bool:
        """Whether the question before this one was skipped: what was answered is stored, and stays."""
        return len(self.said) > 1 and self.said[-1][1] is None


@dataclass(frozen=True, slots=True)
class Step:
    """
    The next visit, and what must be stored in one commit before anything more is shown.

    Attributes:
        store: Of the visit's own response.
        ended: How the response before it ended, if a press has cut it short; in the same commit.
    """

    visit: Visit
    store: tuple[Draft, ...] = ()
    ended: Outcome | None = None
