"""The counts and the scores that branch staff read: from ``summary.db``, completed by what it does not have yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from feedback import scores
from feedback.errors import StoreError
from feedback.misuse import Rule
from feedback.ratings import Kind, Rating
from feedback.scores import Score
from feedback.settings_document import BranchSettings
from feedback.steps import FEWEST, shown_before
from kiosk.storage.closed import NAME
from kiosk.storage.counts.book import Book
from kiosk.storage.counts.book_file import BROKEN, closed_rows, read_book
from kiosk.storage.counts.book_file import NAME as SUMMARY_DB
from kiosk.storage.counts.cells import Cell, Cells
from kiosk.storage.counts.civil import Civil
from kiosk.storage.counts.rollup import Rollup, book_key
from kiosk.storage.counts.rows import Rows
from kiosk.storage.database import SQLITE_ERRORS, open_reader
from kiosk.storage.schema import read_about

TREND_DAYS = 30
RATING = Kind.RATING.value
CHOSEN = frozenset({Kind.CHOICE.value, Kind.YES_NO.value})
EVER = 1 << 40
"""As a moment of the day: later than any quarter of it."""

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Bar:
    """
    One hour of a day, by the wall.

    Attributes:
        n: Presses that count; None: fewer than ``FEWEST``.
        counted: Of these, how many of each rating; None while the day is not over, and where n is None.
    """

    hour: int
    n: int | None
    counted: Mapping[Rating, int] | None


@dataclass(frozen=True, slots=True)
class Day:
    """One civil day of the trend, as days since 1970-01-01: presses that count, by rating."""

    day: int
    counted: Mapping[Rating, int]

    @property
    def n(self) -> int:
        return sum(self.counted.values())

    @property
    def sli(self) -> Score | None:
        """Their score; None: there are none."""
        return scores.sli(self.counted)


@dataclass(frozen=True, slots=True)
class Reason:
    """How often one choice was chosen; *of*: everyone who answered its question."""

    survey: str
    question: str
    kind: Kind
    value: int
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What came in, in one day or ever.

    Attributes:
        day: The civil day, as days since 1970-01-01; None: every day.
        counted: Presses that count, by rating.
        set_aside: Those that do not, by the rule that says so.
        sli: The score of those counted; None while there are none.
        others: Scores of further questions: NPS, CES, CSAT, by survey and question.
        hours: The hours with presses, in order.
        trend: ``TREND_DAYS`` days up to this one, the oldest first; those without presses too.
        reasons: Of every question with choices, the most frequent first.
        uncertain: Counted here, but the doubt about their time reaches into another day.
        shown_before: The quarter of the day before which its answers are shown; None: all are.
        hidden: Answers of any kind that are not in these figures until the next step; not for staff.
        spoiled: Rows of all stores that are not as they were written, and are counted nowhere.
    """

    day: int | None
    counted: Mapping[Rating, int]
    set_aside: Mapping[Rule, int]
    sli: Score | None
    others: tuple[tuple[str, str, Score], ...] = ()
    hours: tuple[Bar, ...] = ()
    trend: tuple[Day, ...] = ()
    reasons: tuple[Reason, ...] = ()
    uncertain: int = 0
    shown_before: int | None = None
    hidden: int = 0
    spoiled: int = 0

    @property
    def n(self) -> int:
        return sum(self.counted.values())


@dataclass(frozen=True)
class Counts:
    """
    Complete counts as of one moment.

    Attributes:
        behind: Answers that ``summary.db`` did not have yet: read and counted on the way.
        trouble: Why ``summary.db`` could not be used at all; empty: it could.
    """

    book: Book
    civil: Civil
    behind: int = 0
    trouble: str = ""

    def day(self, day: int, *, now: int = EVER) -> Summary:
        """
        The summary of a civil *day*, as days since 1970-01-01.

        *now*: for staff, on a day that is not over, the quarter of it that it is now: what they may see.
        """
        cells = self.book.day(day)
        before = EVER if now >= EVER else shown_before(_came(cells), now)
        shown = cells if before >= EVER else {cell: n for cell, n in cells.items() if cell.due < before}
        found = _summary(day, shown.items())
        return replace(
            found,
            trend=self._trend(day, found.counted),
            hours=tuple(self._bars(day, shown, split=now >= EVER)),
            shown_before=None if now >= EVER else before,
            hidden=0 if shown is cells else sum(cells.values()) - sum(shown.values()),
            spoiled=self._spoiled,
        )

    def ever(self, today: int) -> Summary:
        """Of every day together; the trend ends with *today*."""
        cells: Iterable[tuple[Cell, int]] = (
            pair for day in self.book.every_day() for pair in self.book.day(day).items()
        )
        return replace(_summary(None, cells), trend=self._trend(today), spoiled=self._spoiled)

    @property
    def _spoiled(self) -> int:
        return sum(state.spoiled for state in self.book.stores.values())

    def _trend(self, last: int, shown: Mapping[Rating, int] | None = None) -> tuple[Day, ...]:
        first = last - TREND_DAYS + 1
        found = {
            day: dict(zip(Rating, counted, strict=True))
            for day, counted in self.book.trend(first, last).items()
        }
        if shown is not None:
            found[last] = dict(shown)
        return tuple(Day(day, found.get(day, {})) for day in range(first, last + 1))

    def _bars(self, day: int, cells: Mapping[Cell, int], *, split: bool) -> Iterator[Bar]:
        quarters: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for cell, n in cells.items():
            if _is_counted_press(cell):
                quarters[cell.quarter][cell.value] += n
        hours: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for quarter, counted in quarters.items():
            hours[self.civil.hour(day, quarter)].update(counted)
        for hour, counted in sorted(hours.items()):
            n = counted.total()
            if n < FEWEST:
                yield Bar(hour, None, None)
            else:
                yield Bar(hour, n, {rating: counted[rating.value] for rating in Rating} if split else None)


