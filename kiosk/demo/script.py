"""
The script of a demonstration, a line at a time: ``touch good``, ``pin 17``, ``wait 2.5``.

A script says what fingers do; it has no other way into the kiosk than a customer's.
"""

from __future__ import annotations

from dataclasses import dataclass

from feedback.errors import SettingsError
from feedback.ratings import Rating

LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Touch:
    """A finger lands on the face of *rating* and leaves."""

    rating: Rating


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


Line = Touch | Pin | Wait | Picture | End


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
    try:
        match words:
            case ["touch", rating]:
                return Touch(Rating.named(rating))
            case ["pin", number]:
                return Pin(int(number))
            case ["wait", seconds] if 0 <= float(seconds) <= LONGEST_WAIT_S:
                return Wait(float(seconds))
            case ["picture", name]:
                return Picture(name)
            case ["end"]:
                return End()
    except ValueError as error:
        raise SettingsError(f"the script says {text.strip()!r}: {error}") from None
    raise SettingsError(
        f"the script says {text.strip()!r}: expected touch RATING, pin NUMBER, "
        f"wait SECONDS (to {LONGEST_WAIT_S:.0f}), picture NAME or end"
    )
