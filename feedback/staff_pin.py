"""
The PIN that opens the staff screen: kept as a hash in the branch's settings document, never in clear.

scrypt (RFC 7914), with the cost in the hash itself, so that it can be raised later. A PIN of six digits has a million
values: the hash slows down whoever has stolen the document, and does not stop them. What stops the curious at the
screen is the lock-out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from itertools import pairwise

from feedback.errors import SettingsError

PIN = re.compile(r"[0-9]{6,10}")
HASH = re.compile(r"scrypt:(1[0-7]):([A-Za-z0-9+/]{22}==):([A-Za-z0-9+/]{43}=)")
COST_LOG2 = 14
"""2^14 rounds of 8 blocks take 16 MiB and about 50 ms on a Raspberry Pi 4 (inferred, not measured)."""
BLOCKS = 8
SALT_BYTES, KEY_BYTES = 16, 32


def hashed(pin: str, salt: bytes) -> str:
    """
    *pin* as the settings document holds it. *salt*: 16 random bytes, others for each PIN.

    Raises:
        SettingsError: It is no PIN, or one that is guessed first.
    """
    if not PIN.fullmatch(pin):
        raise SettingsError("the PIN: expected 6 to 10 digits")
    if _is_obvious(pin):
        raise SettingsError(
            "the PIN: expected one that is not a row or a repeat of digits, such as 123456 or 000000"
        )
    return _hash(pin, COST_LOG2, salt)


def is_hash(text: str) -> bool:
    """Whether *text* is what ``hashed`` makes."""
    return HASH.fullmatch(text) is not None


def opens(pin: str, kept: str) -> bool:
    """
    Whether *pin* is the one whose hash is *kept*.

    >>> opens("271828", hashed("271828", bytes(16))), opens("271829", hashed("271828", bytes(16)))
    (True, False)
    """
    found = HASH.fullmatch(kept)
    if found is None or not PIN.fullmatch(pin):
        return False
    return hmac.compare_digest(_hash(pin, int(found[1]), b64decode(found[2])), kept)


def _hash(pin: str, cost_log2: int, salt: bytes) -> str:
    key = hashlib.scrypt(
        pin.encode(), salt=salt, n=1 << cost_log2, r=BLOCKS, p=1, dklen=KEY_BYTES, maxmem=1 << 29
    )
    return f"scrypt:{cost_log2}:{b64encode(salt).decode()}:{b64encode(key).decode()}"


def _is_obvious(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}
