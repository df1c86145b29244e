"""
A second copy of every answer on another device, in files that are only added to.

Written after the thank-you, by a thread of its own that reads what the recorder has committed: a device that stalls,
is full or was pulled out delays no press, and what it missed is made up for later.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from feedback.errors import StoreError
from kiosk.storage.copy_files import copies, ends_at, usable
from kiosk.storage.database import MODE, SQLITE_ERRORS, flush
from kiosk.storage.frames import Beginning, Record, frame
from kiosk.storage.merging import Merging
from kiosk.storage.notes import note
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import About

MOST_BYTES = 2 << 20
"""A file of the copy; then the next begins. Each start of the kiosk reads the newest."""
ROWS = 200
BETWEEN_S, LOOK_S = 0.02, 1.0
"""The rest between two steps of recovering old stores, and until it may begin."""
RETRY_S = 60.0
"""A device that is away or full is asked again after so long."""


@dataclass
class _Position:
    """The file being added to, and how far the copy has come."""

    descriptor: int
    size: int
    last_seq: int
    anchors: int


class SecondCopy:
    """
    Keeps the copy of the store at *path* in *folder* up to date until ``stop``; its thread starts at once.

    Args:
        may_merge: Whether old stores may be recovered from the copy now: not while somebody else recovers them.
    """

    def __init__(
        self,
        folder: Path,
        path: Path,
        about: About,
        may_merge: Callable[[], bool],
        *,
        most_bytes: int = MOST_BYTES,
        retry_s: float = RETRY_S,
    ) -> None:
        self._folder, self._answers, self._about = folder, path.parent, about
        self._reader = AnswersReader(path)
        self._may_merge = may_merge
        self._merging: Merging | None = Merging(folder, path.parent, about)
        self._most_bytes, self._retry_s = most_bytes, retry_s
        self._position: _Position | None = None
        self._trouble = ""
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="second copy", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something new. Never waits."""
        self._woken.set()

    def stop(self, seconds: float = 5.0) -> None:
        """Copy what is missing and end; a device that does not answer in so many *seconds* is left alone."""
        self._stopping = True
        self._woken.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._woken.clear()
            stopping = self._stopping
            try:
                self._catch_up()
                self._say("")
            except (OSError, StoreError, *SQLITE_ERRORS) as error:
                self._let_go()
                self._say(str(error))
            if stopping:
                self._let_go()
                return
            self._woken.wait(self._work_on())
            # After a failure a press a second must not become a try a second.
            if self._trouble and not self._stopping:
                threading.Event().wait(min(self._retry_s, 1.0))

    def _work_on(self) -> float:
        """A step of recovering old stores; after how many seconds to come back, if nobody presses before."""
        if self._merging is None or self._trouble:
            return self._retry_s
        if not self._may_merge():
            return min(LOOK_S, self._retry_s)
        if self._merging.step():
            return BETWEEN_S
        self._merging = None
        return self._retry_s

    def _catch_up(self) -> None:
        position = self._position or self._opened()
        self._position = position
        while True:
            batch = self._reader.answers(position.last_seq + 1, ROWS)
            texts = self._reader.texts([one.seq for one in batch.answers if one.text_digest])
            new: list[Record] = [(one, texts.get(one.seq)) for one in batch.answers]
            anchors = self._reader.anchors(position.anchors)
            if not new and not anchors and not batch.last:
                return
            if batch.store != self._about.store:
                raise StoreError("the store has been replaced")
            self._append(position, [*new, *anchors])
            position.last_seq = max(position.last_seq, batch.last)
            position.anchors += len(anchors)

    def _append(self, position: _Position, new: list[Record]) -> None:
        if not usable(self._folder, self._answers):
            raise OSError(f"{self._folder} is not there, or not on another device")
        if position.size >= self._most_bytes:
            self._rotate(position)
        raw = b"".join(frame(self._about.store, record) for record in new)
        _write(position.descriptor, raw)
        os.fsync(position.descriptor)
        position.size += len(raw)

    def _opened(self) -> _Position:
        """The newest file of this store with its torn tail cut off, or the first."""
        if not usable(self._folder, self._answers):
            raise OSError(f"{self._folder} is not there, or not on another device")
        paths = copies(self._folder).get(self._about.store, [])
        if not paths:
            position = _Position(-1, 0, 0, 0)
            self._begin(position, 1)
            return position
        end, last_seq, anchors = ends_at(paths[-1], self._about.store)
        descriptor = os.open(paths[-1], os.O_WRONLY | os.O_CLOEXEC)
        os.ftruncate(descriptor, end)
        os.lseek(descriptor, end, os.SEEK_SET)
        position = _Position(descriptor, end, last_seq, anchors)
        if end == 0:
            self._write_beginning(position)
        return position

    def _rotate(self, position: _Position) -> None:
        os.close(position.descriptor)
        self._begin(position, len(copies(self._folder)[self._about.store]) + 1)

    def _begin(self, position: _Position, number: int) -> None:
        path = self._folder / f"{self._about.store.hex()}-{number:04d}.copy"
        position.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
        position.size = 0
        self._write_beginning(position)
        flush(self._folder)

    def _write_beginning(self, position: _Position) -> None:
        about = self._about
        beginning = Beginning(about.kiosk, about.created_ms, position.last_seq, position.anchors)
        raw = frame(about.store, beginning)
        _write(position.descriptor, raw)
        position.size += len(raw)

    def _let_go(self) -> None:
        if self._position is not None:
            with suppress(OSError):
                os.close(self._position.descriptor)
            self._position = None

    def _say(self, trouble: str) -> None:
        if bool(trouble) != bool(self._trouble):
            if trouble:
                sentence = (
                    f"the second copy cannot be written ({trouble}): it is tried again, answers are safe"
                )
            else:
                sentence = "the second copy is written again, and has what it missed"
            note(self._answers, sentence)
        self._trouble = trouble


def _write(descriptor: int, raw: bytes) -> None:
    """All of *raw*: a device that is nearly full takes a part and says so only the next time."""
    rest = memoryview(raw)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
