"""The branches beside each other, ranked by what chance leaves of their scores: the interval's lower end."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from central.dashboard.shown import Shown, shown
from central.scores import queries
from central.scores.periods import Period
from central.scores.queries import MOST_BRANCHES, Branch
from central.scores.report import Measured, listed, tallied

ENDS_SHOWN = 10
"""With many branches: so many of the best and of the last are shown, the others folded between."""


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch's place; None where it has too few answers to be ranked."""

    id: str
    name: str
    place: int | None
    sli: Shown


@dataclass(frozen=True, slots=True)
class Comparison:
    """Branches in order; ``between`` is folded."""

    first: list[BranchRow]
    between: list[BranchRow]
    last: list[BranchRow]
    unranked: list[BranchRow]
    complete: bool

    @property
    def n(self) -> int:
        """Branches in it."""
        return len(self.first) + len(self.between) + len(self.last) + len(self.unranked)


def comparison(connection: Connection, branches: list[Branch], period: Period) -> Comparison:
    """*branches* ranked by the lower end of their SLI's interval."""
    names = {branch.id: branch.name for branch in branches}
    tallies = tallied(queries.ratings_by_branch(connection, period, list(names)))
    measured = [(str(key), one.sli) for key, one in listed(tallies, list(names))]
    ranked = sorted((pair for pair in measured if _is_ranked(pair[1])), key=_by_low)
    rows = [BranchRow(id_, names[id_], place, shown(sli)) for place, (id_, sli) in enumerate(ranked, 1)]
    unranked = [BranchRow(id_, names[id_], None, shown(sli)) for id_, sli in measured if not _is_ranked(sli)]
    unranked.sort(key=lambda row: -row.sli.n)
    ends = len(rows) if len(rows) <= 2 * ENDS_SHOWN else ENDS_SHOWN
    last = max(ends, len(rows) - ENDS_SHOWN)
    return Comparison(rows[:ends], rows[ends:last], rows[last:], unranked, len(branches) < MOST_BRANCHES)


def _is_ranked(sli: Measured) -> bool:
    return sli.reliability != "counts_only"


def _by_low(pair: tuple[str, Measured]) -> tuple[float, str]:
    branch_id, sli = pair
    return (-sli.score.low if sli.score else 0.0, branch_id)
