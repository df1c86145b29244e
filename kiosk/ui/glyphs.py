"""
Which characters a font file has a glyph for: its ``cmap`` table, read without anything else of it.

Kivy draws an empty box for a character its font does not have, and does not say so. fonttools reads the table too, but
takes longer to import than the window takes to open; the tests compare the two.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from feedback.errors import AfterwordError

COLLECTION = b"ttcf"
SEGMENTS, GROUPS = 4, 12
"""The two formats of the table that fonts of today have: up to U+FFFF, and all of Unicode."""


class FontError(AfterwordError):
    """A font file that is none."""


@dataclass(frozen=True)
class Coverage:
    """Spans of characters, first and last of each, in order."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def __contains__(self, char: str) -> bool:
        at = bisect_right(self.firsts, ord(char)) - 1
        return at >= 0 and ord(char) <= self.lasts[at]


@cache
def coverage(path: Path) -> Coverage:
    """
    The characters of the font at *path*; of a collection's first.

    Raises:
        FontError: It cannot be read, or is no font.
    """
    try:
        raw = path.read_bytes()
        at, best = _cmap(raw), None
        for number in range(_whole(raw, at + 2)):
            _, _, offset = struct.unpack_from(">HHI", raw, at + 4 + 8 * number)
            kind = _whole(raw, at + offset)
            if kind in {SEGMENTS, GROUPS} and (best is None or kind > best[0]):
                best = kind, at + offset
        if best is None:
            raise FontError(
                f"{path}: has no table of characters this program reads: use the font that came with it"
            )
        spans = _groups(raw, best[1]) if best[0] == GROUPS else _segments(raw, best[1])
    except (OSError, struct.error, ValueError):
        raise FontError(
            f"{path}: is not a font that can be read: use the font that came with the program"
        ) from None
    return Coverage(tuple(first for first, _ in spans), tuple(last for _, last in spans))


def _whole(raw: bytes, at: int) -> int:
    number: int = struct.unpack_from(">H", raw, at)[0]
    return number


def _cmap(raw: bytes) -> int:
    """Where the table begins."""
    start = struct.unpack_from(">I", raw, 12)[0] if raw[:4] == COLLECTION else 0
    for number in range(_whole(raw, start + 4)):
        tag, _, offset, _ = struct.unpack_from(">4sIII", raw, start + 12 + 16 * number)
        if tag == b"cmap":
            return int(offset)
    raise ValueError("no cmap")


def _groups(raw: bytes, at: int) -> list[tuple[int, int]]:
    count = struct.unpack_from(">I", raw, at + 12)[0]
    return sorted(struct.unpack_from(">II", raw, at + 16 + 12 * number) for number in range(count))


def _segments(raw: bytes, at: int) -> list[tuple[int, int]]:
    """Of the older format, in which a span may have holes: characters whose glyph is number 0."""
    count = _whole(raw, at + 6) // 2
    lasts, firsts = at + 14, at + 16 + 2 * count
    deltas, offsets = firsts + 2 * count, firsts + 4 * count
    found = []
    for number in range(count):
        first, last = _whole(raw, firsts + 2 * number), _whole(raw, lasts + 2 * number)
        delta, offset = _whole(raw, deltas + 2 * number), _whole(raw, offsets + 2 * number)
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset:
                glyph = _whole(raw, offsets + 2 * number + offset + 2 * (code - first))
            if (not offset or glyph) and (glyph + delta) & 0xFFFF:
                found.append((code, code))
    return found
