"""What was pressed, held against what central holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from feedback.ratings import Rating


class Pressed(NamedTuple):
    """One rating press, by its identity: the store's id as hex, its seq, and the face."""

    store: str
    seq: int
    rating: Rating


@dataclass(frozen=True, slots=True)
class Reckoning:
    """
    How the day ended.

    Attributes:
        pressed: Presses thanked for, and presses in flight at a kill that were on disk after it.
        stored: Of these, how many central holds exactly once, unchanged.
        lost: Of these, how many central does not hold as they were.
        twice: Rows at central beyond one for each press.
    """

    pressed: int
    stored: int
    lost: int
    twice: int

    @property
    def is_whole(self) -> bool:
        """Something was pressed, and central holds all of it once and nothing else."""
        return self.pressed > 0 and (self.stored, self.lost, self.twice) == (self.pressed, 0, 0)


def reckon(
    thanked: Collection[Pressed],
    in_flight: Sequence[Rating],
    on_disk: Sequence[Pressed],
    central: Sequence[Pressed],
) -> Reckoning:
    """
    The day's reckoning.

    *thanked* is the ledger of thank-yous; *in_flight* the faces pressed before a kill and not thanked for;
    *on_disk* and *central* every rating row that kiosk and central hold.

    >>> good = Pressed("ab", 1, Rating.GOOD)
    >>> reckon({good}, [], [good], [good])
    Reckoning(pressed=1, stored=1, lost=0, twice=0)
    >>> reckon({good}, [], [good], [])
    Reckoning(pressed=1, stored=0, lost=1, twice=0)
    """
    survivors = [row for row in on_disk if row not in thanked]
    allowed = Counter(in_flight)
    allowed.subtract(row.rating for row in survivors)
    # A row on disk that nobody pressed would be an invented one: it makes the ledger disagree below.
    rightful = set(thanked) | (set(survivors) if min(allowed.values(), default=0) >= 0 else set())
    held = Counter(central)
    stored = sum(1 for press in rightful if held[press] == 1)
    lost = sum(1 for press in rightful if held[press] == 0)
    return Reckoning(len(rightful), stored, lost, sum(held.values()) - (len(rightful) - lost))
