"""A kiosk without its thread: every step is taken when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Source
from feedback.ratings import Kind
from feedback.settings_document import NONE_YET, BranchSettings
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.ballast import Ballast
from kiosk.storage.closed import close_store, closed_path, rows_of_closed
from kiosk.storage.counts.book_file import NAME
from kiosk.storage.counts.bookkeeping import Bookkeeping
from kiosk.storage.database import Writer, open_writer, writing
from kiosk.storage.link_state import Progress
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.pruning import Pruning
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import Lookups, anchor_crc, answer_crc, read_about
from tests.kiosk.storage.presses import EXIT, NOON_MS, FakeClock

DAY_MS = 86_400_000


@dataclass
class Kiosk:
    """One kiosk: real files, the real parts that the recorder's thread drives, and a clock that a test moves."""

    folder: Path
    branch: BranchSettings = NONE_YET
    boot: int = 0
    boot_ms: int = 1_000
    utc_ms: int = NOON_MS
    wall_ms: int = NOON_MS
    seq: int = 0
    response: int = 0
    boots: list[tuple[str, int]] = field(default_factory=list)
    """Each boot's name, and when its clock was at zero in truth."""

    def __post_init__(self) -> None:
        place = KioskPlace("k-1", "b12", "exit-1", "Exit")
        self.settings = Settings(place, CentralAddress("http://127.0.0.1:1", "ab" * 32), Files(self.folder))
        self.boots = [("boot-0", NOON_MS - 1_000)]
        self.open()

    @property
    def path(self) -> Path:
        return self.settings.answers_db

    def open(self) -> None:
        prepare_answers(self.settings)
        self.connection: Writer = open_writer(self.path)
        self.store = read_about(self.connection, self.path).store
        self.lookups = Lookups(self.connection)
        self.seq = AnswersReader(self.path).last_seq()
        self.restart()

    def restart(self) -> None:
        """Of the process: its counts go on where the file is."""
        if hasattr(self, "books"):
            self.books.stop()
        ballast = Ballast(self.path.parent, 0)
        self.books = Bookkeeping(
            self.path.parent, self.connection, self.store, FakeClock(), ballast, lambda: self.branch
        )

    def press(self, value: int, gap_ms: int, *, test: bool = False) -> None:
        self.boot_ms += gap_ms
        self.utc_ms += gap_ms
        self.response = self.seq + 1
        self.put(Ask("exit", 4, "visit", Kind.RATING, "az"), value, test=test)

    def follows(self, kind: Kind, value: int) -> None:
        """What is said later of the last response, or of one before this boot's first."""
        if self.response:
            self.put(Ask("exit", 4, "why" if kind is Kind.CHOICE else "", kind, "az"), value)

    def put(self, ask: Ask, value: int, *, test: bool = False) -> None:
        self.seq += 1
        moment = Moment(self.boots[-1][0], self.boot_ms, self.wall_ms + self.boot_ms)
        answer = Answer(self.seq, self.response, EXIT, ask, value, Source.BUTTON, moment, test)
        with writing(self.connection) as connection:
            row = (self.seq, self.response, self.lookups.boot(moment.boot), moment.boot_ms, moment.wall_ms)
            said = (self.lookups.place(EXIT), self.lookups.ask(ask), value, "b", int(test))
            connection.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, *said, answer_crc(self.store, answer)),
            )

    def reboot(self, off_ms: int, wall_ms: int) -> None:
        self.utc_ms += off_ms
        self.boot, self.boot_ms, self.wall_ms = self.boot + 1, 500, wall_ms
        self.boots.append((f"boot-{self.boot}", self.utc_ms - 500))

    def learn(self, which: int, boot_ms: int, error_ms: int) -> None:
        """An anchor of some boot, as late as may be."""
        boot, zero_ms = self.boots[which % len(self.boots)]
        anchor = Anchor(boot, boot_ms, zero_ms + boot_ms + error_ms // 2, "ntp", error_ms)
        with writing(self.connection) as connection:
            values = (anchor.boot, anchor.boot_ms, anchor.utc_ms, anchor.source, anchor.error_ms)
            connection.execute(
                "INSERT INTO anchors VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                (*values, anchor_crc(self.store, anchor)),
            )

    def roll(self, steps: int) -> None:
        """Count; only so many of the small steps."""
        self.books._worked_ms = None
        with patch("kiosk.storage.counts.bookkeeping.SLICE_S", 0):
            for _ in range(steps):
                if not self.books.step(self.seq):
                    break

    def prune(self, upto: int) -> None:
        clock = FakeClock(boot_ms=400 * DAY_MS, known=True)
        pruning = Pruning(
            self.connection,
            self.store,
            clock,
            Ballast(self.path.parent, 0),
            lambda store: Progress(store, upto),
            self.books.known,
            lambda: self.branch,
        )
        with patch("kiosk.storage.pruning.ROWS", 20):
            while pruning.step(self.seq):
                pass

    def close_store(self) -> None:
        """The store is closed; another begins. In the same boot, too."""
        if not self.seq:
            return
        self.books.stop()
        reader = AnswersReader(self.path)
        target, sources = closed_path(self.path.parent, self.store), [rows_of_closed(reader)]
        upto = reader.pruned_upto()
        for _ in close_store(target, reader.about(), sources, reader.last_seq(), pruned_upto=upto):
            pass
        self.connection.close()
        for part in self.path.parent.glob("answers.db*"):
            part.unlink()
        self.response = 0
        self.open()

    def spoil(self, how: str) -> None:
        """Of the counts' file, while nobody has it open."""
        self.books.stop()
        path = self.path.parent / NAME
        if how == "delete":
            for part in self.path.parent.glob(NAME + "*"):
                part.unlink()
        elif path.exists():
            raw = bytearray(path.read_bytes())
            raw[len(raw) // 2 : len(raw) // 2 + 600] = b"x" * 600
            path.write_bytes(raw)
        self.restart()

    def test(self, value: int) -> None:
        self.press(value, 700, test=True)

    def choose(self, value: int) -> None:
        self.follows(Kind.CHOICE, value)

    def hold(self) -> None:
        self.follows(Kind.OUTCOME, Outcome.HELD.value)
