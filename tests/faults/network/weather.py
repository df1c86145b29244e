"""Which fault comes when: mostly storms, spells of one trouble, now and then a clear sky."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from feedback import wire
from tests.faults.network import faults
from tests.faults.network.middle import Exchange, Fault, reply

SPELL = 0.012
LONGEST_SPELL = 30
RARE = 0.01


class Weather:
    """
    The choice among *all* faults; by default every one, in a strength of its own for each trial.
    """

    def __init__(self, chance: random.Random, all_of: Sequence[Fault] | None = None) -> None:
        self.chance, self.all = chance, all_of
        self.strength = chance.choice((0.4, 0.7, 0.95))
        self._spell: Fault | Callable[[Exchange], Fault | None] | None = None
        self._left = 0

    def fault(self, exchange: Exchange) -> Fault | None:
        """What becomes of this request; None: it passes."""
        chance = self.chance
        if self.all is not None:
            return chance.choice(self.all) if self.all and chance.random() < self.strength else None
        if self._left == 0 and chance.random() < SPELL:
            self._spell, self._left = self._new_spell(), chance.randrange(2, LONGEST_SPELL)
        if self._left:
            self._left -= 1
            found = self._spell(exchange)  # type: ignore[misc]
            if found is not None:
                return found  # type: ignore[return-value]
        if chance.random() > self.strength:
            return None
        if chance.random() < RARE:
            return chance.choice(faults.RARE_FAULTS)
        kinds = (faults.STATUS_FAULTS, faults.LINE_FAULTS, (faults.portal,))
        return chance.choice(chance.choices(kinds, (0.42, 0.52, 0.06))[0])

    def _new_spell(self) -> Callable[[Exchange], Fault | None]:
        chance = self.chance
        smallest = int(200 * 5_000 ** chance.random())
        spells: tuple[Callable[[Exchange], Fault | None], ...] = (
            lambda _: faults.never_arrived,
            lambda _: faults.portal,
            lambda exchange: hidden_limit if len(exchange.request.body) > smallest else None,
            lambda exchange: hidden_limit if len(exchange.request.body) > smallest else None,
            lambda exchange: no_gzip if "content-encoding" in exchange.request.fields else None,
            lambda _: lasting(401),
            lambda _: lasting(403),
            lambda _: lasting(404),
            lambda _: lasting(500),
            lambda _: lasting(429),
        )
        return chance.choice(spells)


async def hidden_limit(exchange: Exchange) -> None:
    """Somebody on the way takes no bodies of this size, and does not sign."""
    exchange.give(reply(413, b"<html>Too large", {"Content-Type": "text/html"}))


async def no_gzip(exchange: Exchange) -> None:
    """Somebody on the way does not like packed bodies."""
    exchange.give(reply(415, b"", {"Content-Type": "text/html"}))


def lasting(status: int) -> Fault:
    """*status* for as long as the spell lasts, signed half of the times."""

    async def refused_for_long(exchange: Exchange) -> None:
        if exchange.chance.random() < 0.5:
            exchange.give(exchange.refused(status))
        else:
            exchange.give(reply(status, b"", {"Content-Type": wire.CONTENT_TYPE}))

    return refused_for_long
