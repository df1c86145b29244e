"""
Answers that stand in a WAL and that SQLite does not show.

SQLite ends a WAL at the first frame that does not verify. After a power cut that is right: what stands behind was
never acknowledged. After damage in the middle it is wrong: thanked answers stand behind, and their numbers would be
given again.
"""

from __future__ import annotations

from pathlib import Path

from kiosk.storage.pages import WAL_HEADER, pages_in, rows_of

COLUMNS = 11
RESPONSE = 1
"""Where an answer's row has its response; what is in front, the seq, is the row's own number."""

Standing = dict[int, set[int]]
"""Seq -> the responses it is said to belong to."""


def standing(database: Path) -> Standing:
    """
    Every row in the WAL of *database* that has the shape of an answer, whether SQLite would show it or not.

    To be asked before a writer opens the file: growing the WAL writes over what SQLite takes for its end.
    """
    wal = database.with_name(database.name + "-wal")
    found: Standing = {}
    if not wal.exists() or wal.stat().st_size <= WAL_HEADER:
        return found
    nothing = database.with_name(database.name + "-no-such-file")
    for page in pages_in(nothing, wal, []):
        for seq, values in rows_of(page):
            response = values[RESPONSE] if len(values) == COLUMNS and values[0] is None else None
            if isinstance(response, int):
                found.setdefault(seq, set()).add(response)
    return found


def hidden(rows: Standing, last_seq: int) -> set[int]:
    """
    The seqs among *rows* that were thanked for and are not shown in a store that ends with *last_seq*.

    The commit that a cut interrupted may stand there too, unthanked. It is one response, and its first seq follows
    *last_seq*. Two responses cannot be: the second commit begins when the first is on the card.

    >>> hidden({8: {7}, 9: {9}, 10: {9}}, 8), sorted(hidden({9: {9}, 10: {9}, 11: {11}}, 8))
    (set(), [9, 10, 11])
    """
    beyond = {seq: responses for seq, responses in rows.items() if last_seq < seq <= last_seq + len(rows)}
    return set(beyond) if len(set().union(*beyond.values())) > 1 else set()
