"""
What is sealed to central, and for what: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

The purpose is bound into the seal: what was sealed as one thing does not open as another. The keys are elsewhere.
"""

from __future__ import annotations

import hmac
from enum import Enum

TEXT_KEY_BYTES = 32
MOST_TEXT_BYTES = 4_096
"""Of one text, as UTF-8: about a page."""


class Purpose(Enum):
    """What a sealed text is."""

    TEXT = "text"
    """What a customer wrote."""
    SCREEN_SECRET = "screen-secret"  # noqa: S105  a purpose, not a secret
    """What a kiosk's screen signs its codes with; told to central at enrolment."""
    BY_PHONE = "by-phone"
    """What a customer added by phone."""
    STICK = "stick"
    """A request that travels on a stick."""


def sealing_context(purpose: Purpose, kiosk: str) -> bytes:
    """
    What a seal is bound to, HPKE's ``info``: nothing sealed by one *kiosk* opens as another's.

    >>> sealing_context(Purpose.TEXT, "k-1")
    b'afterword v1 text k-1'
    """
    return f"afterword v1 {purpose.value} {kiosk}".encode()


def text_digest(key: bytes, text: bytes) -> bytes:
    """
    What stands for a *text* in its answer: HMAC-SHA-256 by a random *key* of this text alone, which is sealed with it.

    Not by a key of the kiosk, nor by its screen's secret, which central has too: whoever keeps that could still find a
    short text, such as a telephone number, by trying, after it was erased. With the sealed text its own key is gone.
    While both are there, whoever opens the text sees that it is the one the answer stands for.
    """
    return hmac.digest(key, text, "sha256")
