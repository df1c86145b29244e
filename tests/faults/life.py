"""
One life of the process that stands before customers: prepare, recorder, reception, and a stream of presses.

It is the product as it is, without its window, in a real process; ``forked`` from a program that has everything
imported, so that thousands of lives do not wait for Python. Its ledger goes to its standard output (see ``oracle``),
each line in one system call, a press before it is handed in.
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import NoReturn

from feedback.answers import Anchor, Answer, Moment, Place, Source
from feedback.errors import AfterwordError
from feedback.ratings import Kind, Rating
from feedback.settings_document import NONE_YET
from feedback.surveys import Question, Survey
from kiosk.reception import Reception, Standing
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.faults.oracle import spelled

EXIT = Place("b12", "exit-1")
RATED = Question("visit", Kind.RATING, {"az": "Necə idi?", "ru": "Как было?", "en": "How was it?"})
SURVEY = Survey("exit", 4, ("az", "ru", "en"), "az", (RATED,))
NOON_MS = 1_790_000_000_000
IDLE_S = 0.002
"""Short, so that checkpoints, anchors and second copies happen in the midst of presses."""
BETWEEN_MS = 150
"""By the kiosk's clock: a second press of a face within 100 ms would be its contact bouncing."""
PIPE_BYTES = 1 << 20
COMMIT_S = 20.0

OUT_OF_ORDER, REFUSED, RAISED = 1, 2, 70
"""Exit codes: said out of order, as ``kiosk ui``; a plain sentence, as ``kiosk prepare``; an error nobody foresaw."""

Put = Callable[..., None]


def settings(folder: Path) -> Settings:
    """A kiosk whose files are in *folder*."""
    place = KioskPlace("k-1", EXIT.branch, EXIT.touchpoint, "Exit")
    return Settings(place, CentralAddress("http://127.0.0.1:1", "ab" * 32), Files(folder))


def say(*words: object) -> None:
    """One line of the ledger, in one system call."""
    os.write(1, (json.dumps(words) + "\n").encode())


def thank(store: bytes, answers: Sequence[Answer]) -> None:
    say("T", store.hex(), *(spelled(answer) for answer in answers))


@dataclass
class Clock:
    """Stands still until it is told otherwise, so that a press is known before it is handed in."""

    boot: str
    boot_ms: int = 5_000

    def moment(self) -> Moment:
        return Moment(self.boot, self.boot_ms, NOON_MS + self.boot_ms)

    def anchor(self) -> Anchor | None:
        return Anchor(self.boot, self.boot_ms, NOON_MS + self.boot_ms, "ntp", 100)


