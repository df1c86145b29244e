"""A branch for the benchmarks of the way to central: answers as they come there, a kiosk and a central that is real."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from feedback.answers import Answer, Ask, Moment, Outcome, Place, Source
from feedback.ratings import Kind
from kiosk.clock import KernelClock
from kiosk.settings import Settings, load
from kiosk.storage.database import open_writer, writing
from kiosk.storage.schema import Lookups, read_about
from kiosk.sync.agent import Agent
from scripts.demonstration.relay import Relay
from scripts.demonstration.stage import Stage, staged

EXIT = Place("b12", "exit-1")
VISIT = Ask("exit", 4, "visit", Kind.RATING, "az")
WHY = Ask("exit", 4, "why", Kind.CHOICE, "az")
ENDED = Ask("exit", 4, "", Kind.OUTCOME, "az")
BETWEEN_MS, MORNING_MS, BOOT_MS = 30_000, 1_790_000_000_000, 12_345_678


def answers(first: int, count: int, seed: int = 1) -> Iterator[Answer]:
    """*count* answers from seq *first*: a rating every half minute or so, a reason after some, how each visit ended."""
    chance = Random(seed)  # noqa: S311  chance, not secrecy
    at_ms, seq = BOOT_MS + first * BETWEEN_MS, first
    while seq < first + count:
        at_ms += round(chance.expovariate(1 / BETWEEN_MS)) + 2_000
        value = chance.choices((5, 4, 3, 2, 1), (181, 26, 4, 27, 12))[0]
        visit = [(VISIT, value)]
        if value <= 2:
            visit.append((WHY, chance.randint(1, 6)))
        visit.append((ENDED, Outcome.ANSWERED.value))
        response = seq
        for ask, given in visit[: first + count - seq]:
            if ask is WHY:
                at_ms += chance.randint(1_500, 9_000)
            moment = Moment("9fe6" * 8, at_ms, MORNING_MS + at_ms)
            yield Answer(seq, response, EXIT, ask, given, Source.TOUCH, moment)
            seq += 1


@dataclass
class Kiosk:
    """An enrolled kiosk with an agent, beside a central in a process of its own."""

    settings: Settings
    agent: Agent
    central: Path

    @property
    def delivered(self) -> int:
        """The last seq that central has accounted for, as the kiosk has it on disk."""
        return self.agent.link.stores[0].accounted_upto if self.agent.link.stores else 0

    def record(self, more: Iterator[Answer]) -> None:
        """Put *more* into answers.db, with the checksums that the recorder would give them."""
        path = self.settings.answers_db
        connection = open_writer(path)
        store, lookups = read_about(connection, path).store, Lookups(connection)
        with writing(connection):
            connection.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (lookups.row(answer, store) for answer in more),
            )
        connection.leave_open()

    def hand_over(self) -> None:
        """Step until the agent has nothing to do: then everything is durable on both sides."""
        for _ in range(1_000):
            if self.agent.step() > 0:
                if self.agent.link.failures:
                    raise RuntimeError(f"the agent got nowhere: {self.agent.words()}")
                return
        raise RuntimeError("the agent came to no end")


@contextmanager
def served() -> Iterator[Stage]:
    """A new central, being served, and one kiosk enrolled with it."""
    with (
        tempfile.TemporaryDirectory(prefix="afterword-way-") as folder,
        staged(Path(folder) / "stage", {}) as stage,
    ):
        yield stage


@contextmanager
def kiosk(stage: Stage, url: str) -> Iterator[Kiosk]:
    """The kiosk of *stage*, in touch with central by way of *url*."""
    settings = load(stage.settings)
    settings = replace(settings, central=replace(settings.central, url=url))
    agent = Agent(settings, KernelClock(), splay_ms=0)
    try:
        found = Kiosk(settings, agent, stage.folder / "central")
        found.hand_over()
        yield found
    finally:
        agent.close()


class Meter(Relay):
    """A network to *to_port* that counts all that is on the socket."""

    def __init__(self, to_port: int) -> None:
        self.clear()
        super().__init__(to_port)
        self.url = f"http://127.0.0.1:{self.port}"

    def clear(self) -> None:
        """Count from nothing."""
        self.up, self.down, self.requests = 0, 0, 0

    def carried(self, chunk: bytes, *, up: bool) -> None:
        """Counted."""
        if up:
            self.up += len(chunk)
            self.requests += chunk.count(b" HTTP/1.1\r\n")
        else:
            self.down += len(chunk)
