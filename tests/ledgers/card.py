"""A kiosk's card and the board it is in: pressed, spoiled, pruned, damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from feedback.answers import Anchor, Moment
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.ballast import Ballast
from kiosk.storage.database import open_writer
from kiosk.storage.link import prepare_link, read_link
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.pruning import Pruning
from kiosk.storage.recorder import Recorder
from kiosk.storage.recovery import Recovery
from kiosk.storage.schema import read_about
from kiosk.sync.agent import Agent
from kiosk.sync.trip import Trips
from tests.kiosk.sync.kit import ToldClock, rating
from tests.ledgers.office import Cut, Link, Office, Press


@dataclass
class Card:
    """A kiosk: its files, the board they are in, and what runs on it."""

    settings: Settings
    board: Path
    clock: ToldClock
    office: Office
    pressed: set[Press] = field(default_factory=set)
    agent: Agent | None = None
    trips: Trips | None = None
    recorder: Recorder | None = None

    @property
    def folder(self) -> Path:
        return self.settings.files.folder

    def press(self, count: int) -> None:
        if self.recorder is None:
            prepare_answers(self.settings, {"board": self.board})
            recovery = Recovery(self.settings.answers_folder)
            while recovery.step():
                pass
            self.recorder = Recorder(self.settings.answers_db, self.clock)
        faults: list[Exception] = []
        for _ in range(count):
            self.clock.boot_ms += 7
            self.pressed.add((self.clock.boot, self.clock.boot_ms))
            answer = rating(1 + self.clock.boot_ms % 5, self.clock.boot_ms, self.clock.boot)
            self.recorder.put([answer], lambda _: None, faults.append)
        self.recorder.drain()
        assert not faults

    def sync(self, steps: int, fates: list[str]) -> None:
        if self.agent is None:
            self.press(0)
            self.agent = Agent(self.settings, self.clock, chance=lambda: 0.5, splay_ms=0)
            self.trips = self.agent._trips
        assert self.trips is not None
        self.agent._trips = Link(self.office, self.trips, list(fates))  # type: ignore[assignment]
        try:
            for _ in range(steps):
                self.clock.boot_ms += 1 + int(self.agent.step() * 1_000)
        except Cut:
            self.stop_agent()

    def stop_agent(self) -> None:
        if self.agent is not None:
            self.agent.close()
            self.agent = None

    def stop(self) -> None:
        self.stop_agent()
        if self.recorder is not None:
            self.recorder.stop()
            self.recorder = None

    def rot(self, count: int) -> set[Press]:
        """The newest rows are not as they were written; whose they are."""
        self.stop()
        with closing(sqlite3.connect(self.settings.answers_db)) as file, file:
            last = file.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0]
            spoiled = "FROM answers a JOIN boots b ON b.id = a.boot WHERE seq > ?"
            gone = set(file.execute(f"SELECT b.boot, a.boot_ms {spoiled}", (last - count,)).fetchall())
            file.execute("UPDATE answers SET value = 9 WHERE seq > ?", (last - count,))
        with closing(sqlite3.connect(self.settings.answers_db)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def damage(self) -> None:
        """The head of answers.db is gone."""
        self.stop()
        with closing(sqlite3.connect(self.settings.answers_db)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with self.settings.answers_db.open("r+b") as file:
            file.write(b"\xa5" * 100)

    def prune(self) -> set[Press]:
        """Let go of what central has in a final state, but the last; what that was."""
        self.stop()
        prepare_link(self.settings.sync_db)
        link = read_link(self.settings.sync_db)
        connection = open_writer(self.settings.answers_db)
        store = read_about(connection, self.settings.answers_db).store
        before = self._rows(connection)
        pruning = Pruning(
            connection, store, OldClock(), Ballast(self.settings.answers_folder, 0), link.progress
        )
        last = connection.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0]
        while pruning.step(last):
            pass
        gone = before - self._rows(connection)
        connection.leave_open()
        return gone

    def _rows(self, connection: sqlite3.Connection) -> set[Press]:
        rows = "SELECT b.boot, a.boot_ms FROM answers a JOIN boots b ON b.id = a.boot"
        return set(connection.execute(rows).fetchall())


class OldClock:
    """So late that every answer is old."""

    def moment(self) -> Moment:
        return Moment("late", 0, 0)

    def anchor(self) -> Anchor | None:
        return Anchor("late", 0, 4_000_000_000_000, "ntp", 1)


def place(folder: Path, address: CentralAddress) -> Settings:
    return Settings(KioskPlace("k-1", "b12", "exit-1", "Exit"), address, Files(folder, ballast_mb=0))
