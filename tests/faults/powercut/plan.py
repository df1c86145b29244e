"""Which of the states are judged: how many at each cut, so that every kind of cut has its share."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from tests.faults.powercut.calls import Flush, FlushFolder, Op, Said
from tests.faults.powercut.choices import Space, drawn, listed
from tests.faults.powercut.disk import Choice, Disk
from tests.faults.powercut.ledger import Ledger, Page

BEFORE_THANKS = 0.04
"""What a cut counts for before anybody was thanked: the making of the files has hundreds of writes."""
FEWEST_DRAWN, MOST_DRAWN = 4, 40
"""Sectors and names on their way: with fewer all states are soon drawn, with more a cut gets no more states."""
LISTED_SHARE = 0.6
REDRAWS = 3
"""Tries for each drawn state: a small cut soon has none to give that was not judged before."""


@dataclass
class Recorded:
    """
    One recording, ready to be cut.

    Attributes:
        start: The card before its first operation.
        weight: Its share of the states, relative to the others'.
    """

    name: str
    ops: list[Op]
    ledger: Ledger
    start: Disk = field(default_factory=Disk)
    weight: float = 1.0

    def disk(self) -> Disk:
        return deepcopy(self.start)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many states of the cut right after operation *number*."""

    number: int
    listed: int
    drawn: int


@dataclass(slots=True)
class Plan:
    """
    Quotas for each cut of a recording.

    Attributes:
        listed: How many listed states there are.
        states: How many states there are altogether, garbage not counted: see ``Space``.
        thanked: How many of them only a cut after the first thank-you can leave.
    """

    quotas: list[Quota]
    listed: int
    states: int
    thanked: int


def plan(recorded: Recorded, states: int, listed_share: float = LISTED_SHARE) -> Plan:
    """Spread *states* over the cuts of *recorded*, up to *listed_share* of them listed ones, each of these once."""
    disk, space, before = recorded.disk(), Space(), 0
    counts: list[tuple[int, int, float, float]] = []
    room: list[int] = []
    for number, op in enumerate(recorded.ops):
        disk.feed(number, op)
        space.feed(disk, op)
        if _repeats(op):
            continue
        thanked = bool(recorded.ledger.page(number).thanked)
        before = before if thanked else space.states
        weight = 1.0 if thanked else BEFORE_THANKS
        here = len(listed(disk, number, op))
        more = min(disk.on_its_way, MOST_DRAWN)
        room.append(1 << more)
        counts.append((number, here, here * weight, more * weight if more >= FEWEST_DRAWN else 0.0))
    all_listed = sum(here for _, here, _, _ in counts)
    wanted = min(all_listed, int(states * listed_share) if any(c[3] for c in counts) else states)
    some = _spread(wanted, [weight for _, _, weight, _ in counts], [here for _, here, _, _ in counts])
    rest = _spread(states - sum(some), [more for _, _, _, more in counts], room)
    quotas = [Quota(number, few, many) for (number, *_), few, many in zip(counts, some, rest, strict=True)]
    return Plan(
        [quota for quota in quotas if quota.listed or quota.drawn],
        all_listed,
        space.states,
        space.states - before,
    )


def _repeats(op: Op) -> bool:
    """Whether a cut after *op* can leave nothing that one before it could not."""
    return isinstance(op, Said) and op.line["say"] != "thanked"


def _spread(total: int, weights: list[float], caps: list[int]) -> list[int]:
    """*total* in whole parts by *weights*, none above its cap; what a cap holds back goes to the others."""
    parts = [0] * len(weights)
    while total > 0:
        free = [at for at, weight in enumerate(weights) if weight and parts[at] < caps[at]]
        whole = sum(weights[at] for at in free)
        if not whole:
            break
        done, given, before = 0.0, 0, 0
        for at in free:
            done += total * weights[at] / whole
            part, before = round(done) - before, round(done)
            part = min(part, caps[at] - parts[at])
            parts[at] += part
            given += part
        total -= given
        if not given:
            break
    return parts


@dataclass(frozen=True, slots=True)
class State:
    """One cut: what it left, and what was owed then."""

    number: int
    choice: Choice
    page: Page
    chance: Random


def states(
    recorded: Recorded, quotas: list[Quota], seed: str
) -> Generator[tuple[Disk, State], bool | None, None]:
    """
    The states of *quotas*, each valid until the next.

    To be sent False for a state that was judged before: another is drawn for it, here or at a later cut.
    """
    wanted = {quota.number: quota for quota in quotas}
    last, owed = max(wanted, default=-1), 0
    disk = recorded.disk()
    for number, op in enumerate(recorded.ops[: last + 1]):
        disk.feed(number, op)
        quota = wanted.get(number)
        if quota is None:
            continue
        page, chance = recorded.ledger.page(number), Random(f"{seed} {recorded.name} {number}")
        everything = listed(disk, number, op) if quota.listed else []
        for choice in chance.sample(everything, min(quota.listed, len(everything))):
            owed += (yield disk, State(number, choice, page, chance)) is False
        if quota.drawn:
            owed += quota.drawn
            for _ in range(min(owed, quota.drawn * 4) * REDRAWS):
                owed -= (yield disk, State(number, drawn(disk, chance), page, chance)) is not False
                if not owed:
                    break


def pieces(quotas: list[Quota], size: int) -> Iterator[list[Quota]]:
    """Consecutive *quotas* in pieces of about *size* states."""
    piece: list[Quota] = []
    count = 0
    for quota in quotas:
        piece.append(quota)
        count += quota.listed + quota.drawn
        if count >= size:
            yield piece
            piece, count = [], 0
    if piece:
        yield piece


def without_folder_flushes(ops: list[Op]) -> list[Op]:
    """*ops* less the flush of a folder that SQLite adds to the first flush of a new file."""
    kept: list[Op] = []
    for op in ops:
        if isinstance(op, FlushFolder) and kept and isinstance(kept[-1], Flush):
            continue
        kept.append(op)
    return kept
