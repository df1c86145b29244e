"""Which keys a kiosk believes: rotation, theft, recovery, replays, restored centrals."""

from __future__ import annotations

from itertools import count

from feedback.pins import GRACE_MS, MOST_RETIRED, Pins, followed, seen
from feedback.wire import CentralKeys, KeyChange, change_text

NOW_MS = 1_790_000_000_000


def key(name: str) -> bytes:
    return name.encode().ljust(32, b"_")


def keys(current: str, spare: str = "S", sealing: str = "x") -> CentralKeys:
    return CentralKeys(key(current), key(spare), key(sealing))


def signed(by: str, version: int, new: CentralKeys) -> KeyChange:
    """A change as *by* signs it: with made-up signatures that only name their signer and what is signed."""
    text = change_text(version, new)
    return KeyChange(version, new, key(by), key(by) + text[-32:])


def verify(signer: bytes, signature: bytes, text: bytes) -> bool:
    return signature == signer + text[-32:]


def after(pins: Pins, *changes: KeyChange) -> Pins:
    return followed(pins, changes, verify)


ENROLLED = Pins(keys("A"))
TO_B = signed("A", 10, keys("B"))
TO_C = signed("B", 20, keys("C"))
RECOVERED = signed("S", 30, keys("D", "S2", "y"))


def test_a_kiosk_follows_a_change_signed_by_the_current_key() -> None:
    pins = after(ENROLLED, TO_B)

    assert (keys("B"), 10) == (pins.keys, pins.version)


def test_a_kiosk_that_was_off_for_a_year_follows_the_whole_chain() -> None:
    assert keys("D", "S2", "y") == after(ENROLLED, TO_B, TO_C, RECOVERED).keys
    assert keys("C") == after(ENROLLED, TO_B, TO_C).keys


def test_a_change_whose_signature_does_not_hold_is_passed_over() -> None:
    forged = KeyChange(10, keys("X"), key("A"), bytes(64))

    assert ENROLLED == after(ENROLLED, forged)


def test_a_stranger_s_change_is_passed_over() -> None:
    assert ENROLLED == after(ENROLLED, signed("X", 99, keys("X")), signed("X", 99, keys("X", "X")))


def test_an_old_document_replayed_moves_nothing_back() -> None:
    pins = after(ENROLLED, TO_B, TO_C)

    assert pins == after(pins, TO_B) == after(pins, TO_B, TO_C)


def test_a_thief_of_the_current_key_cannot_replace_the_spare() -> None:
    assert ENROLLED == after(ENROLLED, signed("A", 99, keys("X", "X2")))


def test_the_spare_outranks_whatever_a_thief_signed() -> None:
    """
    The thief's change has the highest version there can be, and the kiosk took it.
    """
    stolen = after(ENROLLED, signed("A", 2**53 - 1, keys("X", sealing="z")))
    assert keys("X", sealing="z") == stolen.keys

    pins = after(stolen, RECOVERED)

    assert (keys("D", "S2", "y"), ()) == (pins.keys, pins.retired)
    assert key("A") not in pins.believed
    assert key("X") not in pins.believed
    assert key("S") not in pins.believed


def test_once_the_spare_has_spoken_neither_thief_nor_old_spare_counts() -> None:
    pins = after(ENROLLED, RECOVERED)

    for change in (
        signed("A", 99, keys("X")),
        signed("A", 99, keys("X", "S2")),
        signed("S", 99, keys("X", "S3")),
        TO_B,
        RECOVERED,
    ):
        assert pins == after(pins, change)


def test_a_spare_that_would_be_used_twice_is_passed_over() -> None:
    assert ENROLLED == after(ENROLLED, signed("S", 10, keys("B", "S")))
    assert ENROLLED == after(ENROLLED, signed("S", 10, keys("B", "B")))


def test_the_old_key_is_believed_until_the_new_one_has_signed_for_a_month() -> None:
    pins = after(ENROLLED, TO_B)
    assert key("A") in pins.believed
    pins = seen(pins, key("A"), NOW_MS)
    assert not pins.seen_ms, "the old one signing says nothing of the new one"

    pins = seen(pins, key("B"), NOW_MS)
    assert key("A") in seen(pins, key("B"), NOW_MS + GRACE_MS - 1).believed
    assert key("A") in seen(pins, key("A"), NOW_MS + GRACE_MS).believed
    assert (key("B"), key("S")) == seen(pins, key("B"), NOW_MS + GRACE_MS).believed


def test_a_central_restored_to_the_old_key_can_change_its_keys_again() -> None:
    pins = seen(after(ENROLLED, TO_B), key("B"), NOW_MS)

    again = after(pins, signed("A", 40, keys("E")))

    assert keys("E") == again.keys
    assert {key("A"), key("B")} == set(again.retired)


def test_a_new_sealing_key_retires_no_signing_key() -> None:
    pins = after(ENROLLED, signed("A", 10, keys("A", sealing="y")))

    assert Pins(keys("A", sealing="y"), 10) == pins


def test_retired_keys_do_not_grow_without_end() -> None:
    pins = ENROLLED
    for version, name in zip(range(1, 100), (f"k{n}" for n in count()), strict=False):
        pins = after(pins, signed(pins.keys.current.rstrip(b"_").decode(), version, keys(name)))

    assert MOST_RETIRED == len(pins.retired)
    assert key("k98") == pins.keys.current
