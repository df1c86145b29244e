"""The agent over real HTTP on loopback with real files: every answer once, whatever is lost or repeated."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from feedback import wire
from feedback.answers import Anchor, Answer, Ask, SealedText
from feedback.ratings import Kind
from kiosk.storage.closed import stores
from kiosk.storage.link import read_anchors, read_link
from kiosk.storage.link_state import Fate, Span
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.sync.agent import Agent
from tests.kiosk.sync.kit import OUTCOME, UNHAPPY, Kiosk, rating
from tests.kiosk.sync.standin import NOW_MS, StandIn, cut, lost, refuses, says


def cursor(agent: Agent) -> int:
    return agent.link.stores[0].cursor


def test_a_backlog_drains_in_several_requests(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(12_000)
    agent = kiosk.agent()

    kiosk.drained(agent)

    assert 12_000 == len(central.stored)
    assert 0 == central.twice
    assert (12_000, 12_000) == (cursor(agent), agent.link.stores[0].accounted_upto)
    assert len([one for one in central.syncs if one.count]) <= 5


def test_a_thousand_answers_cost_less_than_six_bytes_each(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record([])
    agent = kiosk.agent()
    kiosk.drained(agent)  # the first acknowledgement says that central unpacks gzip
    kiosk.record_ratings(1_000)

    kiosk.drained(agent)

    bodies = [one.body for one in central.asked if one.sync is not None and one.sync.count > 500]
    assert 1 == len(bodies)
    assert len(bodies[0]) < 6_000


def test_one_live_answer_is_one_request_under_a_thousand_bytes(kiosk: Kiosk, central: StandIn) -> None:
    """
    With its outcome, headers and signature.
    """
    kiosk.clock.boot = "9fe6c1d20a4b4d0e8f3b5a6c7d8e9f00"
    kiosk.record([])
    agent = kiosk.agent()
    kiosk.drained(agent)
    asked_before = len(central.asked)
    kiosk.record([rating(UNHAPPY, kiosk.clock.boot_ms, kiosk.clock.boot), OUTCOME])

    agent.step()

    (asked,) = central.asked[asked_before:]
    head = f"POST {asked.path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in asked.headers.items()
    )
    assert len(head) + 2 + len(asked.body) <= 1_000


@pytest.mark.parametrize("fault", [lost, cut])
def test_a_lost_reply_makes_duplicates_on_the_wire_and_none_in_the_count(
    kiosk: Kiosk,
    central: StandIn,
    fault: object,
) -> None:
    kiosk.record_ratings(300)
    agent = kiosk.agent()
    central.faults = [fault, fault]  # type: ignore[list-item]

    kiosk.drained(agent)

    assert 300 == len(central.stored)
    assert 600 == central.twice
    assert 300 == cursor(agent)


def test_texts_travel_beside_their_answers_and_erased_ones_as_nothing(kiosk: Kiosk, central: StandIn) -> None:
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    kept, erased = SealedText(b"sealed", b"d" * 32), SealedText(b"gone", b"e" * 32)
    texts = [replace(rating(), ask=asked, value=0, text_digest=one.digest) for one in (kept, erased)]
    kiosk.record([rating(1), *texts, OUTCOME], [kept, erased])
    with closing(sqlite3.connect(kiosk.settings.answers_db)) as file, file:
        file.execute("UPDATE texts SET sealed = NULL WHERE digest = ?", (erased.digest,))

    kiosk.drained(kiosk.agent())

    assert {2: kept, 3: None} == next(one for one in central.syncs if one.count).texts


def test_a_413_makes_smaller_requests_until_they_pass(kiosk: Kiosk, central: StandIn) -> None:
    def limited(asked: object, given: object) -> None:
        if len(asked.body) > 2_000:  # type: ignore[attr-defined]
            says(413)(asked, given)  # type: ignore[arg-type]

    kiosk.record_ratings(3_000)
    agent = kiosk.agent()
    central.always = limited

    kiosk.drained(agent)

    assert 3_000 == len(central.stored)
    assert () == agent.link.stores[0].spans


def test_a_server_that_unpacks_nothing_is_sent_nothing_packed(kiosk: Kiosk, central: StandIn) -> None:
    def no_gzip(asked: object, given: object) -> None:
        if "content-encoding" in asked.headers:  # type: ignore[attr-defined]
            says(415)(asked, given)  # type: ignore[arg-type]

    kiosk.record_ratings(1_500)
    agent = kiosk.agent()
    central.always = no_gzip

    kiosk.drained(agent)

    assert 1_500 == len(central.stored)
    assert 1 == sum("content-encoding" in one.headers for one in central.asked)


def test_429_is_waited_out_by_the_reply_s_own_clock(kiosk: Kiosk, central: StandIn) -> None:
    """
    The date in Retry-After counts from the reply's date, whatever year the kiosk believes it is.
    """
    kiosk.record_ratings(5)
    agent = kiosk.agent()
    dates = {"Date": "Thu, 01 Jan 2015 00:00:00 GMT", "Retry-After": "Thu, 01 Jan 2015 00:02:00 GMT"}
    central.faults = [refuses(central, 429, **{"Retry-After": "40"}), says(503, **dates)]

    agent.step()
    first_ms = agent.link.not_before_ms - kiosk.clock.boot_ms
    kiosk.clock.boot_ms = agent.link.not_before_ms
    agent.step()
    second_ms = agent.link.not_before_ms - kiosk.clock.boot_ms

    # Central was not heard in this boot: U(60, 120) s on top, by a chance of a half.
    assert (40_000 + 90_000, 120_000 + 90_000) == (first_ms, second_ms)
    kiosk.clock.boot_ms = agent.link.not_before_ms
    kiosk.drained(agent)
    assert 5 == cursor(agent)


def test_a_poison_answer_is_found_told_as_void_and_blocks_no_other(kiosk: Kiosk, central: StandIn) -> None:
    def poisoned(asked: object, given: object) -> None:
        if any(answer.seq == 77 for answer in asked.sync.answers):  # type: ignore[attr-defined]
            refuses(central, 400)(asked, given)  # type: ignore[arg-type]

    kiosk.record_ratings(200)
    agent = kiosk.agent()
    central.always = poisoned

    kiosk.drained(agent)

    assert set(range(1, 201)) - {77} == {seq for _, seq in central.stored}
    assert "central refused (400): not like this" == central.void[agent.link.stores[0].store, 77]
    assert (200, 200) == (cursor(agent), agent.link.stores[0].accounted_upto)


def test_a_rejected_answer_is_kept_with_its_reason(kiosk: Kiosk, central: StandIn) -> None:
    def judge(answer: Answer) -> tuple[wire.State, str]:
        return (wire.State.REJECTED, "unknown branch") if answer.seq in {3, 4} else (wire.State.STORED, "")

    kiosk.record_ratings(10)
    central.judge = judge
    agent = kiosk.agent()

    kiosk.drained(agent)

    expected = (Span(3, 4, Fate.REJECTED, "unknown branch"),)
    found = read_link(kiosk.settings.sync_db).stores[0]
    assert [("unknown branch", 3, 4)] == [(span.reason, span.first, span.last) for span in found.spans]
    assert expected == found.spans
    assert 10 == cursor(agent)


def test_a_row_that_cannot_be_read_is_declared_void(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(50)
    with closing(sqlite3.connect(kiosk.settings.answers_db)) as file, file:
        file.execute("UPDATE answers SET value = 1 WHERE seq IN (10, 11)")  # its checksum tells

    agent = kiosk.agent()
    kiosk.drained(agent)

    assert {10, 11} == {seq for _, seq in central.void}
    assert 48 == len(central.stored)
    assert (50, 50) == (cursor(agent), agent.link.stores[0].accounted_upto)


def test_what_was_saved_of_a_damaged_store_is_sent_under_its_own_name(kiosk: Kiosk, central: StandIn) -> None:
    """
    Half a store arrives, then its newest rows rot: prepare moves it aside, the recorder saves what verifies, and
    both stores drain. What is lost is told as void, and the old store as closed.
    """
    kiosk.record_ratings(40)
    kiosk.drained(kiosk.agent())
    kiosk.record_ratings(60)
    old = AnswersReader(kiosk.settings.answers_db).store_id()
    with closing(sqlite3.connect(kiosk.settings.answers_db)) as file, file:
        file.execute("UPDATE answers SET value = 1 WHERE seq > 90")
    with closing(sqlite3.connect(kiosk.settings.answers_db)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or salvage finds the rows as they were, in the WAL
    prepare_answers(kiosk.settings)
    recorder = Recorder(kiosk.settings.answers_db, kiosk.clock, idle_s=0.01)
    deadline = time.monotonic() + 20
    while len(stores(kiosk.settings.answers_folder)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    recorder.stop()
    kiosk.record_ratings(5)
    new = AnswersReader(kiosk.settings.answers_db).store_id()

    agent = kiosk.agent()
    kiosk.drained(agent)

    assert old != new
    assert {
        *((old, seq) for seq in range(1, 91)),
        *((new, seq) for seq in range(1, 6)),
    } == central.stored.keys()
    assert {(old, seq) for seq in range(91, 101)} == central.void.keys()
    assert (0, [(old, 100)]) == (central.twice, [(one.store, one.last) for one in central.syncs[-1].closed])
    assert {old: 100, new: 5} == {one.store: one.accounted_upto for one in agent.link.stores}


def test_what_central_lost_is_sent_again(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(900)
    agent = kiosk.agent()
    kiosk.drained(agent)
    store = agent.link.stores[0].store
    central.forget_after(store, 400)
    del central.stored[store, 20], central.final[store, 20]
    told_before = len(central.anchors)
    central.anchors.clear()

    kiosk.clock.boot_ms += 300_000
    kiosk.drained(agent)

    assert set(range(1, 901)) == {seq for _, seq in central.stored}
    assert (900, 900) == (cursor(agent), agent.link.stores[0].accounted_upto)
    assert len(central.anchors) >= told_before


def test_held_answers_wait_for_their_verdict_and_are_not_sent_again(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(20)
    central.judge = lambda answer: (wire.State.HELD if answer.seq > 15 else wire.State.STORED, "")
    agent = kiosk.agent()
    kiosk.drained(agent)
    assert (20, 15) == (agent.link.stores[0].delivered, cursor(agent))

    central.final = dict.fromkeys(central.final, wire.State.STORED)
    kiosk.clock.boot_ms += 300_000
    kiosk.drained(agent)

    assert (20, 0) == (cursor(agent), central.twice)


def test_an_agent_that_forgot_everything_makes_duplicates_only(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(700)
    kiosk.drained(kiosk.agent())
    for part in kiosk.settings.sync_folder.glob("sync.db*"):
        part.unlink()

    agent = kiosk.agent()
    kiosk.drained(agent)

    assert (700, 700) == (len(central.stored), central.twice)
    assert 700 == cursor(agent)


def test_a_damaged_sync_db_is_moved_aside_and_costs_duplicates_only(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(70)
    kiosk.drained(kiosk.agent())
    kiosk.agents.pop().close()
    for part in kiosk.settings.sync_folder.glob("sync.db-*"):
        part.unlink()
    kiosk.settings.sync_db.write_bytes(b"not a database at all" * 400)

    agent = kiosk.agent()
    kiosk.drained(agent)

    assert (70, 70) == (len(central.stored), cursor(agent))
    assert list(kiosk.settings.sync_folder.glob("damaged-*/sync.db"))


def test_without_answers_the_kiosk_is_heard_all_the_same(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record([])
    agent = kiosk.agent()

    kiosk.drained(agent)
    kiosk.clock.boot_ms += 300_000
    agent.step()

    assert [0, 0] == [one.count for one in central.syncs]
    beat = central.syncs[-1]
    assert beat.now == kiosk.clock.moment()
    assert {"pending": 0, "oldest_s": 0, "database": "ok"}.items() <= beat.status.items()
    assert {"app", "disk_free"} <= beat.status.keys()


def test_a_file_that_cannot_be_read_is_said_and_waited_for(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(5)
    kiosk.drained(kiosk.agent())
    moved = kiosk.settings.answers_db.rename(kiosk.settings.answers_folder / "away")
    agent = kiosk.agent()

    kiosk.clock.boot_ms += 300_000
    kiosk.drained(agent)
    moved.rename(kiosk.settings.answers_db)
    kiosk.clock.boot_ms += 300_000
    kiosk.drained(agent)

    assert ["ok", "unreadable", "ok"] == [one.status["database"] for one in central.syncs]
    assert not agent.link.stores[0].new_store


def test_the_first_acknowledgement_tells_the_time(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(5)
    agent = kiosk.agent()
    kiosk.drained(agent)

    (anchor,) = read_anchors(kiosk.settings.sync_db)

    assert Anchor("9fe6", 1_000_000, NOW_MS, "central", 1) == anchor
    kiosk.clock.boot_ms += 300_000
    agent.step()
    assert {anchor} == central.anchors
    kiosk.clock.boot_ms += 300_000
    agent.step()
    assert () == central.syncs[-1].anchors


def test_anchors_beside_the_answers_are_told_once(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.clock.anchor = lambda: Anchor("9fe6", 5, NOW_MS, "ntp", 100)  # type: ignore[method-assign]
    from kiosk.storage.prepare import prepare_answers
    from kiosk.storage.recorder import Recorder

    prepare_answers(kiosk.settings)
    recorder = Recorder(kiosk.settings.answers_db, kiosk.clock, idle_s=0.01)
    deadline = time.monotonic() + 10
    agent = kiosk.agent()
    while not AnswersReader(kiosk.settings.answers_db).anchors() and time.monotonic() < deadline:
        time.sleep(0.01)
    recorder.stop()

    kiosk.drained(agent)
    kiosk.clock.boot_ms += 300_000
    agent.step()

    assert [1, 1] == [len(one.anchors) for one in central.syncs]  # the second tells central's own time
    assert {"ntp", "central"} == {anchor.source for anchor in central.anchors}


def test_a_bad_rating_wakes_a_sleeping_agent(kiosk: Kiosk, central: StandIn) -> None:
    """
    The loop itself: asleep for minutes, it hands over a bad rating within two seconds, and stops when told.
    """
    kiosk.record_ratings(3)
    kiosk.drained(kiosk.agent())
    agent, stop = kiosk.agent(), threading.Event()
    loop = threading.Thread(target=agent.run, args=(stop,))
    loop.start()

    kiosk.record([rating(UNHAPPY, kiosk.clock.boot_ms)])
    deadline = time.monotonic() + 5
    while len(central.stored) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    loop.join(5)

    assert 4 == len(central.stored)
    assert not loop.is_alive()


@pytest.mark.parametrize(
    "wrong_ms",
    [-NOW_MS - 1_000_000, -3_600_000, 86_400_000, 4_102_444_800_000 - NOW_MS],
    ids=["1970", "an hour back", "a day ahead", "2099"],
)
def test_a_wrong_clock_stops_nothing(kiosk: Kiosk, central: StandIn, wrong_ms: int) -> None:
    kiosk.clock.wrong_ms = wrong_ms
    kiosk.enrol()
    kiosk.record_ratings(40)
    agent = kiosk.agent()

    kiosk.drained(agent)

    assert 40 == len(central.stored) == cursor(agent)
    assert NOW_MS == agent.link.last_success_ms


def test_nothing_secret_is_logged(kiosk: Kiosk, central: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="kiosk")
    kiosk.record_ratings(40)
    central.faults = [says(503), lost, refuses(central, 403)]
    agent = kiosk.agent()

    kiosk.drained(agent)

    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "40 answers handed over" in said
    assert kiosk.settings.device_key.read_text().splitlines()[1] not in said
    assert central.code not in said
    assert "Signature" not in said
    assert len(caplog.records) < 10


def test_an_agent_that_starts_before_the_screen_ever_did_waits_for_it(kiosk: Kiosk) -> None:
    agent = kiosk.agent()

    assert 0 < agent.step() <= 10
    kiosk.record_ratings(1)
    kiosk.drained(agent)
    assert 1 == len(kiosk.central.stored)
