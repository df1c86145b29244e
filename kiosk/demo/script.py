"""
The script of a demonstration, a line at a time: ``touch good``, ``pin 17``, ``wait 2.5``.

A script says what fingers do; it has no other way into the kiosk than a customer's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feedback.errors import SettingsError
from feedback.ratings import Rating
from kiosk.visit import Key

LONGEST_WAIT_S = 60.0
KEYS = tuple(key.value for key in Key)


@dataclass(frozen=True, slots=True)
class Touch:
    """A finger lands on the face of *rating* and leaves."""

    rating: Rating


@dataclass(frozen=True, slots=True)
class Answer:
    """A finger lands on the answer of that *value* to the question shown."""

    value: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A finger lands on one of the keys around a question."""

    key: Key


@dataclass(frozen=True, slots=True)
class Pin:
    """The button on GPIO *number* is pressed and released."""

    number: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody is there for *seconds*."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The screen is saved as it is, under *name*."""

    name: str


@dataclass(frozen=True, slots=True)
class End:
    """The kiosk is switched off, properly."""


Line = Touch | Answer | Turn | Pin | Wait | Picture | End


def line(text: str) -> Line | None:
    """
    What one line of a script says; None for an empty line or a comment.

    >>> line("touch good"), line("pin 17"), line("# later")
    (Touch(rating=<Rating.GOOD: 4>), Pin(number=17), None)

    Raises:
        SettingsError: With one sentence that quotes the line and says what was expected.
    """
    words = text.split("#", 1)[0].split()
    if not words:
        return None
    verb, *said = words
    try:
        if verb in VERBS and len(said) == (0 if VERBS[verb] is _end else 1):
            return VERBS[verb](*said)
    except ValueError as error:
        raise SettingsError(f"the script says {text.strip()!r}: {error}") from None
    raise SettingsError(
        f"the script says {text.strip()!r}: expected touch RATING, answer VALUE, key KEY, pin NUMBER, "
        f"wait SECONDS (to {LONGEST_WAIT_S:.0f}), picture NAME or end"
    )


def _key(word: str) -> Turn:
    if word not in KEYS:
        raise ValueError(f"{word!r} is not a key: expected one of {', '.join(KEYS)}")
    return Turn(Key(word))


def _wait(word: str) -> Wait:
    if not 0 <= float(word) <= LONGEST_WAIT_S:
        raise ValueError(f"expected to wait 0 to {LONGEST_WAIT_S:.0f} seconds")
    return Wait(float(word))


def _end() -> End:
    return End()


VERBS: dict[str, Callable[..., Line]] = {
    "touch": lambda word: Touch(Rating.named(word)),
    "answer": lambda word: Answer(int(word)),
    "key": _key,
    "pin": lambda word: Pin(int(word)),
    "wait": _wait,
    "picture": Picture,
    "end": _end,
}
