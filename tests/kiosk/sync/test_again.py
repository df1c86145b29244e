"""Answers in conflict are handed over once more, under a name that follows from their store's."""

from __future__ import annotations

from dataclasses import replace

from feedback import wire
from feedback.again import again
from kiosk.storage.link_state import Fate, Span
from kiosk.storage.reading import AnswersReader
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import StandIn, refuses


def taken(central: StandIn, store: bytes, seqs: range) -> None:
    """Another kiosk with a copy of the same card was here first."""
    for seq in seqs:
        central.final[store, seq] = wire.State.STORED
        central.stored[store, seq] = replace(central.stored[store, 1], seq=seq, response=seq, value=1)


def test_what_is_in_conflict_is_sent_again_under_another_name(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(10)
    agent = kiosk.agent()
    kiosk.drained(agent)
    store = AnswersReader(kiosk.settings.answers_db).store_id()
    taken(central, store, range(11, 14))
    kiosk.record_ratings(5, boot_ms=777)

    kiosk.drained(agent)

    progress = agent.link.progress(store)
    assert (Span(11, 13, Fate.CONFLICT),) == progress.spans
    assert progress.new_store
    sent_again = {seq for name, seq in central.stored if name == again(store)}
    assert {11, 12, 13} == sent_again
    assert central.stored[again(store), 12].moment.boot_ms == 778
    assert 1 == central.stored[store, 12].value
    assert {seq for name, seq in central.void if name == again(store)} == set(range(1, 11))
    assert 13 == agent.link.progress(again(store)).accounted_upto


def test_an_agent_that_forgot_everything_sends_it_under_the_same_name(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(10)
    kiosk.drained(kiosk.agent())
    store = AnswersReader(kiosk.settings.answers_db).store_id()
    taken(central, store, range(11, 14))
    kiosk.record_ratings(5, boot_ms=777)
    kiosk.drained(kiosk.agent())
    before = dict(central.stored)
    for part in kiosk.settings.sync_folder.glob("sync.db*"):
        part.unlink()

    kiosk.drained(kiosk.agent())

    assert before == central.stored


def test_a_conflict_found_later_and_lower_is_sent_again_too(kiosk: Kiosk, central: StandIn) -> None:
    """
    Central, restored, lost answers 6 to 15; the other kiosk was quicker to bring its own 8 and 9 back.
    """
    kiosk.record_ratings(15)
    agent = kiosk.agent()
    kiosk.drained(agent)
    store = AnswersReader(kiosk.settings.answers_db).store_id()
    taken(central, store, range(16, 18))
    kiosk.record_ratings(5, boot_ms=777)
    kiosk.drained(agent)
    central.forget_after(store, 5)
    taken(central, store, range(8, 10))

    for _ in range(4):
        kiosk.clock.boot_ms += 300_000
        kiosk.drained(agent)

    assert {8, 9, 16, 17} == {seq for name, seq in central.stored if name == again(store)}
    assert {seq for name, seq in central.stored if name == store} == set(range(1, 21)) - {16, 17}
    assert {16, 17} == {seq for name, seq in central.void if name == store}


def test_a_store_that_central_refuses_as_a_whole_blocks_no_other(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(15)
    agent = kiosk.agent()
    store = AnswersReader(kiosk.settings.answers_db).store_id()

    def refused(asked: object, given: object) -> None:
        if asked.sync.store == store:  # type: ignore[attr-defined]
            refuses(central, 409)(asked, given)  # type: ignore[arg-type]

    central.always = refused
    agent.step()
    asked = len(central.syncs)

    for _ in range(50):
        wait_s = agent.step()
        kiosk.clock.boot_ms += int(wait_s * 1_000) + 1
        if kiosk.clock.boot_ms > 1_000_000 + 6 * 3_600_000:
            break

    assert agent.link.progress(store).new_store
    assert len(central.syncs) - asked <= 7
    central.always = None
    kiosk.clock.boot_ms += 3_600_001
    kiosk.drained(agent)
    assert 15 == len(central.stored)
