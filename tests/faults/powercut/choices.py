"""Which states a cut can leave behind: the listed ones, every one of a kind, and drawn ones out of all the others."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from random import Random

from tests.faults.powercut.calls import Op, Rename, Resize, Said, Write
from tests.faults.powercut.disk import Choice, Disk, Garbage, blocks, sectors

FEW = 8
KINDS = ("noise", "zeros", "ones")
NEAR = 8
"""Holes are listed for this many of the latest writes; further back they are left to chance."""
MOST_SUBSETS = 3
"""Up to this many changes of names on their way, each subset of them is listed."""


def listed(disk: Disk, number: int, op: Op) -> list[Choice]:
    """The listed states of a cut right after operation *number*; those of an earlier cut are not listed again."""
    if isinstance(op, Said) and op.line["say"] != "thanked":
        return []
    names = list(_names(disk))
    if isinstance(op, Write):
        data = _after_write(disk, number, op)
    elif isinstance(op, Said):
        data = _after_thanks(disk)
    else:
        data = _after_other(disk)
    return list(
        dict.fromkeys(
            Choice(choice.whole, choice.torn, kept, choice.garbage, choice.grown)
            for choice in data
            for kept in names
        )
    )


def _after_write(disk: Disk, number: int, op: Write) -> Iterator[Choice]:
    before = frozenset(disk.coming) - {number}
    mine = tuple(sectors(op))
    yield Choice(before | {number})
    yield Choice(frozenset({number}))
    for end in range(1, len(mine)):
        yield Choice(before, ((number, mine[:end]),))
        yield Choice(before, ((number, mine[end:]),))
    for sector in mine:
        yield Choice(torn=((number, (sector,)),))
    for hole in sorted(before)[-NEAR:]:
        yield Choice(before - {hole} | {number})
    for block in blocks(op):
        for kind in KINDS:
            spoiled = (Garbage(op.file, block, kind),)
            yield Choice(garbage=spoiled)
            yield Choice(before, garbage=spoiled)
            yield Choice(before | {number}, garbage=spoiled)
            yield Choice(before, garbage=spoiled, grown=True)
    yield Choice(grown=True)
    yield Choice(before, grown=True)


def _after_thanks(disk: Disk) -> Iterator[Choice]:
    """The same bytes as a moment ago, but now somebody has been thanked."""
    order = sorted(disk.coming)
    for end in range(len(order) + 1)[-NEAR:]:
        yield Choice(frozenset(order[:end]))
    yield Choice(grown=True)
    for number in order[-NEAR:]:
        op = disk.coming[number]
        yield Choice(frozenset(order) - {number})
        if isinstance(op, Write):
            for block in blocks(op):
                for kind in KINDS:
                    yield Choice(garbage=(Garbage(op.file, block, kind),))
                    yield Choice(frozenset(order), garbage=(Garbage(op.file, block, kind),))


def _after_other(disk: Disk) -> Iterator[Choice]:
    coming = frozenset(disk.coming)
    yield Choice()
    yield Choice(coming)
    yield Choice(grown=True)
    for hole in sorted(coming)[-NEAR:]:
        yield Choice(coming - {hole})


def _names(disk: Disk) -> Iterator[frozenset[int]]:
    order = sorted(disk.renames)
    found: dict[frozenset[int], None] = {}
    if len(order) <= MOST_SUBSETS:
        for size in range(len(order) + 1):
            found.update((frozenset(some), None) for some in combinations(order, size))
    else:
        first = sum(number <= disk.journalled for number in order)
        found.update((frozenset(order[:end]), None) for end in range(first, len(order) + 1))
        found[frozenset()] = None
        found.update((frozenset(order) - {number}, None) for number in order)
        found.update((frozenset({number}), None) for number in order)
    yield from found


def drawn(disk: Disk, chance: Random) -> Choice:
    """Any state: each write whole, torn or missing, each name there or not, some blocks spoiled."""
    share = chance.choice((0.1, 0.3, 0.5, 0.7, 0.9, 0.97))
    # Where little is on its way, whole or missing writes have soon been drawn in every combination.
    tears = chance.choice((0.0, 0.1, 0.4) if len(disk.coming) > FEW else (0.3, 0.6, 0.9))
    whole, torn = set(), []
    # Usually something happened only to the latest writes: a card does not sit on one for long.
    window = chance.choice((4, 16, len(disk.coming)))
    latest = set(sorted(disk.coming)[-window:]) if window else set()
    for number, op in disk.coming.items():
        if number not in latest:
            whole.add(number)
        elif isinstance(op, Write) and chance.random() < tears:
            some = tuple(sector for sector in sectors(op) if chance.random() < share)
            if len(some) == len(sectors(op)):
                whole.add(number)
            elif some:
                torn.append((number, some))
        elif chance.random() < share:
            whole.add(number)
    order = sorted(disk.renames)
    style = chance.random()
    if style < 0.4:
        first = sum(number <= disk.journalled for number in order)
        names = frozenset(order[: chance.randint(first, len(order))])
    else:
        names = frozenset(number for number in order if chance.random() < share)
    return Choice(frozenset(whole), tuple(torn), names, _spoiled(disk, chance, latest), chance.random() < 0.2)


def _spoiled(disk: Disk, chance: Random, latest: set[int]) -> tuple[Garbage, ...]:
    writes = [op for number, op in disk.coming.items() if number in latest and isinstance(op, Write)]
    if not writes or chance.random() < 0.4:
        return ()
    found = {}
    for op in chance.sample(writes, min(len(writes), chance.choice((1, 1, 2, 4)))):
        block = chance.choice(blocks(op))
        found[op.file, block] = Garbage(op.file, block, chance.choice(KINDS))
    return tuple(found.values())


class Space:
    """
    Counts all states without garbage: for each sector on its way any of its versions, for each name there or not.

    A state of one cut is new, and not one of the cut before, just when it holds something of the latest operation.
    So the sum over operations of (states of this cut less those without anything of it) counts every state once.
    """

    def __init__(self) -> None:
        self.states = 1
        self._versions: dict[tuple[int, int], int] = {}
        self._resizes: dict[int, int] = {}
        self._product = 1

    def feed(self, disk: Disk, op: Op) -> None:
        """To be called after *disk* was fed with *op*."""
        if isinstance(op, Write):
            names = 1 << len(disk.renames)
            before = self._product
            for sector in sectors(op):
                versions = self._versions.get((op.file, sector), 1)
                self._product = self._product // versions * (versions + 1)
                self._versions[op.file, sector] = versions + 1
            self.states += (self._product - before) * names
        elif isinstance(op, Resize):
            self.states += self._product << len(disk.renames)
            self._product *= 2
            self._resizes[op.file] = self._resizes.get(op.file, 0) + 1
        elif isinstance(op, Rename):
            # Half of the states have this change.
            self.states += self._product << (len(disk.renames) - 1)
        elif hasattr(op, "file"):
            for key in [key for key in self._versions if key[0] == op.file]:
                self._product //= self._versions.pop(key)
            self._product >>= self._resizes.pop(op.file, 0)


def digits(number: int) -> float:
    """The decimal logarithm of *number*, which may be too large for a float."""
    beyond = max(0, number.bit_length() - 53)
    return math.log10(number >> beyond) + beyond * math.log10(2) if number else 0.0
