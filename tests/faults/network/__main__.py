"""
The network, as ``python -m tests.faults.network --requests N``: N requests of real agents to real centrals.

Between them stands a proxy that cuts, delays, repeats, replays, spoils and answers by itself, signed and unsigned;
either side is restarted at any point, clocks are wrong, answers are poison. Each trial is one kiosk and one central;
at its end the faults stop, everything has to be handed over within a bounded number of requests, and both sides are
held against each other row by row. On the way, each time the cursor moves, central must have what lies below it.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.faults import jobs
from tests.faults.network import cost
from tests.faults.network.controls import CONTROLS
from tests.faults.network.rounds import LEAST, ROUNDS
from tests.faults.network.trial import Trial, run
from tests.faults.report import Report

EACH = 400
"""Requests of one trial before the peace."""
CONTROL_REQUESTS = 60
MOST_OF_A_ROUND = 5_000
CONTROL_TRIALS = 5
"""A control that is not caught by then is not caught."""
LONGEST_S = 900
WITH_ROUNDS = 5_000
"""Requests from which on each byte, status and portal has its turn."""
ROUNDS_ASK = 3_000
"""About so many requests they take."""
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
"""No power is cut here: flushes to a disk would only be waited for."""
DAY_MS = 86_400_000


def network(requests: int, seed: int, folder: Path, each: int, at_once: int, minutes: float) -> Report:
    """*requests* requests, after the controls."""
    report = Report("network", requests)
    until = time.monotonic() + 60 * minutes
    total = Totals()
    # A process for each trial: what is opened for a kiosk stays open until its process ends.
    with multiprocessing.get_context("fork").Pool(at_once, maxtasksperchild=1) as pool:
        names = list(CONTROLS)
        caught = pool.imap(partial(_control, folder, seed), names)
        costs = pool.apply_async(cost.measured, (folder / "cost", f"{seed} cost"))
        rounds = pool.imap(partial(_round, folder, seed), ROUNDS if requests >= WITH_ROUNDS else ())
        left = requests - (ROUNDS_ASK if requests >= WITH_ROUNDS else 0)
        trials = pool.imap_unordered(partial(_trial, folder, seed, each), range(math.ceil(left / each)))
        for name in names:
            report.controls[name] = caught.next(LONGEST_S)
            report.progress(f"control {name}", always=True)
        measured = costs.get(LONGEST_S)
        for name, trial in zip(ROUNDS, _each(rounds), strict=False):
            total.add(report, trial)
            total.rounds[name] = trial.round
            report.progress(f"every one of {trial.round} {name.replace('_', ' ')}", always=True)
        report.wrong += [
            f"{name}: only {done} of them" for name, done in total.rounds.items() if done < LEAST[name]
        ]
        for trial in _each(trials):
            total.add(report, trial)
            report.progress(f"{trial.answers:,} answers, {len(total.statuses)} faults")
            if time.monotonic() > until:
                break
    report.wrong += measured.wrong
    report.more |= {**total.line(report), **measured.line(), "seed": seed}
    return report


class Totals:
    """Sums over the trials."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.statuses: set[str] = set()
        self.blocked = 0
        self.most_drain = 0
        self.rounds: dict[str, int] = {}

    def add(self, report: Report, trial: Trial) -> None:
        report.tried += trial.requests
        for kind in ("lost", "invented", "duplicated", "corrupt"):
            setattr(report, kind, getattr(report, kind) + bool(getattr(trial.verdict, kind)))
        self.blocked += bool(trial.verdict.blocked)
        if not trial.verdict.sound:
            report.wrong.append(f"trial {trial.seed!r}: {trial.verdict.first()}")
        self.faults += trial.faults
        self.statuses |= trial.statuses
        self.most_drain = max(self.most_drain, trial.drain)
        self.sums.update(
            trials=1,
            answers=trial.answers,
            void=trial.void,
            poison=trial.poison,
            agent_restarts=trial.restarts,
            reboots=trial.reboots,
            central_restarts=trial.central_restarts,
            central_restores=trial.restores,
            kiosk_restores=trial.kiosk_restores,
            virtual_ms=trial.virtual_ms,
        )

    def line(self, report: Report) -> dict[str, object]:
        days = self.sums.pop("virtual_ms", 0) / DAY_MS
        return {
            "blocked": self.blocked,
            "requests": report.tried,
            "faults": sum(self.faults.values()),
            "kinds": len(self.faults),
            "statuses": len(self.statuses),
            **self.rounds,
            **self.sums,
            "virtual_days": round(days, 1),
            "most_requests_to_drain": self.most_drain,
        }


def _each(trials: Iterator[Trial]) -> Iterator[Trial]:
    while True:
        try:
            yield trials.next(LONGEST_S)  # type: ignore[attr-defined]
        except StopIteration:
            return


def _trial(folder: Path, seed: int, each: int, at: int) -> Trial:
    own = folder / f"trial-{at}"
    trial = run(own, f"{seed} {at}", each)
    if trial.verdict.sound:
        shutil.rmtree(own)
    return trial


def _round(folder: Path, seed: int, name: str) -> Trial:
    own = folder / name
    trial = run(own, f"{seed} {name}", MOST_OF_A_ROUND, whole=ROUNDS[name]())
    if trial.verdict.sound:
        shutil.rmtree(own)
    return trial


def _control(folder: Path, seed: int, name: str) -> bool:
    """Whether an agent that is wrong on purpose is found out."""
    control = CONTROLS[name]
    own = folder / name.replace(" ", "-")
    with control.wrong():
        for at in range(CONTROL_TRIALS):
            trial = run(own / str(at), f"{seed} {at}", CONTROL_REQUESTS, control)
            if not trial.verdict.sound:
                shutil.rmtree(own)
                return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.network", description=__doc__)
    parser.add_argument(
        "--requests", type=int, default=5_000, help="requests (5,000; the long form 1,000,000)"
    )
    parser.add_argument("--each", type=int, default=EACH, help="requests of one kiosk (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of all chance; default the time")
    jobs.add_options(parser)
    options = parser.parse_args()
    where = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="afterword-network-", dir=where))
    report = network(options.requests, options.seed, folder, options.each, options.jobs, options.minutes)
    code = report.end()
    if code == 0:
        # A trial that the time has cut off may still be ending.
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"network: what was found wrong is left in {folder}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
