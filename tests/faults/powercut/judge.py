"""Lets the real code recover a card after a cut, and compares what it delivers then with the ledger."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from random import Random

from feedback.answers import Answer, Ask, Moment, Source
from feedback.errors import StoreError
from feedback.ratings import Kind
from kiosk.storage import database, reading
from kiosk.storage.closed import stores
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.faults.powercut.disk import Image
from tests.faults.powercut.ledger import Page
from tests.faults.powercut.lives import EXIT, Clock, settings

AGAIN = 16
"""In one state of so many the recorder is opened after the recovery and somebody presses."""
NEW = Moment("after", 1, 2)
REPLACED = ((database, "_keep_for_ever"), (reading, "to_answer"), (database, "_text"))
ENDED = re.compile(r"the store \w+ is closed with \d+ answers, and a new one begins$")
"""A cut in the middle of a commit may leave what looks like an answer that rotted: then no number is given again."""
ASKED = Ask("exit", 4, "visit", Kind.RATING, "en")


@dataclass(frozen=True, slots=True)
class Verdict:
    lost: bool = False
    invented: bool = False
    duplicated: bool = False
    corrupt: bool = False
    why: str = ""

    @property
    def bad(self) -> bool:
        return self.lost or self.invented or self.duplicated or self.corrupt


@dataclass
class Judge:
    """Judges in *folder*, in memory, one state after another; in this process, which makes it fast."""

    folder: Path
    _opened: list[sqlite3.Connection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._product = [(vars(module), name, vars(module)[name]) for module, name in REPLACED]
        # The product never closes a writer, it ends its process. A million states must end it otherwise.
        vars(database)["_keep_for_ever"] = self._opened.append
        # Pure functions, asked once for each row and each word: the same bytes mean the same.
        for names, name, pure in self._product[1:]:
            names[name] = lru_cache(maxsize=100_000)(pure)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._settings = settings(self.folder)
        self._path = self._settings.answers_db
        self._parked = self.folder.with_name(self.folder.name + "-parked")

    def close(self) -> None:
        """Leave the product as it was, for whoever else is in this process."""
        for names, name, own in self._product:
            names[name] = own

    def verdict(self, image: Image, page: Page, chance: Random) -> Verdict:
        """What becomes of *image* when the kiosk starts again, seen from *page*."""
        self._lay(image, chance)
        try:
            return self._recovered(page, chance.random() * AGAIN < 1)
        finally:
            self._end()

    def _recovered(self, page: Page, again: bool) -> Verdict:
        try:
            prepared = prepare_answers(self._settings)
            current = AnswersReader(self._path)
            reader = self._ended() or current
            batch, new = reader.answers(1, 1_000_000), current.answers(1, 1_000_000)
        except (StoreError, OSError, sqlite3.Error) as error:
            return Verdict(lost=bool(page.thanked), corrupt=True, why=repr(error))
        notes = [note for note in prepared.notes if not ENDED.search(note)]
        if notes or batch.spoiled or (reader is not current and new.answers):
            why = f"{notes or ''} spoiled {batch.spoiled}, new {len(new.answers)}"
            return Verdict(lost=bool(page.thanked), corrupt=True, why=why)
        verdict = compared(batch.store, batch.answers, page)
        if verdict.bad or not again:
            return verdict
        return self._texts(reader, batch.answers) or self._pressed_again(current, new.answers)

    def _ended(self) -> AnswersReader | None:
        """The store before the one in use, if a commit that had been cut ended it."""
        (*ended, _) = stores(self._path.parent)
        if len(ended) > 1:
            raise StoreError(f"{len(ended)} stores were closed by one cut")
        return ended[0] if ended else None

    def _texts(self, reader: AnswersReader, answers: tuple[Answer, ...]) -> Verdict | None:
        wanted = {answer.seq: answer.text_digest for answer in answers if answer.text_digest}
        found = reader.texts(list(wanted))
        for seq, digest in wanted.items():
            if seq not in found or blake2b(found[seq].sealed, digest_size=16).digest() != digest:
                return Verdict(lost=True, why=f"the text of answer {seq}")
        return None

    def _pressed_again(self, reader: AnswersReader, before: tuple[Answer, ...]) -> Verdict:
        thanked: list[Answer] = []
        failed: list[Exception] = []
        try:
            recorder = Recorder(self._path, Clock("after"))
            recorder.put([Answer(0, 0, EXIT, ASKED, 5, Source.TOUCH, NEW)], thanked.extend, failed.append)
            recorder.stop()
            now = reader.answers(1, 1_000_000)
        except (StoreError, OSError, sqlite3.Error) as error:
            return Verdict(corrupt=True, why=f"pressing again: {error!r}")
        if failed or [answer.seq for answer in thanked] != [len(before) + 1]:
            return Verdict(corrupt=True, why=f"pressing again: {failed} {thanked}")
        if now.answers != (*before, *thanked):
            return Verdict(lost=True, why="pressing again changed what was there")
        return Verdict()

    def _lay(self, image: Image, chance: Random) -> None:
        """Put *image* down. Files are overwritten in place, which spares the kernel a megabyte of fresh pages."""
        for name in sorted(set(_names(self.folder)) - image.keys(), reverse=True):
            path = os.path.join(self.folder, name)  # noqa: PTH118  pathlib takes longer than the writing
            if os.path.isdir(path):  # noqa: PTH112  the same
                os.rmdir(path)  # noqa: PTH106  the same
            else:
                os.unlink(path)  # noqa: PTH108  the same
        for name in sorted(image):
            content, path = image[name], f"{self.folder}/{name}"
            if content is None:
                if not os.path.isdir(path):  # noqa: PTH112  the same
                    os.mkdir(path)  # noqa: PTH102  the same
                continue
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
            os.pwrite(descriptor, content, 0)
            os.ftruncate(descriptor, len(content))
            os.close(descriptor)
        # The shared index is never flushed: after a cut it is missing, empty, or anything at all.
        style = chance.random()
        if style < 0.3 and "answers/answers.db-wal" in image:
            shared = self._path.with_name(self._path.name + "-shm")
            shared.write_bytes(chance.randbytes(32768) if style < 0.15 else bytes(32768))

    def _end(self) -> None:
        """Close everything. Out of the way of the closing, which would remove it, the WAL stays to be overwritten."""
        wal = self._path.with_name(self._path.name + "-wal")
        with suppress(FileNotFoundError):
            wal.rename(self._parked)
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        with suppress(FileNotFoundError):
            self._parked.rename(wal)


def _names(folder: Path) -> Iterator[str]:
    """Every name below *folder*."""
    below = [""]
    while below:
        here = below.pop()
        with os.scandir(f"{folder}/{here}") as entries:
            for entry in entries:
                yield here + entry.name
                if entry.is_dir():
                    below.append(f"{here}{entry.name}/")


def compared(store: bytes, answers: tuple[Answer, ...], page: Page) -> Verdict:
    """What is there against what must and what may be there."""
    if page.thanked and store != page.store:
        return Verdict(lost=True, why="another store")
    thanked = page.thanked
    if answers[: len(thanked)] != tuple(thanked):
        by_seq = {answer.seq: answer for answer in answers}
        missing = [answer.seq for answer in thanked if by_seq.get(answer.seq) != answer]
        if missing:
            return Verdict(
                lost=True, why=f"answers {missing[:9]} of {len(thanked)} thanked for, {len(answers)} there"
            )
        thanks = {answer.seq for answer in thanked}
        more = [answer for answer in answers if answer.seq not in thanks]
    else:
        # The same objects from now on: comparing them next time costs nothing.
        thanked[:] = answers[: len(thanked)]
        more = list(answers[len(thanked) :])
    stray = [answer for answer in more if answer not in page.pressed]
    if stray:
        captured = {(answer.moment, answer.ask) for answer in thanked}
        twice = any((answer.moment, answer.ask) in captured for answer in stray)
        return Verdict(
            invented=not twice, duplicated=twice, why=f"answers {[answer.seq for answer in stray][:9]}"
        )
    responses = [answer.response for answer in answers]
    if responses and responses.count(responses[-1]) != 2:
        return Verdict(corrupt=True, why=f"half a response at the end, answer {answers[-1].seq}")
    return Verdict()
