"""The plan, with several stores: what they do to each other."""

from __future__ import annotations

from dataclasses import replace

from feedback import wire
from kiosk.storage.link_state import Link, Progress
from kiosk.sync import plan
from kiosk.sync.steps import Acknowledged, Refused, Send, Sleep, Waiting
from tests.kiosk.sync.test_plan import HOUR_MS, NO, STORE, link_at, sent_of, stored

OLD = b"o" * 16


def beaten(link: Link, send: Send, upto: int, now_ms: int) -> Link:
    """*link* after the heartbeat *send*; central has that store up to *upto*."""
    return plan.after(link, sent_of(send, last_seq=10), stored(send.first, send.first - 1, upto), now_ms, 0.5)


def test_each_store_has_its_turn_in_the_heartbeats() -> None:
    """
    So a central that was restored learns of every store what it lost, also of those that get no more rows.
    """
    link = link_at(10).advanced(Progress(OLD, 10, 10)).advanced(Progress(STORE, 10, 10))
    both = [Waiting(OLD, 10), Waiting(STORE, 10)]
    now_ms, beats = 0, []
    for _ in range(4):
        now_ms += plan.HEARTBEAT_MS
        step = plan.next_step(link, both, now_ms)
        assert isinstance(step, Send)
        beats.append(step.store)
        link = beaten(link, step, 10, now_ms)

    assert [OLD, STORE, OLD, STORE] == beats

    lost = beaten(link, Send(OLD, 11, 0), 4, now_ms)
    assert Send(OLD, 5, 6) == plan.next_step(lost, both, lost.not_before_ms)


def in_life(number: int, send: Send, upto: int) -> Acknowledged:
    """The reply to the heartbeat *send* by a central whose database is in that life."""
    return stored(send.first, send.first - 1, upto, generation=wire.Generation(number, upto))


def test_once_central_is_restored_every_store_is_spoken_of_within_seconds() -> None:
    known = Progress(OLD, 10, 10, generation=7)
    link = link_at(10).advanced(known).advanced(replace(known, store=STORE))
    both = [Waiting(OLD, 10), Waiting(STORE, 10)]
    beat = Send(STORE, 11, 0)

    restored = plan.after(link, sent_of(beat, last_seq=10), in_life(8, beat, 10), 1_000, 0.5)
    soon, then = (plan.next_step(restored, both, ms) for ms in (1_000, 1_000 + plan.RESTORED_WAIT_MS))

    assert isinstance(soon, Sleep)
    assert soon.ms == plan.RESTORED_WAIT_MS
    assert then == Send(OLD, 11, 0)

    heard = plan.after(restored, sent_of(then, last_seq=10), in_life(8, then, 4), 6_000, 0.5)
    assert Send(OLD, 5, 6) == plan.next_step(heard, both, heard.not_before_ms)


def test_two_databases_behind_one_name_are_not_asked_in_a_circle() -> None:
    """
    Each reply comes from the other one: every store is always one that was spoken of before.
    """
    known = Progress(OLD, 10, 10, generation=7)
    link = link_at(10).advanced(known).advanced(replace(known, store=STORE))
    now_ms, requests = 0, 0
    while now_ms < HOUR_MS:
        step = plan.next_step(link, [Waiting(OLD, 10), Waiting(STORE, 10)], now_ms)
        if isinstance(step, Sleep):
            now_ms += step.ms
            continue
        requests += 1
        reply = in_life(7 + requests % 2, step, 10)
        link = plan.after(link, sent_of(step, last_seq=10), reply, now_ms, 0.5)

    assert requests <= HOUR_MS / plan.RESTORED_WAIT_MS + 1


def test_a_store_refused_as_a_whole_rests_for_an_hour_and_holds_up_no_other() -> None:
    both = [Waiting(OLD, 10, 10**9), Waiting(STORE, 10, 10**9)]
    refused = plan.after(link_at(), sent_of(Send(OLD, 1, 10)), Refused(409, NO), 0, 0.5)

    step = plan.next_step(refused, both, refused.not_before_ms)
    assert Send(STORE, 1, 10) == step

    done = plan.after(refused, sent_of(step), stored(1, 10), refused.not_before_ms, 0.5)
    soon, later = (plan.next_step(done, both, ms) for ms in (done.not_before_ms, HOUR_MS))
    assert isinstance(soon, Sleep)
    assert Send(OLD, 1, 10) == later
