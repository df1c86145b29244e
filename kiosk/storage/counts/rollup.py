"""
Bringing a book of counts up to the stores: what is new, and what something new has moved.

The recorder does it in small steps when nobody presses; ``kiosk summary`` completes its own copy in memory by the
same steps. So both say the same, and say it of every row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from feedback import misuse
from feedback.anchors import ENDLESS_MS, stretch, useful
from feedback.answers import Anchor
from feedback.settings_document import BranchSettings
from feedback.timeline import Stay, windows
from kiosk.storage.counts.book import Book
from kiosk.storage.counts.book_tables import Chunk, StoreState
from kiosk.storage.counts.cells import Cells
from kiosk.storage.counts.civil import Civil
from kiosk.storage.counts.ground import COPIED_MS, Known
from kiosk.storage.counts.rows import Rows
from kiosk.storage.counts.tally import Tally, cell_of_total, tally

CHUNK = 256
"""Answers counted together: a few milliseconds on a fast machine, some tens on a Pi."""
ANCHORS = 500
"""Taken in at a time."""
UNDONE = 0
"""
Stands in ``Book.waiting`` for a store, where chunks have their first seq, until the work at it is done.

The book is saved on the way, and the power may go. Which rows are counted is in it, but not of which boots there is
news: so whoever goes on finds the windows of all of them.
"""


def book_key(branch: BranchSettings) -> str:
    """What counts were computed by; counts with another key are forgotten."""
    return repr((misuse.VERSION, CHUNK, branch.zone.key, branch.hours))


class Rollup:
    """The work of bringing *book* up to *stores*, a row source for each."""

    def __init__(self, book: Book, stores: Sequence[Rows], branch: BranchSettings, civil: Civil) -> None:
        self._book = book
        self._rows = {rows.store: rows for rows in stores}
        self._branch = branch
        self._civil = civil
        self._by_number: dict[int, Rows] = {}
        self._moved: defaultdict[int, set[str]] = defaultdict(set)

    def work(self) -> Iterator[None]:
        """Do all of it; pauses after each piece, after every one of which the book may be saved."""
        self._begin()
        # A closed store whose file is the same has nothing new once all of it was counted.
        changing = [rows for rows in self._rows.values() if not rows.identity or self._is_undone(rows)]
        for rows in changing:
            yield from self._learn(rows)
        for rows in changing:
            self._pruned(rows)
        for rows in changing:
            yield from self._new(rows)
        # Windows may move chunks, but counting these again tells nothing new of the boots: so this ends.
        while any(self._moved.values()) or self._next_waiting():
            yield from self._count_waiting()
            self._settle()
        self._book.waiting.clear()

    def _begin(self) -> None:
        book, key = self._book, book_key(self._branch)
        known = {store: state.identity for store, state in book.stores.items()}
        # A store that is gone, or whose file was replaced, is rare; its counts stand in every day.
        gone = any(
            store not in self._rows or self._rows[store].identity != identity
            for store, identity in known.items()
        )
        shrunk = any(
            self._rows[store].last_seq < state.seen
            for store, state in book.stores.items()
            if store in self._rows and not self._rows[store].identity
        )
        if book.key != key or gone or shrunk:
            book.clear(key)
        for store, rows in self._rows.items():
            state = book.stores.get(store)
            if state is None:
                state = book.new_store(store, rows.identity)
                self._book.waiting.add((state.number, UNDONE))
            self._by_number[state.number] = rows
            if self._is_undone(rows):
                self._unsettle(state.number, book.stays(state.number))

    def _state(self, rows: Rows) -> StoreState:
        return self._book.stores[rows.store]

    def _is_undone(self, rows: Rows) -> bool:
        return (self._state(rows).number, UNDONE) in self._book.waiting

    def _learn(self, rows: Rows) -> Iterator[None]:
        """Take in new anchors; what they move has to be counted again."""
        while True:
            state = self._state(rows)
            last, anchors = rows.anchors(state.anchors, ANCHORS)
            if last == state.anchors:
                return
            new: defaultdict[str, list[Anchor]] = defaultdict(list)
            for anchor in anchors:
                if self._book.add_anchor(anchor):
                    new[anchor.boot].append(anchor)
            for boot, more in new.items():
                self._move(boot, more)
            self._book.put_store(rows.store, replace(state, anchors=last))
            yield

    def _move(self, boot: str, new: Sequence[Anchor]) -> None:
        known = self._book.anchors(boot)
        low, high = 0, ENDLESS_MS
        if len(known) > len(new):
            found = stretch(new, useful(known))
            low, high = found or (1, 0)
        if low <= high:
            self._book.waiting.update(self._book.spans(boot, low, high))
        for number in self._by_number:
            if boot in self._book.stays(number):
                self._unsettle(number, [boot])

    def _pruned(self, rows: Rows) -> None:
        state, upto = self._state(rows), rows.pruned_upto
        if upto == state.pruned:
            return
        for chunk in self._book.chunks(state.number, 1, upto + CHUNK):
            # Also the next one: its first presses have lost their neighbours.
            if chunk[1] + CHUNK - 1 > upto:
                self._book.waiting.add(chunk)
            else:
                self._book.waiting.discard(chunk)
                self._book.put_chunk(rows.store, chunk, None)
        self._book.waiting.update((state.number, -1 - day) for day in rows.sealed_days(state.pruned))
        self._news(state.number, rows.stays())
        state = self._state(rows)
        whole = max(state.whole, _chunk_of(upto + 1))
        self._book.put_store(rows.store, replace(state, pruned=upto, whole=whole, seen=max(state.seen, upto)))

    def _new(self, rows: Rows) -> Iterator[None]:
        """Count what has come since, and again what it may have changed."""
        while (state := self._state(rows)).seen < (until := rows.last_seq):
            # What comes meanwhile, between two pauses, may concern chunks that are done: they are counted once more.
            first, whole = state.whole, True
            while first <= until:
                whole = self._count(rows, (state.number, first)).whole and whole
                first += CHUNK
                state = self._state(rows)
                seen = max(state.seen, min(first - 1, until))
                state = replace(state, seen=seen, whole=first if whole else state.whole)
                self._book.put_store(rows.store, state)
                yield

    def _count_waiting(self) -> Iterator[None]:
        while chunk := self._next_waiting():
            rows = self._by_number[chunk[0]]
            if chunk[1] < 0:
                self._book.put_chunk(rows.store, chunk, self._sealed(rows, -1 - chunk[1]))
                self._book.waiting.discard(chunk)
            else:
                self._count(rows, chunk)
            yield

    def _next_waiting(self) -> Chunk | None:
        return min((chunk for chunk in self._book.waiting if chunk[1] != UNDONE), default=None)

    def _count(self, rows: Rows, chunk: Chunk) -> Tally:
        number, first = chunk
        found = tally(
            rows, first, first + CHUNK - 1, lambda boot: self._known(number, boot), self._branch, self._civil
        )
        self._book.put_chunk(rows.store, chunk, found)
        self._book.waiting.discard(chunk)
        self._news(number, found.stays)
        return found

    def _known(self, number: int, boot: str) -> Known:
        return self._book.known(number, boot)

    def _sealed(self, rows: Rows, day: int) -> Tally:
        cells: Cells = Counter()
        for total, n in rows.totals(day).items():
            cells[cell_of_total(total, self._civil)] += n
        return Tally(cells, 0, (), whole=True, seen=0)

    def _news(self, number: int, stays: Iterable[Stay]) -> None:
        self._unsettle(number, self._book.add_stays(number, stays))

    def _unsettle(self, number: int, boots: Iterable[str]) -> None:
        """Note that there is news of *boots* in the store of this *number*."""
        if more := set(boots):
            self._moved[number] |= more
            self._book.waiting.add((number, UNDONE))

    def _settle(self) -> None:
        """Find the windows again of boots without anchors beside those of which there is news."""
        for number, boots in self._moved.items():
            if boots:
                self._settle_store(number, boots)
        self._moved.clear()

    def _settle_store(self, number: int, boots: set[str]) -> None:
        ordered = sorted(self._book.stays(number).values(), key=lambda stay: stay.first_seq)
        for first, last in self._runs(ordered, boots):
            run = ordered[first : last + 1]
            found = windows(run, {stay.boot: self._book.anchors(stay.boot) for stay in run})
            learned = 0
            for stay in reversed(run):
                noted = self._book.noted(stay.boot)
                learned = noted.utc_ms + COPIED_MS if noted else learned
                window = (found[stay.boot], learned) if stay.boot in found else None
                if self._book.put_window(number, stay.boot, window):
                    spans = self._book.spans(stay.boot, 0, ENDLESS_MS)
                    self._book.waiting.update(chunk for chunk in spans if chunk[0] == number)

    def _runs(self, ordered: Sequence[Stay], boots: set[str]) -> Iterator[tuple[int, int]]:
        """Where in *ordered* the windows may be others: each of *boots* with its neighbours up to an anchored one."""
        done = -1
        for at, stay in enumerate(ordered):
            if stay.boot not in boots or at <= done:
                continue
            first = last = at
            while first and (first == at or not self._book.noted(ordered[first].boot)):
                first -= 1
            while last + 1 < len(ordered) and (last == at or not self._book.noted(ordered[last].boot)):
                last += 1
            done = last - 1
            yield first, last


def _chunk_of(seq: int) -> int:
    return (seq - 1) // CHUNK * CHUNK + 1
