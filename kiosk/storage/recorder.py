"""The recorder: one thread that owns answers.db and makes one commit for each press."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from feedback.answers import Anchor, Answer, SealedText
from feedback.errors import StoreError
from feedback.settings_document import BranchSettings
from kiosk.clock import Clock
from kiosk.storage.anchoring import Anchoring
from kiosk.storage.ballast import Ballast, is_full
from kiosk.storage.counts.bookkeeping import Bookkeeping
from kiosk.storage.database import FRAMES, DamagedError, checkpoint, open_writer, writing
from kiosk.storage.meanings import save_meanings
from kiosk.storage.notes import note
from kiosk.storage.pruning import ProgressOf, Pruning
from kiosk.storage.recovery import Recovery
from kiosk.storage.schema import Lookups, read_about
from kiosk.storage.second_copy import SecondCopy

IDLE_S = 5.0
"""Nobody has pressed for this long: time for what costs a flush of its own."""
BETWEEN_S = 0.02
"""The rest between two steps of a longer work: time for a press, and for the screen's own thread."""
FULL = FRAMES - 16
"""Checkpoint between two presses at this many pages, so that the WAL does not grow."""
WORTHWHILE = FRAMES // 2
"""Checkpoint when idle at this many: seldom enough to add little, early enough that a rush finds room."""

Stored = Callable[[Sequence[Answer]], None]
Failed = Callable[[Exception], None]
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Put:
    answers: tuple[Answer, ...]
    texts: tuple[SealedText, ...]
    stored: Stored
    failed: Failed


@dataclass(frozen=True, slots=True)
class _Erase:
    seqs: tuple[int, ...]
    erased: Callable[[], None]
    failed: Failed