def look(folder: Path, branch: BranchSettings, at: Callable[[Counts], Seen]) -> Seen:
    """
    What *at* makes of the counts of all stores in the answers *folder*, complete and as of one moment.

    Where ``summary.db`` is missing, damaged, or kept for another zone, other hours or other rules, all rows are read:
    the same figures, some seconds later.

    Raises:
        StoreError: The answers cannot be read now.
    """
    trouble = ""
    try:
        with open_counts(folder, branch) as counts:
            return at(counts)
    except BROKEN as error:
        trouble = f"the counts cannot be used ({error})"
    try:
        with open_counts(folder, branch, trouble) as counts:
            return at(counts)
    except SQLITE_ERRORS as error:
        raise StoreError(
            f"{folder / NAME} is damaged ({error}): restart the kiosk, which moves it aside"
        ) from error


@contextmanager
def open_counts(folder: Path, branch: BranchSettings, trouble: str = "") -> Iterator[Counts]:
    """As ``look``, but raises one of ``BROKEN`` where ``summary.db`` is; with *trouble* it is not read at all."""
    civil = Civil(branch.zone)
    with ExitStack() as stack:
        # The book first: so the stores are never older than it.
        book, trouble = (Book(), trouble) if trouble else _book(folder, stack)
        path = folder / NAME
        connection = stack.enter_context(closing(open_reader(path)))
        connection.execute("BEGIN")
        current = Rows(lambda: connection, read_about(connection, path).store)
        closed = list(closed_rows(folder, current.store))
        for rows in closed:
            stack.callback(rows.close)
        if not trouble and book.key != book_key(branch):
            trouble = "the counts were kept for other hours, another zone or other rules"
        seen = 0 if trouble else _seen(book)
        for _ in Rollup(book, [*closed, current], branch, civil).work():
            pass
        yield Counts(book, civil, _seen(book) - seen, trouble)


def _seen(book: Book) -> int:
    return sum(state.seen for state in book.stores.values())


@contextmanager
def kept_counts(folder: Path) -> Iterator[tuple[Book, str]]:
    """What ``summary.db`` in the answers *folder* has by itself, and why it has nothing; empty: it has."""
    with ExitStack() as stack:
        yield _book(folder, stack)


def _book(folder: Path, stack: ExitStack) -> tuple[Book, str]:
    if not (folder / SUMMARY_DB).exists():
        return Book(), "there are no counts yet"
    try:
        return read_book(folder, stack), ""
    except BROKEN as error:
        return Book(), f"the counts cannot be read ({error})"


def _summary(day: int | None, cells: Iterable[tuple[Cell, int]]) -> Summary:
    counted: defaultdict[int, int] = defaultdict(int)
    aside: defaultdict[str, int] = defaultdict(int)
    uncertain = 0
    others: defaultdict[tuple[str, str, str], Counter[int]] = defaultdict(Counter)
    for (_, _, _, asked, value, rule, unsure), n in cells:
        if asked.opens and asked.kind == RATING:
            if rule:
                aside[rule] += n
            else:
                counted[value] += n
                uncertain += unsure * n
        elif not rule:
            others[asked[:3]][value] += n
    whole = {rating: counted[rating.value] for rating in Rating}
    return Summary(
        day,
        whole,
        {rule: aside[rule.value] for rule in Rule if rule.value in aside},
        scores.sli(whole),
        others=tuple(_others(others)),
        reasons=tuple(_reasons(others)),
        uncertain=uncertain if day is not None else 0,
    )


def _others(found: Mapping[tuple[str, str, str], Counter[int]]) -> Iterator[tuple[str, str, Score]]:
    score_of = {Kind.NPS.value: scores.nps, Kind.CES.value: scores.ces, Kind.CSAT.value: scores.csat}
    for (survey, question, kind), values in sorted(found.items()):
        score = score_of[kind](values) if kind in score_of else None
        if score is not None:
            yield survey, question, score


def _reasons(found: Mapping[tuple[str, str, str], Counter[int]]) -> Iterator[Reason]:
    for (survey, question, kind), values in sorted(found.items()):
        if kind in CHOSEN:
            for value, n in sorted(values.items(), key=lambda pair: (-pair[1], pair[0])):
                yield Reason(survey, question, Kind(kind), value, n, values.total())


def _came(cells: Cells) -> Counter[int]:
    came: Counter[int] = Counter()
    for cell, n in cells.items():
        if _is_counted_press(cell):
            came[cell.due] += n
    return came


def _is_counted_press(cell: Cell) -> bool:
    return not cell.rule and cell.asked.opens and cell.asked.kind == RATING
