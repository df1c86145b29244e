"""The plan: what is sent next, what each result means. No network, no clock, no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import wire
from kiosk.storage.link_state import Fate, Link, Progress, Span
from kiosk.sync import plan
from kiosk.sync.progress import declared_void
from kiosk.sync.steps import Acknowledged, NoNetwork, Refused, Result, Send, Sent, Sleep, Waiting

STORE = b"s" * 16
HOUR_MS = 3_600_000
NO = wire.Refusal("no", "not like this")


def link_at(delivered: int = 0, **more: object) -> Link:
    """A link in touch with central since the boot clock was at 0."""
    return replace(Link(boot="b", heard_ms=0, gzip_offered=True), **more).advanced(Progress(STORE, delivered))


def sent_of(send: Send, *, count: int | None = None, octets: int = 900, last_seq: int = 10**6) -> Sent:
    return Sent(send, send.count if count is None else count, octets, True, send.bare, last_seq)


def waiting(last_seq: int, oldest_ms: int | None = 10**9, *, unhappy: bool = False) -> list[Waiting]:
    return [Waiting(STORE, last_seq, oldest_ms, unhappy)]


def stored(first: int, last: int, upto: int | None = None, **more: object) -> Acknowledged:
    verdicts = (wire.Verdict(first, last, wire.State.STORED),) if last >= first else ()
    return Acknowledged(wire.Acknowledgement(1, verdicts, last if upto is None else upto, **more))  # type: ignore[arg-type]


# When -------------------------------------------------------------------------------------------------------------


def test_a_bad_rating_leaves_at_once_and_others_wait_for_company() -> None:
    assert isinstance(plan.next_step(link_at(), waiting(1, 0), 1_000), Sleep)
    assert isinstance(plan.next_step(link_at(), waiting(1, 0, unhappy=True), 1_000), Send)


@given(st.integers(0, 200_000))
def test_no_answer_waits_over_a_minute_while_all_is_well(oldest_ms: int) -> None:
    step = plan.next_step(link_at(), waiting(1, oldest_ms), 1_000)

    assert isinstance(step, Send) or oldest_ms + step.ms <= 60_000


def test_an_answer_from_an_earlier_boot_has_waited_long_enough() -> None:
    assert isinstance(plan.next_step(link_at(), waiting(1, None), 1_000), Send)


def test_many_answers_do_not_wait() -> None:
    assert isinstance(plan.next_step(link_at(), waiting(plan.FULL, 0), 1_000), Send)


def test_with_nothing_to_send_the_heart_beats_every_five_minutes() -> None:
    link = link_at(7)
    resting = plan.next_step(link, waiting(7), 1_000)
    assert isinstance(resting, Sleep)

    beat = plan.next_step(link, waiting(7), 1_000 + resting.ms)

    assert resting.ms < 300_000
    assert Send(STORE, 8, 0) == beat


def test_a_mall_that_wakes_does_not_call_all_at_once() -> None:
    link = plan.begun(link_at(7), "next boot", 3_000, 90_000)

    assert plan.next_step(link, waiting(9, None), 3_000) == Sleep(90_000, "just started")
    assert isinstance(plan.next_step(link, waiting(9, None), 93_000), Send)
    assert link is plan.begun(
        link, "next boot", 50_000, 90_000
    )  # a restart of the agent alone waits for nothing


# What each result means -------------------------------------------------------------------------------------------

STATUSES = [0, *range(100, 600)]
AT_ONCE = {plan.smaller, plan.plain, plan.bisected}


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_no_status_at_all_moves_the_cursor_or_ends_the_asking(signed: bool, count: int) -> None:
    """
    Every status from 100 to 599: nothing is delivered by it, and the next request comes within 6.25 hours.
    """
    for status in STATUSES:
        link = link_at(100)
        send = Send(STORE, 101, count, bare=True)
        result: Result = Refused(status, NO) if signed else NoNetwork("?", status)
        after = plan.after(link, sent_of(send), result, 5_000, 0.99)

        next_ms = max(after.not_before_ms, after.progress(STORE).resting_until_ms)
        step = plan.next_step(after, waiting(150), next_ms)

        assert (100, 100) == (after.progress(STORE).delivered, after.progress(STORE).cursor)
        assert next_ms - 5_000 <= 6.25 * HOUR_MS
        assert isinstance(step, Send)
        assert after.trouble
        if not (signed and status in {400, 413, 422} and count == 1):
            assert () == after.progress(STORE).spans


@pytest.mark.parametrize(
    ("statuses", "signed", "least_s", "most_s"),
    [
        ((0, 200, 204, 302, 408, 425, 429, 500, 502, 503, 504, 511, 418, 599), False, 0, 60),
        ((408, 425, 429, 500, 503), True, 0, 60),
        ((400, 422, 409), False, 0, 60),
        ((403,), True, 900, 990),
        ((403,), False, 900, 990),
        ((404, 405, 410, 426), True, 3_600, 3_960),
        ((404, 405, 410, 426), False, 3_600, 3_960),
    ],
)
def test_how_long_each_result_makes_it_wait(
    statuses: tuple[int, ...],
    signed: bool,
    least_s: float,
    most_s: float,
) -> None:
    for status in statuses:
        for chance in (0.0, 0.5, 1.0):
            result: Result = Refused(status, NO) if signed else NoNetwork("?", status)
            after = plan.after(link_at(), sent_of(Send(STORE, 1, 5)), result, 0, chance)

            assert least_s * 1_000 <= after.not_before_ms <= most_s * 1_000, status
            assert 1 == after.failures


@given(st.integers(5, 10_000), st.floats(0, 1))
def test_a_long_back_off_is_full_jitter_and_never_over_a_quarter_of_an_hour(
    failures: int, chance: float
) -> None:
    after = plan.after(link_at(failures=failures), sent_of(Send(STORE, 1, 5)), NoNetwork("?"), 0, chance)

    assert 0 <= after.not_before_ms <= min(900, 5 * 2 ** min(failures + 1, 30)) * 1_000 * chance + 1


@pytest.mark.parametrize(
    ("failures", "between_s"), [(0, (0, 60)), (1, (60, 180)), (4, (60, 180)), (5, (0, 320))]
)
def test_after_one_try_more_the_short_waits_spread_a_fleet(failures: int, between_s: tuple[int, int]) -> None:
    ends = [
        plan.after(link_at(failures=failures), sent_of(Send(STORE, 1, 5)), NoNetwork("?"), 0, chance)
        for chance in (0.0, 1.0)
    ]

    assert [1_000 * one for one in between_s] == [link.not_before_ms for link in ends]


@pytest.mark.parametrize(("asked_s", "least_s"), [(-5, 1), (0, 1), (30, 30), (10**8, 6 * 3_600)])
def test_retry_after_is_honoured_within_reason(asked_s: int, least_s: int) -> None:
    for result in (Refused(429, NO, asked_s), NoNetwork("?", 503, asked_s)):
        after = plan.after(link_at(), sent_of(Send(STORE, 1, 5)), result, 0, 0.0)

        assert least_s * 1_000 == after.not_before_ms


def test_415_and_401_after_gzip_are_tried_once_more_without() -> None:
    for status in (415, 401):
        once = plan.after(link_at(), sent_of(Send(STORE, 1, 5)), NoNetwork("?", status), 0, 0.5)
        assert (0, False) == (once.not_before_ms, once.packs)

        plain = replace(sent_of(Send(STORE, 1, 5)), packed=False)
        twice = plan.after(once, plain, NoNetwork("?", status), 0, 0.5)

        assert twice.not_before_ms >= (900_000 if status == 401 else 1)


def test_gzip_is_not_offered_again_by_the_next_acknowledgement() -> None:
    refused = plan.after(link_at(), sent_of(Send(STORE, 1, 5)), NoNetwork("?", 415), 0, 0.5)

    after = plan.after(refused, sent_of(Send(STORE, 1, 5)), stored(1, 5), 0, 0.5)

    assert not after.packs
    assert plan.begun(after, "next boot", 0, 0).packs


def test_a_413_halves_what_was_sent_and_is_remembered() -> None:
    after = plan.after(link_at(), sent_of(Send(STORE, 1, 50), octets=9_000), NoNetwork("?", 413), 0, 0.5)

    assert (4_500, 0) == (after.most_bytes, after.not_before_ms)


@pytest.mark.parametrize("signed", [True, False])
def test_a_lone_row_is_too_large_only_on_central_s_own_word(signed: bool) -> None:
    result: Result = Refused(413, NO) if signed else NoNetwork("?", 413)
    after = plan.after(link_at(), sent_of(Send(STORE, 1, 1, bare=True)), result, 0, 0.5)

    assert ((Span(1, 1, Fate.VOID, "too large"),) if signed else ()) == after.progress(STORE).spans
    assert after.not_before_ms > 0


def test_a_conflict_or_a_signed_409_asks_for_a_new_store() -> None:
    conflict = Acknowledged(wire.Acknowledgement(1, (wire.Verdict(1, 1, wire.State.CONFLICT),), 1))

    assert plan.after(link_at(), sent_of(Send(STORE, 1, 1)), conflict, 0, 0.5).progress(STORE).new_store
    assert (
        plan.after(link_at(), sent_of(Send(STORE, 1, 1)), Refused(409, NO), 0, 0.5).progress(STORE).new_store
    )
    unsigned = plan.after(link_at(), sent_of(Send(STORE, 1, 1)), NoNetwork("?", 409), 0, 0.5)
    assert not unsigned.progress(STORE).new_store


def test_a_file_older_than_what_central_has_seen_of_it_asks_for_a_new_store() -> None:
    sent = sent_of(Send(STORE, 1, 1), last_seq=5)

    assert plan.after(link_at(), sent, stored(1, 1, 9), 0, 0.5).progress(STORE).new_store


# Acknowledgements -------------------------------------------------------------------------------------------------

ranges = st.tuples(st.integers(1, 30), st.integers(0, 8), st.sampled_from(wire.State))


@given(st.lists(ranges, max_size=5), st.integers(0, 20), st.integers(0, 40))
def test_the_cursor_moves_only_if_the_verdicts_speak_of_exactly_what_was_sent(
    spans: list[tuple[int, int, wire.State]], count: int, upto: int
) -> None:
    verdicts = tuple(wire.Verdict(first, first + more, state) for first, more, state in spans)
    result = Acknowledged(wire.Acknowledgement(1, verdicts, upto))
    after = plan.after(link_at(10), sent_of(Send(STORE, 11, 20), count=count), result, 0, 0.5)

    if not wire.covers(verdicts, 11, count):
        assert link_at(10).stores == after.stores
        assert 1 == after.failures
    else:
        assert 10 + count >= after.progress(STORE).cursor


def test_a_held_answer_is_delivered_and_not_final() -> None:
    verdicts = (wire.Verdict(1, 3, wire.State.STORED), wire.Verdict(4, 5, wire.State.HELD))
    held = plan.after(
        link_at(), sent_of(Send(STORE, 1, 5)), Acknowledged(wire.Acknowledgement(1, verdicts, 3)), 0, 0
    )
    assert (5, 3) == (held.progress(STORE).delivered, held.progress(STORE).cursor)

    final = plan.after(held, sent_of(Send(STORE, 6, 0)), stored(6, 5, 4), 0, 0)
    assert (5, 4) == (final.progress(STORE).delivered, final.progress(STORE).cursor)

    all_final = plan.after(final, sent_of(Send(STORE, 6, 0)), stored(6, 5, 5), 0, 0)
    assert (5, ()) == (all_final.progress(STORE).cursor, all_final.progress(STORE).spans)


def test_what_is_missing_is_sent_again_and_nothing_else() -> None:
    asked = plan.after(link_at(20), sent_of(Send(STORE, 21, 0)), stored(21, 20, 4, missing=((5, 6),)), 0, 0)

    assert Send(STORE, 5, 2) == plan.next_step(asked, waiting(20), asked.not_before_ms)
    assert 20 == asked.progress(STORE).delivered


def test_a_restored_central_is_sent_everything_after_what_it_has() -> None:
    restored = plan.after(link_at(20), sent_of(Send(STORE, 21, 0)), stored(21, 20, 8), 0, 0)

    assert Send(STORE, 9, 12) == plan.next_step(restored, waiting(20), restored.not_before_ms)


def test_who_asks_in_vain_is_not_answered_at_full_speed() -> None:
    """
    A central that says "stored" and goes on asking for the same answers gets them every five minutes.
    """
    link = plan.after(link_at(20), sent_of(Send(STORE, 21, 0)), stored(21, 20, 8), 0, 0)
    assert 0 == link.not_before_ms

    link = plan.after(link, sent_of(Send(STORE, 9, 12)), stored(9, 20, 8), 0, 0)

    assert link.not_before_ms >= 300_000


def test_a_void_row_is_told_passed_over_and_its_gap_closed() -> None:
    link = link_at(3)
    link = link.advanced(declared_void(link.progress(STORE), 4, 6, "gone"))
    send = plan.next_step(link, waiting(9), 1_000)
    assert Send(STORE, 7, 3, void=(Span(4, 6, Fate.VOID, "gone"),)) == send
    assert [("gone", 4, 6)] == [(span.reason, span.first, span.last) for span in send.void]

    after = plan.after(link, sent_of(send), stored(7, 9), 0, 0)

    assert (9, 9) == (after.progress(STORE).delivered, after.progress(STORE).cursor)
    assert () == plan._send(after, after.progress(STORE), (10, 10)).void


def test_void_rows_at_the_end_are_told_by_the_heartbeat() -> None:
    link = link_at(3)
    link = link.advanced(declared_void(link.progress(STORE), 4, 6, "gone"))
    send = plan.next_step(link, waiting(6), 300_000)
    assert isinstance(send, Send)
    assert (0, 1) == (send.count, len(send.void))

    after = plan.after(link, sent_of(send), stored(4, 3, 6), 0, 0)

    assert 6 == after.progress(STORE).delivered


def test_documents_only_grow() -> None:
    def named(version: int) -> Acknowledged:
        return stored(21, 20, 20, documents={"survey": (version, f"{version:064}")})

    link = plan.after(link_at(20), sent_of(Send(STORE, 21, 0)), named(4), 0, 0)
    link = plan.after(link, sent_of(Send(STORE, 21, 0)), named(3), 0, 0)

    assert 4 == link.document("survey").version


# Everything together ----------------------------------------------------------------------------------------------


@dataclass
class Model:
    """Central as a set, behind a link that fails as *chances* say."""

    poison: frozenset[int] = frozenset()
    most_bytes: int = 10**6
    stored: set[int] = field(default_factory=set)
    void: set[int] = field(default_factory=set)
    requests: int = 0

    def asked(self, send: Send, count: int) -> Result:
        self.requests += 1
        seqs = set(range(send.first, send.first + count))
        if 300 + count * 4 > self.most_bytes:
            return Refused(413, NO)
        if seqs & self.poison:
            return Refused(400, NO)
        self.stored |= seqs
        for span in send.void:
            self.void |= set(range(span.first, span.last + 1)) - self.stored
        known = self.stored | self.void
        upto = next(seq for seq in range(max(known, default=0) + 2) if seq + 1 not in known)
        missing = tuple((seq, seq) for seq in range(1, max(known, default=0)) if seq not in known)
        return stored(send.first, send.first + count - 1, upto, missing=missing)


def drained(
    model: Model, last_seq: int, link: Link, spoil: Callable[[Result], Result] = lambda result: result
) -> tuple[Link, int]:
    """Run plan and model until nothing is owed; the link then, and the boot clock."""
    now_ms, steps = 0, 0
    while True:
        step = plan.next_step(link, waiting(last_seq), now_ms)
        progress = link.progress(STORE)
        if progress.accounted_upto == last_seq == progress.cursor and not link.failures:
            return link, now_ms
        steps += 1
        assert steps < 20_000, link
        if isinstance(step, Sleep):
            now_ms += step.ms
            continue
        count = min(step.count, max(1, (link.most_bytes - 300) // 4)) if step.count else 0
        bare = step.bare or (count <= 1 and 300 + count * 4 > link.most_bytes)
        sent = Sent(step, count, 300 + count * 4, link.packs, bare, last_seq)
        link = plan.after(link, sent, spoil(model.asked(step, count)), now_ms, 0.5)


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 3_000))
def test_whatever_is_lost_every_answer_is_stored_and_the_cursor_gets_there(
    fates: list[int], last_seq: int
) -> None:
    """
    The first 60 requests fare as chance will have it; after that the network is good, and everything drains.
    """
    model = Model()
    left = iter(fates)

    def spoil(result: Result) -> Result:
        match next(left, 5):
            case 0:
                return NoNetwork("lost")  # the reply, not the request: central has it
            case 1:
                return NoNetwork("a portal", 200)
            case 2:
                return NoNetwork("", 413)
            case 3:
                return Refused(503, NO, 60)
            case _:
                return result

    link, _ = drained(model, last_seq, link_at(), spoil)

    assert set(range(1, last_seq + 1)) == model.stored
    assert set() == model.void
    assert () == link.progress(STORE).spans


@given(st.sets(st.integers(1, 2_000), max_size=6), st.integers(1, 2_000))
def test_poison_answers_block_no_other_and_cost_a_bounded_number_of_requests(
    poison: set[int], last_seq: int
) -> None:
    poison = {seq for seq in poison if seq <= last_seq}
    model = Model(frozenset(poison))

    link, _ = drained(model, last_seq, link_at(max_answers=5_000))

    assert set(range(1, last_seq + 1)) - poison == model.stored
    assert poison == model.void
    assert poison == {seq for span in link.progress(STORE).spans for seq in range(span.first, span.last + 1)}
    assert model.requests <= len(poison) * (ceil(log2(last_seq + 1)) + 3) + 4


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_central_that_refuses_everything_is_not_told_that_everything_is_void(good: int, bad: int) -> None:
    """
    A bad release of central answers 400 to all, signed, for a day. Afterwards all but one answer at most are stored.
    """
    model = Model()
    link, now_ms = drained(model, good, link_at()) if good else (link_at(heard_ms=None), 0)
    end_ms = now_ms + 24 * HOUR_MS
    while now_ms < end_ms:
        step = plan.next_step(link, waiting(good + bad), now_ms)
        if isinstance(step, Sleep):
            now_ms += step.ms
            continue
        link = plan.after(link, sent_of(step, last_seq=good + bad), Refused(400, NO), now_ms, 0.5)

    drained(model, good + bad, replace(link, not_before_ms=0))

    assert len(model.void) <= 1
    assert set(range(1, good + bad + 1)) == model.stored | model.void


@given(st.integers(1_000, 70_000), st.integers(1, 2_000))
def test_a_hidden_limit_is_found_and_no_answer_lost_to_it(most_bytes: int, last_seq: int) -> None:
    model = Model(most_bytes=most_bytes)

    link, _ = drained(model, last_seq, link_at())

    assert set(range(1, last_seq + 1)) == model.stored
    assert () == link.progress(STORE).spans
    # Half of the limit at worst, one request in six to feel for more.
    assert model.requests <= 16 + 2.4 * last_seq / ((most_bytes - 300) // 4)


@given(st.integers(0, 100), st.integers(1, 100), st.sets(st.integers(1, 100), max_size=10))
def test_a_restored_central_gets_back_exactly_what_it_lost(upto: int, last_seq: int, holes: set[int]) -> None:
    model = Model()
    link, _ = drained(model, last_seq, link_at())
    model.stored = {seq for seq in model.stored if seq <= upto} - holes
    beat = Send(STORE, last_seq + 1, 0)

    link = plan.after(link, sent_of(beat, last_seq=last_seq), model.asked(beat, 0), 0, 0.5)
    drained(model, last_seq, link)

    assert set(range(1, last_seq + 1)) == model.stored


def test_what_was_in_conflict_is_void_for_a_central_that_was_restored() -> None:
    """
    It is sent under its other name: offered here as well, it would count twice.
    """
    conflict = wire.Verdict(9, 10, wire.State.CONFLICT)
    ack = Acknowledged(wire.Acknowledgement(1, (wire.Verdict(1, 8, wire.State.STORED), conflict), 10))
    link = plan.after(link_at(), sent_of(Send(STORE, 1, 10)), ack, 0, 0.5)
    link = plan.after(link, sent_of(Send(STORE, 11, 0)), stored(11, 10, 4), 0, 0.5)

    step = plan.next_step(link, waiting(10), 0)

    assert isinstance(step, Send)
    assert (5, 4) == (step.first, step.count)
    assert [(9, 10, "in conflict before, sent under another store")] == [
        (span.first, span.last, span.reason) for span in step.void
    ]
    assert 10 == plan.after(link, sent_of(step), stored(5, 8, 10), 0, 0.5).progress(STORE).delivered


def test_what_is_missing_and_gone_is_told_as_void() -> None:
    link = link_at(20).advanced(declared_void(link_at(20).progress(STORE), 5, 6, "gone"))
    asked = plan.after(link, sent_of(Send(STORE, 21, 0)), stored(21, 20, 4, missing=((5, 7),)), 0, 0)

    step = plan.next_step(asked, waiting(20), asked.not_before_ms)

    assert isinstance(step, Send)
    assert (7, 1, [(5, 6)]) == (step.first, step.count, [(span.first, span.last) for span in step.void])
