"""What one press costs: time beside bare SQLite and the peers, flushes and bytes on a card."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles

from benchmarks.counts import Cost, cost
from benchmarks.worker import ROOT, Worker

PRESSES = 1_000
ROUNDS, A_ROUND, A_DRAWN_ROUND = 20, 50, 20
VENV = ROOT / "build" / "benchmarks" / "venv"
PEERS_TXT = Path(__file__).with_name("peers.txt")
OURS = [sys.executable, "-m", "benchmarks.workers"]
FLOOR_BYTES = 4096
MOST_BLOCKS, MOST_RATIO, MOST_P99_US = 2.6, 1.2, 5_000.0


@dataclass
class Line:
    """One line of the table: a recorder and what was measured of it."""

    name: str
    command: Sequence[str]
    a_round: int = A_ROUND
    rounds: list[list[float]] = field(default_factory=list)
    cost: Cost | None = None

    @property
    def all(self) -> list[float]:
        return [took for one in self.rounds for took in one]

    @property
    def p99(self) -> float:
        return quantiles(self.all, n=100)[98]

    def ratio(self, base: Line) -> float:
        """The median, over the rounds, of this one's median to that of *base* in the same round."""
        return median(median(mine) / median(its) for mine, its in zip(self.rounds, base.rounds, strict=True))


def main() -> int:
    """Prints the table; 0, whatever it says: times are for people."""
    lines = [
        Line("bare SQLite, same settings", [*OURS, "bare"]),
        Line("the same, handed to a thread", [*OURS, "handed"]),
        Line("Afterword, idle", [*OURS, "afterword"]),
        Line("Afterword, drawing: finger", [*OURS, "touch"], A_DRAWN_ROUND),
        Line("Afterword, drawing: button", [*OURS, "button"], A_DRAWN_ROUND),
        *(
            Line(f"{name}, defaults", [str(python), "benchmarks/peer_workers.py", name])
            for name, python in peers()
        ),
    ]
    _time(lines)
    for line in lines:
        if "drawing" not in line.name:
            line.cost = cost(line.command, PRESSES)
    _print(lines)
    return 0


def peers() -> list[tuple[str, Path]]:
    """The peers and the Python that has them; empty where they cannot be installed."""
    python = VENV / "bin" / "python"
    wanted, there = PEERS_TXT.read_text(), VENV / "peers.txt"
    if not there.exists() or there.read_text() != wanted:
        print("installing the peers into build/benchmarks/venv", file=sys.stderr)
        venv.create(VENV, clear=True, with_pip=True)
        words = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        done = subprocess.run([*words, "-r", str(PEERS_TXT)], check=False, capture_output=True, text=True)
        if done.returncode:
            print(
                f"the peers cannot be installed, so they are not in the table: {done.stderr[-300:]}",
                file=sys.stderr,
            )
            return []
        there.write_text(wanted)
    return [("peewee", python), ("persist-queue", python)]


def _time(lines: list[Line]) -> None:
    """
    All of them in turns, so that a neighbour's work falls on each alike.

    In an order that changes: a line pays for what the one before it left to the disk.
    """
    with ExitStack() as stack:
        workers = []
        for line in lines:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="afterword-press-"))
            workers.append(stack.enter_context(Worker([*line.command, folder])))
        for line, worker in zip(lines, workers, strict=True):
            worker.record(line.a_round)  # the first ones warm what is to be warm
        chance = Random(1)  # noqa: S311  no secret
        pairs = list(zip(lines, workers, strict=True))
        for turn in range(ROUNDS):
            chance.shuffle(pairs)
            for line, worker in pairs:
                line.rounds.append(worker.record(line.a_round))
            print(f"press: round {turn + 1} of {ROUNDS}", file=sys.stderr)


def _print(lines: list[Line]) -> None:
    base = lines[0]
    print(f"{ROUNDS * A_ROUND} presses each in turns, {ROUNDS * A_DRAWN_ROUND} while drawing;", end=" ")
    print(f"counts over {PRESSES} presses, checkpoints included\n")
    print(
        f"{'':<30}{'median us':>10}{'p99 us':>9}{'x bare':>8}{'flushes':>9}{'file B':>9}{'device B':>10}{'x 4096':>8}"
    )
    for line in lines:
        counted = _counted(line.cost)
        print(f"{line.name:<30}{median(line.all):>10.0f}{line.p99:>9.0f}{line.ratio(base):>8.2f}{counted}")
    print(
        f"\nwanted of Afterword: 1 flush, <= {MOST_BLOCKS} x {FLOOR_BYTES} B, idle <= {MOST_RATIO} x bare, "
        f"p99 <= {MOST_P99_US:.0f} us while drawing"
    )
    print("device B: an ext4 image of its own behind a loop device, by its /sys/block/loopN/stat")


def _counted(found: Cost | None) -> str:
    if found is None:
        return f"{'-':>9}{'-':>9}{'-':>10}{'-':>8}"
    on_device = "not here" if found.device is None else f"{found.device:.0f}"
    blocks = (found.written if found.device is None else found.device) / FLOOR_BYTES
    return f"{found.flushes:>9.3f}{found.written:>9.0f}{on_device:>10}{blocks:>8.2f}"
