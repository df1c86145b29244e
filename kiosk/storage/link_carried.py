"""
What ``sync.db`` remembers of requests that left on a stick: their nonces, by which an answer is believed one day.

The table is made when it is missed: an older program's file has none, and an older program does not mind it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from feedback.answers import Anchor
from kiosk.storage.link_state import Fate, Span

KEPT = 1_000
"""Requests remembered. The oldest is forgotten first: its answers are then sent again, which is harmless."""
TABLE = """
CREATE TABLE IF NOT EXISTS carried (
    number INTEGER PRIMARY KEY AUTOINCREMENT, nonce TEXT NOT NULL UNIQUE, store BLOB NOT NULL, first INTEGER NOT NULL,
    count INTEGER NOT NULL, void TEXT NOT NULL, anchors TEXT NOT NULL, answered INTEGER NOT NULL
) STRICT
"""
COLUMNS = "number, nonce, store, first, count, void, anchors, answered"


@dataclass(frozen=True, slots=True)
class Carried:
    """
    One request that left on a stick.

    Attributes:
        number: In the order in which they left; 0: not kept yet.
        first, count: The answers in it.
        void: The spans that it told.
        anchors: Those that it told.
        answered: Nothing that answers it moves anything any more: it was taken, or central was restored since.
    """

    nonce: str
    store: bytes
    first: int
    count: int
    void: tuple[Span, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    number: int = 0
    answered: bool = False


def make_table(connection: sqlite3.Connection) -> None:
    """Make the table, if it is not there."""
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'carried'").fetchone()
    if not there:
        connection.execute(TABLE)


def keep(connection: sqlite3.Connection, one: Carried) -> int:
    """Remember *one*; its number, which no other ever has."""
    cursor = connection.execute(
        "INSERT INTO carried (nonce, store, first, count, void, anchors, answered) VALUES (?, ?, ?, ?, ?, ?, 0)",
        (
            one.nonce,
            one.store,
            one.first,
            one.count,
            json.dumps([[span.first, span.last, span.fate.value, span.reason] for span in one.void]),
            json.dumps([[a.boot, a.boot_ms, a.utc_ms, a.source, a.error_ms] for a in one.anchors]),
        ),
    )
    number = cursor.lastrowid or 0
    connection.execute("DELETE FROM carried WHERE number <= ?", (number - KEPT,))
    return number


def find(connection: sqlite3.Connection, nonce: str) -> Carried | None:
    """The request with *nonce*, if it is remembered."""
    row = connection.execute(f"SELECT {COLUMNS} FROM carried WHERE nonce = ?", (nonce,)).fetchone()  # noqa: S608  ours
    return _carried(*row) if row else None


def numbers(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    """Number and nonce of each that is remembered."""
    return list(connection.execute("SELECT number, nonce FROM carried ORDER BY number"))


def mark_answered(connection: sqlite3.Connection, nonces: Iterable[str]) -> None:
    """Central's answers to *nonces* were taken."""
    connection.executemany("UPDATE carried SET answered = 1 WHERE nonce = ?", [(one,) for one in nonces])


def close_all(connection: sqlite3.Connection) -> None:
    """Believe no answer to what left before: central was restored, and may have forgotten what it says there."""
    connection.execute("UPDATE carried SET answered = 1")


def _carried(
    number: int,
    nonce: str,
    store: bytes,
    first: int,
    count: int,
    void: str,
    anchors: str,
    answered: int,
) -> Carried:
    spans = tuple(Span(one, last, Fate(fate), reason) for one, last, fate, reason in json.loads(void))
    told = tuple(Anchor(*row) for row in json.loads(anchors))
    return Carried(nonce, store, first, count, spans, told, number, bool(answered))
