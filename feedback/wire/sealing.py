"""
What is sealed to central, and for what: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

The purpose is bound into the seal: what was sealed as one thing does not open as another. The keys are elsewhere.
"""

from __future__ import annotations

from enum import Enum


class Purpose(Enum):
    """What a sealed text is."""

    TEXT = "text"
    """What a customer wrote."""
    SCREEN_SECRET = "screen-secret"  # noqa: S105  a purpose, not a secret
    """What a kiosk's screen signs its codes with; told to central at enrolment."""
    STICK = "stick"
    """A request that travels on a stick."""


def sealing_context(purpose: Purpose, kiosk: str) -> bytes:
    """
    What a seal is bound to, HPKE's ``info``: nothing sealed by one *kiosk* opens as another's.

    >>> sealing_context(Purpose.TEXT, "k-1")
    b'afterword v1 text k-1'
    """
    return f"afterword v1 {purpose.value} {kiosk}".encode()
