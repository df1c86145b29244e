"""
``summary.db``: counts kept by chunk of a store and by day, and what they were computed from.

Everything in it can be computed again from the stores, so it is flushed only when it is checkpointed, and a file that
is damaged or of another version is thrown away. What has changed is held in memory until ``save``; a reader that is
behind completes its own copy in memory and saves nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from feedback.answers import Anchor
from feedback.ratings import Kind, Rating
from feedback.timeline import Stay, Window
from kiosk.storage.counts.book_tables import (
    VERSION,
    Chunk,
    StoreState,
    chunk_id,
    raw_crc,
    sound,
    table_names,
    to_chunk,
)
from kiosk.storage.counts.cells import Cells, by_day, difference, pack, unpack
from kiosk.storage.counts.ground import Known
from kiosk.storage.counts.tally import Tally
from kiosk.storage.database import DamagedError, writing
from kiosk.storage.totals import Asked, merged

Counted = tuple[int, ...]
"""How many presses count of each rating, from 1 to 5."""


class Book:
    """The counts over *connection*, or in memory alone. Any of its calls may raise ``sqlite3.Error``."""

    def __init__(self, connection: sqlite3.Connection | None = None) -> None:
        self._connection = connection
        self._reset()
        if connection is not None:
            self._load(connection)

    def _reset(self) -> None:
        self.key = ""
        self.stores: dict[bytes, StoreState] = {}
        self.waiting: set[Chunk] = set()
        self._asks: dict[int, Asked] = {}
        self._numbers: dict[Asked, int] = {}
        self._chunks: dict[Chunk, tuple[Cells, int] | None] = {}
        self._spans: dict[Chunk, tuple[Stay, ...]] = {}
        self._stays: dict[int, dict[str, Stay]] = {}
        self._anchors: dict[str, dict[Anchor, bool]] = {}
        self._windows: dict[tuple[int, str], tuple[Window, int] | None] = {}
        self._days: dict[int, Cells] = {}
        self._known: dict[tuple[int, str], Known] = {}
        self._forget_changes()
        self._cleared = False

    def _forget_changes(self) -> None:
        self._changed_days: set[int] = set()
        self._changed_chunks: set[Chunk] = set()
        self._changed_stays: set[tuple[int, str]] = set()
        self._changed_windows: set[tuple[int, str]] = set()
        self._new_anchors: list[tuple[Anchor, bool]] = []
        self._new_asks: list[Asked] = []

    def _load(self, connection: sqlite3.Connection) -> None:
        about = dict(connection.execute("SELECT name, value FROM about"))
        if about.get("version") != VERSION:
            raise DamagedError(f"it has version {about.get('version')}, this program writes {VERSION}")
        self.key = str(about.get("key", ""))
        for number, *values in connection.execute("SELECT id, survey, question, kind, opens FROM asks"):
            survey, question, kind, opens = values
            self._asks[number] = Asked(survey, question, kind, bool(opens))
        self._numbers = {asked: number for number, asked in self._asks.items()}
        for number, store, *values in connection.execute("SELECT * FROM stores"):
            self.stores[store] = StoreState(number, *values)
        self.waiting = {to_chunk(number) for (number,) in connection.execute("SELECT id FROM waiting")}

    # --- what is asked of it ---

    @property
    def changes(self) -> int:
        """About how many rows ``save`` has to write."""
        return len(self._changed_chunks)

    def day(self, day: int) -> Cells:
        """The cells of a civil *day*."""
        found = self._days.get(day)
        if found is None:
            row = self._row("SELECT cells, crc FROM days WHERE day = ?", day)
            found = unpack(day, sound(day, row), self._asks.__getitem__) if row else Counter()
            self._days[day] = found
        return found

    def every_day(self) -> list[int]:
        """The days that have cells."""
        days = {day for day, cells in self._days.items() if cells}
        stored = {day for (day,) in self._rows("SELECT day FROM days")}
        return sorted(days | (stored - self._days.keys()))

    def trend(self, first: int, last: int) -> dict[int, Counted]:
        """How many presses count of each rating, on each day from *first* to *last* that has any."""
        found = {}
        for day, *row in self._rows(
            "SELECT day, counted, crc FROM trend WHERE day BETWEEN ? AND ?", first, last
        ):
            if day not in self._changed_days:
                found[day] = tuple(json.loads(sound(day, row)))
        for day in self._changed_days:
            if first <= day <= last:
                found[day] = _counted(self._days[day])
        return {day: counted for day, counted in found.items() if any(counted)}

    def chunk(self, chunk: Chunk) -> tuple[Cells, int]:
        """What *chunk* contributes, and how many of its rows are spoiled."""
        if chunk in self._chunks:
            return self._chunks[chunk] or (Counter(), 0)
        number = chunk_id(chunk)
        row = self._row("SELECT cells, crc, spoiled FROM chunks WHERE id = ?", number)
        if row is None:
            return Counter(), 0
        cells: Cells = Counter()
        for day, raw in json.loads(sound(number, row)):
            cells.update(unpack(day, raw, self._asks.__getitem__))
        return cells, row[2]

    def chunks(self, store: int, first: int, last: int) -> list[Chunk]:
        """The chunks of *store* that begin between the seqs *first* and *last*."""
        low, high = chunk_id((store, first)), chunk_id((store, last))
        stored = {
            to_chunk(row[0])
            for row in self._rows("SELECT id FROM chunks WHERE id BETWEEN ? AND ?", low, high)
        }
        held = {
            one for one, what in self._chunks.items() if what and one[0] == store and first <= one[1] <= last
        }
        return sorted((stored - self._chunks.keys()) | held)

    def spans(self, boot: str, low_ms: int, high_ms: int) -> list[Chunk]:
        """The chunks of any store that hold answers of *boot* between two readings of its clock."""
        found = {}
        for state in self.stores.values():
            for first, low, high in self._rows(
                "SELECT first, low_ms, high_ms FROM spans WHERE store = ? AND boot = ?", state.number, boot
            ):
                found[state.number, first] = (low, high)
        for chunk, stays in self._spans.items():
            found.pop(chunk, None)
            for stay in stays:
                if stay.boot == boot:
                    found[chunk] = (stay.first_ms, stay.last_ms)
        return [chunk for chunk, (low, high) in found.items() if low <= high_ms and high >= low_ms]

    def stays(self, store: int) -> dict[str, Stay]:
        """What the counted rows of *store*, pruned ones too, say of their boots."""
        found = self._stays.get(store)
        if found is None:
            query = "SELECT boot, first_seq, first_ms, last_ms FROM stays WHERE store = ?"
            found = self._stays[store] = {row[0]: Stay(*row) for row in self._rows(query, store)}
        return found

    def anchors(self, boot: str) -> list[Anchor]:
        """Every anchor of *boot*."""
        return list(self._anchors_of(boot))

    def window(self, store: int, boot: str) -> tuple[Window, int] | None:
        """The window by which answers of *boot* are counted, and since when it is known."""
        if (store, boot) not in self._windows:
            query = "SELECT zero_ms, end_ms, last_ms, learned_ms FROM windows WHERE store = ? AND boot = ?"
            row = self._row(query, store, boot)
            self._windows[store, boot] = (Window(*row[:3]), row[3]) if row else None
        return self._windows[store, boot]

    def known(self, store: int, boot: str) -> Known:
        """What dates the answers of *boot* in *store*."""
        found = self._known.get((store, boot))
        if found is None:
            anchors = self._anchors_of(boot)
            if anchors:
                noted = next((one for one, first in anchors.items() if first), None)
                found = Known(anchors, noted)
            else:
                found = Known((), None, *(self.window(store, boot) or ()))
            self._known[store, boot] = found
        return found

    def noted(self, boot: str) -> Anchor | None:
        """The anchor of *boot* that was noted first."""
        return next((one for one, first in self._anchors_of(boot).items() if first), None)

    # --- what changes it ---

    def clear(self, key: str) -> None:
        """Forget everything; what is counted from now on is counted under *key*."""
        self._reset()
        self.key = key
        self._cleared = True

    def put_store(self, store: bytes, state: StoreState) -> None:
        self.stores[store] = state

    def new_store(self, store: bytes, identity: str) -> StoreState:
        """Begin to count *store*."""
        number = 1 + max((state.number for state in self.stores.values()), default=0)
        self.stores[store] = StoreState(number, identity)
        return self.stores[store]

    def put_chunk(self, store: bytes, chunk: Chunk, tally: Tally | None) -> None:
        """Count *tally* in place of what *chunk* contributed until now; None: nothing."""
        cells, spoiled = self.chunk(chunk)
        after, bad = (tally.cells, tally.spoiled) if tally else (Counter(), 0)
        for day, moved in by_day(difference(cells, after)).items():
            total = self.day(day)
            total.update(moved)
            for cell in moved:
                if not total[cell]:
                    del total[cell]
            self._changed_days.add(day)
        self._chunks[chunk] = (after, bad) if tally else None
        self._changed_chunks.add(chunk)
        self._spans[chunk] = tally.stays if tally else ()
        if bad != spoiled:
            state = self.stores[store]
            self.stores[store] = replace(state, spoiled=state.spoiled + bad - spoiled)

    def add_stays(self, store: int, stays: Iterable[Stay]) -> list[str]:
        """Take in what rows say of their boots; the boots of which that is news."""
        known, news = self.stays(store), []
        for stay in stays:
            whole = merged(known.get(stay.boot), stay)
            if whole != known.get(stay.boot):
                known[stay.boot] = whole
                self._changed_stays.add((store, stay.boot))
                news.append(stay.boot)
        return news

    def add_anchor(self, anchor: Anchor) -> bool:
        """Take in *anchor*; whether it is new."""
        known = self._anchors_of(anchor.boot)
        if anchor in known:
            return False
        known[anchor] = not known
        self._new_anchors.append((anchor, known[anchor]))
        for key in [key for key in self._known if key[1] == anchor.boot]:
            del self._known[key]
        return True

    def put_window(self, store: int, boot: str, window: tuple[Window, int] | None) -> bool:
        """Count answers of *boot* by *window* from now on; whether that is another one."""
        if window == self.window(store, boot):
            return False
        self._windows[store, boot] = window
        self._changed_windows.add((store, boot))
        self._known.pop((store, boot), None)
        return True

    def save(self) -> None:
        """Write what has changed, in one transaction."""
        if self._connection is None:
            return
        with writing(self._connection) as connection:
            if self._cleared:
                for table in table_names()[1:]:
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608  one of ours
            connection.execute("INSERT OR REPLACE INTO about VALUES ('key', ?)", (self.key,))
            self._save_stores(connection)
            self._save_counts(connection)
            self._save_ground(connection)
        self._cleared = False
        self._forget_changes()
        self._chunks.clear()
        self._spans.clear()

    def _save_stores(self, connection: sqlite3.Connection) -> None:
        for store, s in self.stores.items():
            values = (s.number, store, s.identity, s.pruned, s.anchors, s.seen, s.whole, s.spoiled)
            connection.execute("INSERT OR REPLACE INTO stores VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        wanted = {chunk_id(chunk) for chunk in self.waiting}
        stored = {number for (number,) in connection.execute("SELECT id FROM waiting")}
        connection.executemany("DELETE FROM waiting WHERE id = ?", [(one,) for one in stored - wanted])
        connection.executemany("INSERT INTO waiting VALUES (?)", [(one,) for one in wanted - stored])

    def _save_counts(self, connection: sqlite3.Connection) -> None:
        for chunk in sorted(self._changed_chunks):
            self._save_chunk(connection, chunk)
        for day in sorted(self._changed_days):
            cells = self._days[day]
            raw, counted = pack(cells.items(), self._number), json.dumps(_counted(cells))
            connection.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", (day, raw, raw_crc(day, raw)))
            connection.execute(
                "INSERT OR REPLACE INTO trend VALUES (?, ?, ?)", (day, counted, raw_crc(day, counted))
            )
        for asked in self._new_asks:
            connection.execute("INSERT INTO asks VALUES (?, ?, ?, ?, ?)", (self._numbers[asked], *asked))

    def _save_chunk(self, connection: sqlite3.Connection, chunk: Chunk) -> None:
        number, what = chunk_id(chunk), self._chunks[chunk]
        connection.execute("DELETE FROM chunks WHERE id = ?", (number,))
        if what is not None:
            days = [(day, pack(cells.items(), self._number)) for day, cells in by_day(what[0]).items()]
            raw = json.dumps(sorted(days), separators=(",", ":"))
            connection.execute(
                "INSERT INTO chunks VALUES (?, ?, ?, ?)", (number, what[1], raw, raw_crc(number, raw))
            )
        store, first = chunk
        stays = {stay.boot: stay for stay in self._spans[chunk]}
        if what is None:
            for boot in self.stays(store):
                gone = (store, boot, first)
                connection.execute("DELETE FROM spans WHERE store = ? AND boot = ? AND first = ?", gone)
        for boot, stay in stays.items():
            values = (store, boot, first, stay.first_ms, stay.last_ms)
            connection.execute("INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?)", values)

    def _save_ground(self, connection: sqlite3.Connection) -> None:
        for store, boot in self._changed_stays:
            stay = self._stays[store][boot]
            stayed = (store, boot, stay.first_seq, stay.first_ms, stay.last_ms)
            connection.execute("INSERT OR REPLACE INTO stays VALUES (?, ?, ?, ?, ?)", stayed)
        for one, first in self._new_anchors:
            anchor = (one.boot, one.boot_ms, one.utc_ms, one.source, one.error_ms, int(first))
            connection.execute("INSERT OR REPLACE INTO anchors VALUES (?, ?, ?, ?, ?, ?)", anchor)
        for store, boot in self._changed_windows:
            connection.execute("DELETE FROM windows WHERE store = ? AND boot = ?", (store, boot))
            found = self._windows[store, boot]
            if found is not None:
                window, learned_ms = found
                values = (store, boot, window.zero_ms, window.end_ms, window.last_ms, learned_ms)
                connection.execute("INSERT INTO windows VALUES (?, ?, ?, ?, ?, ?)", values)

    def _anchors_of(self, boot: str) -> dict[Anchor, bool]:
        found = self._anchors.get(boot)
        if found is None:
            query = "SELECT boot, boot_ms, utc_ms, source, error_ms, noted FROM anchors WHERE boot = ?"
            found = self._anchors[boot] = {Anchor(*row[:5]): bool(row[5]) for row in self._rows(query, boot)}
        return found

    def _number(self, asked: Asked) -> int:
        number = self._numbers.get(asked)
        if number is None:
            number = self._numbers[asked] = 1 + max(self._asks, default=0)
            self._asks[number] = asked
            self._new_asks.append(asked)
        return number

    def _row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        return next(self._rows(query, *values), None)

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        if self._connection is None or self._cleared:
            return iter(())
        return self._connection.execute(query, values)


def _counted(cells: Cells) -> Counted:
    counted: defaultdict[int, int] = defaultdict(int)
    for cell, n in cells.items():
        if not cell.rule and cell.asked.opens and cell.asked.kind == Kind.RATING.value:
            counted[cell.value] += n
    return tuple(counted[rating.value] for rating in Rating)
