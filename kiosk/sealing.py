"""Sealing to central: whoever holds this kiosk, or its files, cannot open what it sealed."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from feedback.wire import Purpose, sealing_context


def seal(clear: bytes, sealing_key: bytes, purpose: Purpose, kiosk: str) -> bytes:
    """
    *clear*, readable by the holder of central's sealing key alone; each call gives other bytes.

    Args:
        clear: What to seal.
        sealing_key: Central's public X25519 key, 32 bytes, as pinned at enrolment.
        purpose: What it is; opens as nothing else.
        kiosk: This kiosk's id.

    Raises:
        ValueError: *sealing_key* is no such key.
    """
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    return suite.encrypt(
        clear, X25519PublicKey.from_public_bytes(sealing_key), sealing_context(purpose, kiosk)
    )
