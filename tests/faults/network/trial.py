"""One trial: a few hundred requests through a network that does what it likes, then peace, and the account."""

from __future__ import annotations

import logging
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.network.controls import Control
from tests.faults.network.judge import Verdict, check_cursor, judge
from tests.faults.network.rounds import Round
from tests.faults.network.scene import KilledError, Scene
from tests.faults.network.weather import Weather

CONTROL_DRAIN = 60
STEPS_A_REQUEST = 50
HOUR_MS = 3_600_000


@dataclass
class Trial:
    """What came of one trial."""

    seed: str
    requests: int = 0
    answers: int = 0
    void: int = 0
    poison: int = 0
    restarts: int = 0
    reboots: int = 0
    central_restarts: int = 0
    restores: int = 0
    virtual_ms: int = 0
    drain: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    faults: Counter[str] = field(default_factory=Counter)
    statuses: set[str] = field(default_factory=set)
    round: int = 0
    kiosk_restores: int = 0


def run(
    folder: Path, seed: str, requests: int, control: Control | None = None, whole: Round | None = None
) -> Trial:
    """
    One trial in *folder* with about *requests* requests before the peace.

    Of a *control*, with its faults only; of a *whole* round, with those in their order, and with as many as it has.
    """
    logging.disable()
    chance = random.Random(seed)
    folder.mkdir(parents=True)
    scene = Scene(folder, chance)
    trial = Trial(seed)
    try:
        _Walk(scene, trial, requests, control, whole).go()
    finally:
        scene.close()
    trial.requests = scene.middle.asked
    trial.void, trial.poison = len(scene.middle.alone), len(scene.poison)
    trial.restarts, trial.reboots, trial.central_restarts = (
        scene.restarts,
        scene.boots - 1,
        scene.central_restarts,
    )
    trial.restores, trial.kiosk_restores = scene.restores, scene.kiosk_restores
    trial.round = whole.done if whole else 0
    trial.virtual_ms = scene.virtual_ms
    trial.faults = Counter(scene.middle.done)
    trial.statuses = scene.middle.statuses
    return trial


class _Walk:
    def __init__(
        self, scene: Scene, trial: Trial, requests: int, control: Control | None, whole: Round | None
    ) -> None:
        self.scene, self.trial, self.requests = scene, trial, requests
        self.chance = scene.chance
        self.control = control
        self.whole = whole
        strange = self.chance.choice((0.0, 0.0, 0.002, 0.02))
        self.spoiled = control.spoiled if control else 0.0 if whole else strange
        self.weather = whole or Weather(self.chance, control.faults if control else None)

    def go(self) -> None:
        scene, chance = self.scene, self.chance
        few = 1 if self.whole else chance.choice((1, 30, 150, 500))
        scene.press(30 if self.control else few, spoiled=self.spoiled)
        scene.middle.fault = self.weather.fault
        for _ in range(self.requests * STEPS_A_REQUEST):
            if self.whole.over if self.whole else scene.middle.asked >= self.requests:
                break
            self._step()
            if self.control and not self.trial.verdict.sound:
                return
            if not self.whole:
                self._live()
        if self.control and self.control.midway:
            self.control.midway(scene)
        scene.peace()
        self._drain()
        self.trial.answers = judge(scene, self.trial.verdict)

    def _step(self) -> None:
        scene, link = self.scene, self.scene.link
        try:
            wait_ms = int(scene.agent.step() * 1_000)
        except KilledError:
            scene.restart_agent()
            wait_ms = 0
        if scene.central_is_dead:
            scene.restart_central()
        check_cursor(scene, self.trial.verdict, link)
        self._sleep(wait_ms)

    def _sleep(self, ms: int) -> None:
        """The agent sleeps; somebody may press meanwhile, and wake it."""
        scene, chance = self.scene, self.chance
        presses = self.whole is None or self.whole.presses
        if ms > 0 and presses and chance.random() < 0.3:
            scene.pass_time(chance.randrange(ms) + 1)
            scene.press(chance.choice((1, 1, 1, 3, 15)), spoiled=self.spoiled)
        else:
            scene.pass_time(ms + 1)

    def _live(self) -> None:
        """What else happens to either side."""
        scene, chance = self.scene, self.chance
        what = chance.random()
        if what < 0.01:
            scene.restart_agent()
        elif what < 0.015:
            scene.reboot()
        elif what < 0.02:
            scene.restart_central()
        elif what < 0.024:
            scene.publish()
        elif what < 0.026 and not self.control:
            scene.back_up_central()
        elif what < 0.028:
            scene.restore_central()
        elif what < 0.032 and not self.control:
            scene.back_up_kiosk()
        elif what < 0.038:
            scene.restore_kiosk(whole=chance.random() < 0.5)

    def _drain(self) -> None:
        """The network is well: everything has to be handed over within a bounded number of requests."""
        scene = self.scene
        before, began_ms = scene.middle.asked, scene.virtual_ms
        pending = sum(scene.owed().values())
        most = CONTROL_DRAIN if self.control else 150 + pending // 20 + 20 * len(scene.poison)
        for _ in range(most * STEPS_A_REQUEST):
            if scene.middle.asked - before > most or scene.is_at_rest():
                break
            link = scene.link
            wait_ms = int(scene.agent.step() * 1_000)
            check_cursor(scene, self.trial.verdict, link)
            scene.pass_time(wait_ms + 1)
        self.trial.drain = scene.middle.asked - before
        hours = (scene.virtual_ms - began_ms) / HOUR_MS
        if not scene.is_at_rest() or hours > 8:
            self.trial.verdict.blocked.append(
                f"after {self.trial.drain} requests and {hours:.1f} h still owed: {scene.owed()}, {scene.link}"
            )
