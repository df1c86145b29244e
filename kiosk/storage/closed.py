"""
Files of stores that get no more rows: what was recovered of a damaged or lost one, under its own id.

Such a file is made once, whole or not at all, and only read from then on.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from feedback.answers import Anchor, Answer, SealedText
from feedback.errors import StoreError
from feedback.timeline import Stay
from kiosk.storage.database import SQLITE_ERRORS, flush, make_folder, open_reader
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import APPLICATION, About, about_crc, anchor_crc, answer_crc, beginning
from kiosk.storage.totals import PRUNED, Sealed, Stayed, make_tables, put_sealed, put_stay

NAME = "answers.db"
CLOSED = "stores"
"""The folder beside answers.db with a file ``<store as hex>.db`` for each closed store."""
READ_ONLY = 0o440
ROWS_A_FLUSH = 250
"""About 16 KiB. Presses wait for one flush of this at most."""
ROWS_A_READ = 100

Found = tuple[Answer, SealedText | None] | Anchor | Sealed | Stayed | None
"""A row that has been verified, or a moment in which the work may be put down."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """
    A store that gets no more rows.

    Attributes:
        path: The file with what could be saved; read it with ``AnswersReader``.
        store: The id under which its answers are sent, as before.
        kept: Answers saved.
        last_seq: The highest number known to have been given; those up to it that are not in the file are
            lost. Higher ones may have been lost without a trace.
        pruned_upto: Answers up to this were delivered and let go on purpose.
    """

    path: Path
    store: bytes
    kept: int
    last_seq: int
    pruned_upto: int = 0

    @property
    def lost(self) -> int:
        """How many answers are known to be lost."""
        return max(0, self.last_seq - self.pruned_upto - self.kept)


def closed_path(folder: Path, store: bytes) -> Path:
    """Where in the answers *folder* the file of the closed *store* is."""
    return folder / CLOSED / f"{store.hex()}.db"


def stores(folder: Path) -> list[AnswersReader]:
    """
    A reader for every store with rows in the answers *folder*, the current one last.

    For the sync agent, which sends each under its own ``store_id()``. Those with ``closed`` get no more rows:
    their ``last_seq()`` is final, and every seq up to it that ``answers()`` reports as spoiled is lost and to be
    declared void. The list grows when a damaged store has been salvaged: ask again now and then.
    """
    current = AnswersReader(folder / NAME)
    closed = [AnswersReader(path, closed=True) for path in sorted((folder / CLOSED).glob("*.db"))]
    with suppress(StoreError):
        # Somebody may have put a file back that had been taken for lost: then it is not closed after all.
        again = closed_path(folder, current.store_id())
        closed = [reader for reader in closed if reader.path != again]
    return [*closed, current]


def close_store(
    target: Path, about: About, sources: Iterable[Iterator[Found]], known_last: int = 0, **marks: int
) -> Generator[None, None, Salvaged]:
    """
    Make the file *target* of what *sources* give; pauses often. A cut in between leaves nothing but rubbish.

    A seq that comes twice is taken from the first source. An existing file gives way to the new one at the end.
    *marks* are noted in the file, for ``read_mark``.

    Raises:
        OSError, sqlite3.Error: The card refuses.
    """
    with closing(_Unfinished(target, about)) as unfinished:
        for source in sources:
            for found in source:
                if isinstance(found, Anchor):
                    unfinished.add_anchor(found)
                elif isinstance(found, Sealed | Stayed):
                    unfinished.add_total(found)
                elif found is not None:
                    unfinished.add(*found)
                if found is None or unfinished.due:
                    unfinished.flush()
                    yield
        return unfinished.finish(known_last, marks)


def rows_of_closed(reader: AnswersReader) -> Iterator[Found]:
    """Everything in the file that *reader* reads."""
    first, last = 1, reader.last_seq()
    while first <= last:
        batch = reader.answers(first, ROWS_A_READ)
        texts = reader.texts([answer.seq for answer in batch.answers if answer.text_digest])
        for answer in batch.answers:
            yield answer, texts.get(answer.seq)
        first += ROWS_A_READ
        yield None
    yield from reader.anchors()
    yield from reader.pruned()


def read_mark(path: Path, name: str) -> int:
    """The number the closed file at *path* notes under *name*; 0 if it cannot be read or notes none."""
    with suppress(StoreError, *SQLITE_ERRORS), closing(open_reader(path)) as connection:
        row = connection.execute("SELECT value, crc FROM about WHERE name = ?", (name,)).fetchone()
        if row and row[1] == about_crc(name, row[0]):
            return int(row[0])
    return 0


class _Unfinished:
    """
    A closed store's file under another name.

    Without a journal and without SQLite's flushes: a cut leaves a file that nobody looks at. It is flushed a
    little at a time, because one big flush at the end would keep a press waiting for seconds.
    """

    def __init__(self, target: Path, about: About) -> None:
        make_folder(target.parent)
        self._target, self._about = target, about
        self._path = target.with_name(target.name + ".new")
        self._path.unlink(missing_ok=True)
        # Before SQLite, which would let the umask decide who may read.
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for pragma in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
        self._numbers: dict[object, int] = {}
        self._anchors: set[Anchor] = set()
        self._sealed: dict[int, int] = {}
        self._kept = self._last = self._unflushed = 0
        self._connection.execute("BEGIN")
        for statement, values in beginning(about.kiosk, about.created_ms, about.store):
            self._connection.execute(statement, values)

    @property
    def due(self) -> bool:
        return self._unflushed >= ROWS_A_FLUSH

    def add(self, answer: Answer, text: SealedText | None) -> None:
        """Add *answer*, unless its seq is there. Its text may have been erased: the digest stays."""
        there = self._connection.execute("SELECT 1 FROM answers WHERE seq = ?", (answer.seq,)).fetchone()
        if there:
            return
        moment, ask, place = answer.moment, answer.ask, answer.place
        boot = self._number("boots", (moment.boot,))
        stood = self._number("places", (place.branch, place.touchpoint))
        asked = self._number("asks", (ask.survey, ask.version, ask.question, ask.kind.value, ask.language))
        when = (boot, moment.boot_ms, moment.wall_ms)
        said = (answer.value, answer.source.value, int(answer.test), answer_crc(self._about.store, answer))
        self._connection.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (answer.seq, answer.response, *when, stood, asked, *said),
        )
        if answer.text_digest:
            sealed = text.sealed if text else None
            self._connection.execute(
                "INSERT INTO texts VALUES (?, ?, ?)", (answer.seq, sealed, answer.text_digest)
            )
        self._kept += 1
        self._unflushed += 1
        self._last = max(self._last, answer.seq)

    def add_anchor(self, anchor: Anchor) -> None:
        if anchor in self._anchors:
            return
        self._anchors.add(anchor)
        values = (anchor.boot, anchor.boot_ms, anchor.utc_ms, anchor.source, anchor.error_ms)
        self._connection.execute(
            "INSERT INTO anchors VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (*values, anchor_crc(self._about.store, anchor)),
        )
        self._unflushed += 1

    def add_total(self, row: Sealed | Stayed) -> None:
        """Add what is left of pruned answers; of one hour the row that knows the most of them."""
        make_tables(self._connection)
        if isinstance(row, Stayed):
            put_stay(self._connection, self._about.store, Stay(*row[:4]))
        elif row.upto > self._sealed.get(row.hour, 0):
            self._sealed[row.hour] = row.upto
            put_sealed(self._connection, self._about.store, *row[:3])
        self._unflushed += 1

    def flush(self) -> None:
        """Bring what was added to the card, when it is enough to be worth it."""
        if self.due:
            self._connection.execute("COMMIT")
            os.fsync(self._file)
            self._connection.execute("BEGIN")
            self._unflushed = 0

    def finish(self, known_last: int, marks: dict[str, int]) -> Salvaged:
        """Give the file its name."""
        last = max(self._last, known_last)
        for name, value in {**marks, "last_seq": last}.items():
            line = (name, value, about_crc(name, value))
            self._connection.execute("INSERT INTO about VALUES (?, ?, ?)", line)
        self._connection.execute("COMMIT")
        self._connection.close()
        os.fchmod(self._file, READ_ONLY)
        os.fsync(self._file)
        self._path.rename(self._target)
        flush(self._target.parent)
        return Salvaged(self._target, self._about.store, self._kept, last, marks.get(PRUNED, 0))

    def close(self) -> None:
        """Let go of the file. Closing this descriptor before SQLite's own would drop SQLite's locks on it."""
        self._connection.close()
        os.close(self._file)

    def _number(self, table: str, meaning: tuple[object, ...]) -> int:
        number = self._numbers.get((table, meaning))
        if number is None:
            number = self._numbers[table, meaning] = len(self._numbers) + 1
            marks = ", ?" * len(meaning)
            self._connection.execute(f"INSERT INTO {table} VALUES (?{marks})", (number, *meaning))  # noqa: S608  ours
        return number
