"""
Errors of the operating system, as ``python -m tests.faults.syscalls --calls N``: each call fails, once and for good.

strace makes the Nth call of one kind on the kiosk's files fail, in the unmodified process: while it prepares a new
card, a used one, a damaged one, while it records, and while it recovers an old store. Held against the ledger: who was
thanked is there after a start without faults; that start takes presses within 10 s; nothing is there that was not
pressed. ``--calls 0`` tries all of them.

Of long runs of one call on one file, such as the writes that grow the WAL, the first, middle and last ones are taken.
EINTR is tried once and three times running, never for good: SQLite and Python repeat an interrupted call until it
succeeds, and no kernel interrupts every one. N counts in each thread by itself.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from feedback.errors import StoreError
from kiosk.storage.closed import stores
from tests.faults.damage import WITHIN_S, accept
from tests.faults.failing import Case, listed
from tests.faults.jobs import add_options, outcomes
from tests.faults.life import OUT_OF_ORDER, RAISED, REFUSED, Forked, Swallows, live, prepare, settings
from tests.faults.oracle import Ledger, judge, rows_of
from tests.faults.report import Report
from tests.faults.tracing import HUNG, calls_of, traced

PRESSES = 12
RECOVERING_S = 2.0
"""How long a kiosk that fails may try to recover an old store before it is started again."""
ERRORS = ("EIO", "ENOSPC", "EROFS", "EINTR")
FURTHER = {
    "openat": ("EMFILE", "EACCES"),
    "fcntl": ("EAGAIN",),
    "flock": ("EAGAIN",),
    "mmap": ("ENOMEM", "EAGAIN"),
    "pread64": ("EAGAIN",),
    "pwrite64": ("EAGAIN",),
}
"""Beyond ERRORS, where the kernel's manual names them or a driver was seen to give them."""


@dataclass(frozen=True)
class Phase:
    """Something a kiosk does, and the files it finds."""

    name: str
    base: Path
    run: Callable[[Path], None]


@dataclass
class Outcome:
    """What came of one case."""

    ended: str = ""
    thanked: int = 0
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)


def record(folder: Path, wrong: type[Swallows] | None = None) -> None:
    live(folder, "faulted", PRESSES, wrong)


def phases(folder: Path) -> tuple[dict[str, Phase], Ledger]:
    """Each phase with its files, and the ledger of those who pressed before."""
    used, prepared, damaged, recovering = (
        folder / name for name in ("used", "prepared", "damaged", "recovering")
    )
    (folder / "new").mkdir()
    ledger = Ledger()
    for boot in ("first", "second"):
        for run in (partial(prepare, used), partial(live, used, boot, 20)):
            ledger.take(_sound(run))
    for copy in (prepared, damaged):
        shutil.copytree(used, copy)
    _sound(partial(prepare, prepared))
    with settings(damaged).answers_db.open("r+b") as file:
        file.write(b"no header any more")
    shutil.copytree(damaged, recovering)
    _sound(partial(prepare, recovering))
    told = (
        Phase("prepare a new card", folder / "new", prepare),
        Phase("prepare a used card", used, prepare),
        Phase("prepare a damaged card", damaged, prepare),
        Phase("record", prepared, record),
        Phase("record and recover", recovering, partial(accept, boot="faulted", within_s=RECOVERING_S)),
    )
    return {phase.name: phase for phase in told}, ledger


def _sound(run: Callable[[], None]) -> bytes:
    code, said = Forked(run).end()
    if code:
        raise SystemExit(f"a card could not be made: {said.decode()}")
    return said


