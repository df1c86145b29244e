"""What the roll-up counts: cells, each a civil quarter of an hour, a question, a value and a rule."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from kiosk.storage.totals import Asked

LATER = 127
"""``due`` of an answer that staff may see only once its day is over."""


class Cell(NamedTuple):
    """
    One sort of answer in one quarter of an hour.

    Attributes:
        day: The branch's civil day, as days since 1970-01-01.
        quarter: Its quarter, from 0; see ``kiosk.storage.counts.civil``.
        due: The quarter of that day at whose end staff may see it at the earliest, or ``LATER``.
        rule: Why it is set aside; empty: it counts.
        uncertain: The doubt about its time reaches into another day.
    """

    day: int
    quarter: int
    due: int
    asked: Asked
    value: int
    rule: str
    uncertain: bool


Cells = Counter[Cell]


def pack(cells: Iterable[tuple[Cell, int]], number: Callable[[Asked], int]) -> str:
    """
    *cells* of one day with how many there are, as JSON.

    Sorted, so that equal counts are equal text.
    """
    lines = [
        (one.quarter, one.due, number(one.asked), one.value, one.rule, int(one.uncertain), n)
        for one, n in cells
        if n
    ]
    return json.dumps(sorted(lines), separators=(",", ":"))


def unpack(day: int, raw: str, asked: Callable[[int], Asked]) -> Cells:
    """The cells of *day* that ``pack`` wrote."""
    return Counter(
        {
            Cell(day, quarter, due, asked(ask), value, rule, bool(uncertain)): n
            for quarter, due, ask, value, rule, uncertain, n in json.loads(raw)
        }
    )


def by_day(cells: Cells) -> dict[int, Cells]:
    """*cells*, a counter for each day."""
    days: dict[int, Cells] = {}
    for cell, n in cells.items():
        days.setdefault(cell.day, Counter())[cell] = n
    return days


def difference(before: Cells, after: Cells) -> Cells:
    """What must be added to a sum that has *before* in it, so that it has *after* instead; nothing that cancels out."""
    moved = Counter(after)
    moved.subtract(before)
    return Counter({cell: n for cell, n in moved.items() if n})
