"""
The process whose plug is pulled: ``python -m tests.faults.powercut.lives <what> <folder> ...``, under strace.

It is the product as it is: prepare, recorder, reception. One line goes to stdout, in a system call of its own, before
each press is handed over and when its thank-you is shown; so the trace has their places among the writes. The
controls are the same with one thing made wrong on purpose.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from feedback.answers import Anchor, Answer, Ask, Moment, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from feedback.surveys import Question, Survey
from kiosk.reception import Reception, Standing
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage import database
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder

NOON_MS = 1_790_000_000_000
IDLE_S = 0.6
"""Long enough that a press is never taken for idleness on a busy machine, so that runs are alike."""
EXIT = Place("b12", "exit-1")
RATED = Question("visit", Kind.RATING, {"az": "Necə idi?", "ru": "Как было?", "en": "How was it?"})
SURVEY = Survey("exit", 4, ("az", "ru", "en"), "az", (RATED,))


def settings(folder: Path) -> Settings:
    """A kiosk whose files are in *folder*."""
    place = KioskPlace("k-1", EXIT.branch, EXIT.touchpoint, "Exit")
    return Settings(place, CentralAddress("http://127.0.0.1:1", "ab" * 32), Files(folder))


def spelled(answer: Answer) -> list[object]:
    """*answer* as a line of JSON can hold it."""
    ask, moment = answer.ask, answer.moment
    return [
        answer.seq,
        answer.response,
        [answer.place.branch, answer.place.touchpoint],
        [ask.survey, ask.version, ask.question, ask.kind.value, ask.language],
        answer.value,
        answer.source.value,
        [moment.boot, moment.boot_ms, moment.wall_ms],
        answer.test,
        answer.text_digest.hex(),
    ]


def read(line: list[Any]) -> Answer:
    """The answer that was ``spelled`` so."""
    seq, response, place, (survey, version, question, kind, language), value, source, moment, test, digest = (
        line
    )
    ask = Ask(survey, version, question, Kind(kind), language)
    at = Moment(*moment)
    return Answer(seq, response, Place(*place), ask, value, Source(source), at, test, bytes.fromhex(digest))


def say(what: str, **more: object) -> None:
    """One line in one system call."""
    os.write(1, (json.dumps({"say": what, **more}) + "\n").encode())


@dataclass
class Clock:
    """A clock that moves a little with each reading; it knows the true time from *known_ms* on."""

    boot: str
    boot_ms: int = 4_000
    known_ms: int = 30_000

    def moment(self) -> Moment:
        self.boot_ms += 1_237
        return Moment(self.boot, self.boot_ms, NOON_MS + self.boot_ms)

    def anchor(self) -> Anchor | None:
        if self.boot_ms < self.known_ms:
            return None
        return Anchor(self.boot, self.boot_ms, NOON_MS + self.boot_ms, "ntp", 100)


@dataclass
class Life:
    """One life of the screen's process: a recorder, a reception, and customers."""

    recorder: Recorder
    clock: Clock
    soon: SimpleQueue[Callable[[], None]] = field(default_factory=SimpleQueue)
    awaited: int = 0
    pressed: int = 0

    def __post_init__(self) -> None:
        self.reception = Reception(Standing(EXIT, SURVEY), self, self.clock, self.soon.put)
        self.reception.thanked.append(self.thank)

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[[Sequence[Answer]], None],
        failed: Callable[[Exception], None],
        texts: Sequence[SealedText] = (),
    ) -> None:
        """What the reception calls: said just before the recorder has it."""
        say("pressed")
        self.recorder.put(answers, stored, failed, texts=texts)

    def thank(self, answers: Sequence[Answer]) -> None:
        say("thanked", store=self.recorder.store.hex(), answers=[spelled(answer) for answer in answers])
        self.awaited -= 1

    def press(self, count: int) -> None:
        """Customers one after another, each waiting for the thank-you."""
        for _ in range(count):
            self.rush(1)

    def rush(self, count: int) -> None:
        """Presses faster than the card: handed over together."""
        for _ in range(count):
            self.pressed += 1
            self.awaited += 1
            self.reception.press(
                Rating(self.pressed % 5 + 1), (Source.BUTTON, Source.TOUCH)[self.pressed % 2]
            )
        if self.pressed % 7 == 0:
            self.reception.speak(SURVEY.languages[self.pressed % 3])
        self.wait()

    def text(self, size: int) -> None:
        """A rating with a sealed comment of *size* bytes: one commit over many pages."""
        sealed = bytes((self.pressed + place) % 251 for place in range(size))
        digest = blake2b(sealed, digest_size=16).digest()
        moment = self.clock.moment()
        asked = Ask("exit", 4, "why", Kind.TEXT, "az")
        rated = replace(asked, question="visit", kind=Kind.RATING)
        answers = [
            Answer(0, 0, EXIT, rated, 1, Source.TOUCH, moment),
            Answer(0, 0, EXIT, asked, 0, Source.TOUCH, moment, text_digest=digest),
        ]
        self.awaited += 1
        self.pressed += 1
        self.put(
            answers,
            lambda numbered: self.soon.put(lambda: self.thank(numbered)),
            self._failed,
            [SealedText(sealed, digest)],
        )
        self.wait()

    def _failed(self, error: Exception) -> None:
        self.reception.trouble = error
        self.soon.put(lambda: None)

    def wait(self) -> None:
        while self.awaited:
            self.soon.get(timeout=20)()
            if self.reception.trouble is not None:
                raise self.reception.trouble

    def idle(self, _times: int = 1) -> None:
        time.sleep(IDLE_S * 1.6)


