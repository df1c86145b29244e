"""``python -m tests.faults.powercut --states N``: cut the power at every instant of the real recorder."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.powercut.choices import digits
from tests.faults.powercut.plan import Recorded, pieces, plan
from tests.faults.powercut.recordings import CONTROLS, FOLDER_CONTROL, PRODUCT, RIGHT_ORDER, WRONG, record
from tests.faults.powercut.work import Count, Court, Task
from tests.faults.report import Report

SECOND_SHARE = 0.15
"""Of all states, those in which the recovery from a first cut is cut again."""
SECOND_EACH = 120
"""Second cuts for each recovery: recording one costs as much as judging a hundred states."""
CONTROL_STATES = 400
PIECE = 400
"""States of one task: small enough that progress is seen and that both processes end together."""
ROUNDS = 4
"""A plan asks for some states that turn out the same; further rounds draw others in their place."""
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
SHOWN = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.powercut", description=__doc__)
    parser.add_argument(
        "--states", type=int, default=20_000, help="how many states to judge (default: 20000)"
    )
    parser.add_argument("--seed", default="1", help="which states, of a given recording (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that judge (default: 2)")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="judge no longer than this, then report"
    )
    given = parser.parse_args()
    memory = str(MEMORY) if MEMORY.is_dir() else None
    scratch = Path(tempfile.mkdtemp(prefix="powercut-", dir=memory))
    try:
        run = Run(Report("powercut", given.states), given.seed, given.jobs, scratch, given.minutes * 60)
        run.record()
        run.judge(given.states)
        run.control()
        run.count_all()
        return run.report.end()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@dataclass
class Run:
    """One run: recordings, states, controls."""

    report: Report
    seed: str
    jobs: int
    scratch: Path
    until_s: float = math.inf
    product: list[Recorded] = field(default_factory=list)
    wrong: list[Recorded] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def record(self) -> None:
        """The product's lives, and those of the controls."""
        with ThreadPoolExecutor(self.jobs) as threads:
            product = [
                threads.submit(record, name, script, self.scratch / f"of-{name}" / "kiosk", weight=weight)
                for name, (script, weight) in PRODUCT.items()
            ]
            wrong = [
                threads.submit(record, name, WRONG, self.scratch / f"of-{how}" / "kiosk", how)
                for name, how in [*CONTROLS.items(), (RIGHT_ORDER, RIGHT_ORDER)]
            ]
            self.product = [one.result() for one in product]
            self.wrong = [one.result() for one in wrong]
        self.report.more["recording_s"] = round(self.report.seconds, 1)
        operations = {one.name: len(one.ops) for one in self.product}
        self.report.more["operations"] = operations
        self.report.progress(f"recorded {operations}", always=True)

    def judge(self, states: int) -> None:
        """First and second cuts mixed, so that a run that is stopped early has judged of everything."""
        began, report = self.report.seconds, self.report
        report.more |= {"second_cuts": 0, "recoveries_cut": 0, "repeats_passed_over": 0}
        second = int(states * SECOND_SHARE)
        tasks = [*self._first(states - second), *self._second(second)]
        Random(self.seed).shuffle(tasks)
        self._take(self._court("").run(tasks, self.jobs))
        for turn in range(1, ROUNDS):
            if report.tried < states and report.seconds < self.until_s:
                tasks = [*self._first(states - report.tried, again=True)]
                self._take(self._court(f" {turn}").run(tasks, self.jobs))
        if report.tried < states and report.seconds < self.until_s:
            report.wrong.append("these recordings do not have so many states that differ: ask for fewer")
        report.more["distinct_bytes"] = len(self.seen)
        report.more["judging_s"] = round(report.seconds - began, 1)

    def control(self) -> None:
        """Whether each wrong recorder is caught. Its states are chosen and judged as the product's are."""
        court = Court({one.name: one for one in self.wrong}, self.scratch, self.seed)
        tasks = [Task(one.name, plan(one, CONTROL_STATES).quotas) for one in self.wrong]
        counts: dict[str, Count] = {count.name: count for count in court.run(tasks, self.jobs)}
        for name in CONTROLS:
            self.report.controls[name] = counts[name].lost > 0
            self.report.progress(
                f"control {name}: lost in {counts[name].lost} of {counts[name].tried}", always=True
            )
        if counts[RIGHT_ORDER].lost:
            self.report.controls[FOLDER_CONTROL] = False
            self.report.wrong.append(
                f"the right order of PRAGMAs loses as well: {counts[RIGHT_ORDER].faults}"
            )
        self.report.more["controls_lost"] = {
            name: [count.lost, count.tried] for name, count in counts.items()
        }

    def count_all(self) -> None:
        """How many states there are, and what judging them would take."""
        plans = {one.name: plan(one, 0) for one in self.product}
        listed = {name: its.listed for name, its in plans.items()}
        judged, seconds = self.report.tried, float(str(self.report.more["judging_s"]))
        rate = judged / seconds if seconds else 1.0
        self.report.more |= {
            "listed": listed,
            "all_states_log10": {name: round(digits(its.states), 2) for name, its in plans.items()},
            "thanked_states_log10": {name: round(digits(its.thanked), 2) for name, its in plans.items()},
            "judged_per_s": round(rate, 1),
            "hours_for_all_listed": round(sum(listed.values()) / rate / 3600, 2),
            "hours_for_1000000": round(1_000_000 / rate / 3600, 2),
        }

    def _court(self, turn: str) -> Court:
        return Court({one.name: one for one in self.product}, self.scratch, self.seed + turn, self.seen)

    def _first(self, states: int, *, again: bool = False) -> Iterator[Task]:
        left = 0
        for one in self.product:
            # What a short recording has no more states for, the next one gives.
            wanted = math.ceil(states * one.weight) + left
            quotas = plan(one, wanted, 0.0).quotas if again else plan(one, wanted).quotas
            left = wanted - sum(quota.listed + quota.drawn for quota in quotas)
            for piece in pieces(quotas, PIECE):
                yield Task(one.name, piece)

    def _second(self, states: int) -> Iterator[Task]:
        for one in self.product:
            for quota in plan(one, math.ceil(states * one.weight / SECOND_EACH)).quotas:
                yield Task(one.name, [quota], SECOND_EACH)

    def _take(self, counts: Iterable[Count]) -> None:
        report, more = self.report, self.report.more
        for count in counts:
            report.tried += count.tried
            report.lost += count.lost
            report.invented += count.invented
            report.duplicated += count.duplicated
            report.corrupt += count.corrupt
            report.wrong += count.faults[: max(0, SHOWN - len(report.wrong))]
            self.seen.update(count.seen)
            for name, by in (
                ("second_cuts", count.tried * count.compound),
                ("recoveries_cut", count.recoveries),
                ("repeats_passed_over", count.repeated),
            ):
                more[name] = int(str(more[name])) + by
            report.progress()
            if report.seconds > self.until_s:
                break


if __name__ == "__main__":
    sys.exit(main())
