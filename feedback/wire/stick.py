"""
Files that travel on a stick: one line of JSON that says what the file is, then its content as it is.

The content is what HTTP would have carried: a signed request, sealed to central, or central's signed reply. Its seal
and its signature say what to believe. The first line is for whoever sorts files, and for saying what is wrong with one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from feedback.errors import WireError
from feedback.wire import fields
from feedback.wire.signing import MOST_REPLY_BYTES, MOST_REQUEST_BYTES

MOST_HEADERS = 20
LONGEST_VALUE = 2_000
_KIOSK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_HEAD_BYTES = 16_384
_ROOM_BYTES = 65_536
MOST_STICK_BYTES = max(MOST_REQUEST_BYTES, MOST_REPLY_BYTES) + _ROOM_BYTES
"""Of one file: as much as a request or a reply may have, with its headers, its seal and its first line."""


class StickKind(Enum):
    """What a file is; its name ends in the same."""

    REQUEST = "kexp"
    ACKNOWLEDGEMENT = "kack"
    ENROL_REQUEST = "kreq"
    ENROL_REPLY = "kres"


@dataclass(frozen=True, slots=True)
class StickFile:
    """
    One file.

    Attributes:
        kiosk: Whose it is: the kiosk that asks, or is answered.
        content: What its kind says.
        nonce: Of the request that is answered; empty for a request.
    """

    kind: StickKind
    kiosk: str
    content: bytes
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """
    An HTTP message without a wire: *status* is 0 for a request.

    Attributes:
        headers: Every field line that its signature needs, in order.
        body: Raw bytes, as they would be sent.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int = 0


def sync_path(kiosk: str) -> str:
    """
    The path that a sync request of *kiosk* is signed for, by network and on a stick alike.

    >>> sync_path("k-1")
    '/v1/kiosks/k-1/sync'
    """
    return f"/v1/kiosks/{quote(kiosk, safe='')}/sync"


def encode_stick_file(file: StickFile) -> bytes:
    """*file* as it lies on the stick."""
    head = {
        "v": fields.VERSION,
        "afterword": file.kind.value,
        "kiosk": file.kiosk,
        "nonce": file.nonce,
        "bytes": len(file.content),
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }
    return fields.pack(head) + b"\n" + file.content


def decode_stick_file(raw: bytes) -> StickFile:
    """
    The file in *raw*, whole and unaltered; who made it, its seal or signature has to say.

    Raises:
        WireError: It is something else, of another version, cut short or altered.
    """
    head, content = _split(raw, frozenset({"afterword", "kiosk", "nonce", "bytes", "sha256"}))
    try:
        kind = StickKind(head["afterword"])
    except ValueError:
        raise WireError("it is not a file of Afterword's that this version knows") from None
    size = fields.whole(head["bytes"], "bytes")
    if len(content) < size:
        raise WireError(f"it is cut short: {len(content)} of {size} bytes are there")
    if len(content) > size or hashlib.sha256(content).hexdigest() != head["sha256"]:
        raise WireError("it is not as it was written: its digest is another")
    kiosk, nonce = fields.name(head["kiosk"], "kiosk"), fields.name(head["nonce"], "nonce", 128)
    if not _KIOSK.fullmatch(kiosk):
        raise WireError("it names no kiosk")
    return StickFile(kind, kiosk, content, nonce)


def encode_message(message: Message) -> bytes:
    """*message* as bytes."""
    head = {"v": fields.VERSION, "status": message.status, "headers": [list(one) for one in message.headers]}
    return fields.pack(head) + b"\n" + message.body


def decode_message(raw: bytes) -> Message:
    """The message in *raw*; whether to believe it is for its signature to say. Raises WireError."""
    head, body = _split(raw, frozenset({"status", "headers"}))
    lines = fields.rows(head["headers"], "headers", MOST_HEADERS)
    return Message(tuple(_lines(lines)), body, fields.whole(head["status"], "status", 0, 599))


def _lines(raw: Iterable[object]) -> Iterable[tuple[str, str]]:
    for line in raw:
        name, value = fields.row(line, "headers", 2)
        yield fields.name(name, "headers"), fields.name(value, "headers", LONGEST_VALUE)


def _split(raw: bytes, required: frozenset[str]) -> tuple[fields.Object, bytes]:
    line, found, rest = raw.partition(b"\n")
    if not found or len(line) > _MOST_HEAD_BYTES:
        raise WireError("it is not a file of Afterword's, or cut short in its first line")
    try:
        return fields.unpack(line, required), rest
    except WireError as error:
        raise WireError(f"it is not a file of Afterword's that this version knows ({error})") from None
