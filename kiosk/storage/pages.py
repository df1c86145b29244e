"""Rows from the raw pages of an SQLite file, whatever the tree above them has become. For salvage only."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

PAGE = 4096
TABLE_LEAF, INDEX_LEAF = 13, 10
"""The kinds of page that hold rows; an index leaf is also what a WITHOUT ROWID table is made of."""
MOST_LOCAL = {TABLE_LEAF: PAGE - 35, INDEX_LEAF: (PAGE - 12) * 64 // 255 - 23}
"""Bytes of a row up to which it lies whole on its page."""
INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
FILE_HEADER, WAL_HEADER, FRAME_HEADER = 100, 32, 24

Value = int | str | bytes | None
Row = tuple[int, list[Value]]


class _NotARow(Exception):  # noqa: N818  never leaves this module
    """These bytes are no row."""


def pages_of(database: bytes, wal: bytes) -> Iterator[bytes]:
    """
    Every page of the file and every version of a page in its WAL, also of earlier turns.

    Old versions are welcome: rows are only added, and each carries its checksum.
    """
    for at in range(0, len(database) - PAGE + 1, PAGE):
        yield database[at : at + PAGE]
    for at in range(WAL_HEADER, len(wal) - PAGE - FRAME_HEADER + 1, PAGE + FRAME_HEADER):
        yield wal[at + FRAME_HEADER : at + FRAME_HEADER + PAGE]


def pages_in(database: Path, wal: Path, unread: list[OSError]) -> Iterator[bytes]:
    """
    As ``pages_of``, from the files, a page at a time.

    What the card does not give is passed over, and why is added to *unread*.
    """
    yield from _blocks(database, 0, PAGE, unread)
    for frame in frames_in(wal, unread):
        yield frame[FRAME_HEADER:]


def frames_in(wal: Path, unread: list[OSError]) -> Iterator[bytes]:
    """Every frame of *wal*, sound or not: a header and a version of a page."""
    yield from _blocks(wal, WAL_HEADER, FRAME_HEADER + PAGE, unread)


def ends_commit(frame: bytes) -> bool:
    """Whether *frame* says that a commit ends with it."""
    return frame[4:8] != bytes(4)


def frame_sum(before: bytes, frame: bytes) -> bytes:
    """
    The checksum of *frame*, which goes on from *before*: that of the frame in front, or of the WAL's header.

    SQLite's file format, 4.2; on a machine whose words are little-endian, as a kiosk's are.
    """
    first, second = struct.unpack(">II", before)
    words = struct.unpack(f"<{(PAGE + 8) // 4}I", frame[:8] + frame[FRAME_HEADER:])
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.pack(">II", first, second)


def _blocks(path: Path, first: int, size: int, unread: list[OSError]) -> Iterator[bytes]:
    if not path.exists():
        return
    with path.open("rb", buffering=0) as file:
        for at in range(first, path.stat().st_size - size + 1, size):
            try:
                block = os.pread(file.fileno(), size, at)
            except OSError as error:
                unread.append(error)
                continue
            if len(block) == size:
                yield block


def rows_of(page: bytes) -> Iterator[Row]:
    """The rows that stand whole on *page*: rowid (0 where there is none) and values. Nothing is promised of them."""
    start = FILE_HEADER if page.startswith(b"SQLite format 3") else 0
    kind = page[start]
    if kind not in MOST_LOCAL:
        return
    count = int.from_bytes(page[start + 3 : start + 5])
    for at in range(start + 8, min(start + 8 + 2 * count, PAGE - 1), 2):
        try:
            yield _row(page, int.from_bytes(page[at : at + 2]), kind)
        except (_NotARow, IndexError, UnicodeDecodeError):
            continue


def _row(page: bytes, at: int, kind: int) -> Row:
    size, at = _varint(page, at)
    rowid = 0
    if kind == TABLE_LEAF:
        rowid, at = _varint(page, at)
    if not 0 < size <= MOST_LOCAL[kind] or at + size > PAGE:
        raise _NotARow
    return rowid, _values(page[at : at + size])


def _values(record: bytes) -> list[Value]:
    header, at = _varint(record, 0)
    body, values = header, []
    while at < header:
        serial, at = _varint(record, at)
        value, body = _value(record, serial, body)
        values.append(value)
    if body != len(record):
        raise _NotARow
    return values


def _value(record: bytes, serial: int, at: int) -> tuple[Value, int]:
    if serial == 0:
        return None, at
    if serial in {8, 9}:
        return serial - 8, at
    size = INTEGER_BYTES.get(serial) or (serial - 12) // 2
    raw = record[at : at + size]
    if len(raw) != size or serial in {7, 10, 11}:
        raise _NotARow
    if serial in INTEGER_BYTES:
        return int.from_bytes(raw, signed=True), at + size
    return (raw.decode() if serial % 2 else raw), at + size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    number = 0
    for step in range(8):
        byte = raw[at + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + step + 1
    number = number << 8 | raw[at + 8]
    return (number - (1 << 64) if number >> 63 else number), at + 9