class Hasty(Recorder):
    """Says thank you before it commits: the control."""

    def _take(self, job: object) -> None:
        self._say(job.stored, self._numbered(job.answers))  # type: ignore[attr-defined]
        super()._take(replace(job, stored=lambda _: None))  # type: ignore[type-var,arg-type]


def prepare(folder: Path) -> bool:
    """Whether the store that was there goes on."""
    notes = prepare_answers(settings(folder)).notes
    for note in notes:
        say("note", note=note)
    return not notes


def live(folder: Path, boot: str, *script: str, kind: type[Recorder] = Recorder) -> None:
    """One life by *script*: words such as ``press:30``, ``rush:5``, ``text:9000``, ``idle:1``."""
    clock = Clock(boot)
    life = Life(kind(settings(folder).answers_db, clock, idle_s=IDLE_S), clock)
    for word in script:
        what, _, count = word.partition(":")
        getattr(life, what)(int(count))
    life.recorder.stop()


def recover(folder: Path, *script: str) -> None:
    """What follows a cut: prepare, and then perhaps customers; a new store's are the judge's."""
    if prepare(folder) and any(script):
        live(folder, "after", *script)


def go_wrong(how: str) -> None:
    """Make one thing of the product wrong in this process."""
    if how == "normal":
        _replace_pragma(("synchronous", "FULL", 2), ("synchronous", "NORMAL", 1))
    elif how in {"full_first", "extra_first"}:
        if how == "full_first":
            _replace_pragma(("synchronous", "EXTRA", 3), ("synchronous", "FULL", 2))
        # The product flushes its folder more than once between the switch to WAL and the first thank-you; each of
        # these makes up for the wrong order. The control is the mistake without that luck: see ``Disk.own_names``.
        flush = database.flush

        def forgetful(path: Path) -> None:
            if not (path / "answers.db-wal").exists():
                flush(path)

        for name, module in list(sys.modules.items()):
            if name.startswith("kiosk.storage") and hasattr(module, "flush"):
                vars(module)["flush"] = forgetful
    elif how == "psow":
        connect = sqlite3.connect

        def trusting(file: object, /, **options: object) -> sqlite3.Connection:
            return connect(str(file).replace("psow=0", "psow=1"), **options)  # type: ignore[call-overload,no-any-return]

        sqlite3.connect = trusting  # type: ignore[assignment]


def _replace_pragma(right: tuple[str, object, object], wrong: tuple[str, object, object]) -> None:
    if right not in database.WRITER_PRAGMAS:
        raise SystemExit(f"the product no longer says {right}: this control means nothing")
    database.WRITER_PRAGMAS = tuple(  # type: ignore[assignment]
        wrong if pragma == right else pragma for pragma in database.WRITER_PRAGMAS
    )


def main(what: str, how: str, *rest: str) -> None:
    go_wrong(how)
    if what == "prepare":
        prepare(Path(rest[0]))
    elif what == "live":
        live(Path(rest[0]), *rest[1:], kind=Hasty if how == "hasty" else Recorder)
    else:
        recover(Path(rest[0]), *rest[1:])


if __name__ == "__main__":
    main(*sys.argv[1:])
    database.leave()
