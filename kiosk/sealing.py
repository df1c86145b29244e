"""Sealing to central: whoever holds this kiosk, or its files, cannot open what it sealed."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from feedback.answers import SealedText
from feedback.wire import MOST_TEXT_BYTES, TEXT_KEY_BYTES, Purpose, sealing_context, text_digest


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


def sealed_text(text: str, sealing_key: bytes, kiosk: str) -> SealedText:
    """
    What a customer wrote, as it may be stored: readable by central alone, with the digest that stands for it.

    To be called when the customer submits: from then on nothing of this kiosk holds the words.

    Args:
        text: At most MOST_TEXT_BYTES as UTF-8.
        sealing_key: Central's public X25519 key: ``screen_pins(settings).keys.sealing``.
        kiosk: This kiosk's id.

    Raises:
        ValueError: The text is too long, or *sealing_key* is no such key.
    """
    words = text.encode()
    if len(words) > MOST_TEXT_BYTES:
        raise ValueError(f"a text of {len(words)} bytes: expected {MOST_TEXT_BYTES} at most")
    key = secrets.token_bytes(TEXT_KEY_BYTES)
    return SealedText(seal(key + words, sealing_key, Purpose.TEXT, kiosk), text_digest(key, words))
