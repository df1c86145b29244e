"""Fetches documents beside the answers, so that neither waits for the other, however slow or large one of them is."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from kiosk.storage.link_state import Document
from kiosk.sync import documents
from kiosk.sync.line import Line
from kiosk.sync.trip import Trips


class Courier:
    """
    Goes for documents, one journey at a time.

    Args:
        folder: Where documents lie.
        line: Its own connection to central, used in a thread of its own. None: in the caller's thread, over the
            caller's connection, for a clock that only moves when it is told to.
    """

    def __init__(self, folder: Path, line: Line | None) -> None:
        self._folder = folder
        self._line = line
        self._brought: SimpleQueue[Document] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def is_out(self) -> bool:
        """Whether it is on its way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def has_brought(self) -> bool:
        """Whether something came that was not asked for yet."""
        return not self._brought.empty()

    def go(self, wanted: Sequence[Document], trips: Trips) -> None:
        """Fetch *wanted* as *trips* does; not to be called while it is out."""
        if self._line is None:
            self._fetch(wanted, trips)
            return
        own = trips.over(self._line)
        self._thread = threading.Thread(target=self._fetch, args=(wanted, own), name="courier", daemon=True)
        self._thread.start()

    def brought(self) -> list[Document]:
        """What was fetched since last asked, or not, and then why."""
        found = []
        while True:
            try:
                found.append(self._brought.get_nowait())
            except Empty:
                return found

    def close(self) -> None:
        """Break off the journey."""
        self._stopping.set()
        if self._line is None:
            return
        if self._thread is not None:
            while self._thread.is_alive():
                # Again and again: it may be between two requests, with no connection to break yet.
                self._line.break_off()
                self._thread.join(0.05)
        self._line.hang_up()

    def _fetch(self, wanted: Sequence[Document], trips: Trips) -> None:
        for document in wanted:
            if self._stopping.is_set():
                return
            self._brought.put(documents.take(document, trips.document, self._folder))
