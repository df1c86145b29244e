"""
One day's counts as a kiosk shows them, in a code that a phone carries from a branch without network to central.

They are provisional: the code names the last answer that is in them, and when central has all answers up to there it
counts these, and the carried figures are of no more use. The counts are those that staff may see, which move in steps:
the code changes when they do, so it tells nobody who pressed what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedback import vouching
from feedback.ratings import SHOWN_ORDER, Rating
from feedback.wire.fields import MOST_INTEGER

PURPOSE = b"day counts"
VERSION = 1
STORE_BYTES = 16
LONGEST_ID = 40
MOST_STORES = 4
MOST_COUNT = 1_000_000
LAST_DAY = 2_932_896
"""31 December 9999, days since 1970-01-01."""
QUARTERS = 100
"""In a civil day of 25 hours."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """
    What one kiosk counted on one day of its branch.

    Attributes:
        day: Days since 1970-01-01.
        before: The quarter of an hour of the day before which answers are in the counts.
        counted: How many of each rating count.
        set_aside: How many are kept and not counted.
        stores: Each store that has answers of the day, with the last seq that is in the counts.
    """

    branch: str
    kiosk: str
    day: int
    before: int
    counted: Mapping[Rating, int]
    set_aside: int
    stores: tuple[tuple[bytes, int], ...]

    @property
    def n(self) -> int:
        """How many are counted."""
        return sum(self.counted.values())


@dataclass(frozen=True, slots=True)
class Carried:
    """Day counts as a code carried them: ``vouched`` is asked before they are believed."""

    counts: DayCounts
    content: bytes
    mac: bytes

    def vouched(self, secret: bytes) -> bool:
        """Whether the screen that holds *secret* made the code."""
        return vouching.is_vouched(self.content, self.mac, PURPOSE, secret)


def encoded(counts: DayCounts, secret: bytes) -> str:
    """The code of *counts*, made by the screen that holds *secret*."""
    packed = vouching.Writer().number(VERSION).text(counts.branch).text(counts.kiosk)
    packed.number(counts.day).number(counts.before)
    for rating in SHOWN_ORDER:
        packed.number(counts.counted[rating])
    packed.number(counts.set_aside).number(len(counts.stores))
    for store, last_seq in counts.stores:
        packed.octets(store).number(last_seq)
    return vouching.code_of(bytes(packed.content), PURPOSE, secret)


def decoded(code: str) -> Carried:
    """
    What *code* says.

    Raises:
        WireError: It is no such code. Who made it is not asked yet.
    """
    content, mac = vouching.split(code)
    reader = vouching.Reader(content)
    reader.version(VERSION)
    counts = DayCounts(
        branch=reader.text(LONGEST_ID),
        kiosk=reader.text(LONGEST_ID),
        day=reader.number(LAST_DAY),
        before=reader.number(QUARTERS),
        counted={rating: reader.number(MOST_COUNT) for rating in SHOWN_ORDER},
        set_aside=reader.number(MOST_COUNT),
        stores=tuple(
            (reader.exactly(STORE_BYTES), reader.number(MOST_INTEGER))
            for _ in range(reader.number(MOST_STORES))
        ),
    )
    reader.end()
    return Carried(counts, content, mac)
