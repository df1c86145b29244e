"""
A line of text as it must be drawn: pieces from left to right, each in one font and one direction.

Letters, digits and brackets of both directions on one line take the order of Unicode's bidirectional algorithm. What no
font has is left out and can be asked for; an empty box tells a customer nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import bidi

from kiosk.ui.typefaces import Face, faces

FIRST_FROM_THE_RIGHT = "\u0590"
"""No character below it is written from the right."""
_LEVEL = re.compile(r"Level\(\s*(\d+)")
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Run:
    """A piece of a line: its *text* in reading order, what draws it, and whether from the right."""

    text: str
    face: Face
    rtl: bool


@lru_cache(maxsize=1024)
def runs(line: str, role: str, *, rtl: bool) -> tuple[Run, ...]:
    """*line* in the fonts of *role*, from left to right; *rtl*: the paragraph it is of is read from the right."""
    chosen = _chosen(line, faces(role))
    levels = _levels(line, rtl=rtl)
    pieces = [
        (level, Run("".join(line[at] for at in places), face, bool(level % 2)))
        for (level, face), places in _grouped(range(len(line)), levels, chosen)
        if face is not None
    ]
    return tuple(piece for _, piece in _visual(pieces))


def missing(text: str, role: str = "text") -> str:
    """The characters of *text* that no font has, each once."""
    have = faces(role)
    return "".join(
        dict.fromkeys(char for char in text if not _unseen(char) and not any(face.has(char) for face in have))
    )


def from_the_right(text: str) -> bool:
    """Whether *text* as a paragraph is read from the right: by its first letter that has a direction."""
    return max(text, default="") >= FIRST_FROM_THE_RIGHT and bidi.get_base_level(text) == 1


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in {"Cf", "Cc", "Zl", "Zp"}


def _chosen(line: str, have: Sequence[Face]) -> list[Face | None]:
    """The font of each character; None: it is not drawn."""
    chosen: list[Face | None] = []
    last: Face | None = None
    for char in line:
        face: Face | None
        if char in _JOINERS:
            face = last  # they shape the letters around them, and few fonts list them
        elif _unseen(char):
            face = None
        elif last is not None and _follows(char) and last.has(char):
            face = last
        else:
            face = next((one for one in have if one.has(char)), None)
        chosen.append(face)
        last = face or last
    return chosen


def _follows(char: str) -> bool:
    """Whether *char* stays in its neighbour's font: a space, a sign, or a mark on a letter; digits are Inter's."""
    return unicodedata.category(char)[0] in "MPSZ"


def _levels(line: str, *, rtl: bool) -> list[int]:
    """The embedding level of each character: even from the left, odd from the right."""
    if not rtl and max(line, default="") < FIRST_FROM_THE_RIGHT:
        return [0] * len(line)
    # What it returns for "debug": a level for each byte, then the paragraph's.
    found = bidi.get_display(line, base_dir="R" if rtl else "L", debug=True)
    by_byte = [int(level) for level in _LEVEL.findall(str(found))]
    levels, at = [], 0
    for char in line:
        levels.append(by_byte[at])
        at += len(char.encode())
    return levels


def _grouped(
    places: Iterable[int], levels: Sequence[int], chosen: Sequence[Face | None]
) -> list[tuple[tuple[int, Face | None], list[int]]]:
    grouped = groupby(places, key=lambda at: (levels[at], chosen[at]))
    return [(key, list(group)) for key, group in grouped]


def _visual(pieces: list[tuple[int, Run]]) -> list[tuple[int, Run]]:
    """From left to right: rule L2, from the highest level down to the lowest odd one, reverse what is not below it."""
    highest = max((level for level, _ in pieces), default=0)
    for level in range(highest, 0, -1):
        turned: list[tuple[int, Run]] = []
        parts = [(inside, list(part)) for inside, part in groupby(pieces, key=lambda one: one[0] >= level)]
        for inside, part in parts:
            turned += reversed(part) if inside else part
        pieces = turned
    return pieces
