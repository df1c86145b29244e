"""Challenges for enrolment, which central recognises without keeping them: a stranger cannot fill a table."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from feedback.wire.enrolment import NONCE_BYTES

LIFE_MS = 10 * 60_000
_TIME_BYTES = 8
_MARK_BYTES = 16


class Challenges:
    """Nonces that carry their own end and central's mark. Good until this process ends, or for ten minutes."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def new(self, now_ms: int) -> bytes:
        """A nonce good for ten minutes."""
        chance = secrets.token_bytes(NONCE_BYTES - _TIME_BYTES - _MARK_BYTES)
        head = (now_ms + LIFE_MS).to_bytes(_TIME_BYTES, "big") + chance
        return head + self._mark(head)

    def holds(self, nonce: bytes, now_ms: int) -> bool:
        """Whether *nonce* is ours and still good."""
        head, mark = nonce[:-_MARK_BYTES], nonce[-_MARK_BYTES:]
        ends_ms = int.from_bytes(head[:_TIME_BYTES], "big")
        return hmac.compare_digest(mark, self._mark(head)) and now_ms < ends_ms

    def _mark(self, head: bytes) -> bytes:
        return hashlib.blake2b(head, key=self._secret, digest_size=_MARK_BYTES).digest()
