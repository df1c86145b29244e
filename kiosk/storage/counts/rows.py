"""
Rows of answers.db as the counts need them, verified: the lean way to read many.

``kiosk.storage.reading`` makes a whole ``Answer`` of each row, which costs several times as much.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import blake2b
from typing import Any, NamedTuple
from zlib import crc32

from feedback.answers import Anchor, Moment, Source
from feedback.presses import Given
from feedback.ratings import Kind
from feedback.timeline import Stay
from kiosk.storage.reading import last_seq
from kiosk.storage.schema import anchor_crc
from kiosk.storage.totals import Asked, Totals, pruned_upto, read_stays, read_totals, sealed_days

BLOCK, MOST_BLOCKS = 32, 64
"""Rows are read in blocks, and the latest blocks kept: the neighbours of one chunk are the rows of the next."""
SOURCES = frozenset(source.value for source in Source)
ROWS = (
    "SELECT seq, response, boot, boot_ms, wall_ms, place, ask, value, source, test, crc"
    " FROM answers WHERE seq BETWEEN ? AND ? ORDER BY seq"
)
DIGESTS = "SELECT seq, digest FROM texts WHERE seq BETWEEN ? AND ?"
ANCHORS = (
    "SELECT id, boot, boot_ms, utc_ms, source, error_ms, crc FROM anchors WHERE id > ? ORDER BY id LIMIT ?"
)


class Row(NamedTuple):
    """A sound row: what the rules look at, and what was asked."""

    given: Given
    asked: Asked


class _Question(NamedTuple):
    """What an ``ask`` stands for: by itself, for an answer that opens its response, and as the checksum spells it."""

    kind: Kind
    follows: Asked
    opens: Asked
    spelled: str


class Rows:
    """
    What one store's file holds.

    Attributes:
        store: Its id.
        identity: Changes when the file was replaced by another, as a closed one may be; empty for the one in use.

    Args:
        opened: Gives the connection that reads it, when it is first needed.
    """

    def __init__(self, opened: Callable[[], sqlite3.Connection], store: bytes, identity: str = "") -> None:
        self.store = store
        self.identity = identity
        self._opened = opened
        self._found: sqlite3.Connection | None = None
        self._blocks: dict[int, list[Row]] = {}
        self._boots: dict[int, tuple[str, str]] = {}
        self._places: dict[int, str] = {}
        self._questions: dict[int, _Question] = {}

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._found is None:
            self._found = self._opened()
        return self._found

    def close(self) -> None:
        """Close the connection, if it was needed. Not for the recorder's own."""
        if self._found is not None:
            self._found.close()
            self._found = None

    @property
    def last_seq(self) -> int:
        """The highest number given so far."""
        return last_seq(self._connection)

    @property
    def pruned_upto(self) -> int:
        return pruned_upto(self._connection)

    def totals(self, day: int) -> Totals:
        """What was pruned of a *day* of UTC."""
        return read_totals(self._connection, self.store, day)

    def sealed_days(self, after: int) -> list[int]:
        """The days of UTC to whose totals answers above seq *after* were added."""
        return sealed_days(self._connection, after)

    def stays(self) -> list[Stay]:
        """What pruned answers said of their boots."""
        return read_stays(self._connection, self.store)

    def anchors(self, after: int, most: int) -> tuple[int, list[Anchor]]:
        """At most *most* anchors noted after the one of id *after*: the last id looked at, and the sound ones."""
        found = []
        for number, *values, crc in self._connection.execute(ANCHORS, (after, most)):
            after, anchor = number, Anchor(*values)
            if crc == anchor_crc(self.store, anchor):
                found.append(anchor)
        return after, found

    def read(self, first: int, last: int) -> list[Row]:
        """The sound rows from seq *first* to *last*; those that are not as they were written are left out."""
        found: list[Row] = []
        end = self.last_seq
        for block in range(first // BLOCK, last // BLOCK + 1):
            rows = self._blocks.get(block)
            if rows is None:
                rows = self._read(BLOCK * block, BLOCK * block + BLOCK - 1)
                # What is not full yet may have more rows next time.
                if BLOCK * block + BLOCK <= end:
                    self._keep(block, rows)
            inside = first <= BLOCK * block and last >= BLOCK * block + BLOCK - 1
            found += rows if inside else [row for row in rows if first <= row.given.seq <= last]
        return found

    def _keep(self, block: int, rows: list[Row]) -> None:
        if len(self._blocks) >= MOST_BLOCKS:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[block] = rows

    def _read(self, first: int, last: int) -> list[Row]:
        rows = self._connection.execute(ROWS, (first, last)).fetchall()
        if not rows:
            return []
        digests = dict(self._connection.execute(DIGESTS, (first, last)))
        self._know(rows)
        return list(self._sound(rows, digests))

    def _sound(self, rows: list[tuple[Any, ...]], digests: dict[int, bytes]) -> Iterator[Row]:
        # Spelled as Answer.content spells it, with the parts that repeat put together once.
        store, boots, places, questions = self.store, self._boots, self._places, self._questions
        same: tuple[int, int, int] | None = None
        for seq, response, boot, boot_ms, wall_ms, place, ask, value, source, test, crc in rows:
            question = questions.get(ask)
            if question is None or boot not in boots or place not in places or source not in SOURCES:
                continue
            name, spelled_boot = boots[boot]
            text = digests[seq].hex() if seq in digests else ""
            number, opened, said = str(seq), str(response), str(value)
            at, wall = str(boot_ms), str(wall_ms)
            spelled = (
                f"{len(number)}:{number}{len(opened)}:{opened}{places[place]}{question.spelled}"
                f"{len(said)}:{said}1:{source}{spelled_boot}{len(at)}:{at}{len(wall)}:{wall}"
                f"1:{'1' if test else '0'}{len(text)}:{text}"
            )
            if crc != crc32(store + blake2b(spelled.encode(), digest_size=16).digest()):
                continue
            # A press and how its visit ended share their moment: one object, which is quickly compared.
            if (boot, boot_ms, wall_ms) != same:
                same, moment = (boot, boot_ms, wall_ms), Moment(name, boot_ms, wall_ms)
            given = Given(seq, response, question.kind, value, moment, bool(test))
            yield Row(given, question.opens if seq == response else question.follows)

    def _know(self, rows: list[tuple[Any, ...]]) -> None:
        """Look up the boots, places and questions that are new among *rows*."""
        if not {row[2] for row in rows} <= self._boots.keys():
            for number, boot in self._connection.execute("SELECT id, boot FROM boots"):
                self._boots[number] = (boot, _spelled(boot))
        if not {row[5] for row in rows} <= self._places.keys():
            for number, branch, touchpoint in self._connection.execute(
                "SELECT id, branch, touchpoint FROM places"
            ):
                self._places[number] = _spelled(branch) + _spelled(touchpoint)
        if not {row[6] for row in rows} <= self._questions.keys():
            self._know_questions()

    def _know_questions(self) -> None:
        query = "SELECT id, survey, version, question, kind, language FROM asks"
        for number, *values in self._connection.execute(query):
            survey, version, question, kind, language = values
            with suppress(ValueError):
                self._questions[number] = _Question(
                    Kind(kind),
                    Asked(survey, question, kind, opens=False),
                    Asked(survey, question, kind, opens=True),
                    "".join(_spelled(str(part)) for part in (survey, version, question, kind, language)),
                )


def _spelled(text: str) -> str:
    return f"{len(text)}:{text}"
