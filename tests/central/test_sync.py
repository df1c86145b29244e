"""Answers handed over: stored once, counted once, acknowledged one by one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from central.store import tables
from feedback import wire
from feedback.again import again
from feedback.answers import Anchor, Moment, Place, SealedText
from feedback.ratings import Rating
from feedback.wire import fields
from tests.central.device import (
    BAKU_DAY,
    BAKU_HOUR,
    BOOT,
    EXIT,
    NOON_MS,
    STORE,
    VISIT,
    WHY,
    Central,
    Device,
    delivery,
    outcome,
    rating,
)


def test_an_answer_is_stored_counted_and_acknowledged(central: Central, device: Device) -> None:
    """A press with its outcome is kept as it was captured, and counts in the branch's own day and hour."""
    anchor = Anchor(BOOT, 0, NOON_MS, "ntp", 40)

    reply = device.sync(delivery(rating(1), outcome(2, of=1), anchors=(anchor,)))

    assert [(1, 2, "stored")] == reply.verdicts
    assert (2, ()) == (reply.acknowledgement.accounted_upto, reply.acknowledgement.missing)
    assert reply.acknowledgement.server_utc_ms == NOON_MS
    first, _ = central.rows(tables.answers)
    assert (NOON_MS + 60_000, "exact", 70, "exit") == (
        first.utc_ms,
        first.quality,
        first.uncertainty_ms,
        first.stage,
    )
    assert {
        (BAKU_DAY, BAKU_HOUR, "rating", 4, ""): 1,
        (BAKU_DAY, BAKU_HOUR, "outcome", 1, ""): 1,
    } == central.counts()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_the_same_request_again_is_a_duplicate_and_counts_nothing(
    central: Central, device: Device, packed: bool
) -> None:
    """An acknowledgement was lost on its way: the kiosk sends everything again."""
    request = delivery(rating(1), outcome(2, of=1))
    device.sync(request, packed=packed)
    counted = central.counts()

    reply = device.sync(request, packed=packed)

    assert [(1, 2, "duplicate")] == reply.verdicts
    assert counted == central.counts()
    assert 2 == reply.acknowledgement.accounted_upto


@pytest.mark.parametrize(
    "names", [(STORE, again(STORE)), (again(STORE), STORE)], ids=["own first", "again first"]
)
def test_an_answer_under_both_names_of_its_store_is_one_answer(
    central: Central, device: Device, names: tuple[bytes, bytes]
) -> None:
    """
    It was in conflict and was sent again under another name; then central and the kiosk were put back to before that.
    """
    first, second = (replace(delivery(rating(1), outcome(2, of=1)), store=name) for name in names)
    device.sync(first)
    counted = central.counts()

    reply = device.sync(second)

    assert [(1, 2, "duplicate")] == reply.verdicts
    assert counted == central.counts()
    assert 2 == reply.acknowledgement.accounted_upto


def test_another_answer_under_the_other_name_counts(central: Central, device: Device) -> None:
    device.sync(delivery(rating(1), outcome(2, of=1)))
    other = replace(delivery(rating(1, Rating.BAD)), store=again(STORE))

    reply = device.sync(other)

    assert (1, 1, "stored") == reply.verdicts[0]


def test_a_heartbeat_carries_no_answers_and_is_acknowledged(central: Central, device: Device) -> None:
    """The same trip is the heartbeat: the kiosk's state is kept with it."""
    status = {"pending": 7, "oldest_s": 60, "app": "26.11.0"}

    reply = device.sync(delivery(now=Moment(BOOT, 5_000, 0), status=status))

    assert ([], 0) == (reply.verdicts, reply.acknowledgement.accounted_upto)
    (kiosk,) = central.rows(tables.kiosks)
    assert (NOON_MS, "26.11.0") == (kiosk.contact_ms, kiosk.app)


def test_another_content_of_one_seq_is_a_conflict_kept_beside(central: Central, device: Device) -> None:
    """The first delivery stays counted; what came second is kept for whoever settles it."""
    device.sync(delivery(rating(1, Rating.GOOD), rating(2)))

    reply = device.sync(delivery(rating(1, Rating.BAD), rating(2)))

    assert [(1, 1, "conflict"), (2, 2, "duplicate")] == reply.verdicts
    assert [4, 4] == [row.value for row in central.rows(tables.answers)]
    (beside,) = central.rows(tables.conflicts)
    assert '"value": 2' in beside.answer
    assert 2 == reply.acknowledgement.accounted_upto


def test_an_answer_that_means_nothing_is_rejected_and_blocks_no_other(
    central: Central, device: Device
) -> None:
    """A value out of its range is refused by itself, with a reason."""
    reply = device.sync(delivery(rating(1), replace(rating(2), value=9), rating(3)))

    assert [(1, 1, "stored"), (2, 2, "rejected"), (3, 3, "stored")] == reply.verdicts
    assert "value out of range" == reply.acknowledgement.verdicts[1].reason
    assert (3, ()) == (reply.acknowledgement.accounted_upto, reply.acknowledgement.missing)


