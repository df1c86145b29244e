"""One central whose keys change, and a real kiosk that follows over real HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from central import rotation
from central.keys import SPARE, Keys, make_keys
from central.store import tables
from central.store.database import make_store, writing
from kiosk.pinned import pinned_path, read_pins
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from tests.central.device import NOON_MS, Central, serving
from tests.kiosk.sync.kit import ToldClock, rating


@dataclass
class Scene:
    """One central that may be stopped, changed and started again at the same address, and one kiosk."""

    folder: Path
    settings: Settings
    clock: ToldClock = field(default_factory=ToldClock)
    passed_ms: int = 0

    @contextmanager
    def served(self) -> Iterator[Central]:
        port = int(self.settings.central.url.rsplit(":", 1)[1])
        with serving(self.folder, port) as central:
            central.clock[0] += self.passed_ms
            yield central

    def press(self) -> None:
        """A customer: what happens next must reach central, or stay here until it does."""
        prepare_answers(self.settings)
        recorder = Recorder(self.settings.answers_db, self.clock)
        recorder.put([rating(5, self.clock.boot_ms)], lambda _: None, lambda error: pytest.fail(str(error)))
        recorder.drain()
        recorder.stop()

    def steps(self, most: int = 40) -> Agent:
        """A started agent, run until it has nothing more to do for a minute, or too long."""
        agent = Agent(self.settings, self.clock, chance=lambda: 0.5, splay_ms=0)
        for _ in range(most):
            wait_s = agent.step()
            self.clock.boot_ms += int(wait_s * 1_000) + 1
            if wait_s > 60 and not agent.link.failures:
                break
        agent.close()
        return agent

    def delivered(self) -> bool:
        """One more press, and whether central has it."""
        self.press()
        return not self.steps().link.failures

    @property
    def believed(self) -> tuple[bytes, ...]:
        return read_pins(pinned_path(self.settings)).believed

    def spare(self) -> Path:
        """The spare, moved off the machine."""
        safe = self.folder.parent / "safe.pem"
        shutil.move(self.folder / SPARE, safe)
        return safe

    def rotate(self, times: int = 1, **how: bool) -> Keys:
        for _ in range(times):
            self.passed_ms += 60_000
            keys = rotation.rotate(self.folder, NOON_MS + self.passed_ms, **how)
        return keys

    def recover(self, spare: Path) -> rotation.Recovered:
        self.passed_ms += 60_000
        return rotation.recover(self.folder, spare, NOON_MS + self.passed_ms)

    def backed_up(self) -> Callable[[], None]:
        """A backup of central's folder; call it to restore it."""
        copy = self.folder.parent / f"backup-{len(list(self.folder.parent.iterdir()))}"
        shutil.copytree(self.folder, copy)

        def restore() -> None:
            shutil.rmtree(self.folder)
            shutil.copytree(copy, self.folder)

        return restore


def made(tmp_path: Path) -> Scene:
    """A central with one enrolled kiosk."""
    folder = tmp_path / "central"
    store = make_store(folder)
    keys = make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    with serving(folder) as central:
        settings = Settings(
            KioskPlace("k-1", "b12", "exit-1", "Exit"),
            CentralAddress(central.url, keys.fingerprint),
            Files(tmp_path / "card"),
        )
        enrol(settings, central.code("k-1"))
    return Scene(folder, settings)
