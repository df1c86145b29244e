"""
How often an interval of ``feedback.scores`` holds the truth: ``python -m tests.intervals --samples N --seed S``.

Customers are drawn from a mix of answers whose score is known; after the 5th, 10th, 20th ... answer it is looked at
whether the interval holds that score. 95 of 100 are meant; LEAST to MOST is asked from FEWEST_FOR_SCORE answers on,
where a score is shown at all, give or take twice the simulation's own standard error. Where nearly everybody gives
the best answer, more than MOST is no fault: such samples show no spread, and an interval that trusted them would be
wrong too often. A share of few answers has few possible values; where no interval at all can come between LEAST and
MOST, the table says so.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from math import comb, sqrt
from random import Random
from typing import Any

from feedback.scores import FEWEST_FOR_SCORE, Score, ces, csat, nps, sli

SIZES = (5, 10, 20, 30, 50, 100, 200, 300)
LEAST, MOST = 93.0, 98.0
SAMPLES = 10_000

NARROW = "nearly all best"
MIXES: Mapping[str, Mapping[str, Sequence[int]]] = {
    "faces": {
        "mostly good": (3, 3, 6, 18, 70),
        "as the example": (12, 27, 4, 26, 181),
        "two camps": (40, 8, 4, 8, 40),
        "mostly bad": (50, 25, 10, 10, 5),
        NARROW: (1, 1, 1, 2, 95),
    },
    "0..10": {
        "mostly good": (1, 0, 1, 1, 1, 2, 2, 6, 14, 22, 50),
        "usual": (4, 1, 2, 2, 2, 5, 4, 12, 18, 18, 32),
        "two camps": (26, 10, 5, 3, 2, 1, 1, 2, 2, 13, 35),
        "mostly bad": (20, 10, 10, 8, 8, 8, 6, 12, 8, 5, 5),
        NARROW: (0, 0, 0, 0, 0, 1, 0, 1, 2, 6, 90),
    },
    "1..7": {
        "mostly good": (1, 1, 2, 4, 10, 27, 55),
        "usual": (4, 4, 6, 10, 18, 28, 30),
        "two camps": (38, 6, 4, 4, 4, 6, 38),
        "mostly bad": (40, 25, 15, 10, 5, 3, 2),
        NARROW: (1, 0, 0, 0, 1, 3, 95),
    },
}
"""How many of each level, lowest first, in a crowd; the crowd's own score is the truth."""

ScoreOf = Callable[[Mapping[Any, int]], Score | None]
SCORES: Mapping[str, tuple[ScoreOf, str, int]] = {
    "SLI": (sli, "faces", 1),
    "CSAT": (csat, "faces", 1),
    "NPS": (nps, "0..10", 0),
    "CES": (ces, "1..7", 1),
}
"""Each with its mixes and the lowest level of its scale."""


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One line of the table.

    Attributes:
        score: ``SLI``, ``CSAT``, ``NPS`` or ``CES``.
        mix: What the customers were like.
        n: Answers in each sample.
        samples: How many were drawn.
        coverage: % of the samples whose interval held the truth.
        width: Mean width of the interval, in the score's own unit.
        possible: Whether any interval could cover LEAST to MOST % here.
    """

    score: str
    mix: str
    n: int
    samples: int
    coverage: float
    width: float
    possible: bool = True

    @property
    def judged(self) -> bool:
        """Whether the score is shown at this size."""
        return self.n >= FEWEST_FOR_SCORE

    @property
    def above(self) -> bool:
        """Whether it covers more than was meant, which is no fault where nothing better can be had."""
        return self.coverage > MOST and not (self.judged and self.possible and self.mix != NARROW)

    @property
    def outside(self) -> bool:
        """Whether it covers less or more than is asked."""
        slack = 200 * sqrt(0.95 * 0.05 / self.samples)
        return not self.above and not LEAST - slack <= self.coverage <= MOST + slack


def simulate(
    samples: int,
    seed: int,
    sizes: Sequence[int] = SIZES,
    scores: Mapping[str, tuple[ScoreOf, str, int]] = SCORES,
) -> Iterator[Cell]:
    """The cells of the table, score by score, each from *samples* samples of every one of *sizes*."""
    for name, (score_of, scale, lowest) in scores.items():
        for mix, crowd in MIXES[scale].items():
            weights = dict(enumerate(crowd, lowest))
            chance = Random(f"{seed} {name} {mix}")
            held, widths = _looked_at(score_of, weights, samples, sizes, chance)
            for n in sizes:
                possible = name != "CSAT" or _possible(n, sum(crowd[3:]) / sum(crowd))
                coverage, width = 100 * held[n] / samples, widths[n] / samples
                yield Cell(name, mix, n, samples, coverage, width, possible)


def _looked_at(
    score_of: ScoreOf, crowd: Mapping[int, int], samples: int, sizes: Sequence[int], chance: Random
) -> tuple[dict[int, int], dict[int, float]]:
    """By size: how many intervals held the crowd's own score, and the sum of their widths."""
    truth = _there(score_of(crowd)).value
    held, widths = dict.fromkeys(sizes, 0), dict.fromkeys(sizes, 0.0)
    levels, weights = list(crowd), list(crowd.values())
    for _ in range(samples):
        counts: Counter[int] = Counter()
        for before, n in zip((0, *sizes), sizes, strict=False):
            counts.update(chance.choices(levels, weights, k=n - before))
            found = _there(score_of(counts))
            held[n] += found.low <= truth <= found.high
            widths[n] += found.high - found.low
    return held, widths


