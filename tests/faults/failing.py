"""One failing call, and many of them in few words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Case:
    """One call that fails: the *at*th of its kind, *when* as strace says it."""

    phase: str
    call: str
    error: str
    at: int
    when: str


def listed(cases: Iterable[Case]) -> dict[str, dict[str, str]]:
    """Exactly what was tried: per phase and call, each error with its Ns, such as ``1-7`` and ``1+ to 7+``."""
    found: dict[str, dict[str, str]] = {}
    for case in sorted(cases):
        whens = found.setdefault(f"{case.phase}: {case.call}", {})
        whens[case.error] = f"{whens[case.error]} {case.when}" if case.error in whens else case.when
    return {call: {error: _runs(whens) for error, whens in errors.items()} for call, errors in found.items()}


def _runs(whens: str) -> str:
    """``1 1+ 2 2+ 4`` as ``1-2 4, 1-2+``."""
    parts = []
    for pattern, mark in ((r"\d+", ""), (r"\d+\+", "+"), (r"\d+\.\.\d+", " thrice")):
        numbers = sorted(
            int(re.split(r"\D", when)[0]) for when in whens.split() if re.fullmatch(pattern, when)
        )
        runs: list[list[int]] = []
        for number in numbers:
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        if runs:
            parts.append(" ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs) + mark)
    return ", ".join(parts)
