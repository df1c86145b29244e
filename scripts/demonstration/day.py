"""Today, as a list of what happens: customers, a child, a cut network, a pulled plug."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.ratings import Rating

BUTTON_PINS = {
    Rating.EXCELLENT: 17,
    Rating.GOOD: 27,
    Rating.NEUTRAL: 22,
    Rating.BAD: 23,
    Rating.UNACCEPTABLE: 24,
}
LAMP_PINS = {
    Rating.EXCELLENT: 5,
    Rating.GOOD: 6,
    Rating.NEUTRAL: 13,
    Rating.BAD: 19,
    Rating.UNACCEPTABLE: 26,
}
BETWEEN_CUSTOMERS_S = 5.4
"""A little more than the 5 s within which a second press would be taken for the same customer's."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """Lines for the kiosk's script."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing happens for *seconds*."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """The network goes."""


@dataclass(frozen=True, slots=True)
class Mend:
    """The network comes back."""


@dataclass(frozen=True, slots=True)
class PullPlug:
    """The kiosk's process is killed while this press is on its way, and started again."""

    rating: Rating


Happening = Kiosk | Rest | Cut | Mend | PullPlug


def touches(rating: Rating, *further: str) -> tuple[Happening, ...]:
    """A customer touches a face, does what *further* says, and goes."""
    return (Kiosk((f"touch {rating.word}", *further)), Rest(BETWEEN_CUSTOMERS_S))


def presses(rating: Rating, *further: str) -> tuple[Happening, ...]:
    """A customer presses a button, does what *further* says, and goes."""
    return (Kiosk((f"pin {BUTTON_PINS[rating]}", *further)), Rest(BETWEEN_CUSTOMERS_S))


def mashes(*ratings: Rating) -> tuple[Happening, ...]:
    """A child drums on the buttons."""
    drumming: list[Happening] = []
    for rating in ratings:
        drumming += [Kiosk((f"pin {BUTTON_PINS[rating]}",)), Rest(0.35)]
    return (*drumming, Rest(BETWEEN_CUSTOMERS_S))


def today() -> tuple[Happening, ...]:
    """
    About a minute of a branch's day.

    Who comes after somebody that left a question unanswered presses a button: the faces are not on the screen then.
    """
    e, g, n, b, u = sorted(Rating, reverse=True)
    return (
        Kiosk(("picture welcome",)),
        Kiosk((f"touch {g.word}", "wait 0.1", "picture pressed", "wait 1", "picture question")),
        Kiosk(("answer 2", "wait 0.8", "picture thank-you")),
        Rest(BETWEEN_CUSTOMERS_S),
        *presses(e, "key skip"),
        *touches(b, "answer 1"),
        Cut(),
        *presses(g),
        *presses(e, "answer 6"),
        PullPlug(n),
        Rest(BETWEEN_CUSTOMERS_S),
        *touches(u),
        Mend(),
        *mashes(e, u, e, u, g, b, e, u),
        *presses(e, "answer 2"),
        *touches(g, "key skip"),
    )


def seconds(happenings: tuple[Happening, ...]) -> float:
    """How long it takes, restarts aside."""
    return sum(happening.seconds for happening in happenings if isinstance(happening, Rest))
