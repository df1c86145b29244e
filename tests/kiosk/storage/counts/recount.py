"""The naive count that every summary must equal: every row, every rule, every time, from the beginning."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from feedback.answers import Anchor, Answer
from feedback.misuse import set_aside
from feedback.presses import given, opening_presses
from feedback.settings_document import BranchSettings
from feedback.timeline import Stay, When, repaired, slot, windows
from kiosk.storage.closed import stores
from kiosk.storage.counts.summary import Counts
from kiosk.storage.database import open_reader
from kiosk.storage.reading import AnswersReader
from kiosk.storage.totals import read_stays

QUARTER_MS = 900_000

Key = tuple[int, int, str, str, str, bool, int, str, bool]
"""day, hour, survey, question, kind, opens, value, rule, uncertain."""


def recount(folder: Path, branch: BranchSettings) -> Counter[Key]:
    """Every answer of every store in the answers *folder*."""
    readers = stores(folder)
    known: defaultdict[str, list[Anchor]] = defaultdict(list)
    for reader in readers:
        for anchor in reader.anchors():
            known[anchor.boot].append(anchor)
    found: Counter[Key] = Counter()
    for reader in readers:
        found.update(_of_rows(reader, known, branch))
        found.update(_of_totals(reader, branch))
    return found


def _of_rows(
    reader: AnswersReader, known: defaultdict[str, list[Anchor]], branch: BranchSettings
) -> Counter[Key]:
    first = reader.pruned_upto() + 1
    rows = [a for a in reader.answers(first, 1_000_000).answers if a.value in a.ask.kind.values]
    bounds = windows(_stays(reader, rows), known)
    times = {a.seq: repaired(a.moment, known[a.moment.boot], bounds.get(a.moment.boot)) for a in rows}
    closed = {a.seq for a in rows if branch.hours.is_closed(times[a.seq], branch.zone)}
    rules = set_aside(opening_presses([given(a) for a in rows], closed))
    found: Counter[Key] = Counter()
    for answer in rows:
        rule = rules[answer.seq].value if answer.seq in rules else "test" if answer.test else ""
        ask, opens = answer.ask, answer.seq == answer.response
        what = (ask.survey, ask.question, ask.kind.value, opens, answer.value, rule)
        found[(*_hour(times[answer.seq].utc_ms, branch), *what, _crosses(times[answer.seq], branch))] += 1
    return found


def _stays(reader: AnswersReader, rows: list[Answer]) -> list[Stay]:
    boots: dict[str, tuple[int, int, int]] = {}
    connection = open_reader(reader.path)
    for stay in read_stays(connection, reader.store_id()):
        boots[stay.boot] = (stay.first_seq, stay.first_ms, stay.last_ms)
    connection.close()
    for answer in rows:
        at = answer.moment.boot_ms
        seq, low, high = boots.get(answer.moment.boot, (answer.seq, at, at))
        boots[answer.moment.boot] = (min(seq, answer.seq), min(low, at), max(high, at))
    return [Stay(boot, *what) for boot, what in boots.items()]


def _of_totals(reader: AnswersReader, branch: BranchSettings) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for total, n in reader.totals().items():
        day, hour = _hour(total.quarter * QUARTER_MS, branch)
        early = _hour((total.quarter - total.early) * QUARTER_MS, branch)[0]
        late = _hour((total.quarter + total.late) * QUARTER_MS, branch)[0]
        found[(day, hour, *total.asked, total.value, total.rule, early != late)] += n
    return found


def _hour(utc_ms: int, branch: BranchSettings) -> tuple[int, int]:
    found = slot(utc_ms, branch.zone)
    return found.day, found.hour


def _crosses(when: When, branch: BranchSettings) -> bool:
    early, late = (slot(when.utc_ms + sign * when.uncertainty_ms, branch.zone).day for sign in (-1, 1))
    return early != late


def counted(counts: Counts) -> Counter[Key]:
    """What *counts* say, in the same words."""
    found: Counter[Key] = Counter()
    for day in counts.book.every_day():
        for cell, n in counts.book.day(day).items():
            hour = counts.civil.hour(day, cell.quarter)
            found[(day, hour, *cell.asked, cell.value, cell.rule, cell.uncertain)] += n
    return found
