"""A kiosk for the tests: a clock that is told the time, answers in a real file, an agent that is enrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from kiosk.sync.line import Line, Patience
from tests.kiosk.sync.standin import NOW_MS, StandIn

BOOT = "9fe6"
EXIT = Place("b12", "exit-1")
VISIT = Ask("exit", 4, "visit", Kind.RATING, "az")
ENDED = Ask("exit", 4, "", Kind.OUTCOME, "az")


@dataclass
class ToldClock:
    """Says what it is told; the wall clock may be *wrong_ms* off."""

    boot: str = BOOT
    boot_ms: int = 1_000_000
    wrong_ms: int = 0

    def moment(self) -> Moment:
        return Moment(self.boot, self.boot_ms, NOW_MS + self.boot_ms + self.wrong_ms)

    def anchor(self) -> Anchor | None:
        return None


def rating(value: int = 5, boot_ms: int = 0, boot: str = BOOT) -> Answer:
    return Answer(0, 0, EXIT, VISIT, value, Source.TOUCH, Moment(boot, boot_ms, NOW_MS + boot_ms))


def settings_for(folder: Path, central: StandIn, url: str = "") -> Settings:
    return Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress(url or central.url, central.fingerprint),
        Files(folder / "state"),
    )


@dataclass
class Kiosk:
    """One kiosk and what can be done with it."""

    settings: Settings
    central: StandIn
    clock: ToldClock = field(default_factory=ToldClock)
    chance: Callable[[], float] = lambda: 0.5
    patience: Patience = field(default_factory=lambda: Patience(2, 2, 4))
    agents: list[Agent] = field(default_factory=list)

    def enrol(self) -> None:
        enrol(self.settings, self.central.code)

    def record(self, answers: Sequence[Answer], texts: Sequence[SealedText] = ()) -> None:
        """Through the real recorder, in one commit."""
        prepare_answers(self.settings)
        recorder = Recorder(self.settings.answers_db, self.clock)
        faults: list[Exception] = []
        recorder.put(answers, lambda _: None, faults.append, texts=texts)
        recorder.drain()
        recorder.stop()
        assert not faults

    def record_ratings(self, count: int, value: int = 5, boot_ms: int = 0) -> None:
        self.record([replace(rating(value, boot_ms + at), response=0) for at in range(count)])

    def agent(self, *, beside: bool = False) -> Agent:
        """A newly started agent; the one before has ended without a word."""
        for old in self.agents:
            old.close()
        self.agents.append(
            Agent(
                self.settings,
                self.clock,
                line=Line(self.patience),
                chance=self.chance,
                splay_ms=0,
                beside=beside,
            )
        )
        return self.agents[-1]

    def drained(self, agent: Agent, most: int = 200) -> int:
        """Step until nothing is waiting, letting the clock run; how many steps it took."""
        for steps in range(most):
            wait_s = agent.step()
            if wait_s > 60 and not agent.link.failures:
                return steps
            self.clock.boot_ms += int(wait_s * 1_000) + 1
        raise AssertionError(f"not drained after {most} steps: {agent.words()}")


OUTCOME = Answer(0, 0, EXIT, ENDED, Outcome.ANSWERED.value, Source.TOUCH, Moment(BOOT, 0, NOW_MS))
UNHAPPY = Rating.BAD.value
