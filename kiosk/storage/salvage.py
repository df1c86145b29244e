"""
What can be saved of a damaged store: the rows whose checksum holds, in a file of their own under the old store's id.

The damaged set is only read. What is missing stays missing: gaps show as spoiled to whoever reads the new file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from feedback.answers import Anchor, Answer
from feedback.errors import StoreError
from kiosk.storage.database import SQLITE_ERRORS, new_file, open_reader
from kiosk.storage.meanings import read_meanings
from kiosk.storage.pages import Value, pages_of, rows_of
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import (
    APPLICATION,
    STORE_BYTES,
    about_crc,
    anchor_crc,
    answer_crc,
    beginning,
    to_answer,
)

NAME = "answers.db"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """
    A store that gets no more rows.

    Attributes:
        path: The file with what could be saved; read it with ``AnswersReader``.
        store: The id under which its answers are sent, as before.
        kept: Answers saved.
        last_seq: The highest of them; higher ones may have been lost without a trace.
    """

    path: Path
    store: bytes
    kept: int
    last_seq: int


@dataclass
class _Found:
    """What the pages say, before any checksum. A lookup number may have several meanings: only one verifies."""

    about: dict[str, Value] = field(default_factory=dict)
    boots: defaultdict[Value, set[tuple[Value, ...]]] = field(default_factory=lambda: defaultdict(set))
    places: defaultdict[Value, set[tuple[Value, ...]]] = field(default_factory=lambda: defaultdict(set))
    asks: defaultdict[Value, set[tuple[Value, ...]]] = field(default_factory=lambda: defaultdict(set))
    texts: dict[int, tuple[bytes | None, bytes]] = field(default_factory=dict)


def salvage(aside: Path, stores: Path) -> Salvaged | None:
    """
    Save what verifies of the damaged set in the folder *aside* into a new file in the folder *stores*.

    None if it holds nothing that can be told to be an answer. Takes about half a minute for a million
    rows on a fast machine: not in the way of a press. Doing it again finds the file already made.

    Raises:
        OSError: The set cannot be read or the card is full.
    """
    raw = _bytes(aside / NAME), _bytes(aside / (NAME + "-wal"))
    found = _lookups(raw, read_meanings(aside / NAME))
    store = found.about.get("store")
    if not isinstance(store, bytes) or len(store) != STORE_BYTES:
        return None
    target = stores / f"{store.hex()}.db"
    if not target.exists():
        found.texts = _texts(aside / NAME)
        new_file(target, _statements(raw, found, store), APPLICATION)
    return _counted(target, store)


def old_stores(stores: Path) -> list[AnswersReader]:
    """A reader for each store that was salvaged into the folder *stores*."""
    return [AnswersReader(path) for path in sorted(stores.glob("*.db"))]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _lookups(raw: tuple[bytes, bytes], kept: dict[str, Any]) -> _Found:
    found = _Found()
    found.about.update((name, kept[name]) for name in ("store", "kiosk", "created_ms") if name in kept)
    for table, numbers in (("boots", found.boots), ("places", found.places), ("asks", found.asks)):
        for number, *values in kept.get(table, ()):
            numbers[number].add(tuple(values))
    for page in pages_of(*raw):
        for number, values in rows_of(page):
            # The table a row belongs to shows in how many values it has; the first is the rowid's place.
            match values:
                case [str(name), value, int(crc)] if crc == about_crc(name, value):
                    found.about[name] = value
                case [None, str()]:
                    found.boots[number].add(tuple(values[1:]))
                case [None, str(), str()]:
                    found.places[number].add(tuple(values[1:]))
                case [None, str(), int(), str(), str(), str()]:
                    found.asks[number].add(tuple(values[1:]))
    return found


def _statements(
    raw: tuple[bytes, bytes], found: _Found, store: bytes
) -> Iterator[tuple[str, tuple[object, ...]]]:
    kiosk, created_ms = found.about.get("kiosk", ""), found.about.get("created_ms", 0)
    yield from beginning(str(kiosk), created_ms if isinstance(created_ms, int) else 0, store)
    numbers: dict[object, int] = {}
    done: set[int] = set()
    for page in pages_of(*raw):
        for number, values in rows_of(page):
            # The file and its WAL hold the same row many times.
            answer = None if number in done else _answer(number, values, found, store)
            if answer is not None:
                done.add(number)
                yield from _numbered(numbers, answer)
                yield from _rows(numbers, answer, found, store)
            yield from _anchor(number, values, store)


def _answer(number: int, values: list[Value], found: _Found, store: bytes) -> Answer | None:
    if len(values) != 11:
        return None
    _rowid, response, boot, boot_ms, wall_ms, place, ask, value, source, test, crc = values
    digest = found.texts.get(number, (None, None))[1]
    for (b,), p, k in product(found.boots[boot], found.places[place], found.asks[ask]):
        row = (number, response, *p, *k, value, source, b, boot_ms, wall_ms, test, digest, crc)
        answer = to_answer(row, store)
        if answer is not None:
            return answer
    return None


def _numbered(numbers: dict[object, int], answer: Answer) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The lookup lines that *answer* is the first to need."""
    ask, place = answer.ask, answer.place
    lines = (
        (answer.moment.boot, "INSERT INTO boots VALUES (?, ?)", (answer.moment.boot,)),
        (place, "INSERT INTO places VALUES (?, ?, ?)", (place.branch, place.touchpoint)),
        (
            ask,
            "INSERT INTO asks VALUES (?, ?, ?, ?, ?, ?)",
            (ask.survey, ask.version, ask.question, ask.kind.value, ask.language),
        ),
    )
    for meaning, statement, values in lines:
        if meaning not in numbers:
            numbers[meaning] = len(numbers) + 1
            yield statement, (numbers[meaning], *values)


def _rows(
    numbers: dict[object, int], answer: Answer, found: _Found, store: bytes
) -> Iterator[tuple[str, tuple[object, ...]]]:
    yield (
        "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            answer.seq,
            answer.response,
            numbers[answer.moment.boot],
            answer.moment.boot_ms,
            answer.moment.wall_ms,
            numbers[answer.place],
            numbers[answer.ask],
            answer.value,
            answer.source.value,
            int(answer.test),
            answer_crc(store, answer),
        ),
    )
    if answer.text_digest:
        sealed, digest = found.texts[answer.seq]
        yield "INSERT INTO texts VALUES (?, ?, ?)", (answer.seq, sealed, digest)


def _anchor(number: int, values: list[Value], store: bytes) -> Iterator[tuple[str, tuple[object, ...]]]:
    match values:
        case [None, str(boot), int(boot_ms), int(utc_ms), str(source), int(error_ms), int(crc)]:
            anchor = Anchor(boot, boot_ms, utc_ms, source, error_ms)
            if crc == anchor_crc(store, anchor):
                yield "INSERT OR IGNORE INTO anchors VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *values[1:])


def _texts(path: Path) -> dict[int, tuple[bytes | None, bytes]]:
    """
    The sealed texts that SQLite can still reach.

    Not from raw pages: an old page may hold a text that was erased since.
    """
    found: dict[int, tuple[bytes | None, bytes]] = {}
    with suppress(StoreError, *SQLITE_ERRORS), closing(open_reader(path)) as connection:
        for seq, sealed, digest in connection.execute("SELECT seq, sealed, digest FROM texts"):
            found[seq] = (sealed, digest)
    return found


def _counted(path: Path, store: bytes) -> Salvaged:
    with closing(open_reader(path)) as connection:
        kept, last = connection.execute("SELECT count(*), coalesce(max(seq), 0) FROM answers").fetchone()
    return Salvaged(path, store, kept, last)
