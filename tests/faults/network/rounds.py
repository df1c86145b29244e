"""What chance might leave out, each once and in order: a cut at every byte, every status, every portal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.network import faults
from tests.faults.network.middle import Exchange, Fault
from tests.faults.network.portals import PORTALS

STATUSES = len(faults.STATUSES)


@dataclass
class Round:
    """
    Faults that follow one another; has the place of ``Weather``.

    Attributes:
        next: The fault for a request that hands something over; None: the round is over.
        presses: Whether customers come meanwhile.
        done: How many there were.
    """

    next: Callable[[Exchange], Fault | None]
    presses: bool = True
    done: int = 0
    over: bool = False

    def fault(self, exchange: Exchange) -> Fault | None:
        if self.over or exchange.sync is None:
            return None
        found = self.next(exchange)
        self.over = found is None
        self.done += found is not None
        return found


def every_byte_of_the_request() -> Round:
    """The request is cut before its first byte, its second, and so on to the last."""
    upto = -1

    def following(exchange: Exchange) -> Fault | None:
        nonlocal upto
        upto += 1
        return _request_cut(upto) if upto < len(exchange.request.raw) else None

    return Round(following, presses=False)


def every_byte_of_the_reply() -> Round:
    """The same of central's reply: what is in the request is stored each time."""
    upto, length = -1, 1

    async def reply_cut(exchange: Exchange) -> None:
        nonlocal length
        whole = await exchange.ask()
        length = len(whole.raw)
        exchange.writer.write(whole.raw[:upto])
        exchange.writer.close()

    def following(exchange: Exchange) -> Fault | None:
        nonlocal upto
        upto += 1
        return reply_cut if upto < length else None

    return Round(following, presses=False)


def every_portal_and_every_status() -> Round:
    """Thirty portals, then 100 to 599 by nobody in particular."""
    return Round(_one_after_another([faults.portal] * len(PORTALS) + [faults.unsigned_status] * STATUSES))


def every_signed_status() -> Round:
    """100 to 599 by central itself."""
    return Round(_one_after_another([faults.signed_status] * STATUSES))


def _one_after_another(all_of: list[Fault]) -> Callable[[Exchange], Fault | None]:
    left = iter(all_of)
    return lambda _: next(left, None)


def _request_cut(upto: int) -> Fault:
    async def request_cut(exchange: Exchange) -> None:
        await faults.cut_after(exchange, upto)

    return request_cut


ROUNDS: dict[str, Callable[[], Round]] = {
    "bytes_of_a_request": every_byte_of_the_request,
    "bytes_of_a_reply": every_byte_of_the_reply,
    "portals_and_statuses": every_portal_and_every_status,
    "signed_statuses": every_signed_status,
}
LEAST = {
    "bytes_of_a_request": 400,
    "bytes_of_a_reply": 400,
    "portals_and_statuses": len(PORTALS) + STATUSES,
    "signed_statuses": STATUSES,
}
"""Fewer than so many, and a round has not gone round."""