class Life:
    """A recorder and a reception, and customers before them."""

    def __init__(self, folder: Path, boot: str, wrong: Callable[[Recorder], object] | None = None) -> None:
        self.clock = Clock(boot)
        # A recorder that is wrong on purpose does not hear of its own trouble either.
        broke = None if wrong else self._broke
        self.recorder = Recorder(
            settings(folder).answers_db, self.clock, broke=broke, branch=lambda: NONE_YET, idle_s=IDLE_S
        )
        self._soon: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        standing = Standing(EXIT, SURVEY)
        self.reception = Reception(standing, self.recorder, self.clock, self._soon.put)
        if wrong is not None:
            self.reception.recorder = wrong(self.recorder)  # type: ignore[assignment]
        self.reception.thanked.append(lambda answers: thank(self.recorder.store, answers))

    def press(self, rating: Rating, source: Source) -> None:
        """A press, handed in and not waited for."""
        self._hear()
        self.clock.boot_ms += BETWEEN_MS
        boot, boot_ms, wall_ms = astuple(self.clock.moment())
        say("P", rating.value, source.value, self.reception.language, boot, boot_ms, wall_ms)
        self.reception.press(rating, source)
        self._hear()

    def wait(self) -> None:
        """Until everybody was thanked. Out of order, it says so and ends."""
        while self.reception.visit.awaited:
            self._soon.get(timeout=COMMIT_S)()
            self.check()

    def rest(self, seconds: float) -> None:
        """Nobody comes for *seconds*; what breaks meanwhile is heard."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                self._soon.get(timeout=left)()
            except queue.Empty:
                return
            self.check()

    def check(self) -> None:
        if self.reception.trouble is not None:
            say("O", str(self.reception.trouble))
            os._exit(OUT_OF_ORDER)

    def stream(self, chance: random.Random, presses: int | None = None) -> None:
        """Customers one after another and several at once, with pauses in which the recorder idles."""
        left = presses
        while left is None or left > 0:
            together = chance.choice((1, 1, 1, 2, 5))
            for _ in range(together if left is None else min(left, together)):
                self.press(chance.choice(tuple(Rating)), chance.choice((Source.TOUCH, Source.BUTTON)))
            self.wait()
            left = left if left is None else left - together
            if chance.random() < 0.1:
                self.clock.boot_ms += BETWEEN_MS * 2
                self.reception.tick()
                self.reception.touch()
                self.reception.speak(chance.choice(SURVEY.languages))
            if chance.random() < 0.3:
                self.rest(chance.uniform(0, 4 * IDLE_S))

    def _hear(self) -> None:
        """What has been told this thread; never waits."""
        while not self._soon.empty():
            self._soon.get()()

    def _broke(self, error: Exception) -> None:
        self.reception.break_down(error)


def prepare(folder: Path) -> None:
    """``kiosk prepare --own answers``; refused is said and known by the exit code, as there."""
    try:
        prepared = prepare_answers(settings(folder))
    except AfterwordError as error:
        say("O", str(error))
        os._exit(REFUSED)
    say("R", prepared.about.store.hex(), prepared.last_seq, *prepared.notes)


def begin(folder: Path, boot: str, wrong: Callable[[Recorder], object] | None = None) -> Life:
    """A life, or the end of the process with a plain sentence, as of ``kiosk ui``."""
    try:
        return Life(folder, boot, wrong)
    except AfterwordError as error:
        say("O", str(error))
        os._exit(REFUSED)


def live(
    folder: Path, seed: str, presses: int | None = None, wrong: Callable[[Recorder], object] | None = None
) -> None:
    """One life: for ever, or for so many presses and then stopped properly."""
    life = begin(folder, seed, wrong)
    life.stream(random.Random(seed), presses)
    life.rest(8 * IDLE_S)
    life.recorder.stop()
    life.check()


class ThanksFirst:
    """A control: says thank you, then commits."""

    def __init__(self, recorder: Recorder) -> None:
        self._put = recorder.put
        self._last = AnswersReader(recorder._path).last_seq()

    def put(self, answers: Sequence[Answer], stored: Put, failed: Put) -> None:
        stored(self._numbered(answers))
        self._put(answers, lambda _: None, failed)

    def _numbered(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        first = self._last + 1
        self._last += len(answers)
        return tuple(replace(answer, seq=seq, response=first) for seq, answer in enumerate(answers, first))


class PutsTwice:
    """A control: commits every press a second time."""

    def __init__(self, recorder: Recorder) -> None:
        self._put = recorder.put

    def put(self, answers: Sequence[Answer], stored: Put, failed: Put) -> None:
        self._put(answers, stored, failed)
        self._put(answers, lambda _: None, failed)


class Swallows(ThanksFirst):
    """A control: takes an error for a success."""

    def put(self, answers: Sequence[Answer], stored: Put, failed: Put) -> None:  # noqa: ARG002  that is what is wrong
        numbered = self._numbered(answers)
        self._put(answers, stored, lambda _: stored(numbered))


class Forked:
    """A process of its own that runs *run*, with its standard output on a pipe."""

    def __init__(self, run: Callable[[], None]) -> None:
        self._said, write = os.pipe()
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._said)
            os.dup2(write, 1)
            _run(run)
        os.close(write)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> tuple[int, bytes]:
        """Waits for it: its exit code (-9 for killed), and what it said."""
        said = bytearray()
        while chunk := os.read(self._said, PIPE_BYTES):
            said += chunk
        os.close(self._said)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), bytes(said)


def _run(run: Callable[[], None]) -> NoReturn:
    code = 0
    try:
        run()
    except BaseException:  # noqa: BLE001  the forking program's own code must not go on in here
        traceback.print_exc()
        code = RAISED
    sys.stderr.flush()
    # Not leave(): what the forking program had not yet printed is its own to print.
    os._exit(code)
