"""What poison costs: how many requests more k answers take that central cannot bear."""

from __future__ import annotations

import logging
import math
import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.network.judge import Verdict, judge
from tests.faults.network.scene import Scene

RESPONSES = 400
POISONS = (1, 8)
CONSTANT = 16


@dataclass
class Cost:
    """
    Attributes:
        requests: By the number of poisons, 0 among them.
        answers: The n of each bound.
    """

    requests: dict[int, int] = field(default_factory=dict)
    answers: int = 0
    wrong: list[str] = field(default_factory=list)

    def bound(self, poisons: int) -> int:
        """k * log2(n) + c, beyond the clean number."""
        return math.ceil(poisons * math.log2(self.answers)) + CONSTANT

    def line(self) -> dict[str, object]:
        clean = self.requests[0]
        beyond = {str(poisons): asked - clean for poisons, asked in self.requests.items() if poisons}
        bounds = {str(poisons): self.bound(poisons) for poisons in self.requests if poisons}
        return {"poison_requests": beyond, "poison_bounds": bounds, "poison_answers": self.answers}


def measured(folder: Path, seed: str) -> Cost:
    """The cost of each of POISONS at random places among the same answers."""
    logging.disable()
    cost = Cost()
    for poisons in (0, *POISONS):
        cost.requests[poisons] = _drained(folder / str(poisons), seed, poisons, cost)
        beyond = cost.requests[poisons] - cost.requests[0]
        if beyond > cost.bound(poisons):
            cost.wrong.append(f"{poisons} poisons cost {beyond} requests, more than {cost.bound(poisons)}")
    return cost


def _drained(folder: Path, seed: str, poisons: int, cost: Cost) -> int:
    folder.mkdir(parents=True)
    scene = Scene(folder, random.Random(seed))
    try:
        scene.press(RESPONSES)
        answers = scene.readers()[-1].answers(1, 1 << 20).answers
        cost.answers = len(answers)
        spoiled = random.Random(f"{seed} {poisons}").sample(answers, poisons)
        scene.poison = {(one.moment.boot, one.moment.boot_ms) for one in spoiled}
        while not scene.is_drained():
            scene.pass_time(int(scene.agent.step() * 1_000) + 1)
            if scene.middle.asked > 10_000:
                cost.wrong.append(f"{poisons} poisons block everything else")
                break
        verdict = Verdict()
        judge(scene, verdict)
        if not verdict.sound:
            cost.wrong.append(f"{poisons} poisons: {verdict.first()}")
        if len(scene.middle.alone) != poisons:
            cost.wrong.append(f"{len(scene.middle.alone)} answers were given up, {poisons} are poison")
        return scene.middle.asked
    finally:
        scene.close()
