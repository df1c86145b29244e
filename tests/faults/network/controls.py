"""Agents that are wrong on purpose, one rule of the contract each: every one of them has to be caught."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from feedback import wire
from feedback.errors import LinkError
from kiosk.storage.link_state import Link
from kiosk.sync import plan, signatures, trip
from kiosk.sync.line import Reply
from kiosk.sync.steps import Acknowledged, NoNetwork, Result, Setback
from tests.faults.network import faults
from tests.faults.network.middle import Fault
from tests.faults.network.scene import Scene
from tests.faults.network.weather import hidden_limit

REUSED = 10


@dataclass(frozen=True, slots=True)
class Control:
    """
    Attributes:
        wrong: Makes this process's agents wrong, while it lasts.
        faults: What shows it.
        spoiled: How many of the responses central cannot bear.
        midway: Done to the scene once, half way.
    """

    wrong: Callable[[], Any]
    faults: Sequence[Fault]
    spoiled: float = 0.0
    midway: Callable[[Scene], None] | None = None


@contextmanager
def bare_200() -> Iterator[None]:
    """Moves the cursor on any 200."""
    right = trip.result_of

    def wrong(reply: Reply | NoNetwork, first: int, count: int) -> Result:
        if isinstance(reply, NoNetwork) and reply.status == 200:
            last = first + count - 1
            verdicts = (wire.Verdict(first, last, wire.State.STORED),) if count else ()
            return Acknowledged(wire.Acknowledgement(0, verdicts, last))
        return right(reply, first, count)

    with patch.object(trip, "result_of", wrong):
        yield


@contextmanager
def no_signature() -> Iterator[None]:
    """Looks at the nonce and at nobody's key."""

    def wrong(reply: Reply, nonce: str, keys: Sequence[bytes]) -> None:
        if f'nonce="{nonce}"' not in reply.headers.get("Signature-Input", ""):
            raise LinkError("the answer belongs to another request")

    with patch.object(trip, "believe", wrong):
        yield


@contextmanager
def no_nonce() -> Iterator[None]:
    """Believes whatever central ever signed."""

    def wrong(reply: Reply, nonce: str, keys: Sequence[bytes]) -> None:
        if all(signatures._verified_nonce(reply, key) is None for key in keys):
            raise LinkError("the answer does not carry central's signature")

    with patch.object(trip, "believe", wrong):
        yield


@contextmanager
def any_verdicts() -> Iterator[None]:
    """Takes verdicts about anything for verdicts about what was sent."""
    with (
        patch.object(trip, "covers", lambda *_: True),
        patch.object(plan, "covers", lambda *_: True),
    ):
        yield


@contextmanager
def parks_unsigned() -> Iterator[None]:
    """Gives a lone answer up on anybody's 413."""

    def wrong(link: Link, setback: Setback) -> Link:
        if setback.sent.count == 1 and setback.sent.bare:
            return plan._voided(link, setback, "too large")
        return plan.smaller(link, setback)

    with _rule(413, wrong):
        yield


@contextmanager
def no_halves() -> Iterator[None]:
    """Sends what central refused again and again, as a whole."""
    with _rule(422, plan.backed_off), _rule(400, plan.backed_off):
        yield


@contextmanager
def right() -> Iterator[None]:
    """Nothing is wrong with the agent."""
    yield


@contextmanager
def _rule(status: int, action: plan.Action) -> Iterator[None]:
    with patch.object(plan, "RULES", ((frozenset({status}), plan.EITHER, action), *plan.RULES)):
        yield


def reuse_seqs(scene: Scene) -> None:
    """The recorder forgets its last answers and gives their numbers again."""
    with closing(sqlite3.connect(scene.settings.answers_db)) as file, file:
        last = file.execute("SELECT max(seq) FROM answers").fetchone()[0]
        file.execute("DELETE FROM answers WHERE seq > ?", (last - REUSED,))
    scene.recorder._last = last - REUSED
    scene.press(REUSED)


CONTROLS: dict[str, Control] = {
    "cursor moved on a bare 200": Control(bare_200, (faults.bare_200, faults.portal)),
    "signature not checked": Control(no_signature, (faults.wrong_server,)),
    "nonce not checked": Control(no_nonce, (faults.neighbours_reply,)),
    "verdicts not covering": Control(any_verdicts, (faults.not_covering,)),
    "parked on an unsigned 413": Control(parks_unsigned, (hidden_limit,)),
    "refused as a whole for ever": Control(no_halves, (), spoiled=0.05),
    "seq given twice": Control(right, (), midway=reuse_seqs),
}
