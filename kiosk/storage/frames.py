"""
Files of the second copy: one framed record after the other, each by itself proof against damage.

A frame is a mark, the length of its record, a CRC over store and record, and the record. After damage the next mark
leads on. Inside the record stands the row's own checksum as well: 64 bits in all have to agree before a row counts.
"""

from __future__ import annotations

import json
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from zlib import crc32

from feedback.answers import Anchor, Answer, SealedText
from kiosk.storage.schema import anchor_crc, answer_crc, to_answer

MARK = b"\xf7\x00af"
"""No record contains it: JSON in ASCII has neither of its first two bytes."""
HEAD = struct.Struct("<4sII")
LONGEST = 16 << 20

Row = tuple[Answer, SealedText | None]


@dataclass(frozen=True, slots=True)
class Beginning:
    """
    What a file of the second copy begins with.

    Attributes:
        last_seq: The last answer in the files before.
        anchors: How many anchors are in the files before.
    """

    kiosk: str
    created_ms: int
    last_seq: int
    anchors: int


Record = Row | Anchor | Beginning


def frame(store: bytes, record: Record) -> bytes:
    """The bytes that stand for *record* of *store*."""
    raw = json.dumps(_fields(store, record), separators=(",", ":")).encode()
    return HEAD.pack(MARK, len(raw), crc32(store + raw)) + raw


def records(store: bytes, raw: bytes) -> Iterator[tuple[int, Record]]:
    """Every sound record in *raw*, each with where its frame ends; whatever is between is passed over."""
    at = raw.find(MARK)
    while 0 <= at <= len(raw) - HEAD.size:
        _, length, crc = HEAD.unpack_from(raw, at)
        end = at + HEAD.size + length
        record = raw[at + HEAD.size : end] if length <= LONGEST and end <= len(raw) else None
        if record is not None and crc == crc32(store + record):
            with suppress(ValueError, TypeError, KeyError, IndexError, AttributeError):
                found = _record(store, json.loads(record))
                if found is not None:
                    yield end, found
            at = raw.find(MARK, end)
        else:
            at = raw.find(MARK, at + 1)


def _fields(store: bytes, record: Record) -> list[object]:
    if isinstance(record, Beginning):
        return ["b", record.kiosk, record.created_ms, record.last_seq, record.anchors]
    if isinstance(record, Anchor):
        crc = anchor_crc(store, record)
        return ["t", record.boot, record.boot_ms, record.utc_ms, record.source, record.error_ms, crc]
    answer, text = record
    place, ask, moment = answer.place, answer.ask, answer.moment
    return [
        "a", answer.seq, answer.response, place.branch, place.touchpoint,
        ask.survey, ask.version, ask.question, ask.kind.value, ask.language,
        answer.value, answer.source.value, moment.boot, moment.boot_ms, moment.wall_ms, int(answer.test),
        answer.text_digest.hex(), answer_crc(store, answer),
        b64encode(text.sealed).decode() if text else None,
    ]  # fmt: skip


def _record(store: bytes, fields: list[object]) -> Record | None:
    match fields:
        case ["b", str(kiosk), int(created_ms), int(last_seq), int(anchors)]:
            return Beginning(kiosk, created_ms, last_seq, anchors)
        case ["t", str(boot), int(boot_ms), int(utc_ms), str(source), int(error_ms), int(crc)]:
            anchor = Anchor(boot, boot_ms, utc_ms, source, error_ms)
            return anchor if crc == anchor_crc(store, anchor) else None
        case ["a", *row, str(digest), int(crc), sealed]:
            answer = to_answer((*row, bytes.fromhex(digest), crc), store)
            if answer is None:
                return None
            return answer, SealedText(b64decode(sealed), answer.text_digest) if isinstance(
                sealed, str
            ) else None
    return None
