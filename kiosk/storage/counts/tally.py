"""From verified rows to counts: each answer with its time, its rule, and when staff may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from feedback.answers import Moment
from feedback.misuse import REACH, set_aside
from feedback.presses import SPAN, opening_presses
from feedback.ratings import VALUES, Kind
from feedback.settings_document import BranchSettings
from feedback.timeline import Stay, When
from kiosk.storage.counts.cells import LATER, Cell, Cells
from kiosk.storage.counts.civil import Civil, quarter_of
from kiosk.storage.counts.ground import Known
from kiosk.storage.counts.rows import Row, Rows
from kiosk.storage.totals import FARTHEST, Total, Totals, merged

BEFORE, AFTER = 16, SPAN
"""Rows read at a time beyond either end."""

KnownOf = Callable[[str], Known]


class Judged(NamedTuple):
    """
    An answer with all that is computed of it.

    Attributes:
        due_ms: UTC; see ``Known.settled_ms``.
        rule: Why it is set aside; empty: it counts.
    """

    row: Row
    when: When
    due_ms: int
    rule: str


@dataclass(frozen=True, slots=True)
class Tally:
    """
    What a run of seqs contributes.

    Attributes:
        spoiled: Seqs whose row is not as it was written, or is gone.
        stays: What its rows say of their boots.
        whole: No row that may come later changes anything of it.
        seen: The store's last seq when it was made.
    """

    cells: Cells
    spoiled: int
    stays: tuple[Stay, ...]
    whole: bool
    seen: int


def tally(rows: Rows, first: int, last: int, known: KnownOf, branch: BranchSettings, civil: Civil) -> Tally:
    """What the answers *first* to *last* of one store contribute, less those that were pruned."""
    seen, pruned = rows.last_seq, rows.pruned_upto
    first, last = max(first, pruned + 1), min(last, seen)
    around, whole = _around(rows, first, last, pruned + 1, seen)
    inside = [row for row in around if first <= row.given.seq <= last]
    cells = _cells(judged(around, first, last, known, branch), civil)
    return Tally(cells, max(0, last - first + 1) - len(inside), stays_of(inside), whole, seen)


def judged(
    rows: Sequence[Row], first: int, last: int, known: KnownOf, branch: BranchSettings
) -> Iterator[Judged]:
    """
    The answers *first* to *last* among *rows* of one store, by seq, judged.

    *rows* has what the rules look at on either side: see ``feedback.misuse`` and ``feedback.presses``.
    """
    rows = [row for row in rows if row.given.value in VALUES[row.given.kind]]
    inside = [row for row in rows if first <= row.given.seq <= last]
    times = _times(inside, known)
    closed: set[int] = set()
    if branch.hours.schedules:
        opened = [row.given.seq for row in inside if row.given.opens]
        closed = {seq for seq in opened if branch.hours.is_closed(times[seq][0], branch.zone)}
    # Most rows say that a visit ended as usual, which no rule looks at.
    told = [row.given for row in rows if row.given.kind is not Kind.OUTCOME or row.given.holds]
    rules = set_aside(opening_presses(told, closed))
    for row in inside:
        seq = row.given.seq
        rule = rules[seq].value if seq in rules else "test" if row.given.test else ""
        yield Judged(row, *times[seq], rule)


def _times(rows: Sequence[Row], known: KnownOf) -> dict[int, tuple[When, int]]:
    """The time of each row, and when it is settled. A press and how its visit ended share a moment."""
    found: dict[int, tuple[When, int]] = {}
    last: Moment | None = None
    for row in rows:
        moment = row.given.moment
        if moment is not last:
            of_boot, last = known(moment.boot), moment
            when = of_boot.when(moment)
            time = (when, of_boot.settled_ms(moment, when))
        found[row.given.seq] = time
    return found


def totals(answers: Iterator[Judged]) -> Totals:
    """What is to be sealed of *answers*."""
    return Counter(_total(one) for one in answers)


def cell_of_total(total: Total, civil: Civil) -> Cell:
    """The cell in which pruned answers count."""
    quarter, day = total.quarter, civil.day_of(total.quarter)
    uncertain = civil.day_of(max(0, quarter - total.early)) != civil.day_of(quarter + total.late)
    due = _due(day, quarter + total.due, civil)
    return Cell(day, civil.quarter_in_day(quarter), due, total.asked, total.value, total.rule, uncertain)


def stays_of(rows: Sequence[Row]) -> tuple[Stay, ...]:
    """What *rows* say of their boots."""
    found: dict[str, Stay] = {}
    last: Moment | None = None
    for row in rows:
        if row.given.moment is last:
            continue
        last = row.given.moment
        boot, boot_ms = last.boot, last.boot_ms
        known = found.get(boot)
        if known is None or not known.first_ms <= boot_ms <= known.last_ms:
            found[boot] = merged(known, Stay(boot, row.given.seq, boot_ms, boot_ms))
    return tuple(found.values())


def _around(rows: Rows, first: int, last: int, begin: int, end: int) -> tuple[list[Row], bool]:
    """The rows *first* to *last* with what is needed on either side, and whether that is all there ever will be."""
    if first > last:
        return [], False
    before: list[Row] = []
    low = first
    while low > begin and _presses(before) < REACH:
        high, low = low - 1, max(begin, low - BEFORE)
        before[:0] = rows.read(low, high)
    after: list[Row] = []
    high = last
    while high < end and (high < last + SPAN or _presses(after) < REACH):
        more = rows.read(high + 1, min(end, high + AFTER))
        high = min(end, high + AFTER)
        after.extend(more)
    whole = high >= last + SPAN and _presses(after) >= REACH
    return [*before, *rows.read(first, last), *after], whole


def _presses(rows: Sequence[Row]) -> int:
    return sum(
        row.given.opens and not row.given.test and row.given.value in VALUES[Kind.RATING] for row in rows
    )


def _cells(answers: Iterator[Judged], civil: Civil) -> Cells:
    cells: Cells = Counter()
    last: tuple[When, int] | None = None
    for row, when, due_ms, rule in answers:
        if (when, due_ms) != last:
            last = (when, due_ms)
            place = _place(when, due_ms, civil)
        day, quarter, due, uncertain = place
        cells[Cell(day, quarter, due, row.asked, row.given.value, rule, uncertain)] += 1
    return cells


def _place(when: When, due_ms: int, civil: Civil) -> tuple[int, int, int, bool]:
    """Where a time counts: day, quarter of it, when it is due, and whether its day is uncertain."""
    quarter = quarter_of(when.utc_ms)
    day = civil.day_of(quarter)
    early, late = quarter_of(when.utc_ms - when.uncertainty_ms), quarter_of(when.utc_ms + when.uncertainty_ms)
    uncertain = early != late and civil.day_of(early) != civil.day_of(late)
    return day, civil.quarter_in_day(quarter), _due(day, quarter_of(due_ms), civil), uncertain


def _due(day: int, quarter: int, civil: Civil) -> int:
    shown = civil.day_of(quarter)
    if shown != day:
        return LATER if shown > day else 0
    return civil.quarter_in_day(quarter)


def _total(one: Judged) -> Total:
    when, given = one.when, one.row.given
    quarter = quarter_of(when.utc_ms)
    early = quarter - quarter_of(when.utc_ms - when.uncertainty_ms)
    late = quarter_of(when.utc_ms + when.uncertainty_ms) - quarter
    due = quarter_of(one.due_ms) - quarter
    return Total(
        quarter,
        min(early, FARTHEST),
        min(late, FARTHEST),
        min(max(due, 0), FARTHEST),
        one.row.asked,
        given.value,
        one.rule,
    )
