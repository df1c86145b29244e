"""What the day's summary with its 30-day trend costs: beside a plain scan of the same rows, in turns."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks.worker import ROOT
from benchmarks.workers import settings
from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place, Source
from feedback.hours import Hours
from feedback.ratings import Kind
from feedback.settings_document import BranchSettings
from kiosk.clock import KernelClock
from kiosk.storage.ballast import Ballast
from kiosk.storage.counts.bookkeeping import Bookkeeping
from kiosk.storage.counts.summary import open_counts
from kiosk.storage.database import checkpoint, open_reader, open_writer, writing
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.schema import Lookups, anchor_crc, read_about

SIZES = (182_000, 1_000_000)
TAIL = 1_000
A_DAY = 2_000
"""Answers a day: a thousand presses with how each visit ended."""
ROUNDS, A_ROUND = 9, 5
KEPT = ROOT / "build" / "benchmarks" / "summary"
BRANCH = BranchSettings(1, ZoneInfo("Asia/Baku"), Hours())
FIRST_DAY = 20_000
ZONE_MS = 14_400_000
"""Baku is four hours ahead of UTC, all the year."""
DAY_MS, OPENS_MS, OPEN_MS, ANCHOR_MS = 86_400_000, 9 * 3_600_000, 9 * 3_600_000, 600_000
OPENING = "of that, opening the two files"
LEAST_RATIO, MOST_GROWTH = 300, 1.2
SCAN = """
WITH clock AS (
    SELECT b.id AS boot, min(n.utc_ms - n.boot_ms) AS zero FROM anchors n JOIN boots b ON b.boot = n.boot GROUP BY b.id
)
SELECT (a.boot_ms + c.zero + 14400000) / {unit}, a.value, count(*)
FROM answers a JOIN clock c ON c.boot = a.boot JOIN asks k ON k.id = a.ask
WHERE k.kind = 'rating' AND a.boot_ms + c.zero BETWEEN ? AND ? GROUP BY 1, 2
"""
"""Hour or day by rating, of one span: what somebody would write who keeps no counts. No rules, no doubts."""


@dataclass
class Line:
    """One thing that is measured."""

    name: str
    size: int
    run: Callable[[], object]
    a_round: int = A_ROUND
    rounds: list[float] = field(default_factory=list)

    def measure(self) -> None:
        took = []
        for _ in range(self.a_round):
            began = time.perf_counter()
            self.run()
            took.append(time.perf_counter() - began)
        self.rounds.append(median(took))

    def ratio(self, base: Line) -> float:
        """The median over the rounds of how many times *base* takes as long as this one."""
        return median(its / mine for mine, its in zip(self.rounds, base.rounds, strict=True))


def main() -> int:
    """Prints the table; 0, whatever it says: times are for people."""
    lines: list[Line] = []
    with ExitStack() as stack:
        for size in SIZES:
            lines += _lines(size, stack)
        for turn in range(ROUNDS):
            for line in lines:
                line.measure()
            print(f"summary: round {turn + 1} of {ROUNDS}", file=sys.stderr)
    _print(lines)
    return 0


def _lines(size: int, stack: ExitStack) -> list[Line]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="afterword-summary-")))
    shutil.copytree(_filled(size), folder, dirs_exist_ok=True)
    answers = settings(folder).answers_folder
    began = time.perf_counter()
    _roll_up(folder)
    took, octets = time.perf_counter() - began, (answers / "summary.db").stat().st_size
    counted = _copy(folder, stack)
    _fill(folder, size - TAIL, size)
    print(f"{size} answers: the first roll-up of everything took {took:.1f} s and {octets / 1e6:.1f} MB")
    last = FIRST_DAY + (size - 1) // A_DAY
    for kiosk in (folder, counted):
        # As the recorder does: whoever opens the files first, and alone, has to read their whole WALs.
        for name in ("summary.db", "answers.db"):
            stack.enter_context(closing(open_reader(settings(kiosk).answers_folder / name)))
    return [
        Line("plain scan: day, then 30 days", size, lambda: _scan(settings(folder).answers_db, last), 1),
        Line("summary, the last 1,000 not rolled up", size, lambda: _summary(answers, last)),
        Line("summary, all rolled up", size, lambda: _summary(settings(counted).answers_folder, last)),
        Line(OPENING, size, lambda: _open(settings(counted).answers_folder)),
    ]


def _scan(path: Path, last: int) -> object:
    end = (last + 1) * DAY_MS - ZONE_MS - 1
    with closing(open_reader(path)) as connection:
        hours = connection.execute(SCAN.format(unit=3_600_000), (end - DAY_MS + 1, end)).fetchall()
        days = connection.execute(SCAN.format(unit=DAY_MS), (end - 30 * DAY_MS + 1, end)).fetchall()
    return hours, days


def _summary(folder: Path, last: int) -> object:
    with open_counts(folder, BRANCH) as counts:
        return counts.day(last)


def _open(folder: Path) -> None:
    for name in ("summary.db", "answers.db"):
        open_reader(folder / name).close()


def _copy(folder: Path, stack: ExitStack) -> Path:
    copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="afterword-summary-")))
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    return copy


def _roll_up(folder: Path) -> None:
    place = settings(folder)
    connection = open_writer(place.answers_db)
    store = read_about(connection, place.answers_db).store
    books = Bookkeeping(
        place.answers_folder, connection, store, KernelClock(), Ballast(folder, 0), lambda: BRANCH
    )
    last = connection.execute("SELECT max(seq) FROM answers").fetchone()[0]
    while books.step(last):
        pass
    books.stop()
    connection.leave_open()


def _filled(size: int) -> Path:
    """A kiosk with *size* answers less the tail, made once."""
    folder = KEPT / f"{size}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"summary: recording {size} answers into {folder}", file=sys.stderr)
        prepare_answers(settings(folder))
        _fill(folder, 0, size - TAIL)
        (folder / "made").touch()
    return folder


def _fill(folder: Path, first: int, last: int) -> None:
    """The answers after *first* up to *last*, with the checksums that the recorder would give them."""
    path = settings(folder).answers_db
    connection = open_writer(path)
    store, lookups = read_about(connection, path).store, Lookups(connection)
    for begin in range(first, last, 20_000):
        with writing(connection):
            chunk = _answers(begin, min(last, begin + 20_000))
            connection.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (lookups.row(answer, store) for answer in chunk),
            )
        checkpoint(connection)
    with writing(connection):
        for anchor in _anchors(first, last):
            values = (anchor.boot, anchor.boot_ms, anchor.utc_ms, anchor.source, anchor.error_ms)
            connection.execute(
                "INSERT INTO anchors VALUES (NULL, ?, ?, ?, ?, ?, ?)", (*values, anchor_crc(store, anchor))
            )
    checkpoint(connection)
    connection.leave_open()


def _answers(first: int, last: int) -> Iterator[Answer]:
    """A press and its outcome again and again; a day is a boot, which ends in the evening."""
    place = Place("b12", "exit-1")
    rated, ended = (
        Ask("exit", 1, "visit", Kind.RATING, "az"),
        Ask("exit", 1, "", Kind.OUTCOME, "az"),
    )
    for at in range(first, last):
        day, of_day = divmod(at // 2, A_DAY // 2)
        chance = Random(at // 2)  # noqa: S311  chance, not secrecy
        boot_ms = of_day * OPEN_MS // (A_DAY // 2) + chance.randrange(12_000)
        moment = Moment(f"{day:032x}", boot_ms, _zero_ms(day) + boot_ms)
        value = chance.choices((5, 4, 3, 2, 1), (181, 26, 4, 27, 12))[0]
        if at % 2:
            yield Answer(at + 1, at, place, ended, Outcome.ANSWERED.value, Source.TOUCH, moment)
        else:
            yield Answer(at + 1, at + 1, place, rated, value, Source.TOUCH, moment)


def _anchors(first: int, last: int) -> Iterator[Anchor]:
    """One when the boot begins, and one every ten minutes."""
    each = A_DAY * ANCHOR_MS // OPEN_MS
    for at in range(first - first % each, last, each):
        day, of_day = divmod(at, A_DAY)
        boot_ms = of_day * OPEN_MS // A_DAY
        if at >= first:
            yield Anchor(f"{day:032x}", boot_ms, _zero_ms(day) + boot_ms, "ntp", 100)


def _zero_ms(day: int) -> int:
    return (FIRST_DAY + day) * DAY_MS + OPENS_MS - ZONE_MS


def _print(lines: list[Line]) -> None:
    print(f"\n{ROUNDS} rounds in turns; opening the files is in it\n")
    print(f"{'':<40}{'answers':>10}{'median ms':>11}{'x quicker':>11}{'1 M / 182 k':>13}")
    scans = {line.size: line for line in lines if line.a_round == 1}
    small = {line.name: line for line in lines if line.size == SIZES[0]}
    for line in lines:
        quicker = (
            "" if line is scans[line.size] or line.name == OPENING else f"{line.ratio(scans[line.size]):.0f}"
        )
        growth = (
            "" if line.size == SIZES[0] or line.name == OPENING else f"{1 / line.ratio(small[line.name]):.2f}"
        )
        print(f"{line.name:<40}{line.size:>10}{1_000 * median(line.rounds):>11.2f}{quicker:>11}{growth:>13}")
    print(f"\nwanted: >= {LEAST_RATIO} x quicker than the scan at 1 M, 1 M / 182 k <= {MOST_GROWTH}")
