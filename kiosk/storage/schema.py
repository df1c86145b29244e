"""``answers.db``: its tables, what a row means, and the checksum that tells a damaged row from a true one."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar
from zlib import crc32

from feedback.answers import Anchor, Answer, Ask, Moment, Place, Source
from feedback.errors import StoreError
from feedback.ratings import Kind
from kiosk.storage.database import DamagedError

APPLICATION = 0x41667764
"""``Afwd``, in the file's own header: not every database named answers.db is one."""
SCHEMA = 1
"""What this program writes."""
USABLE_FROM = 1
"""
The oldest program that may write a file of SCHEMA without breaking it.

A new kind or source of answers raises it as well: an older program would take such rows for spoiled.
"""
FIRST_SCHEMA = 1
"""What TABLES make; a new file comes to SCHEMA by the migrations that old ones take."""
STORE_BYTES = 16

TABLES = """\
CREATE TABLE about (name TEXT PRIMARY KEY, value ANY NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE boots (id INTEGER PRIMARY KEY, boot TEXT NOT NULL) STRICT;
CREATE TABLE places (id INTEGER PRIMARY KEY, branch TEXT NOT NULL, touchpoint TEXT NOT NULL) STRICT;
CREATE TABLE asks (
    id INTEGER PRIMARY KEY, survey TEXT NOT NULL, version INTEGER NOT NULL,
    question TEXT NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL
) STRICT;
CREATE TABLE answers (
    seq INTEGER PRIMARY KEY, response INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boots, boot_ms INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
    place INTEGER NOT NULL REFERENCES places, ask INTEGER NOT NULL REFERENCES asks,
    value INTEGER NOT NULL, source TEXT NOT NULL, test INTEGER NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE texts (seq INTEGER PRIMARY KEY REFERENCES answers, sealed BLOB, digest BLOB NOT NULL) STRICT;
CREATE TABLE anchors (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL, boot_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL, source TEXT NOT NULL, error_ms INTEGER NOT NULL, crc INTEGER NOT NULL
) STRICT
"""
"""
Rows are only added. STRICT: a value of another type is damage, not something to convert. No index beside the
keys, each would cost every press one more page; the one writer knows by itself what the lookups hold.
"""

ANSWERS = (
    "SELECT a.seq, a.response, p.branch, p.touchpoint, k.survey, k.version, k.question, k.kind, k.language,"
    " a.value, a.source, b.boot, a.boot_ms, a.wall_ms, a.test, t.digest, a.crc"
    " FROM answers a LEFT JOIN boots b ON b.id = a.boot LEFT JOIN places p ON p.id = a.place"
    " LEFT JOIN asks k ON k.id = a.ask LEFT JOIN texts t ON t.seq = a.seq"
)
"""Answers with what their lookups stand for. LEFT JOIN: a row whose lookup is gone is reported too."""

Row = tuple[object, ...]
Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class About:
    """
    What a store says of itself.

    Attributes:
        store: 16 random bytes, minted with the file: half of every answer's identity.
        kiosk: The kiosk it belongs to.
        schema: The version of its tables.
        usable_from: Programs whose SCHEMA is lower must not touch it; all others may, also an older release.
        created_ms: By the wall clock then, right or wrong.
    """

    store: bytes
    kiosk: str
    schema: int
    usable_from: int
    created_ms: int


