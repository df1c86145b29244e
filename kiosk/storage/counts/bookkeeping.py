"""Keeping ``summary.db`` up to the stores while nobody presses: seldom, and a few milliseconds at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

from feedback.settings_document import BranchSettings
from kiosk.clock import Clock
from kiosk.storage.ballast import Ballast, is_full
from kiosk.storage.counts.book import Book
from kiosk.storage.counts.book_file import NAME, close, closed_rows, open_book, throw_away
from kiosk.storage.counts.civil import Civil
from kiosk.storage.counts.ground import Known
from kiosk.storage.counts.rollup import Rollup
from kiosk.storage.counts.rows import Rows
from kiosk.storage.database import DamagedError, Writer, is_damage
from kiosk.storage.notes import note
from kiosk.storage.recovery import SLICE_S

MANY, SOME = 500, 100
"""
So many new answers are counted at once; so many when it is a quarter of an hour since; any after ``LONG_MS``.

Each time writes some ten pages: two hundred bytes a press. What is not counted yet, who asks for a summary counts.
"""
QUARTER_MS, LONG_MS = 900_000, 3_600_000
SAVED_TOGETHER = 32
"""Chunks, while the whole book is made anew."""
MOST_FAILURES = 3


class Bookkeeping:
    """
    The counts beside the store that *connection* writes, in the recorder's thread.

    Whatever goes wrong with them is noted, and no customer is refused for it: whoever wants a summary then reads the
    answers themselves.

    Args:
        branch: Gives the branch's zone and hours; without it nothing is counted.
    """

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        store: bytes,
        clock: Clock,
        ballast: Ballast,
        branch: Callable[[], BranchSettings] | None,
    ) -> None:
        self._folder = folder
        self._rows = Rows(lambda: connection, store)
        self._clock = clock
        self._ballast = ballast
        self._branch = branch
        self._writer: Writer | None = None
        self._book: Book | None = None
        self._closed: list[Rows] = []
        self._work: Iterator[None] | None = None
        self._worked_ms: int | None = None
        self._worked_seq = 0
        self._failures = 0

    def step(self, last_seq: int) -> bool:
        """Count a little if it is time; whether there is more to do now."""
        if self._branch is None or self._failures >= MOST_FAILURES:
            return False
        try:
            if self._work is None:
                if not self._due(last_seq) or self._ballast.low:
                    return False
                self._begin(last_seq)
            return self._go_on()
        except Exception as error:  # noqa: BLE001  whatever it is, customers come first
            self._give_up(error)
            return False

    def known(self, boot: str) -> Known | None:
        """What dates the answers of *boot*, as far as they have been counted; None: they have not."""
        state = self._book.stores.get(self._rows.store) if self._book else None
        if self._book is None or state is None or boot not in self._book.stays(state.number):
            return None
        return self._book.known(state.number, boot)

    def stop(self) -> None:
        """Let another process write. What is not saved is counted again."""
        self._end_work()
        if self._writer is not None:
            self._writer.leave_open()

    def _due(self, last_seq: int) -> bool:
        if self._worked_ms is None:
            return True
        new, since_ms = last_seq - self._worked_seq, self._clock.moment().boot_ms - self._worked_ms
        return new >= MANY or (new >= SOME and since_ms >= QUARTER_MS) or since_ms >= LONG_MS or since_ms < 0

    def _begin(self, last_seq: int) -> None:
        assert self._branch is not None  # noqa: S101  step has seen to it
        self._worked_ms, self._worked_seq = self._clock.moment().boot_ms, last_seq
        if self._book is None:
            self._writer, self._book = open_book(self._folder)
        branch = self._branch()
        self._closed = list(closed_rows(self._folder, self._rows.store))
        stores = [*self._closed, self._rows]
        self._work = Rollup(self._book, stores, branch, Civil(branch.zone)).work()

    def _go_on(self) -> bool:
        assert self._work is not None  # noqa: S101  begun
        assert self._book is not None  # noqa: S101  open
        until = monotonic() + SLICE_S
        for _ in self._work:
            if self._book.changes >= SAVED_TOGETHER:
                self._book.save()
            if monotonic() > until:
                return True
        self._book.save()
        self._end_work()
        self._failures = 0
        return False

    def _end_work(self) -> None:
        self._work = None
        for rows in self._closed:
            with suppress(sqlite3.Error):
                rows.close()
        self._closed = []

    def _give_up(self, error: Exception) -> None:
        """Leave the book as it is on the card; one that is damaged is made anew next time."""
        self._end_work()
        if self._writer is not None:
            close(self._writer)
        self._writer = self._book = None
        if is_full(error):
            return
        self._failures += 1
        if isinstance(error, DamagedError) or is_damage(error) or self._failures > 1:
            with suppress(OSError):
                throw_away(self._folder)
            self._worked_ms = None
        note(
            self._folder,
            f"the counts in {self._folder / NAME} could not be kept ({error}): they are made anew, answers are safe",
        )
