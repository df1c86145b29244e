"""Opening what a kiosk sealed to central."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from feedback.errors import WireError
from feedback.wire import Purpose, sealing_context


def sealed(clear: bytes, key: X25519PublicKey, purpose: Purpose, kiosk: str) -> bytes:
    """*clear*, as *kiosk* would have sealed it: what came by another way lies in the database like the rest."""
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305).encrypt(
        clear, key, sealing_context(purpose, kiosk)
    )


def opened(sealed: bytes, key: X25519PrivateKey, purpose: Purpose, kiosk: str) -> bytes:
    """
    What *kiosk* sealed for *purpose* to the public part of *key*.

    Raises:
        WireError: It was altered, cut, sealed to another key, for another purpose or by another kiosk.
    """
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    try:
        return suite.decrypt(sealed, key, sealing_context(purpose, kiosk))
    except (InvalidTag, ValueError):
        raise WireError(f"this is no {purpose.value} that {kiosk} sealed to this central") from None


def opened_by_any(sealed: bytes, keys: Iterable[X25519PrivateKey], purpose: Purpose, kiosk: str) -> bytes:
    """
    What *kiosk* sealed for *purpose* to one of *keys*: it may have been on its way while the sealing key was changed.

    Raises:
        WireError: It was altered, cut, sealed to another key, for another purpose or by another kiosk.
    """
    for key in keys:
        with suppress(WireError):
            return opened(sealed, key, purpose, kiosk)
    raise WireError(f"this is no {purpose.value} that {kiosk} sealed to this central")
