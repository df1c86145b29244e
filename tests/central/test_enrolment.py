"""A kiosk gets its identity: with a code, once, for a key it holds."""

from __future__ import annotations

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.fleet import codes
from central.store import tables
from feedback import wire
from tests.central.device import Central, Device, delivery, rating


def test_a_kiosk_with_a_code_is_accepted_and_told_who_it_is(central: Central) -> None:
    """It learns its place, and the keys that every later answer is signed with."""
    device = Device(central, "k-3f9a2c")

    reply = wire.decode_enrol_reply(device.enrol(central.code("k-3f9a2c")).body)

    assert ("accepted", "k-3f9a2c", "b12", "exit-1") == (
        reply.state,
        reply.kiosk,
        reply.branch,
        reply.touchpoint,
    )
    assert central.keys.public == reply.keys
    assert [(1, 1, "stored")] == device.sync(delivery(rating(1))).verdicts
    (kiosk,) = central.rows(tables.kiosks)
    assert ("Pi 5", "1000") == (kiosk.model, kiosk.serial)


def test_a_code_may_be_typed_as_it_was_heard(central: Central) -> None:
    """Small letters and spaces instead of dashes are the same code."""
    code = central.code("k-1").lower().replace("-", " ")

    assert 200 == Device(central, "k-1").enrol(code).status


def test_a_lost_reply_is_given_again(central: Central) -> None:
    """The same key with the same code gets the same answer, even after the code's last day."""
    device, code = Device(central, "k-1"), central.code("k-1")
    first = device.enrol(code)
    central.clock[0] += codes.LIFE_MS

    again = wire.decode_enrol_reply(device.enrol(code).body)

    assert wire.decode_enrol_reply(first.body).keys == again.keys
    assert "accepted" == again.state


def test_a_code_is_good_for_one_kiosk(central: Central) -> None:
    """Another key with the same code is refused, and the first stays."""
    code = central.code("k-1")
    first = Device(central, "k-1")
    first.enrol(code)

    assert (403, "used code") == Device(central, "k-1").enrol(code).refusal
    assert 200 == first.sync(delivery()).status


def test_a_new_card_takes_over_with_a_new_code(central: Central) -> None:
    """The kiosk's name stays, its key is replaced, the old one is no longer believed."""
    old, new = central.enrolled("k-1"), central.enrolled("k-1")

    assert (401, "signature") == old.sync(delivery()).refusal
    assert 200 == new.sync(delivery()).status


def test_a_code_ends_after_seven_days(central: Central) -> None:
    code = central.code("k-1")
    central.clock[0] += codes.LIFE_MS

    assert (403, "old code") == Device(central, "k-1").enrol(code).refusal


def test_an_unknown_code_is_refused(central: Central) -> None:
    assert (403, "unknown code") == Device(central, "k-1").enrol(codes.new_code()).refusal


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"proof": bytes(64)}, "proof"),
        ({"public_key": Ed25519PrivateKey.generate().public_key().public_bytes_raw()}, "proof"),
        ({"nonce": bytes(32)}, "challenge"),
    ],
    ids=["wrong proof", "another key", "not central's nonce"],
)
def test_a_proof_that_does_not_hold_is_refused(
    central: Central, changed: dict[str, bytes], code: str
) -> None:
    """Whoever heard the code cannot enrol a key it does not hold, nor with a proof made before."""
    assert (401, code) == Device(central, "k-1").enrol(central.code("k-1"), **changed).refusal


def test_a_challenge_is_good_for_ten_minutes(central: Central) -> None:
    device, code = Device(central, "k-1"), central.code("k-1")
    challenge = wire.decode_challenge(requests.get(f"{central.url}/v1/enrol", timeout=20).content)
    central.clock[0] += 10 * 60_000

    assert (401, "challenge") == device.enrol(code, nonce=challenge.nonce).refusal


def test_a_code_is_kept_as_a_digest_and_hard_to_guess(central: Central) -> None:
    """At least 80 bits, in groups that can be read aloud."""
    code = central.code("k-1")
    (kept,) = central.rows(tables.codes)

    assert code.encode() not in kept.digest
    assert len(codes.LETTERS) ** (codes.GROUPS * codes.GROUP) > 2**80
    assert [5, 5, 5, 5] == [len(group) for group in code.split("-")]
