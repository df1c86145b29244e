"""What both ends sign and how big a message may be. RFC 9421 over RFC 9530; the keys are elsewhere."""

from __future__ import annotations

import hashlib
from datetime import timedelta

CONTENT_TYPE = "application/json"

REPLY_COMPONENTS = ("@status", "content-type", "content-digest")

ALLOWED_SKEW = timedelta(days=200 * 365)
"""A kiosk may not know the time: a signature's own time is never a reason to refuse."""

MOST_REQUEST_BYTES = 1 << 20
"""Raw bytes central reads of one request."""
MOST_UNPACKED_BYTES = 8 << 20
"""Bytes a packed request may unfold to."""
MOST_REPLY_BYTES = 1 << 20
"""Raw bytes a kiosk reads of one reply."""


def request_components(*, packed: bool) -> tuple[str, ...]:
    """What a request's signature covers; ``content-encoding`` only when present: absent, it cannot be."""
    components = ("@method", "@path", "content-type", "content-digest")
    return (*components, "content-encoding") if packed else components


def fingerprint(public_key: bytes) -> str:
    """
    The fingerprint of an Ed25519 public key as ``kiosk.toml`` carries it: SHA-256 of its 32 bytes, hex.

    >>> fingerprint(bytes(32))[:16]
    '66687aadf862bd77'
    """
    return hashlib.sha256(public_key).hexdigest()
