"""
The key document: how central's keys changed, each change signed by a key that was central's before it.

A chain rather than one document signed by every earlier key: the private part of a replaced key need not be kept
anywhere, and a kiosk that was off for a year still finds the change its own keys have signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feedback.errors import WireError
from feedback.wire import fields
from feedback.wire.enrolment import KEY_BYTES, CentralKeys

MOST_CHANGES = 1_000
SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class KeyChange:
    """
    Central's keys from one moment on.

    Attributes:
        version: When it was signed, UTC milliseconds; more than any version before it.
        signer: The public key that signed: the signing key used until then, or the spare.
    """

    version: int
    keys: CentralKeys
    signer: bytes
    signature: bytes


def change_text(version: int, keys: CentralKeys) -> bytes:
    """What the signer of a change signs."""
    return b"afterword keys v1\n" + version.to_bytes(8, "big") + keys.current + keys.spare + keys.sealing


def encode_key_document(changes: Sequence[KeyChange]) -> bytes:
    """*changes*, the oldest first and at least one, as bytes."""
    return fields.pack(
        {
            "v": fields.VERSION,
            "version": changes[-1].version,
            "changes": [
                {
                    "version": change.version,
                    "current": fields.text(change.keys.current),
                    "spare": fields.text(change.keys.spare),
                    "sealing": fields.text(change.keys.sealing),
                    "signer": fields.text(change.signer),
                    "signature": fields.text(change.signature),
                }
                for change in changes
            ],
        }
    )


def decode_key_document(raw: bytes) -> tuple[KeyChange, ...]:
    """The changes in *raw*; whether to believe one is for its signature to say. Raises WireError."""
    document = fields.unpack(raw, frozenset({"version", "changes"}))
    changes = fields.rows(document["changes"], "changes", MOST_CHANGES)
    if not changes:
        raise WireError("changes: expected at least one")
    return tuple(_change(fields.mapping(one, "changes")) for one in changes)


def _change(raw: fields.Object) -> KeyChange:
    return KeyChange(
        version=fields.whole(raw.get("version"), "changes.version"),
        keys=CentralKeys(*(_octets(raw, name, KEY_BYTES) for name in ("current", "spare", "sealing"))),
        signer=_octets(raw, "signer", KEY_BYTES),
        signature=_octets(raw, "signature", SIGNATURE_BYTES),
    )


def _octets(raw: fields.Object, key: str, length: int) -> bytes:
    value: Any = raw.get(key)
    return fields.octets(value, f"changes.{key}", length, length)
