"""Reading answers.db from any process while the recorder writes: short reads into memory, no lock kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feedback.answers import Anchor, Answer, SealedText
from feedback.errors import StoreError
from feedback.misuse import RatingPress
from feedback.ratings import Kind, Rating
from kiosk.storage.database import SQLITE_ERRORS, open_reader
from kiosk.storage.schema import ANSWERS, About, about_crc, anchor_crc, read_about, to_answer
from kiosk.storage.totals import (
    Sealed,
    Stayed,
    Totals,
    pruned_upto,
    read_totals,
    sealed_rows,
    stayed_rows,
)

PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """
    A run of rows of one store.

    Attributes:
        store: The id of the store they belong to: read together with them, so never another file's.
        answers: Those that are as they were written, by seq.
        spoiled: The seqs in between that are damaged or gone; they are to be declared void.
    """

    store: bytes
    answers: tuple[Answer, ...]
    spoiled: tuple[int, ...] = ()

    @property
    def last(self) -> int:
        """The highest seq of the run; 0 if it is empty."""
        return max((*self.spoiled, *(answer.seq for answer in self.answers[-1:])), default=0)


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of answers, bytes of the file in use, and bytes of it that are blank and will be written first."""

    rows: int
    bytes: int
    blank_bytes: int


class AnswersReader:
    """
    The answers in the file at *path*, for those who may not write.

    Each call opens the file, reads into memory and closes it: a file that replaced it in between is seen, and
    no reader keeps the WAL growing while it waits for a network.

    Attributes:
        closed: The store gets no more rows; see ``kiosk.storage.closed``.

    Raises, in every call:
        StoreError: The file is not there yet or cannot be read now: try again later.
    """

    def __init__(self, path: Path, *, closed: bool = False) -> None:
        self.path = path
        self.closed = closed

    def about(self) -> About:
        """Which store it is, and its version."""
        with self._reading() as connection:
            return read_about(connection, self.path)

    def store_id(self) -> bytes:
        return self.about().store

    def last_seq(self) -> int:
        """The highest number given so far, also if its row is lost; 0 in an empty store."""
        with self._reading() as connection:
            return last_seq(connection)

    def pruned_upto(self) -> int:
        """Answers up to this seq were delivered and let go; see ``totals``. 0: none."""
        with self._reading() as connection:
            return pruned_upto(connection)

    def totals(self) -> Totals:
        """How many answers of each sort were let go."""
        with self._reading() as connection:
            return read_totals(connection, read_about(connection, self.path).store)

    def pruned(self) -> list[Sealed | Stayed]:
        """The sound rows of what is left of pruned answers, to be copied."""
        with self._reading() as connection:
            store = read_about(connection, self.path).store
            return [*sealed_rows(connection, store), *stayed_rows(connection, store)]

    def size(self) -> Size:
        """How much there is, sound or not."""
        with self._reading() as connection:
            rows = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
            pages, blank = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count")
            )
        return Size(rows, (pages - blank) * PAGE_BYTES, blank * PAGE_BYTES)

    def answers(self, first: int, most: int) -> Batch:
        """The run of at most *most* seqs from *first* on, as far as there are any."""
        with self._reading() as connection:
            store = read_about(connection, self.path).store
            return batch(connection, store, first, most)

    def texts(self, seqs: Sequence[int]) -> dict[int, SealedText]:
        """The sealed texts of those *seqs* that have one and were not erased."""
        found = {}
        with self._reading() as connection:
            for seq in seqs:
                row = connection.execute("SELECT sealed, digest FROM texts WHERE seq = ?", (seq,)).fetchone()
                if row and row[0] is not None:
                    found[seq] = SealedText(*row)
        return found

    def anchors(self, after: int = 0) -> list[Anchor]:
        """What the boots knew of the time, in the order noted, less the first *after*; no damaged rows."""
        with self._reading() as connection:
            store = read_about(connection, self.path).store
            rows = connection.execute(
                "SELECT boot, boot_ms, utc_ms, source, error_ms, crc FROM anchors WHERE id > ? ORDER BY id",
                (after,),
            )
            pairs = [(Anchor(*row[:5]), row[5]) for row in rows]
        return [anchor for anchor, crc in pairs if crc == anchor_crc(store, anchor)]

    def rating_presses(self, first: int = 1) -> list[RatingPress]:
        """The five-face presses from seq *first* on, as the misuse rules want them."""
        with self._reading() as connection:
            store = read_about(connection, self.path).store
            rows = connection.execute(
                f"{ANSWERS} WHERE a.seq >= ? AND k.kind = ? ORDER BY a.seq", (first, "rating")
            )
            answers = [to_answer(row, store) for row in rows]
        return [
            RatingPress(a.seq, Rating(a.value), a.moment.boot, a.moment.boot_ms, a.test)
            for a in answers
            if a is not None and a.ask.kind is Kind.RATING and a.value in Kind.RATING.values
        ]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = open_reader(self.path)
        try:
            connection.execute("BEGIN")
            yield connection
        except SQLITE_ERRORS as error:
            raise StoreError(
                f"{self.path} is damaged ({error}): restart the kiosk, which moves it aside"
            ) from error
        finally:
            connection.close()


def batch(connection: sqlite3.Connection, store: bytes, first: int, most: int) -> Batch:
    """The run of at most *most* seqs from *first* on, each one either an answer or spoiled."""
    rows = connection.execute(
        f"{ANSWERS} WHERE a.seq >= ? AND a.seq < ? ORDER BY a.seq", (first, first + most)
    )
    found = {answer.seq: answer for answer in (to_answer(row, store) for row in rows) if answer is not None}
    end = min(first + most - 1, last_seq(connection))
    return Batch(
        store,
        tuple(found[seq] for seq in sorted(found)),
        tuple(seq for seq in range(first, end + 1) if seq not in found),
    )


def last_seq(connection: sqlite3.Connection) -> int:
    """The highest number given so far in the store that *connection* reads, also if its row is lost."""
    last = int(connection.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0])
    # Only a closed store says so: rows above the highest one saved are known to have been there.
    said = connection.execute("SELECT value, crc FROM about WHERE name = 'last_seq'").fetchone()
    if said and said[1] == about_crc("last_seq", said[0]):
        last = max(last, int(said[0]))
    return last
