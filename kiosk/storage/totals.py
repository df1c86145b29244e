"""
What is left of pruned answers: how many of each sort, by quarter of an hour and by rule, sealed.

In quarters of UTC, with how far the doubt about the time reaches: so they still fit the branch's days when its
zone changes. They are rows of answers.db, because nothing else can say it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

from feedback.timeline import Stay
from kiosk.storage.schema import about_crc

DAY_MS = 86_400_000
HOUR_QUARTERS = 4
FARTHEST = 105
"""Quarters: a doubt of more than a day reaches into another one whatever the zone, and the clocks' change."""
TABLES = """\
CREATE TABLE IF NOT EXISTS sealed (
    hour INTEGER PRIMARY KEY, upto INTEGER NOT NULL, counts TEXT NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS stayed (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL, first_seq INTEGER NOT NULL, first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, crc INTEGER NOT NULL
) STRICT"""
"""
Made when the first answers are pruned. A program that does not know them loses nothing but these counts.

``sealed`` has a row for each hour of UTC, small enough to stand whole on a page: so it can be salvaged like an answer.
``stayed`` keeps of each pruned boot what bounds the times of its neighbours.
"""
PRUNED = "pruned_upto"


class Asked(NamedTuple):
    """
    What was asked.

    Attributes:
        kind: The name of a ``feedback.ratings.Kind``.
        opens: The answer opened its response. Only a rating that does is judged by the rules and enters the SLI.
    """

    survey: str
    question: str
    kind: str
    opens: bool


class Total(NamedTuple):
    """
    One sort of pruned answer.

    Attributes:
        quarter: The quarter of UTC it was in, counted from 1970.
        early: So many quarters earlier it may have been, up to ``FARTHEST``.
        late: So many quarters later.
        due: So many quarters after its own it may be shown to staff at the earliest.
        rule: Why it was set aside; empty: it counts.
    """

    quarter: int
    early: int
    late: int
    due: int
    asked: Asked
    value: int
    rule: str


Totals = Counter[Total]


class Sealed(NamedTuple):
    """A row of ``sealed``; *upto*: answers up to this seq are in it."""

    hour: int
    upto: int
    counts: str
    crc: int


class Stayed(NamedTuple):
    """A row of ``stayed``, without its number."""

    boot: str
    first_seq: int
    first_ms: int
    last_ms: int
    crc: int


def pruned_upto(connection: sqlite3.Connection) -> int:
    """Answers up to this seq are gone on purpose, all of them delivered; 0: none."""
    row = connection.execute("SELECT value, crc FROM about WHERE name = ?", (PRUNED,)).fetchone()
    return int(row[0]) if row and row[1] == about_crc(PRUNED, row[0]) else 0


def sealed_days(connection: sqlite3.Connection, after: int = 0) -> list[int]:
    """The days of UTC to whose totals answers above seq *after* were added."""
    if not _has(connection, "sealed"):
        return []
    rows = connection.execute("SELECT DISTINCT hour / 24 FROM sealed WHERE upto > ? ORDER BY 1", (after,))
    return [day for (day,) in rows]


def read_totals(connection: sqlite3.Connection, store: bytes, day: int | None = None) -> Totals:
    """How many of each sort were pruned, on one *day* of UTC or ever."""
    found: Totals = Counter()
    first, last = (0, 1 << 62) if day is None else (24 * day, 24 * day + 23)
    for row in sealed_rows(connection, store, first, last):
        found.update(_decoded(row[0], row[2]))
    return found


def sealed_rows(
    connection: sqlite3.Connection, store: bytes, first: int = 0, last: int = 1 << 62
) -> Iterator[Sealed]:
    """The rows of ``sealed`` for the hours *first* to *last* that are as they were written."""
    if not _has(connection, "sealed"):
        return
    query = "SELECT hour, upto, counts, crc FROM sealed WHERE hour BETWEEN ? AND ?"
    yield from (
        row for row in map(Sealed._make, connection.execute(query, (first, last))) if is_sound(store, row)
    )


def is_sound(store: bytes, row: Sealed | Stayed) -> bool:
    """Whether *row* is as it was written in *store*."""
    return row.crc == _crc(store, row[:-1])