def _there(score: Score | None) -> Score:
    assert score is not None
    return score


def _possible(n: int, share: float) -> bool:
    """Whether some run of neighbouring numbers of *n* has a chance of LEAST to MOST % where *share* is the truth."""
    chances = (100 * comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1))
    return any(
        LEAST <= last - first <= MOST for first, last in combinations(accumulate(chances, initial=0.0), 2)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table, then one line of JSON; 1 if a cell that is judged is outside its bounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.intervals", description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES, help=f"of each size ({SAMPLES})")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if options.samples < 1:
        parser.error(f"--samples {options.samples}: expected 1 or more")
    began, cells, asked = time.monotonic(), [], len(SIZES) * sum(len(MIXES[s]) for _, s, _ in SCORES.values())
    for cell in simulate(options.samples, options.seed):
        cells.append(cell)
        if cell.n == SIZES[-1]:
            print(f"intervals: {cell.score}, {cell.mix}: {len(cells)} of {asked} cells", file=sys.stderr)
    _print(cells)
    judged = [cell for cell in cells if cell.judged]
    outside = [cell for cell in judged if cell.outside]
    line = {
        "intervals": len(judged),
        "samples": options.samples,
        "seed": options.seed,
        "outside": len(outside),
        "above": sum(cell.above for cell in judged),
        "lowest": _said(min(judged, key=lambda cell: cell.coverage)),
        "highest": _said(max(judged, key=lambda cell: cell.coverage)),
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(line), flush=True)
    return 1 if outside else 0


def _print(cells: Sequence[Cell]) -> None:
    print("% of intervals that hold the truth, and (their mean width)\n")
    print(f"{'n':<21}" + "".join(f"{n:>14}" for n in SIZES))
    for start in range(0, len(cells), len(SIZES)):
        row = cells[start : start + len(SIZES)]
        print(f"{row[0].score:<5}{row[0].mix:<16}" + "".join(f"{_shown(cell):>14}" for cell in row))
    print(
        f"\n!  outside {LEAST:.0f} to {MOST:.0f} %; judged from n = {FEWEST_FOR_SCORE} on, where scores are shown"
    )
    print("~  above, and no interval can be inside: a share of so few answers has too few possible values")
    print("+  above: the samples are too small, or nearly all alike, to show the spread there is")


def _shown(cell: Cell) -> str:
    mark = " "
    if cell.above:
        mark = "+" if cell.possible else "~"
    elif cell.outside:
        mark = "!"
    digits = 1 if cell.width >= 10 else 2
    return f"{cell.coverage:.1f}{mark}({cell.width:.{digits}f})"


def _said(cell: Cell) -> dict[str, object]:
    return {"score": cell.score, "mix": cell.mix, "n": cell.n, "coverage": round(cell.coverage, 2)}


if __name__ == "__main__":
    sys.exit(main())
