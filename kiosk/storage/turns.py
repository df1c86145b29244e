"""
Whether a commit may have stood right behind the end of a WAL.

SQLite writes a WAL again from its beginning once all of it is in the database: a new turn, with new salts, which each
frame carries. Behind the newest commit therefore stand frames of earlier turns. Anything else there was a commit: one
that a cut interrupted, or one that was thanked for and has rotted since. Nothing on the card tells these two apart.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kiosk.storage.pages import FRAME_HEADER, PAGE, WAL_HEADER

SALTS = 8
FRAME_SALTS_AT, OWN_SALTS_AT = 8, 16
TURNS = 1 << 16
"""A turn counts the first salt up by one; so far back it is taken for an earlier one of this WAL."""


@dataclass(frozen=True, slots=True)
class Turns:
    """
    The turn of which a WAL says it is, and that of which each of its frames says it is, by their salts.

    >>> now, before, stretched = bytes.fromhex("00000008aaaaaaaa"), bytes.fromhex("00000007bbbbbbbb"), b"12345678"
    >>> Turns(now, (now, now, before)).unclear_behind(2)
    False
    >>> Turns(now, (now, now, now, before)).unclear_behind(2)
    True
    >>> Turns(now, (now, b"rotten!!", before)).unclear_behind(1)
    True
    >>> Turns(now, (now, stretched, stretched)).unclear_behind(1)
    False
    """

    now: bytes
    frames: tuple[bytes, ...]

    def unclear_behind(self, shown: int) -> bool:
        """Whether what stands behind the first *shown* frames, the ones that SQLite shows, may be a commit."""
        behind = self.frames[shown : shown + 2]
        if not behind or behind[0] == bytes(SALTS):
            return bool(behind)
        # What the WAL was first grown with has salts that count to nothing, but there are many such frames.
        return not (
            self._is_earlier(behind[0])
            or (behind[0] != self.now and behind[0] == behind[-1] and len(behind) > 1)
        )

    def _is_earlier(self, salts: bytes) -> bool:
        return 0 < int.from_bytes(self.now[:4]) - int.from_bytes(salts[:4]) < TURNS


def turns_in(database: Path) -> Turns:
    """The turns in the WAL of *database*; to be asked before a writer opens it."""
    wal = database.with_name(database.name + "-wal")
    if not wal.exists():
        return Turns(b"", ())
    with wal.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        own = os.pread(file.fileno(), SALTS, OWN_SALTS_AT)
        starts = range(WAL_HEADER, size - FRAME_HEADER - PAGE + 1, FRAME_HEADER + PAGE)
        return Turns(own, tuple(os.pread(file.fileno(), SALTS, at + FRAME_SALTS_AT) for at in starts))