class Bench:
    """Runs one case after another, each on a fresh copy of its phase's files."""

    def __init__(self, folder: Path) -> None:
        self._copy = folder / "copy"
        self._phases, self._before = phases(folder)
        self._store = next(iter(self._before.thanked))[0]

    def cases(self, only: str = "") -> list[Case]:
        """Every call that a phase, or only one of them, makes without faults, with every error."""
        found = []
        for phase in self._phases.values():
            if only not in {"", phase.name}:
                continue
            self._fresh(phase)
            for call, numbers in calls_of(partial(phase.run, self._copy), self._paths()).items():
                for error in (*ERRORS, *FURTHER.get(call, ())):
                    for at in numbers:
                        again = f"{at}..{at + 2}" if error == "EINTR" else f"{at}+"
                        found += [Case(phase.name, call, error, at, when) for when in (str(at), again)]
        return found

    def outcome(self, case: Case, wrong: type[Swallows] | None = None) -> Outcome:
        """Let the call fail, start again without faults, and look."""
        phase = self._phases[case.phase]
        self._fresh(phase)
        ledger = Ledger(thanked={} if case.phase == "prepare a new card" else dict(self._before.thanked))
        if ledger.thanked:
            ledger.pressed |= self._before.pressed
        known = len(ledger.thanked)
        run = partial(record, self._copy, wrong) if wrong else partial(phase.run, self._copy)
        code, said = traced(run, self._paths(), case.call, f"{case.error}:when={case.when}")
        ledger.take(said)
        outcome = Outcome(_word(code), len(ledger.thanked) - known)
        if code == HUNG:
            outcome.corrupt.append("neither thanked nor ended")
        self._start_again(outcome, ledger)
        return outcome

    def _start_again(self, outcome: Outcome, ledger: Ledger) -> None:
        began = time.monotonic()
        for run in (partial(prepare, self._copy), partial(accept, self._copy, "after")):
            code, said = Forked(run).end()
            ledger.take(said)
            if code:
                outcome.corrupt.append(f"without faults it ended with {code}: {said.decode()[-300:]}")
        thanked_at = [json.loads(line)[1] for line in said.splitlines() if line.startswith(b'["S"')]
        if not thanked_at or thanked_at[0] - began > WITHIN_S:
            outcome.corrupt.append(f"nobody was thanked within {WITHIN_S:.0f} s of a start without faults")
        try:
            rows = list(rows_of(stores(settings(self._copy).answers_db.parent)))
        except StoreError as error:
            outcome.corrupt.append(str(error))
            return
        verdict = judge(ledger, rows)
        outcome.lost, outcome.invented, outcome.duplicated = (
            verdict.lost,
            verdict.invented,
            verdict.duplicated,
        )

    def _fresh(self, phase: Phase) -> None:
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(phase.base, self._copy)

    def _paths(self) -> list[Path]:
        """The kiosk's files, those there are and those it may make: strace wants each by name."""
        answers = settings(self._copy).answers_db
        folder, closed = answers.parent, answers.parent / "stores"
        names = [
            "",
            "-wal",
            "-shm",
            "-journal",
            ".lease",
            ".meanings",
            ".meanings.new",
            ".new",
            ".new-journal",
        ]
        made = [
            folder,
            closed,
            closed / f"{self._store}.db",
            closed / f"{self._store}.db.new",
            folder / "notes.jsonl",
            *(folder / f"summary.db{name}" for name in names if "meanings" not in name),
        ]
        for minutes in (0, 1):
            stamp = time.strftime("%Y%m%dT%H%M", time.gmtime(time.time() + 60 * minutes))
            made.append(folder / f"damaged-0001-{stamp}")
        return [
            self._copy,
            *made,
            *(answers.with_name(answers.name + name) for name in names),
            *folder.rglob("*"),
        ]


def _word(code: int) -> str:
    words = {0: "went on", OUT_OF_ORDER: "out of order", REFUSED: "refused", RAISED: "raised", HUNG: "hung"}
    return words.get(code, f"ended with {code}")


def syscalls(calls: int, seed: int, folder: Path, only: str, jobs: int, minutes: float) -> Report:
    """*calls* of the cases, or all of them if 0, after the control."""
    bench = Bench(folder)
    cases = bench.cases(only)
    total = len(cases)
    random.Random(seed).shuffle(cases)
    cases = cases[:calls] if calls else cases
    report = Report("syscalls", len(cases))
    swallowed = (Case("record", "fdatasync", "EIO", at, f"{at}+") for at in (3, 5, 8))
    report.controls["Swallows"] = any(bench.outcome(case, Swallows).lost for case in swallowed)
    ended: Counter[str] = Counter()
    raised: Counter[str] = Counter()
    tried = []
    for case, outcome in outcomes(Bench, cases, folder, jobs, minutes):
        tried.append(case)
        ended[outcome.ended] += 1
        if outcome.ended == "raised":
            raised[f"{case.phase}: {case.call} {case.error}"] += 1
        report.tried += 1
        _count(report, case, outcome)
        report.progress(f"{case.phase}: {case.call} {case.error} {case.when}")
    report.more |= {
        "of_all": total,
        "ended": dict(ended),
        "raised": dict(raised),
        "cases": listed(tried),
        "seed": seed,
    }
    return report


def _count(report: Report, case: Case, outcome: Outcome) -> None:
    for what in ("lost", "invented", "duplicated", "corrupt"):
        found = getattr(outcome, what)
        if found:
            setattr(report, what, getattr(report, what) + 1)
            report.wrong.append(f"{case}: {outcome.ended}: {what}: {found[0][:500]}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.syscalls", description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=150, help="how many failing calls (150); 0 is all of them"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the choice")
    parser.add_argument("--phase", default="", help="only this one, such as 'record'")
    add_options(parser)
    options = parser.parse_args()
    if shutil.which("strace") is None:
        print("syscalls: strace is missing: scripts/set-up --tests", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="afterword-syscalls-")).resolve()
    report = syscalls(options.calls, options.seed, folder, options.phase, options.jobs, options.minutes)
    code = report.end()
    shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
