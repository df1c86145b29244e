"""Judging states in several processes, and recording a recovery to cut it again."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from array import array
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.powercut.calls import FOLDER, Recording
from tests.faults.powercut.disk import Choice, Disk
from tests.faults.powercut.judge import Judge, Verdict
from tests.faults.powercut.ledger import Ledger
from tests.faults.powercut.plan import Quota, Recorded, State, plan, states

KEPT = 5
"""Faults told in full, for each task."""


@dataclass(frozen=True, slots=True)
class Task:
    """Cuts of recording *name*; with *second* > 0 each is recovered for real, and the recovery cut that often."""

    name: str
    quotas: list[Quota]
    second: int = 0


@dataclass(slots=True)
class Count:
    """What became of a task's states. *seen*: a number for each, which two share only if all bytes are the same."""

    name: str
    compound: bool
    tried: int = 0
    repeated: int = 0
    lost: int = 0
    invented: int = 0
    duplicated: int = 0
    corrupt: int = 0
    recoveries: int = 0
    seen: array[int] = field(default_factory=lambda: array("q"))
    faults: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, where: str) -> None:
        self.tried += 1
        self.lost += verdict.lost
        self.invented += verdict.invented
        self.duplicated += verdict.duplicated
        self.corrupt += verdict.corrupt
        if verdict.bad and len(self.faults) < KEPT:
            self.faults.append(f"{where}: {verdict.why}")


@dataclass
class Court:
    """
    Everything that judging needs, inherited by each process through fork, which copies nothing.

    Attributes:
        known: States of earlier rounds, which are passed over.
    """

    recordings: dict[str, Recorded]
    scratch: Path
    seed: str
    known: set[int] = field(default_factory=set)

    def run(self, tasks: Iterable[Task], jobs: int) -> Iterator[Count]:
        """Do *tasks* in *jobs* processes; their counts, in any order."""
        with multiprocessing.get_context("fork").Pool(jobs, _begin, (self,)) as pool:
            yield from pool.imap_unordered(_do, tasks)

    def do(self, task: Task, judge: Judge) -> Count:
        recorded = self.recordings[task.name]
        if task.second:
            return second_cuts(judge, recorded, task, self.seed)
        return first_cuts(judge, recorded, task.quotas, self.seed, self.known)


_here: list[tuple[Court, Judge]] = []


def _begin(court: Court) -> None:
    _here[:] = [(court, Judge(court.scratch / f"judge-{os.getpid()}" / "kiosk"))]


def _do(task: Task) -> Count:
    court, judge = _here[0]
    return court.do(task, judge)


def first_cuts(
    judge: Judge,
    recorded: Recorded,
    quotas: list[Quota],
    seed: str,
    known: Container[int] = (),
    *,
    compound: bool = False,
) -> Count:
    """Judge the states of *quotas*; no state twice, and none of *known*."""
    count, seen = Count(recorded.name, compound), set[tuple[int, int]]()
    chosen: set[tuple[int, Choice]] = set()
    course = states(recorded, quotas, seed)
    with suppress(StopIteration):
        disk, state = next(course)
        while True:
            # The same choice at the same cut needs no look at its bytes.
            fresh = (state.number, state.choice) not in chosen
            chosen.add((state.number, state.choice))
            fresh = fresh and _fresh(judge, recorded, disk, state, count, seen, known)
            count.repeated += not fresh
            disk, state = course.send(fresh)
    count.seen = array("q", (digest for digest, _ in seen))
    return count


def _fresh(
    judge: Judge,
    recorded: Recorded,
    disk: Disk,
    state: State,
    count: Count,
    seen: set[tuple[int, int]],
    known: Container[int],
) -> bool:
    with disk.cut(state.choice) as (image, digest):
        key = (digest, len(state.page.thanked))
        if key in seen or digest in known:
            return False
        seen.add(key)
        verdict = judge.verdict(image, state.page, state.chance)
    count.add(verdict, f"{recorded.name}, cut after operation {state.number}, {told(state)}")
    return True


def told(state: State) -> str:
    """*state* in a few words."""
    choice = state.choice
    return (
        f"arrived {sorted(choice.whole)[-6:]}, torn {choice.torn[:2]}, names {sorted(choice.names)}, "
        f"garbage {choice.garbage[:3]}{', grown' if choice.grown else ''}"
    )


def second_cuts(judge: Judge, recorded: Recorded, task: Task, seed: str) -> Count:
    """Cut, let a real process recover under strace, and cut that recovery at each of its own operations."""
    count = Count(task.name, compound=True)
    for number, (disk, state) in enumerate(states(recorded, task.quotas, f"second {seed}")):
        folder = judge.folder.with_name(f"second-{state.number}-{number}")
        folder.mkdir()
        recovery, start = Recording(folder), Disk()
        with disk.cut(state.choice) as (image, _):
            for name, content in sorted(image.items()):
                if content is None:
                    (folder / name).mkdir()
                    recovery.names[name] = FOLDER
                    continue
                (folder / name).write_bytes(content)
                file = recovery.add_file(name)
                recovery.sizes[file] = len(content)
                start.files[file] = bytearray(content)
        start.names = dict(recovery.names)
        recovery.run("recover", "none", str(folder), "" if state.number % 4 == 0 else "press:2")
        shutil.rmtree(folder)
        again = Recorded(
            f"{recorded.name}, recovering after {told(state)}",
            recovery.ops,
            Ledger(recovery.ops, state.page),
            start,
        )
        part = first_cuts(judge, again, plan(again, task.second).quotas, seed, compound=True)
        count.recoveries += 1
        for name in ("tried", "repeated", "lost", "invented", "duplicated", "corrupt"):
            setattr(count, name, getattr(count, name) + getattr(part, name))
        count.seen.extend(part.seen)
        count.faults += part.faults
    return count
