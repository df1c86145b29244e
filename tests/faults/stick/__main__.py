"""
The stick, as ``python -m tests.faults.stick --trips N``: N trips of technicians between real kiosks and real centrals.

On each of them sticks are torn, copied, mixed up, lost, full, pulled out, played again, brought late and forged; the
power goes at any step on either side; now and then there is a network after all, and a central that was restored. Each
trial is one kiosk and one central; at its end one good stick goes to and fro, and both sides are held against each
other row by row. On the way, each time the cursor moves, central must have what lies below it, and it never goes back.
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
from tests.faults.report import Report
from tests.faults.stick.controls import CONTROLS
from tests.faults.stick.trial import Trial, run

EACH = 30
"""Trips of one trial before the good ones."""
CONTROL_TRIPS = 30
CONTROL_TRIALS = 8
"""A control that is not caught by then is not caught."""
LONGEST_S = 600
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
"""What a power cut does to a disk is another proof's: flushes would only be waited for."""


def trips(
    count: int, seed: int, folder: Path, names: list[str], each: int, at_once: int, minutes: float
) -> Report:
    """*count* trips, after the controls of *names*."""
    report = Report("stick", count)
    until = time.monotonic() + 60 * minutes
    sums: Counter[str] = Counter()
    events: Counter[str] = Counter()
    # A process for each trial: what is opened for a kiosk stays open until its process ends.
    with multiprocessing.get_context("fork").Pool(at_once, maxtasksperchild=1) as pool:
        caught = pool.imap(partial(_control, folder, seed), names)
        trials = pool.imap_unordered(partial(_trial, folder, seed, each), range(math.ceil(count / each)))
        for name in names:
            report.controls[name] = caught.next(LONGEST_S)
            report.progress(f"control {name}", always=True)
        for trial in _each(trials):
            _add(report, trial)
            events += trial.events
            sums.update(trials=1, answers=trial.answers)
            sums["most_good_trips"] = max(sums["most_good_trips"], trial.good_trips)
            report.progress(f"{sums['answers']:,} answers")
            if time.monotonic() > until:
                break
        pool.terminate()
    report.more |= {**sums, "events": dict(sorted(events.items())), "seed": seed}
    return report


def _add(report: Report, trial: Trial) -> None:
    report.tried += trial.trips
    for kind in ("lost", "invented", "duplicated", "corrupt"):
        setattr(report, kind, getattr(report, kind) + bool(getattr(trial.verdict, kind)))
    if not trial.verdict.sound:
        report.wrong.append(f"trial {trial.seed!r}: {trial.verdict.first()}")


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


def _control(folder: Path, seed: int, name: str) -> bool:
    """Whether what is wrong on purpose is found out."""
    control = CONTROLS[name]
    own = folder / name.replace(" ", "-")
    with control.wrong():
        for at in range(CONTROL_TRIALS):
            trial = run(own / str(at), f"{seed} {at}", CONTROL_TRIPS, control)
            if not trial.verdict.sound:
                shutil.rmtree(own)
                return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.stick", description=__doc__)
    parser.add_argument("--trips", type=int, default=600, help="trips (600; the long form 100,000)")
    parser.add_argument("--each", type=int, default=EACH, help="trips of one kiosk (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of all chance; default the time")
    parser.add_argument("--controls", type=int, default=len(CONTROLS), help="the first so many (all)")
    jobs.add_options(parser)
    options = parser.parse_args()
    where = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="afterword-stick-", dir=where))
    names = list(CONTROLS)[: options.controls]
    report = trips(options.trips, options.seed, folder, names, options.each, options.jobs, options.minutes)
    code = report.end()
    if code == 0:
        # A trial that the time has cut off may still be ending.
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"stick: what was found wrong is left in {folder}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
