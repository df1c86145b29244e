"""
What can be saved of a damaged store: the rows whose checksum holds, in a file of their own under the old store's id.

The damaged set is only read. What is missing stays missing: gaps show as spoiled to whoever reads the new file.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from feedback.answers import Anchor, Answer, SealedText
from feedback.errors import StoreError
from kiosk.storage.closed import NAME, Found, Salvaged, close_store, closed_path
from kiosk.storage.database import SQLITE_ERRORS, open_reader
from kiosk.storage.meanings import read_meanings
from kiosk.storage.pages import PAGE, Row, Value, pages_in, rows_of
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import FIRST_SCHEMA, STORE_BYTES, About, about_crc, anchor_crc, to_answer
from kiosk.storage.totals import PRUNED, Sealed, Stayed, is_sound
from kiosk.storage.whole import write_whole

TRIES = 3
"""At so many starts a card is asked again for what it did not give."""
DONE = "salvaged.json"
"""In the folder with the damaged set, once all that can be saved of it has been."""


@dataclass
class _Pieces:
    """What the pages say, before any checksum. A lookup number may have several meanings: only one verifies."""

    about: dict[str, Value] = field(default_factory=dict)
    boots: defaultdict[Value, set[tuple[Value, ...]]] = field(default_factory=lambda: defaultdict(set))
    places: defaultdict[Value, set[tuple[Value, ...]]] = field(default_factory=lambda: defaultdict(set))
    asks: defaultdict[Value, set[tuple[Value, ...]]] = field(default_factory=lambda: defaultdict(set))
    last_seq: int = 0
    pruned_upto: int = 0
    pruned: list[Sealed | Stayed] = field(default_factory=list)
    unread: list[OSError] = field(default_factory=list)


def unsalvaged(folder: Path) -> list[Path]:
    """The damaged sets in the answers *folder* that nobody has tried to save yet, the oldest first."""
    return [aside for aside in sorted(folder.glob("damaged-*")) if not (aside / DONE).exists()]


def salvaging(aside: Path, folder: Path) -> Generator[None, None, Salvaged | None]:
    """
    Save what verifies of the damaged set in *aside* to a closed store of the answers *folder*, in small steps.

    None if it holds nothing that can be told to be an answer. Takes about a minute for a million rows on a
    fast machine. Doing it again, also after a cut, ends the same.

    Raises:
        OSError, sqlite3.Error: The card refuses. Also when it does not give all of the set: that may be for
            a moment only, so it is not taken for lost before a card has been asked at ``TRIES`` starts.
    """
    pieces = _Pieces()
    yield from _gather(aside / NAME, pieces)
    _ask_again(aside, pieces)
    about = _about(pieces)
    saved = None
    if about is not None:
        target = closed_path(folder, about.store)
        if target.exists():
            saved = counted(target)
        else:
            rows = _rows(aside / NAME, pieces, about.store)
            gone = [row for row in pieces.pruned if is_sound(about.store, row)]
            upto = max(pieces.pruned_upto, *(row.upto for row in gone if isinstance(row, Sealed)), 0)
            saved = yield from close_store(
                target, about, [rows, iter(gone)], pieces.last_seq, pruned_upto=upto
            )
    return saved


def _ask_again(aside: Path, pieces: _Pieces) -> None:
    """Raise what the card did not give, unless it has been asked for it at TRIES starts."""
    if pieces.unread and _tries(aside) < TRIES:
        raise pieces.unread[0]


def _tries(aside: Path) -> int:
    """How often the set in *aside* could not be read as a whole, this time included."""
    path = aside / "tries"
    tries = 1 + (len(path.read_bytes()) if path.exists() else 0)
    write_whole(path, b"." * tries)
    return tries


def salvage(aside: Path, folder: Path) -> Salvaged | None:
    """As ``salvaging``, all at once, and not marked as done."""
    steps = salvaging(aside, folder)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            saved: Salvaged | None = end.value
            return saved


def mark_salvaged(aside: Path, saved: Salvaged | None) -> None:
    """Note in the folder *aside* that *saved* is all there is, so that no later start does it again."""
    document: dict[str, object] = {"store": None, "kept": 0, "last_seq": 0}
    if saved is not None:
        document = {"store": saved.store.hex(), "kept": saved.kept, "last_seq": saved.last_seq}
    write_whole(aside / DONE, json.dumps(document).encode())


def counted(target: Path) -> Salvaged:
    """What the closed store at *target* holds. Raises StoreError if it cannot be read."""
    reader = AnswersReader(target, closed=True)
    return Salvaged(target, reader.store_id(), reader.size().rows, reader.last_seq(), reader.pruned_upto())


def _gather(path: Path, pieces: _Pieces) -> Iterator[None]:
    kept = read_meanings(path)
    pieces.about.update((name, kept[name]) for name in ("store", "kiosk", "created_ms") if name in kept)
    _remember(pieces, kept)
    for page in pages_in(path, path.with_name(path.name + "-wal"), pieces.unread):
        rows = list(rows_of(page))
        for number, values in rows:
            # The table a row belongs to shows in how many values it has; the first is the rowid's place.
            match values:
                case ["pruned_upto", int(upto), int(crc)] if crc == about_crc(PRUNED, upto):
                    pieces.pruned_upto = max(pieces.pruned_upto, upto)
                case [str(name), value, int(crc)] if crc == about_crc(name, value):
                    pieces.about[name] = value
                case [None, str()]:
                    pieces.boots[number].add(tuple(values[1:]))
                case [None, str(), str()]:
                    pieces.places[number].add(tuple(values[1:]))
                case [None, int(upto), str(counts), int(crc)]:
                    pieces.pruned.append(Sealed(number, upto, counts, crc))
                case [None, str(boot), int(seq), int(first_ms), int(last_ms), int(crc)]:
                    pieces.pruned.append(Stayed(boot, seq, first_ms, last_ms, crc))
                case [None, str(), int(), str(), str(), str()]:
                    pieces.asks[number].add(tuple(values[1:]))
        pieces.last_seq = max(pieces.last_seq, _highest(rows))
        yield


def _remember(pieces: _Pieces, kept: dict[str, Any]) -> None:
    for table, numbers in (("boots", pieces.boots), ("places", pieces.places), ("asks", pieces.asks)):
        for number, *values in kept.get(table, ()):
            numbers[number].add(tuple(values))


def _highest(rows: list[Row]) -> int:
    """
    The highest seq that was given for certain, by the rows of one page: also rows that fail their checksum.

    A number counts when its neighbour stands on the page too. One alone may be a scribble, and would have the
    kiosk declare millions of answers lost that nobody gave.
    """
    seqs = {number for number, values in rows if _shaped(values)}
    return max((seq for seq in seqs if seq > 0 and seq - 1 in seqs), default=0)


def _shaped(values: list[Value]) -> bool:
    return len(values) == 11 and values[0] is None and isinstance(values[8], str)


def _about(pieces: _Pieces) -> About | None:
    store, kiosk, created_ms = (pieces.about.get(name) for name in ("store", "kiosk", "created_ms"))
    if not isinstance(store, bytes) or len(store) != STORE_BYTES:
        return None
    created_ms = created_ms if isinstance(created_ms, int) else 0
    return About(store, str(kiosk or ""), FIRST_SCHEMA, FIRST_SCHEMA, created_ms)


def _rows(path: Path, pieces: _Pieces, store: bytes) -> Iterator[Found]:
    texts = _Texts(path, pieces.unread)
    try:
        for page in pages_in(path, path.with_name(path.name + "-wal"), pieces.unread):
            for number, values in rows_of(page):
                found = texts.of(number) if len(values) == 11 else None
                answer = _answer(number, values, pieces, store, found)
                if answer is not None:
                    yield answer, found
                anchor = _anchor(values, store)
                if anchor is not None:
                    yield anchor
            yield None
    finally:
        texts.close()
    _ask_again(path.parent, pieces)


def _answer(
    number: int, values: list[Value], pieces: _Pieces, store: bytes, text: SealedText | None
) -> Answer | None:
    if not _shaped(values):
        return None
    _rowid, response, boot, boot_ms, wall_ms, place, ask, value, source, test, crc = values
    digest = text.digest if text else None
    for (b,), p, k in product(pieces.boots[boot], pieces.places[place], pieces.asks[ask]):
        row = (number, response, *p, *k, value, source, b, boot_ms, wall_ms, test, digest, crc)
        answer = to_answer(row, store)
        if answer is not None:
            return answer
    return None


def _anchor(values: list[Value], store: bytes) -> Anchor | None:
    match values:
        case [None, str(boot), int(boot_ms), int(utc_ms), str(source), int(error_ms), int(crc)]:
            anchor = Anchor(boot, boot_ms, utc_ms, source, error_ms)
            return anchor if crc == anchor_crc(store, anchor) else None
    return None


class _Texts:
    """
    The sealed texts that SQLite can still reach in the damaged file.

    Not from raw pages: an old page may hold a text that was erased since.
    """

    def __init__(self, path: Path, unread: list[OSError]) -> None:
        self._unread = unread
        self._connection: sqlite3.Connection | None = None
        # Beside a file without a page even a reader of SQLite throws the WAL away.
        if path.exists() and path.stat().st_size >= PAGE:
            with suppress(StoreError):
                self._connection = open_reader(path)

    def of(self, seq: int) -> SealedText | None:
        """The text of answer *seq*; its sealed bytes are None if it was erased."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(
                "SELECT sealed, digest FROM texts WHERE seq = ?", (seq,)
            ).fetchone()
        except (OverflowError, *SQLITE_ERRORS) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
                self._unread.append(OSError(str(error)))
            return None
        return SealedText(*row) if row else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
