"""The tables of ``summary.db``, and how their rows are keyed and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from kiosk.storage.database import DamagedError

APPLICATION = 0x41667775
"""``Afwu``, in the file's own header."""
VERSION = 1
"""A file of another version is thrown away."""
TABLES = """\
CREATE TABLE about (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE asks (
    id INTEGER PRIMARY KEY, survey TEXT NOT NULL, question TEXT NOT NULL, kind TEXT NOT NULL,
    opens INTEGER NOT NULL
) STRICT;
CREATE TABLE stores (
    id INTEGER PRIMARY KEY, store BLOB NOT NULL, identity TEXT NOT NULL, pruned INTEGER NOT NULL,
    anchors INTEGER NOT NULL, seen INTEGER NOT NULL, whole INTEGER NOT NULL, spoiled INTEGER NOT NULL
) STRICT;
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, spoiled INTEGER NOT NULL, cells TEXT NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE spans (
    store INTEGER NOT NULL, boot TEXT NOT NULL, first INTEGER NOT NULL, low_ms INTEGER NOT NULL,
    high_ms INTEGER NOT NULL, PRIMARY KEY (store, boot, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE stays (
    store INTEGER NOT NULL, boot TEXT NOT NULL, first_seq INTEGER NOT NULL, first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, PRIMARY KEY (store, boot)
) STRICT, WITHOUT ROWID;
CREATE TABLE anchors (
    boot TEXT NOT NULL, boot_ms INTEGER NOT NULL, utc_ms INTEGER NOT NULL, source TEXT NOT NULL,
    error_ms INTEGER NOT NULL, noted INTEGER NOT NULL, PRIMARY KEY (boot, boot_ms, utc_ms, source, error_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE windows (
    store INTEGER NOT NULL, boot TEXT NOT NULL, zero_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, learned_ms INTEGER NOT NULL, PRIMARY KEY (store, boot)
) STRICT, WITHOUT ROWID;
CREATE TABLE waiting (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE days (day INTEGER PRIMARY KEY, cells TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE trend (day INTEGER PRIMARY KEY, counted TEXT NOT NULL, crc INTEGER NOT NULL) STRICT
"""
"""
``chunks`` and ``waiting`` are keyed by ``chunk_id``; ``trend`` repeats of each day the counts of its ratings, so that
thirty days are read in no time.
"""
STORE_BITS, CHUNK_OFFSET = 40, 1 << 24


@dataclass(frozen=True, slots=True)
class StoreState:
    """
    How far one store has been counted.

    Attributes:
        number: Its number in this file.
        identity: See ``Rows.identity``.
        pruned: Answers up to this were pruned then.
        anchors: Anchors up to this id are known.
        seen: Answers up to this are counted.
        whole: Nothing new changes a chunk that begins before this, but for what is noted in ``waiting``.
        spoiled: Rows that are not as they were written.
    """

    number: int
    identity: str
    pruned: int = 0
    anchors: int = 0
    seen: int = 0
    whole: int = 1
    spoiled: int = 0


Chunk = tuple[int, int]
"""A store's number and the first seq of a chunk; below zero: -1 - a day of UTC, whose pruned answers it holds."""


def beginning() -> Iterator[tuple[str, tuple[object, ...]]]:
    """The statements that make an empty file."""
    for table in TABLES.split(";\n"):
        yield table, ()
    yield "INSERT INTO about VALUES ('version', ?)", (VERSION,)


def chunk_id(chunk: Chunk) -> int:
    """The key of *chunk*."""
    store, first = chunk
    return (store << STORE_BITS) + first + CHUNK_OFFSET


def to_chunk(number: int) -> Chunk:
    """The chunk whose key is *number*."""
    store, rest = divmod(number, 1 << STORE_BITS)
    return store, rest - CHUNK_OFFSET


def sound(key: int, row: Sequence[Any]) -> str:
    """The text of a *row* of text and checksum under *key*. Raises DamagedError if it is not as it was written."""
    raw, crc = row[:2]
    if not isinstance(raw, str) or crc != raw_crc(key, raw):
        raise DamagedError(f"the counts under {key} are not as they were written")
    return raw


def raw_crc(key: int, raw: str) -> int:
    """The checksum of the text *raw* under *key*."""
    return crc32(f"{key}:{raw}".encode())


def table_names() -> list[str]:
    """Every table."""
    return [line.split()[2] for line in TABLES.split(";\n")]
