"""Held: durable at a central that merges later. Nothing is pruned; the final verdict comes with a later word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from feedback import wire
from kiosk.storage.link import LinkFile, new_link_file
from kiosk.storage.link_state import Fate, Link
from kiosk.sync import plan
from kiosk.sync.steps import Acknowledged, Send, Sent, Sleep, Waiting

STORE = b"s" * 16
IN_TOUCH = replace(Link(boot="b", heard_ms=0), max_answers=1_000)


def said(
    link: Link, send: Send, *verdicts: wire.Verdict, upto: int, missing: tuple[tuple[int, int], ...] = ()
) -> Link:
    ack = wire.Acknowledgement(1, verdicts, upto, missing)
    sent = Sent(send, send.count, 500, packed=False, bare=False, last_seq=9)
    return plan.after(link, sent, Acknowledged(ack), 0, 0.5)


def held() -> Link:
    """Of nine answers three are stored and six held."""
    verdicts = (wire.Verdict(1, 3, wire.State.STORED), wire.Verdict(4, 9, wire.State.HELD))
    return said(IN_TOUCH, Send(STORE, 1, 9), *verdicts, upto=3)


def next_of(link: Link) -> Send | Sleep:
    return plan.next_step(link, [Waiting(STORE, 9, 10**9)], link.not_before_ms)


def test_what_is_held_is_not_sent_again_and_not_let_go() -> None:
    progress = held().progress(STORE)

    assert (9, 3) == (progress.delivered, progress.cursor)
    assert isinstance(next_of(held()), Sleep)


def test_it_is_final_as_far_as_a_later_acknowledgement_accounts_for_it() -> None:
    some = said(held(), Send(STORE, 10, 0), upto=6)
    assert (9, 6) == (some.progress(STORE).delivered, some.progress(STORE).cursor)

    everything = said(some, Send(STORE, 10, 0), upto=9)
    assert (9, ()) == (everything.progress(STORE).cursor, everything.progress(STORE).spans)


def test_what_the_merge_refuses_is_asked_for_again_and_gets_its_verdict() -> None:
    """An acknowledgement speaks of nothing but what was sent: so central asks for it."""
    asked = said(held(), Send(STORE, 10, 0), upto=3, missing=((5, 5),))
    send = next_of(asked)
    assert Send(STORE, 5, 1) == send

    refused = said(asked, Send(STORE, 5, 1), wire.Verdict(5, 5, wire.State.REJECTED, "no"), upto=9)

    progress = refused.progress(STORE)
    assert [(5, 5, Fate.REJECTED, "no")] == [
        (one.first, one.last, one.fate, one.reason) for one in progress.spans
    ]
    assert 9 == progress.cursor


def test_what_was_held_in_another_s_place_is_sent_again_under_a_new_store() -> None:
    asked = said(held(), Send(STORE, 10, 0), upto=3, missing=((4, 4),))

    conflict = said(asked, Send(STORE, 4, 1), wire.Verdict(4, 4, wire.State.CONFLICT), upto=9)

    assert conflict.progress(STORE).new_store
    assert 9 == conflict.progress(STORE).cursor


def test_a_central_that_lost_what_it_held_gets_it_again() -> None:
    lost = said(held(), Send(STORE, 10, 0), upto=2)

    assert Send(STORE, 3, 7) == next_of(lost)
    assert lost.progress(STORE).cursor <= 2


def test_it_is_remembered_after_a_start(tmp_path: Path) -> None:
    new_link_file(tmp_path / "sync.db")
    file = LinkFile(tmp_path / "sync.db")
    file.save(held())
    file.leave_open()

    again = LinkFile(tmp_path / "sync.db")
    progress = again.link.progress(STORE)
    assert (9, 3) == (progress.delivered, progress.cursor)
    again.leave_open()
