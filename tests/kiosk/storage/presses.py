"""What a customer's press looks like to the recorder, and somebody who waits for the thank-you."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.storage.recorder import Recorder

EXIT = Place("b12", "exit-1")
NOON_MS = 1_790_000_000_000


@dataclass
class FakeClock:
    """A clock that stands still until it is told otherwise."""

    boot: str = "9fe6"
    boot_ms: int = 1_000
    known: bool = False

    def moment(self) -> Moment:
        return Moment(self.boot, self.boot_ms, NOON_MS + self.boot_ms)

    def anchor(self) -> Anchor | None:
        return Anchor(self.boot, self.boot_ms, NOON_MS + self.boot_ms, "ntp", 100) if self.known else None


def press(rating: Rating, moment: Moment | None = None, *, language: str = "az") -> list[Answer]:
    """One customer's answers, as the reception hands them over: the rating and how it ended."""
    at = moment or FakeClock().moment()
    rated = Ask("exit", 4, "visit", Kind.RATING, language)
    ended = Ask("exit", 4, "", Kind.OUTCOME, language)
    return [
        Answer(0, 0, EXIT, rated, rating.value, Source.BUTTON, at),
        Answer(0, 0, EXIT, ended, Outcome.ANSWERED.value, Source.BUTTON, at),
    ]


@dataclass
class Customer:
    """Waits for the one word the recorder owes for a put."""

    thanked: list[Sequence[Answer]] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    _told: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def puts(
        self, recorder: Recorder, answers: Sequence[Answer], texts: Sequence[SealedText] = ()
    ) -> Sequence[Answer]:
        """Put and wait; the numbered answers, empty if refused."""
        before = len(self.thanked)
        self.hands_in(recorder, answers, texts)
        self.waits()
        return self.thanked[-1] if len(self.thanked) > before else ()

    def hands_in(
        self, recorder: Recorder, answers: Sequence[Answer], texts: Sequence[SealedText] = ()
    ) -> None:
        recorder.put(answers, self._stored, self._failed, texts=texts)

    def waits(self) -> None:
        assert self._told.acquire(timeout=20)

    def _stored(self, numbered: Sequence[Answer]) -> None:
        self.threads.add(threading.current_thread().name)
        self.thanked.append(numbered)
        self._told.release()

    def _failed(self, error: Exception) -> None:
        self.threads.add(threading.current_thread().name)
        self.refused.append(error)
        self._told.release()


def open_files(folder: Path) -> list[str]:
    """What this process has open in *folder* or below."""
    targets = [os.path.realpath(descriptor) for descriptor in Path("/proc/self/fd").iterdir()]
    return sorted(target for target in targets if target.startswith(str(folder)))
