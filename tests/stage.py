"""The whole walk on a stage of its own: central, kiosk and agent as real processes, real files, real HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kiosk.storage.reading import AnswersReader
from scripts.demonstration import central_view
from scripts.demonstration.processes import Program
from scripts.demonstration.stage import Stage

OFF_SCREEN = {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"}
ARRIVAL_S = 90.0
"""An ordinary answer is sent within a minute, a bad one at once."""


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """*program*, ended properly afterwards."""
    try:
        yield program
    finally:
        program.end()


SAYS = {"touch": "thanked", "pin": "thanked", "answer": "answered", "key": "ended"}
"""What the kiosk says once what a finger did is on its disk."""


def press(stage: Stage, *lines: str) -> None:
    """Plays *lines* on the real kiosk and waits until it has stored what each says."""
    with running(stage.kiosk("kiosk", "demo")) as kiosk:
        kiosk.until("ready")
        for line in lines:
            kiosk.say(line)
            verb = line.split()[0]
            if verb in SAYS:
                kiosk.until(SAYS[verb])


def arrived(stage: Stage) -> list[central_view.Row]:
    """Central's rows of the branch, once all that is on the kiosk's disk is there."""
    wanted = AnswersReader(stage.answers_db).last_seq()
    until(lambda: len(central_view.rows(stage)) >= wanted)
    return central_view.rows(stage)


def until(true: Callable[[], bool], within_s: float = ARRIVAL_S) -> None:
    """Waits until *true*, looking five times a second."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s"
        time.sleep(0.2)