class Recorder:
    """
    Stores answers in the file at *path*, which ``prepare`` has made.

    Attributes:
        trouble: The error that ended recording; None while all is well. From the first error on, also one of
            a checkpoint, every ``put`` fails: after a failed flush SQLite takes later commits as if nothing
            had been, while the kernel may already have dropped what it could not write.

    Args:
        clock: Asked, when idle, what this boot knows of the time.
        anchors_from: Gives the anchors that the sync agent has noted; what it raises because its file is not
            there yet (StoreError) is passed over until next time.
        broke: Called once with ``trouble``, from the writer's thread: also when nobody presses.
        progress_of: Gives what central has of a store, so that old answers can be let go; without it none is.
        ballast_bytes: Kept for the day when the card is full.
        copy: A folder on another device, for a second copy.
        branch: Gives the branch's zone and hours, for the counts of ``summary.db``; without it none are kept.
        idle_s: See IDLE_S.

    Raises:
        StoreError: The file is missing, damaged, in use, or made for a newer program.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        anchors_from: Callable[[], Iterable[Anchor]] | None = None,
        broke: Failed | None = None,
        progress_of: ProgressOf | None = None,
        ballast_bytes: int = 0,
        copy: Path | None = None,
        branch: Callable[[], BranchSettings] | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        self.trouble: Exception | None = None
        self._broke = broke
        self._idle_s = idle_s
        self._rest_s = idle_s
        self._path = path
        self._ballast = Ballast(path.parent, ballast_bytes)
        self._kept = 0
        self._queue: SimpleQueue[_Put | _Erase | threading.Event | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._stopped = False
        self._connection = open_writer(path)
        try:
            self._about = read_about(self._connection, path)
            self._store = self._about.store
            self._last = self._connection.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0]
            self._lookups = Lookups(self._connection)
            self._anchoring = Anchoring(self._connection, self._store, clock, anchors_from)
            self._books = Bookkeeping(
                path.parent, self._connection, self._store, clock, self._ballast, branch
            )
            self._pruning = Pruning(
                self._connection, self._store, clock, self._ballast, progress_of, self._books.known, branch
            )
            self._recovery = Recovery(path.parent)
        except (sqlite3.Error, ValueError, TypeError) as error:
            self._connection.leave_open()
            raise DamagedError(f"{path} is damaged ({error}): run `kiosk prepare`") from error
        except OSError as error:
            self._connection.leave_open()
            raise StoreError(f"{path.parent} cannot be read ({error}): check the card") from error
        except StoreError:
            self._connection.leave_open()
            raise
        self._copy = copy and SecondCopy(copy, path, self._about, lambda: self._recovery.done)
        # What an earlier process left in the WAL is unknown.
        self._frames = FULL
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def store(self) -> bytes:
        """The store's id."""
        return self._store

    @property
    def is_alive(self) -> bool:
        """Whether what is put will be stored."""
        return self._thread.is_alive()

    def put(
        self, answers: Sequence[Answer], stored: Stored, failed: Failed, *, texts: Sequence[SealedText] = ()
    ) -> None:
        """
        Store *answers* in one commit, from any thread, without waiting: of one response, and how the one before ended.

        Exactly one of *stored* (with the answers as numbered; they are on the card) and *failed* is called
        later, from the writer's thread; after ``stop``, *failed* at once.

        ``seq`` is given here. A ``response`` of 0 becomes the seq of the first of *answers*; another is kept,
        for what the same customer says later. *texts* holds the sealed text of each ``text_digest``.
        """
        job = _Put(tuple(answers), tuple(texts), stored, failed)
        with self._gate:
            if not self._stopped:
                self._queue.put(job)
                return
        failed(StoreError("the recorder has been stopped"))

    def erase(self, seqs: Sequence[int], erased: Callable[[], None], failed: Failed) -> None:
        """
        Erase the texts of the answers *seqs*, from any thread, without waiting; the answers stay, and count.

        One of *erased* and *failed* is called later. Central is told by the answer's next delivery; what it has
        already, it erases itself.
        """
        job = _Erase(tuple(seqs), erased, failed)
        with self._gate:
            if not self._stopped:
                self._queue.put(job)
                return
        failed(StoreError("the recorder has been stopped"))

    def drain(self) -> None:
        """Wait until everything put so far is stored or has failed."""
        done = threading.Event()
        with self._gate:
            if self._stopped:
                return
            self._queue.put(done)
        done.wait()

    def stop(self) -> None:
        """Store what was put, end the thread, let another writer begin. The file stays open."""
        with self._gate:
            if not self._stopped:
                self._stopped = True
                self._queue.put(None)
        self._thread.join()
        if self._copy:
            self._copy.stop()

    def _run(self) -> None:
        while True:
            try:
                job = self._queue.get(timeout=self._rest_s)
            except Empty:
                self._rest_s = BETWEEN_S if self._idle() else self._idle_s
                continue
            self._rest_s = self._idle_s
            if job is None:
                break
            if isinstance(job, _Put):
                self._take(job)
            elif isinstance(job, _Erase):
                self._blank(job)
            else:
                job.set()
        if self.trouble is None:
            self._keep_meanings()
        self._books.stop()
        self._connection.leave_open()

    def _take(self, job: _Put) -> None:
        """Store *job* and say so, or say why not."""
        if self.trouble is None:
            try:
                numbered = self._with_ballast(lambda: self._store_all(job))
            except Exception as error:  # noqa: BLE001  whatever it was, nobody may be thanked
                self._break(error)
        if self.trouble is not None:
            self._say(job.failed, self.trouble)
            return
        self._say(job.stored, numbered)
        if self._copy:
            self._copy.wake()
        if self._frames >= FULL:
            self._tidy()

    def _blank(self, job: _Erase) -> None:
        """Erase the texts of *job* and say so, or say why not."""
        if self.trouble is None:
            try:
                with writing(self._connection):
                    self._connection.executemany(
                        "UPDATE texts SET sealed = NULL WHERE seq = ?", [(seq,) for seq in job.seqs]
                    )
                self._tidy()
            except Exception as error:  # noqa: BLE001  whatever it was, nobody may be told that it is gone
                self._break(error)
        if self.trouble is not None:
            self._say(job.failed, self.trouble)
        else:
            self._say(lambda _: job.erased(), None)

    def _with_ballast(self, write: Callable[[], Told]) -> Told:
        """What *write* gives. On a full card it is tried once more in the room of the ballast, if there is any."""
        try:
            return write()
        except sqlite3.OperationalError as error:
            if not is_full(error) or not self._ballast.release():
                raise
        # They may hold numbers that were undone together with the rest.
        self._lookups = Lookups(self._connection)
        written = write()
        note(self._path.parent, f"{self._path.parent} is full: its ballast was released, make room soon")
        return written

    def _store_all(self, job: _Put) -> tuple[Answer, ...]:
        numbered = self._numbered(job.answers)
        with writing(self._connection):
            for answer in numbered:
                self._insert(answer, job.texts)
        self._last += len(numbered)
        # About how many pages that took: a commit writes its last page twice (psow=0), a page holds 100 rows.
        self._frames += 2 + len(numbered) // 64 + sum(1 + len(text.sealed) // 4096 for text in job.texts)
        return numbered

    def _numbered(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        first = self._last + 1
        return tuple(
            answer.numbered(seq, answer.response or first) for seq, answer in enumerate(answers, first)
        )

    def _insert(self, answer: Answer, texts: Sequence[SealedText]) -> None:
        connection = self._connection
        connection.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._lookups.row(answer, self._store),
        )
        if answer.text_digest:
            sealed = {text.digest: text.sealed for text in texts}[answer.text_digest]
            connection.execute("INSERT INTO texts VALUES (?, ?, ?)", (answer.seq, sealed, answer.text_digest))

    def _idle(self) -> bool:
        """A step of what can wait until nobody presses; whether there is more of it to do now."""
        if self.trouble is not None:
            return False
        try:
            self._frames += 2 * self._with_ballast(lambda: self._anchoring.note(self._last))
            pruned = self._with_ballast(lambda: self._pruning.step(self._last))
        except Exception as error:  # noqa: BLE001  the thread must live to say so
            self._break(error)
            return False
        # A page of answers that were let go and the pages around it, as a guess.
        self._frames += 8 if pruned else 0
        if self._frames >= WORTHWHILE:
            self._tidy()
        self._keep_meanings()
        return pruned > 0 or self._recovery.step() or self._books.step(self._last) or self._ballast.step()

    def _keep_meanings(self) -> None:
        if self._kept == self._lookups.size:
            return
        # A second copy that cannot be made is no reason to refuse customers; the first has been.
        with suppress(OSError, sqlite3.Error):
            save_meanings(self._path, self._about, self._connection)
        self._kept = self._lookups.size

    def _tidy(self) -> None:
        try:
            self._with_ballast(lambda: checkpoint(self._connection))
        except sqlite3.Error as error:
            self._break(error)
        # Also when a reader kept part of it back: trying again at each press costs two flushes each time.
        self._frames = 0

    def _break(self, error: Exception) -> None:
        if self.trouble is None:
            self.trouble = error
            if self._broke is not None:
                self._say(self._broke, error)

    def _say(self, listener: Callable[[Told], None], told: Told) -> None:
        """Call *listener*. Should it raise, that is the end of recording, but not of telling so."""
        try:
            listener(told)
        except Exception as error:  # noqa: BLE001  a thread that dies leaves later presses without any answer
            self._break(error)