def test_a_branch_the_kiosk_was_never_assigned_is_rejected(central: Central, device: Device) -> None:
    """A kiosk cannot speak for a branch it never stood at, known or unknown."""
    elsewhere = [
        replace(rating(seq), place=Place(branch, "exit-1")) for seq, branch in ((1, "b13"), (2, "b99"))
    ]

    reply = device.sync(delivery(*elsewhere, rating(3)))

    assert [(1, 2, "rejected"), (3, 3, "stored")] == reply.verdicts
    assert 1 == len(central.rows(tables.answers))


def test_a_rejected_answer_is_stored_once_its_branch_is_assigned(central: Central, device: Device) -> None:
    """The owner corrects the mistake: what was refused may come again."""
    moved = replace(rating(1), place=Place("b13", "exit-1"))
    device.sync(delivery(moved))
    central.code("k-1", "b13")

    assert [(1, 1, "stored")] == device.sync(delivery(moved)).verdicts


def test_a_seq_stored_under_another_branch_is_refused(central: Central, device: Device) -> None:
    """One seq of one store is one answer, at one branch."""
    device.sync(delivery(rating(1)))
    central.code("k-1", "b13")

    reply = device.sync(delivery(replace(rating(1), place=Place("b13", "exit-1"))))

    assert [(1, 1, "rejected")] == reply.verdicts
    assert 1 == len(central.rows(tables.answers))


def test_a_kiosk_that_moved_keeps_the_places_of_its_earlier_answers(central: Central, device: Device) -> None:
    """Answers from both branches of one store come in one request, each counted at its own."""
    central.code("k-1", "b13")

    reply = device.sync(delivery(rating(1), replace(rating(2), place=Place("b13", "exit-1"))))

    assert [(1, 2, "stored")] == reply.verdicts
    assert {"b12", "b13"} == {row.branch_id for row in central.rows(tables.counts)}


def test_two_kiosks_with_one_store_are_kept_apart(central: Central, device: Device) -> None:
    """A copied card: the same store and seqs from another kiosk are other answers."""
    other = central.enrolled("k-2")

    assert [(1, 1, "stored")] == device.sync(delivery(rating(1))).verdicts
    assert [(1, 1, "stored")] == other.sync(delivery(rating(1, Rating.BAD))).verdicts


def test_a_gap_is_missing_until_it_comes(central: Central, device: Device) -> None:
    """Central says what it waits for below what it has seen."""
    reply = device.sync(delivery(rating(5)))
    assert (0, ((1, 4),)) == (reply.acknowledgement.accounted_upto, reply.acknowledgement.missing)

    reply = device.sync(delivery(rating(1), rating(2)))
    assert (2, ((3, 4),)) == (reply.acknowledgement.accounted_upto, reply.acknowledgement.missing)

    reply = device.sync(delivery(rating(3), rating(4)))
    assert (5, ()) == (reply.acknowledgement.accounted_upto, reply.acknowledgement.missing)


def test_a_gap_declared_void_is_accounted_and_gives_way_to_the_answer(
    central: Central, device: Device
) -> None:
    """Stored overrides void, never the reverse."""
    void = (wire.Void(1, 2, "crc"),)

    assert 3 == device.sync(delivery(rating(3), void=void)).acknowledgement.accounted_upto
    assert [(1, 1, "stored")] == device.sync(delivery(rating(1))).verdicts
    device.sync(delivery(void=(wire.Void(1, 3, "late"),)))

    (ledger,) = central.rows(tables.ledgers)
    assert '[[1,1,3,""],[2,2,1,"crc"],[3,3,3,""]]' == ledger.spans


def test_a_closed_store_shows_its_lost_tail(central: Central, device: Device) -> None:
    """A file that gets no more rows had 5 answers and 2 came: 3 are missing, for everybody to see."""
    device.sync(delivery(rating(1), rating(2)))

    device.sync(delivery(rating(1), store=bytes(16), closed=(wire.Closed(STORE, 5),)))
    reply = device.sync(delivery())

    assert ((3, 5),) == reply.acknowledgement.missing


def test_what_a_customer_wrote_is_kept_sealed(central: Central, device: Device) -> None:
    """The text lies beside its answer, unread; one erased at the kiosk leaves its answer."""
    texts = {1: SealedText(b"sealed", bytes(16)), 2: None}
    written = [replace(rating(seq), ask=WHY, value=0, text_digest=bytes(16)) for seq in (1, 2)]

    reply = device.sync(delivery(*written, texts=texts))

    assert [(1, 2, "stored")] == reply.verdicts
    assert [b"sealed", None] == [row.sealed for row in central.rows(tables.texts)]


def test_a_test_press_is_kept_and_counts_under_its_rule(central: Central, device: Device) -> None:
    """A technician's press is never part of a score."""
    device.sync(delivery(replace(rating(1), test=True), replace(outcome(2, of=1), test=True)))

    assert {"test"} == {key[-1] for key in central.counts()}


