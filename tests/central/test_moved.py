"""A kiosk that was moved to another branch: each answer counts where it was given, and each number once."""

from __future__ import annotations

from dataclasses import replace

from central.store import tables
from feedback import wire
from feedback.answers import Place
from tests.central.device import STORE, Central, Device, delivery, rating

THERE, NOWHERE = Place("b13", "exit-1"), Place("b99", "exit-1")


def moved(central: Central, device: Device) -> Device:
    assert 200 == device.enrol(central.code(device.kiosk, THERE.branch)).status
    return device


def by_branch(central: Central) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in central.rows(tables.answers):
        found.setdefault(row.branch_id, []).append(row.seq)
    return found


def test_answers_from_before_the_move_still_count_where_they_were_given(
    central: Central, device: Device
) -> None:
    """They were on the card when it was carried over."""
    moved(central, device)

    reply = device.sync(delivery(rating(1), rating(2), rating(3, place=THERE)))

    assert [(1, 3, "stored")] == reply.verdicts
    assert {"b12": [1, 2], "b13": [3]} == by_branch(central)


def test_a_branch_the_kiosk_was_never_assigned_is_rejected_and_blocks_nothing(
    central: Central, device: Device
) -> None:
    reply = device.sync(delivery(rating(1), rating(2, place=NOWHERE), rating(3, place=THERE), rating(4)))

    assert [(1, 1, "stored"), (2, 3, "rejected"), (4, 4, "stored")] == reply.verdicts
    assert "this kiosk was never assigned to that branch" == reply.acknowledgement.verdicts[1].reason
    assert 4 == reply.acknowledgement.accounted_upto
    assert {"b12": [1, 4]} == by_branch(central)


def test_a_number_stored_under_one_branch_is_refused_under_another(central: Central, device: Device) -> None:
    """The unique key holds the branch: nothing else would keep the same press from counting at both."""
    device.sync(delivery(rating(1), rating(2)))
    moved(central, device)

    reply = device.sync(delivery(rating(1, place=THERE), rating(2, place=THERE), rating(3, place=THERE)))

    assert [(1, 2, "rejected"), (3, 3, "stored")] == reply.verdicts
    assert "stored already under another branch" == reply.acknowledgement.verdicts[0].reason
    assert {"b12": [1, 2], "b13": [3]} == by_branch(central)
    (ledger,) = central.rows(tables.ledgers)
    assert (3, 3) == (ledger.accounted_upto, ledger.last_seq)


def test_moving_back_changes_nothing_of_what_was_stored(central: Central, device: Device) -> None:
    moved(central, device)
    device.sync(delivery(rating(1, place=THERE)))
    assert 200 == device.enrol(central.code(device.kiosk, "b12")).status

    again = device.sync(delivery(rating(1, place=THERE), rating(2)))

    assert [(1, 1, "duplicate"), (2, 2, "stored")] == again.verdicts
    assert {"b12": [2], "b13": [1]} == by_branch(central)


def test_central_of_one_or_two_processes_never_says_held(central: Central, device: Device) -> None:
    """What it acknowledges is merged: the sizes that merge later are the ones that hold."""
    replies = [
        device.sync(delivery(rating(1), replace(rating(2), value=9), rating(3, place=NOWHERE))),
        device.sync(delivery(rating(1), rating(2), rating(3))),
        device.sync(wire.SyncRequest(STORE, 3, 4, void=(wire.Void(4, 4, "crc"),))),
    ]

    said = {state for reply in replies for _, _, state in reply.verdicts}
    assert {"stored", "rejected", "duplicate"} == said
