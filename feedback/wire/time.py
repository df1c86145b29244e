"""``GET /v1/time``: UTC signed by central, usable over plain HTTP by a kiosk that knows nothing."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.wire import fields


@dataclass(frozen=True, slots=True)
class SignedTime:
    """UTC at central, milliseconds since 1970. Right to within the time the question was under way."""

    server_utc_ms: int


def encode_time(time: SignedTime) -> bytes:
    """*time* as bytes."""
    return fields.pack({"v": fields.VERSION, "server_utc_ms": time.server_utc_ms})


def decode_time(raw: bytes) -> SignedTime:
    """The time in *raw*. Raises WireError."""
    document = fields.unpack(raw, frozenset({"server_utc_ms"}))
    return SignedTime(fields.whole(document["server_utc_ms"], "server_utc_ms"))
