"""The five ratings with their weights, and the other scales a question may use."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum


class Rating(IntEnum):
    """What a face means. A meaning, never a button's place on a panel."""

    UNACCEPTABLE = 1
    BAD = 2
    NEUTRAL = 3
    GOOD = 4
    EXCELLENT = 5

    @property
    def word(self) -> str:
        """The name used in settings, scripts and documents: ``good``."""
        return self.name.lower()

    @property
    def weight(self) -> int:
        """Points towards the SLI: 10, 5, 0, -5, -10 (Qmeter's definition)."""
        return WEIGHTS[self]

    @classmethod
    def named(cls, word: str) -> Rating:
        """
        The rating called *word*.

        >>> Rating.named("good")
        <Rating.GOOD: 4>

        Raises:
            ValueError: No rating has that name.
        """
        try:
            return cls[word.upper()]
        except KeyError:
            names = ", ".join(rating.word for rating in SHOWN_ORDER)
            raise ValueError(f"{word!r} is not a rating: expected one of {names}") from None


WEIGHTS = {
    Rating.EXCELLENT: 10,
    Rating.GOOD: 5,
    Rating.NEUTRAL: 0,
    Rating.BAD: -5,
    Rating.UNACCEPTABLE: -10,
}

SHOWN_ORDER = tuple(sorted(Rating, reverse=True))
"""Left to right on a screen that reads left to right."""


class Measures(StrEnum):
    """What a question is about. The two are labelled and never mixed."""

    SERVICE = "service"
    """One interaction: was this service good, was it easy."""
    EXPERIENCE = "experience"
    """The relationship: how was the visit, would you recommend us."""


class Kind(Enum):
    """
    What an answer's value means, told by the answer itself.

    Each scale has its own name, also on the wire, so that central can score an answer whose survey it has
    never seen, and an easy 7 is never taken for a 7 out of 10.
    """

    RATING = "rating"
    FACES4 = "faces4"
    STARS = "stars"
    NPS = "nps"
    CES = "ces"
    CSAT = "csat"
    YES_NO = "yes_no"
    CHOICE = "choice"
    TEXT = "text"
    OUTCOME = "outcome"

    @property
    def values(self) -> range:
        """The values an answer of this kind may hold."""
        return VALUES[self]

    @property
    def measures(self) -> Measures | None:
        """Whether the answer tells of a service or of the experience; None if it is not a measure."""
        return MEASURES.get(self)


VALUES = {
    Kind.RATING: range(1, 6),
    Kind.FACES4: range(1, 5),
    Kind.STARS: range(1, 6),
    Kind.NPS: range(11),
    Kind.CES: range(1, 8),
    Kind.CSAT: range(1, 6),
    Kind.YES_NO: range(2),
    Kind.CHOICE: range(1, 100),
    Kind.TEXT: range(1),  # the text itself travels sealed, beside the answer
    Kind.OUTCOME: range(1, 6),
}

MEASURES = {
    Kind.RATING: Measures.EXPERIENCE,
    Kind.FACES4: Measures.EXPERIENCE,
    Kind.STARS: Measures.EXPERIENCE,
    Kind.NPS: Measures.EXPERIENCE,
    Kind.CES: Measures.SERVICE,
    Kind.CSAT: Measures.SERVICE,
}

FOUR_FACES = (Rating.UNACCEPTABLE, Rating.BAD, Rating.GOOD, Rating.EXCELLENT)
"""Four faces have no middle: -10, -5, +5, +10."""


def as_rating(kind: Kind, value: int) -> Rating | None:
    """
    The rating that *value* stands for in the SLI; None where the kind never enters it.

    Five faces and stars map one to one, four faces to the outer four. NPS, CES, CSAT and yes/no ask
    something else and are never turned into an SLI.

    >>> as_rating(Kind.FACES4, 3)
    <Rating.GOOD: 4>
    >>> as_rating(Kind.NPS, 9) is None
    True
    """
    if kind in (Kind.RATING, Kind.STARS):
        return Rating(value)
    if kind is Kind.FACES4:
        return FOUR_FACES[value - 1]
    return None
