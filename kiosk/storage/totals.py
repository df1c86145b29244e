"""What is left of pruned answers: how many presses of each rating, by quarter of an hour and by rule."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from feedback.misuse import Rule
from feedback.ratings import Rating
from kiosk.storage.schema import about_crc

QUARTER_MS = 900_000
"""Every time zone is some quarters of an hour away from UTC: so the totals fit any branch's days."""
DAY_MS = 86_400_000
TABLE = (
    "CREATE TABLE IF NOT EXISTS totals"
    " (day INTEGER PRIMARY KEY, counts TEXT NOT NULL, crc INTEGER NOT NULL) STRICT"
)
"""Made when the first answers are pruned. A program that does not know it loses nothing but these counts."""
PRUNED = "pruned_upto"


@dataclass(frozen=True, slots=True)
class Total:
    """
    One sort of pruned press.

    Attributes:
        quarter_ms: The UTC quarter of an hour it was in.
        rule: Why it was set aside; None: it counts.
        doubtful: Its time was not known to within a day.
    """

    quarter_ms: int
    rating: Rating
    rule: Rule | None
    doubtful: bool


def pruned_upto(connection: sqlite3.Connection) -> int:
    """Answers up to this seq are gone on purpose, all of them delivered; 0: none."""
    row = connection.execute("SELECT value, crc FROM about WHERE name = ?", (PRUNED,)).fetchone()
    return int(row[0]) if row and row[1] == about_crc(PRUNED, row[0]) else 0


def read_totals(connection: sqlite3.Connection) -> Counter[Total]:
    """How many of each sort were pruned."""
    found: Counter[Total] = Counter()
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'totals'").fetchone():
        for day, counts, crc in connection.execute("SELECT day, counts, crc FROM totals"):
            if crc == _crc(day, counts):
                found.update(_decoded(day, counts))
    return found


def add_totals(connection: sqlite3.Connection, more: Counter[Total], upto: int) -> None:
    """Note that *more* were pruned, and all up to seq *upto*: within the transaction that prunes."""
    connection.execute(TABLE)
    for day in sorted({total.quarter_ms // DAY_MS for total in more}):
        counts = Counter({one: n for one, n in more.items() if one.quarter_ms // DAY_MS == day})
        row = connection.execute("SELECT counts, crc FROM totals WHERE day = ?", (day,)).fetchone()
        if row and row[1] == _crc(day, row[0]):
            counts.update(_decoded(day, row[0]))
        raw = _encoded(counts)
        connection.execute("INSERT OR REPLACE INTO totals VALUES (?, ?, ?)", (day, raw, _crc(day, raw)))
    line = (PRUNED, upto, about_crc(PRUNED, upto))
    connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?, ?)", line)


def _encoded(counts: Counter[Total]) -> str:
    lines: Iterable[list[object]] = (
        [
            one.quarter_ms % DAY_MS // QUARTER_MS,
            one.rating.value,
            one.rule.value if one.rule else "",
            int(one.doubtful),
            n,
        ]
        for one, n in counts.items()
    )
    return json.dumps(sorted(lines), separators=(",", ":"))


def _decoded(day: int, raw: str) -> Counter[Total]:
    return Counter(
        {
            Total(
                day * DAY_MS + quarter * QUARTER_MS,
                Rating(rating),
                Rule(rule) if rule else None,
                bool(doubtful),
            ): n
            for quarter, rating, rule, doubtful, n in json.loads(raw)
        }
    )


def _crc(day: int, raw: str) -> int:
    return crc32(f"{day}:{raw}".encode())
