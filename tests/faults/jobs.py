"""Trying cases in several processes: most of a case is waiting for a disk, or for a lock that will not come."""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

Case = TypeVar("Case")


class Bench(Protocol):
    """What tries one case after another, in a folder of its own."""

    def outcome(self, case: Any, /) -> Any:
        """What came of *case*."""
        ...


_here: list[tuple[Bench, Sequence[Any], float]] = []


def add_options(parser: ArgumentParser) -> None:
    """``--jobs`` and ``--minutes``."""
    parser.add_argument("--jobs", type=int, default=2, help="processes that try (2)")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="try no longer than this, then report"
    )


def outcomes(
    bench_in: Callable[[Path], Bench], cases: Sequence[Case], folder: Path, jobs: int, minutes: float
) -> Iterator[tuple[Case, Any]]:
    """Each of *cases* with what came of it, in any order, until all are tried or the time is up."""
    until = time.monotonic() + 60 * minutes
    # Forked, so that cases need not be sent: only their numbers are.
    with multiprocessing.get_context("fork").Pool(jobs, _begin, (bench_in, cases, folder, until)) as pool:
        for at, outcome in pool.imap_unordered(_try, range(len(cases))):
            if outcome is not None:
                yield cases[at], outcome


def _begin(bench_in: Callable[[Path], Bench], cases: Sequence[Any], folder: Path, until: float) -> None:
    own = folder / f"process-{os.getpid()}"
    own.mkdir()
    _here[:] = [(bench_in(own), cases, until)]


def _try(at: int) -> tuple[int, Any]:
    bench, cases, until = _here[0]
    # Each process stops by itself: one that is stopped leaves the kiosk it was trying without anybody to hear it.
    return at, bench.outcome(cases[at]) if time.monotonic() < until else None