def beginning(
    kiosk: str, wall_ms: int, store: bytes | None = None
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The statements that make a store for *kiosk*, with an id of its own unless it goes on under *store*."""
    for table in TABLES.split(";\n"):
        yield table, ()
    about = {
        "store": store or secrets.token_bytes(STORE_BYTES),
        "kiosk": kiosk,
        "schema": FIRST_SCHEMA,
        "usable_from": FIRST_SCHEMA,
        "created_ms": wall_ms,
    }
    for name, value in about.items():
        yield "INSERT INTO about VALUES (?, ?, ?)", (name, value, about_crc(name, value))


def read_about(connection: sqlite3.Connection, path: Path) -> About:
    """
    What the file at *path* says of itself.

    Raises:
        StoreError: It was made for a newer program.
        DamagedError: It is not a file of answers, or no longer.
        sqlite3.Error: It cannot be read.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION:
        raise DamagedError(
            f"{path} is damaged (its header is not that of a file of answers): run `kiosk prepare`"
        )
    rows = connection.execute("SELECT name, value, crc FROM about").fetchall()
    values = {name: value for name, value, crc in rows if crc == about_crc(name, value)}
    try:
        about = About(**{field: values[field] for field in About.__dataclass_fields__})
    except KeyError as error:
        raise DamagedError(
            f"{path} is damaged (its {error.args[0]} is spoiled): run `kiosk prepare`"
        ) from None
    if about.usable_from > SCHEMA:
        raise StoreError(
            f"{path} was written at version {about.schema} and needs a program of version "
            f"{about.usable_from} or newer, this one has version {SCHEMA}: install a newer afterword-kiosk"
        )
    return about


def answer_crc(store: bytes, answer: Answer) -> int:
    """
    The checksum of *answer* in *store*, over what it means and not over lookup numbers.

    So it also fails when a lookup row has changed under it, or when the row came from another store.
    """
    return crc32(store + answer.content())


def anchor_crc(store: bytes, anchor: Anchor) -> int:
    """The checksum of *anchor* in *store*."""
    return crc32(
        store + repr((anchor.boot, anchor.boot_ms, anchor.utc_ms, anchor.source, anchor.error_ms)).encode()
    )


def about_crc(name: str, value: object) -> int:
    """The checksum of one line of what a store says of itself."""
    return crc32(repr((name, value)).encode())


def to_answer(row: Row, store: bytes) -> Answer | None:
    """The answer in a *row* of ANSWERS; None if it is not as it was written."""
    (
        seq, response, branch, touchpoint, survey, version, question, kind, language,
        value, source, boot, boot_ms, wall_ms, test, digest, crc,
    ) = row  # fmt: skip
    try:
        answer = Answer(
            seq,  # type: ignore[arg-type]  # what SQLite gives back is proved by the checksum, below
            response,  # type: ignore[arg-type]
            _place(branch, touchpoint),
            _ask(survey, version, question, kind, language),
            value,  # type: ignore[arg-type]
            Source(source),
            Moment(boot, boot_ms, wall_ms),  # type: ignore[arg-type]
            bool(test),
            digest or b"",  # type: ignore[arg-type]
        )
        return answer if crc == answer_crc(store, answer) else None
    except (ValueError, TypeError, AttributeError):
        return None


class Lookups:
    """The numbers that stand for boots, places and asks, known to the one writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._boots = Lookup[str](connection, "boots", str)
        self._places = Lookup[Place](connection, "places", Place)
        self._asks = Lookup[Ask](connection, "asks", _ask)

    @property
    def size(self) -> int:
        """How many meanings there are; they only grow."""
        return self._boots.size + self._places.size + self._asks.size

    def boot(self, boot: str) -> int:
        return self._boots.number(boot, (boot,))

    def place(self, place: Place) -> int:
        return self._places.number(place, (place.branch, place.touchpoint))

    def row(self, answer: Answer, store: bytes) -> Row:
        """*answer* as a row of ``answers`` in *store*, with its checksum."""
        moment = answer.moment
        return (
            answer.seq,
            answer.response,
            self.boot(moment.boot),
            moment.boot_ms,
            moment.wall_ms,
            self.place(answer.place),
            self.ask(answer.ask),
            answer.value,
            answer.source.value,
            int(answer.test),
            answer_crc(store, answer),
        )

    def ask(self, ask: Ask) -> int:
        return self._asks.number(ask, (ask.survey, ask.version, ask.question, ask.kind.value, ask.language))


class Lookup(Generic[Meaning]):
    """One lookup table: a number for each meaning, added within the transaction that first needs it."""

    def __init__(self, connection: sqlite3.Connection, table: str, meaning: Callable[..., Meaning]) -> None:
        self._connection = connection
        self._table = table
        self._numbers: dict[Meaning, int] = {}
        self._last = 0
        for number, *values in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608  one of ours
            self._last = max(self._last, number)
            # A damaged line has lost its meaning; the answers that used it fail their checksums.
            with suppress(ValueError, TypeError):
                self._numbers[meaning(*values)] = number

    @property
    def size(self) -> int:
        return len(self._numbers)

    def number(self, meaning: Meaning, values: Row) -> int:
        """The number of *meaning*, which the table spells as *values*."""
        number = self._numbers.get(meaning)
        if number is None:
            self._last += 1
            marks = ", ?" * len(values)
            statement = f"INSERT INTO {self._table} VALUES (?{marks})"  # noqa: S608  one of ours
            self._connection.execute(statement, (self._last, *values))
            # Kept although the transaction may fail: after that nothing is written any more.
            number = self._numbers[meaning] = self._last
        return number


# typed: what is damaged may be equal and not the same, as 4 and 4.0.
@lru_cache(maxsize=1_024, typed=True)
def _place(branch: str, touchpoint: str) -> Place:
    return Place(branch, touchpoint)


@lru_cache(maxsize=1_024, typed=True)
def _ask(survey: str, version: int, question: str, kind: str, language: str) -> Ask:
    return Ask(survey, version, question, Kind(kind), language)