def read_stays(connection: sqlite3.Connection, store: bytes) -> list[Stay]:
    """What pruned answers said of their boots."""
    return [Stay(*row[:4]) for row in stayed_rows(connection, store)]


def stayed_rows(connection: sqlite3.Connection, store: bytes) -> Iterator[Stayed]:
    """The rows of ``stayed`` that are as they were written."""
    if not _has(connection, "stayed"):
        return
    rows = connection.execute("SELECT boot, first_seq, first_ms, last_ms, crc FROM stayed ORDER BY id")
    yield from (row for row in map(Stayed._make, rows) if is_sound(store, row))


def add_totals(
    connection: sqlite3.Connection, store: bytes, more: Totals, stays: Iterable[Stay], upto: int
) -> None:
    """Note that *more* were pruned, and all up to seq *upto*: within the transaction that prunes."""
    make_tables(connection)
    for hour in sorted({total.quarter // HOUR_QUARTERS for total in more}):
        counts = Counter({one: n for one, n in more.items() if one.quarter // HOUR_QUARTERS == hour})
        for row in sealed_rows(connection, store, hour, hour):
            counts.update(_decoded(hour, row[2]))
        put_sealed(connection, store, hour, upto, _encoded(counts))
    for stay in stays:
        put_stay(connection, store, stay)
    line = (PRUNED, upto, about_crc(PRUNED, upto))
    connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?, ?)", line)


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables if they are not there."""
    for statement in TABLES.split(";\n"):
        connection.execute(statement)


def put_sealed(connection: sqlite3.Connection, store: bytes, hour: int, upto: int, counts: str) -> None:
    """Write a row of ``sealed`` in place of what its hour had."""
    values = (hour, upto, counts)
    row = (*values, _crc(store, values))
    connection.execute("INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?)", row)


def put_stay(connection: sqlite3.Connection, store: bytes, stay: Stay) -> None:
    """Add to what is known of a boot in *store*."""
    known = next((one for one in read_stays(connection, store) if one.boot == stay.boot), None)
    whole = merged(known, stay)
    values = (whole.boot, whole.first_seq, whole.first_ms, whole.last_ms)
    connection.execute("DELETE FROM stayed WHERE boot = ?", (stay.boot,))
    row = (*values, _crc(store, values))
    connection.execute("INSERT INTO stayed VALUES (NULL, ?, ?, ?, ?, ?)", row)


def merged(known: Stay | None, more: Stay) -> Stay:
    """What both say of one boot."""
    if known is None:
        return more
    return Stay(
        more.boot,
        min(known.first_seq, more.first_seq),
        min(known.first_ms, more.first_ms),
        max(known.last_ms, more.last_ms),
    )


def _has(connection: sqlite3.Connection, table: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone())


def _encoded(counts: Totals) -> str:
    """
    What was asked, once; then a short line for each sort, with its rule and its reach only where there are any.

    An hour takes some hundred bytes, where the rows it stands for took some thousand.
    """
    asked = sorted({one.asked for one in counts})
    lines: list[list[int | str]] = []
    for one, n in counts.items():
        line: list[int | str] = [one.quarter % HOUR_QUARTERS, asked.index(one.asked), one.value, n]
        reach = (one.early, one.late, one.due)
        lines.append([*line, one.rule, *reach] if any(reach) else [*line, one.rule] if one.rule else line)
    return json.dumps([asked, sorted(lines)], separators=(",", ":"))


def _decoded(hour: int, raw: str) -> Totals:
    asks, lines = json.loads(raw)
    asked = [Asked(survey, question, kind, bool(opens)) for survey, question, kind, opens in asks]
    found: Totals = Counter()
    for quarter, ask, value, n, *more in lines:
        early, late, due = more[1:] or (0, 0, 0)
        rule = more[0] if more else ""
        found[Total(HOUR_QUARTERS * hour + quarter, early, late, due, asked[ask], value, rule)] = n
    return found


def _crc(store: bytes, values: tuple[object, ...]) -> int:
    return crc32(store + repr(values).encode())
