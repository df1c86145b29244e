"""What a kiosk seals opens at its central, and nowhere else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from central.sealing import opened
from feedback.errors import WireError
from feedback.wire import Purpose
from kiosk.sealing import seal

CENTRAL = X25519PrivateKey.generate()
PUBLIC = CENTRAL.public_key().public_bytes_raw()


@pytest.mark.parametrize("clear", [b"", "Danışman çox kobud idi".encode(), bytes(1 << 16)])
def test_what_a_kiosk_seals_central_opens(clear: bytes) -> None:
    sealed = seal(clear, PUBLIC, Purpose.TEXT, "k-1")

    assert opened(sealed, CENTRAL, Purpose.TEXT, "k-1") == clear
    assert clear == b"" or clear not in sealed


def test_the_same_words_sealed_twice_do_not_look_alike() -> None:
    assert seal(b"rude", PUBLIC, Purpose.TEXT, "k-1") != seal(b"rude", PUBLIC, Purpose.TEXT, "k-1")


def test_a_seal_is_bound_to_its_central_its_purpose_and_its_kiosk() -> None:
    sealed = seal(b"rude", PUBLIC, Purpose.TEXT, "k-1")

    for key, purpose, kiosk in [
        (X25519PrivateKey.generate(), Purpose.TEXT, "k-1"),
        (CENTRAL, Purpose.STICK, "k-1"),
        (CENTRAL, Purpose.TEXT, "k-2"),
    ]:
        with pytest.raises(WireError, match=f"no {purpose.value} that {kiosk} sealed to this central"):
            opened(sealed, key, purpose, kiosk)


def test_a_seal_altered_or_cut_anywhere_does_not_open() -> None:
    sealed = seal(b"rude", PUBLIC, Purpose.TEXT, "k-1")
    altered = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]

    for wrong in [*altered, *(sealed[:at] for at in range(len(sealed)))]:
        with pytest.raises(WireError):
            opened(wrong, CENTRAL, Purpose.TEXT, "k-1")