def test_an_unknown_survey_and_touchpoint_are_no_reason_to_reject(central: Central, device: Device) -> None:
    """Everything an answer means travels with it."""
    strange = replace(
        rating(1), ask=replace(VISIT, survey="spring", version=99), place=Place("b12", "till-7")
    )

    assert [(1, 1, "stored")] == device.sync(delivery(strange)).verdicts
    assert ["spring"] == [row.survey for row in central.rows(tables.counts)]


@pytest.mark.parametrize("wall_ms", [0, 4_080_000_000_000], ids=["1970", "2099"])
def test_a_kiosk_that_does_not_know_the_time_is_believed(
    central: Central, device: Device, wall_ms: int
) -> None:
    """Its signature says 1970 or 2099; central's own clock places the answers, by the contact."""
    press = replace(rating(1), moment=Moment(BOOT, 1_000, wall_ms))

    reply = device.sync(delivery(press, now=Moment(BOOT, 61_000, wall_ms + 60_000)), wall_s=wall_ms // 1000)

    assert [(1, 1, "stored")] == reply.verdicts
    (row,) = central.rows(tables.answers)
    assert (NOON_MS - 60_000, "repaired") == (row.utc_ms, row.quality)


def test_a_replayed_request_says_nothing_of_the_present(central: Central, device: Device) -> None:
    """A heartbeat caught on the wire and sent again an hour later moves neither contact nor time."""
    old = delivery(now=Moment(BOOT, 5_000, 0), status={"pending": 9})
    device.sync(old)
    device.sync(delivery(now=Moment("later", 1_000, 0), status={"pending": 1}))
    central.clock[0] += 3_600_000

    device.sync(old)

    (kiosk,) = central.rows(tables.kiosks)
    assert (NOON_MS, "later", '{"pending": 1}') == (kiosk.contact_ms, kiosk.now_boot, kiosk.status)
    assert 2 == len(central.rows(tables.anchors))


def test_a_kiosk_that_calls_every_minute_leaves_few_anchors(central: Central, device: Device) -> None:
    """A contact that knows the time no better than an earlier one is not kept."""
    for minute in range(10):
        central.clock[0] = NOON_MS + minute * 60_000
        device.sync(delivery(now=Moment(BOOT, 5_000 + minute * 60_000, 0)))

    assert 1 == len(central.rows(tables.anchors))


@pytest.mark.parametrize(
    "status",
    [{"app": "\ud800"}, {"oldest_s": "1e999"}, {"words": "x" * 9_000}],
    ids=["half a character", "endless", "too long"],
)
def test_an_odd_status_never_stops_answers(
    central: Central, device: Device, status: dict[str, object]
) -> None:
    """What a kiosk says of itself may be anything; its answers are stored all the same."""
    body = fields.unpack(wire.encode_request(delivery(rating(1), now=Moment(BOOT, 1, 1))), frozenset())

    sent = json.dumps(body | {"status": status}).replace('"1e999"', "1e999")

    reply = device.post(sent.encode())

    assert [(1, 1, "stored")] == reply.verdicts
    assert ["{}"] == [kiosk.status for kiosk in central.rows(tables.kiosks)]


def test_a_boot_clock_beyond_all_numbers_spoils_its_answer_alone(central: Central, device: Device) -> None:
    """Differences add up to more than a database holds: rejected, and the next one is stored."""
    body = fields.unpack(wire.encode_request(delivery(rating(1), rating(2), rating(3))), frozenset())
    most = fields.MOST_INTEGER
    body["answers"] |= {"boot_ms": [60_000, most, -most], "wall": [NOON_MS, -most, most]}

    reply = device.post(json.dumps(body).encode())

    assert [(1, 1, "stored"), (2, 2, "rejected"), (3, 3, "stored")] == reply.verdicts


def test_requests_at_the_same_time_store_everything_once(central: Central, device: Device) -> None:
    """Eight deliveries of overlapping parts at once: each answer is stored by one of them."""
    many = [rating(seq, Rating(1 + seq % 5)) for seq in range(1, 101)]
    parts = [many[start : start + 50] for start in range(0, 60, 10)]

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda part: device.sync(delivery(*part)), [*parts, *parts]))

    stored = [verdict for reply in replies for verdict in reply.verdicts if verdict[2] == "stored"]
    assert 100 == sum(last - first + 1 for first, last, _ in stored)
    assert 100 == sum(central.counts().values())
    assert 100 == device.sync(delivery()).acknowledgement.accounted_upto


def test_five_thousand_answers_come_in_one_request(central: Central, device: Device) -> None:
    """A kiosk that was offline for weeks hands everything over in its largest request."""
    many = [rating(seq, Rating(1 + seq % 5), place=EXIT) for seq in range(1, 5_001)]

    reply = device.sync(delivery(*many), packed=True)

    assert [(1, 5_000, "stored")] == reply.verdicts
    assert 5_000 == sum(central.counts().values())
