"""What the kiosk gave up after central had accounted for it, a reply having been lost in between."""

from __future__ import annotations

from feedback import wire
from feedback.wire import State, Verdict
from kiosk.storage.link_state import Fate, Link, Progress
from kiosk.sync.plan import after
from kiosk.sync.progress import acknowledged, declared_void, next_range, untold
from kiosk.sync.steps import Refused, Send, Sent

STORE = b"s" * 16


def test_what_central_had_before_it_was_given_up_is_passed_over() -> None:
    """Untold, because central has accounted for it: it must not keep what follows from being delivered."""
    heard = Progress(STORE, delivered=0, accounted_upto=3)
    given_up = declared_void(heard, 1, 1, "central refused (400): not like this")
    assert next_range(given_up, 3) == (2, 3)

    told = untold(given_up)
    ack = wire.Acknowledgement(0, (Verdict(2, 3, State.DUPLICATE),), accounted_upto=3)
    final = acknowledged(given_up, (2, 3), told, ack, 3)

    assert (3, 3) == (final.delivered, final.cursor)
    assert next_range(final, 3) is None


def test_once_the_spoiling_answer_is_known_the_rest_is_sent_as_a_whole() -> None:
    """Else each poison would cost two requests more: a proof and a lone answer nobody ever refused."""
    suspected = Link(stores=(Progress(STORE, suspect=(1, 3)),), heard_ms=0)
    alone = Send(STORE, 1, 1, bare=True)
    refused = Refused(422, wire.Refusal("no", "not like this"))

    link = after(suspected, Sent(alone, 1, 100, False, True, 9), refused, 0, 0.0)

    (progress,) = link.stores
    assert Fate.VOID is progress.spans[0].fate
    assert (2, 9) == next_range(progress, 9)
