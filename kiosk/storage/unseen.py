"""
Answers that stand in a WAL and that SQLite does not show.

SQLite ends a WAL at the first frame that does not verify. After a power cut that is right: what stands behind was
never acknowledged. After damage in the middle it is wrong: thanked answers stand behind, and their numbers would be
given again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feedback.errors import StoreError
from kiosk.storage.database import writing
from kiosk.storage.pages import FRAME_HEADER, WAL_HEADER, Value, ends_commit, frame_sum, frames_in, rows_of
from kiosk.storage.reading import batch

COLUMNS = 11
RESPONSE = 1
"""Where an answer's row has its response; what is in front, the seq, is the row's own number."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row as it stands in the WAL.

    Attributes:
        values: As read; nothing is promised of them.
        frame: Where it stands, if that says it ends a commit; with the checksums of the two frames in *front*.
    """

    values: list[Value]
    frame: bytes = b""
    front: tuple[bytes, bytes] = (b"", b"")

    @property
    def ends_commit(self) -> bool:
        """Whether the whole of a page that ends a commit is there, as its checksum says."""
        if not self.frame:
            return False
        said = _sum_in(self.frame)
        if frame_sum(self.front[1], self.frame) == said:
            return True
        # A commit ends with the same frame twice (psow=0): this is the second, and the one in front is all rotten.
        return frame_sum(frame_sum(self.front[0], self.frame), self.frame) == said


Standing = dict[int, dict[int, list[Row]]]
"""Seq -> by the response it is said to belong to, the versions of the row."""


def standing(database: Path) -> Standing:
    """
    Every row in the WAL of *database* that has the shape of an answer, whether SQLite would show it or not.

    To be asked before a writer opens the file: growing the WAL writes over what SQLite takes for its end.
    """
    wal = database.with_name(database.name + "-wal")
    found: Standing = {}
    if not wal.exists() or wal.stat().st_size <= WAL_HEADER:
        return found
    with wal.open("rb") as file:
        front = (bytes(8), file.read(WAL_HEADER)[-8:])
    for frame in frames_in(wal, []):
        for seq, values in rows_of(frame[FRAME_HEADER:]):
            response = values[RESPONSE] if len(values) == COLUMNS and values[0] is None else None
            if isinstance(response, int):
                row = Row(values, frame, front) if ends_commit(frame) else Row(values)
                found.setdefault(seq, {}).setdefault(response, []).append(row)
        front = (front[1], _sum_in(frame))
    return found


def _sum_in(frame: bytes) -> bytes:
    return frame[FRAME_HEADER - 8 : FRAME_HEADER]


def beyond(rows: Standing, last_seq: int) -> Standing:
    """Those of *rows* that are not shown in a store that ends with *last_seq*, and can be its next."""
    return {seq: found for seq, found in rows.items() if last_seq < seq <= last_seq + len(rows)}


def hidden(rows: Standing, last_seq: int) -> set[int]:
    """
    The seqs among *rows* that were thanked for and are not shown in a store that ends with *last_seq*.

    A commit that a cut interrupted may stand there too, unthanked, and one that a cut interrupted before that: each
    is one response, which begins right after *last_seq*. What begins later followed a commit that was on the card.

    >>> hidden({8: {7: []}, 9: {9: []}, 10: {9: []}}, 8)
    set()
    >>> hidden({9: {4: [], 9: []}, 10: {9: []}}, 8)
    set()
    >>> sorted(hidden({9: {9: []}, 10: {9: []}, 11: {11: []}}, 8))
    [9, 10, 11]
    """
    further = beyond(rows, last_seq)
    # A response is numbered as its first answer.
    later = any(response > last_seq + 1 for responses in further.values() for response in responses)
    return set(further) if later else set()


def put_back(connection: sqlite3.Connection, store: bytes, rows: Standing, last_seq: int) -> int:
    """
    Store the one response again that stands in the WAL behind its end, if all of it verifies; how many answers.

    Either a cut interrupted its commit, or a block has rotted and it was thanked for. Which of the two cannot be
    known; somebody pressed, so it is kept. What does not verify, or is not known to be the whole of a commit, is
    left, and the store gets no more rows: its number is not given again.
    """
    further = beyond(rows, last_seq)
    found = [(seq, further[seq]) for seq in sorted(further)]
    if not found or [seq for seq, _ in found] != list(range(last_seq + 1, last_seq + 1 + len(found))):
        return 0
    if any(len(responses) > 1 for _, responses in found):  # of two cuts in a row; neither was thanked for
        return 0
    # The newest rows of a commit stand on its last page; without that page, more may have belonged to it.
    if not any(row.ends_commit for versions in found[-1][1].values() for row in versions):
        return 0
    try:
        with writing(connection):
            _store(connection, store, found)
    except (sqlite3.IntegrityError, sqlite3.DataError, StoreError):
        return 0
    return len(found)


def _store(
    connection: sqlite3.Connection, store: bytes, found: Sequence[tuple[int, dict[int, list[Row]]]]
) -> None:
    for seq, one in found:
        (versions,) = one.values()
        values = (seq, *versions[-1].values[1:])
        connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    if len(batch(connection, store, found[0][0], len(found)).answers) < len(found):
        raise StoreError("they are not as they were written")
