"""
Which stored presses are set aside: the rules of ``feedback.misuse`` over those that something new concerns.

What comes may be a press, an answer that follows one, a time that moved, or other service hours; and answers come in
any order. Each concerns some presses: those and their neighbours are judged again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from central.ingest import lookups, rows
from central.ingest.columns import recomputed
from central.ingest.placing import Row, difference, with_rule
from central.store.ingest_sqlite import move_counts, update_answers
from central.store.tables import answers
from feedback import misuse
from feedback.hours import Hours
from feedback.misuse import REACH, Rule
from feedback.presses import SPAN, Given, opening_presses
from feedback.timeline import Quality, When

APART = 4 * SPAN
"""Presses further apart than this are read by themselves, without all that lies between."""


@dataclass(frozen=True, slots=True)
class Doors:
    """When each branch is open, in its own time zone."""

    hours: Mapping[str, Hours]
    zones: Mapping[str, ZoneInfo]

    def closed(self, row: Row) -> bool:
        """Whether *row* was given outside its branch's service hours."""
        c, branch = row.computed, row.place.branch
        hours = self.hours[branch]
        if not hours.schedules:
            return False
        return hours.is_closed(When(c.utc_ms, Quality(c.quality), c.uncertainty_ms), self.zones[branch])

    def may_change(self, row: Row) -> bool:
        """Whether the rule of *row*, whose time or whose branch's hours moved, may be another now."""
        if not row.is_press or row.computed.rule in (Rule.TEST.value, Rule.SERVICE.value):
            return False
        return self.closed(row) != (row.computed.rule == Rule.CLOSED.value)


def concerned(row: Row) -> int | None:
    """The seq of the press that *row*, newly come, says something of; None: the rules do not look at it."""
    if row.is_press:
        return row.seq
    return row.response if row.is_said_of_press else None


def rules(presses: Sequence[Row], following: Iterable[Given], doors: Doors) -> dict[int, str]:
    """The rule of each of a store's *presses*, by seq; empty: it counts. *following*: what came behind them."""
    shut = {row.seq for row in presses if doors.closed(row)}
    aside = misuse.set_aside(opening_presses([*(row.given for row in presses), *following], shut))
    return {row.seq: aside[row.seq].value if row.seq in aside else "" for row in presses}


@dataclass(frozen=True)
class Chain:
    """
    One store's presses with what is on its way into it.

    Attributes:
        branches: Where the kiosk ever stood: the index begins with the branch.
        coming: New rows and rows that change, by seq, as they will be.
    """

    connection: Connection
    kiosk: str
    branches: Collection[str]
    store: bytes
    doors: Doors
    coming: Sequence[Row] = field(default=())

    def judged(self, seqs: Iterable[int]) -> Iterator[tuple[Row, Row]]:
        """The presses at *seqs* and near them whose rule is another now, before and after; one may come twice."""
        # A test is outside the chain: it needs no judging, and parts no two others.
        presses = [row for row in self.coming if row.is_press and not row.test]
        following = [row.given for row in self.coming if row.is_said_of_press]
        for first, last in _together(seqs):
            near, context = self._near(first, last, presses)
            if not near:
                continue
            low, high = near[0].seq, near[-1].seq + SPAN
            behind = [
                *rows.following(self.connection, self.kiosk, self.branches, self.store, low, high),
                *following[bisect_left(following, low, key=_seq) : bisect_right(following, high, key=_seq)],
            ]
            found = rules(context, behind, self.doors)
            for row in near:
                if found[row.seq] != row.computed.rule:
                    yield row, with_rule(row, found[row.seq])

    def _near(self, first: int, last: int, presses: Sequence[Row]) -> tuple[list[Row], list[Row]]:
        """The presses from *first* to *last* and REACH more on either side; and these with REACH more again."""
        start = bisect_left(presses, first, key=_seq) - 2 * REACH
        coming = presses[max(0, start) : bisect_right(presses, last, key=_seq) + 2 * REACH]
        there = rows.presses_around(self.connection, self.kiosk, self.branches, self.store, first, last)
        merged = {row.seq: row for row in [*there, *coming]}
        chain = [merged[seq] for seq in sorted(merged)]
        low, high = bisect_left(chain, first, key=_seq), bisect_right(chain, last, key=_seq)
        return chain[max(0, low - REACH) : high + REACH], chain


def judge_again(connection: Connection, branch: str, since: int) -> int:
    """
    Judge the presses of *branch* from civil day *since* on by the hours it has now, and move their counts.

    Returns:
        How many presses, also of other branches beside them, have another rule now.
    """
    # An answer of the evening before may reach into the day: its time is known to within minutes only.
    of_branch = (answers.c.branch_id == branch, answers.c.day >= since - 1)
    changed = 0
    for kiosk, store in rows.stores(connection, *of_branch):
        standing = lookups.standing(connection, kiosk)
        doors = Doors(standing.hours, standing.zones)
        presses = rows.presses(
            connection, *of_branch, answers.c.kiosk_id == kiosk, answers.c.store_id == store
        )
        seqs = [row.seq for row in presses if doors.may_change(row)]
        chain = Chain(connection, kiosk, standing.zones, store, doors)
        pairs = {before.seq: (before, after) for before, after in chain.judged(seqs)}
        update_answers(connection, [recomputed(kiosk, after) for _, after in pairs.values()])
        gone, come = (before for before, _ in pairs.values()), (after for _, after in pairs.values())
        move_counts(connection, difference(gone, come))
        changed += len(pairs)
    return changed


def _together(seqs: Iterable[int]) -> Iterator[tuple[int, int]]:
    """*seqs* as the ranges that are read at once."""
    ordered = sorted(seqs)
    start = 0
    for at in range(1, len(ordered) + 1):
        if at == len(ordered) or ordered[at] - ordered[at - 1] > APART:
            yield ordered[start], ordered[at - 1]
            start = at


def _seq(row: Row | Given) -> int:
    return row.seq
