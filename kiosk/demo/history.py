"""Earlier days for a demonstration: customers with a time and a face each, made from a seed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from random import Random

from feedback.answers import Anchor, Moment
from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.visit import Key

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
OPENS_MS = 9 * HOUR_MS
CLOSES_MS = 18 * HOUR_MS
LEAST_BETWEEN_MS = 20_000
CUSTOMERS = (46, 78)
"""Fewest and most in a day: a clinic's staffed kiosk had 43 (Bohr et al.), a branch's exit has somewhat more."""

USUAL = (52, 24, 9, 9, 6)
"""Percent of each face on a usual day, from Excellent to Unacceptable."""
QUEUE = (24, 20, 14, 24, 18)
"""And on a day with one counter closed."""


@dataclass(frozen=True, slots=True)
class Customer:
    """
    One press and what follows it.

    Attributes:
        at_ms: After the branch's midnight.
        rating: Which face.
        reply: What is done with each further question: SKIP, DONE (walks away), or which of its answers is chosen, 0 to
            1 from the first.
    """

    at_ms: int
    rating: Rating
    reply: Key | float = Key.DONE


@dataclass
class DayClock:
    """
    A clock that is told the time: one day of a kiosk that is switched on in the morning.

    Attributes:
        boot: The id of that day's boot.
        started_ms: UTC milliseconds when the kiosk was switched on.
        now_ms: UTC milliseconds now.
    """

    boot: str
    started_ms: int
    now_ms: int

    def moment(self) -> Moment:
        """Boot, boot clock and wall clock now."""
        return Moment(self.boot, self.now_ms - self.started_ms, self.now_ms)

    def anchor(self) -> Anchor | None:
        """The kiosk of the demonstration had a network on every earlier day."""
        now = self.moment()
        return Anchor(now.boot, now.boot_ms, now.wall_ms, "ntp", 20)


def boot_id(day: int) -> str:
    """The boot of *day* (days since 1970): the same in every run, as no two boots of a machine are."""
    return f"{Random(f'boot {day}').getrandbits(128):032x}"


def customers(day: int) -> Iterator[Customer]:
    """
    Who came on *day* (days since 1970), in order; nobody on a Sunday.

    One day in eleven a queue spoils the mood, and now and then a child plays or somebody presses twice.
    """
    if (day + 4) % 7 == 0:  # 1970-01-01 was a Thursday
        return
    random, minds = Random(f"customers {day}"), Random(f"replies {day}")
    mix = QUEUE if day % 11 == 3 else USUAL
    count = random.randint(*CUSTOMERS)
    times = sorted(random.randrange(OPENS_MS, CLOSES_MS) for _ in range(count))
    earliest = OPENS_MS
    for wanted_ms in times:
        at_ms = max(wanted_ms, earliest)
        rating = random.choices(SHOWN_ORDER, mix)[0]
        yield Customer(at_ms, rating, _reply(minds, rating))
        at_ms = yield from _whatever_follows(random, at_ms, rating)
        earliest = at_ms + LEAST_BETWEEN_MS


def _reply(random: Random, rating: Rating) -> Key | float:
    """Three of five say more, one skips, one walks away. The unhappy name what comes first more often."""
    chance = random.random()
    if chance < 0.2:
        return Key.DONE
    if chance < 0.4:
        return Key.SKIP
    return random.betavariate(1, 3) if rating <= Rating.BAD else random.betavariate(2, 3)


def _whatever_follows(random: Random, at_ms: int, rating: Rating) -> Generator[Customer, None, int]:
    """Now and then a second press of the same customer, or a child; returns when it is over."""
    chance = random.random()
    if chance < 0.03:
        at_ms += 1_200
        yield Customer(at_ms, rating)
    elif chance < 0.04:
        for _ in range(random.randint(6, 12)):
            at_ms += random.randint(250, 700)
            yield Customer(at_ms, random.choice(SHOWN_ORDER))
    return at_ms
