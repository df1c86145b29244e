"""
What became of every seq of one store: in exactly one final state, or not yet here.

Decided without a database. A state only ever gives way to a stronger one, so the order of arrival does not matter.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum


class Final(IntEnum):
    """
    A seq's final state; the greater overrides the smaller.

    *stored* overrides *void* (a row that was given up and came after all), never the reverse. *conflict* overrides
    *stored*: the first delivery stays counted, another content is kept beside it.
    """

    VOID = 1
    REJECTED = 2
    STORED = 3
    CONFLICT = 4


@dataclass(frozen=True, slots=True)
class Span:
    """The seqs *first* to *last* with their state, and the reason where there is one."""

    first: int
    last: int
    state: Final
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    One store's account.

    Attributes:
        spans: Disjoint, in order, neighbours of one kind joined.
        seen: The highest seq central knows to exist, accounted or announced by a closing.
    """

    spans: tuple[Span, ...] = ()
    seen: int = 0

    def account(self, entries: Iterable[Span]) -> Ledger:
        """
        The ledger once *entries* are known too.

        >>> Ledger().account([Span(1, 9, Final.VOID, "crc"), Span(4, 4, Final.STORED)]).totals[Final.VOID]
        8
        """
        spans, seen = list(self.spans), self.seen
        for entry in entries:
            _lay(spans, entry)
            seen = max(seen, entry.last)
        return Ledger(tuple(_joined(spans)), seen)

    def closed_at(self, last: int) -> Ledger:
        """The ledger of a store that ends at *last*."""
        return Ledger(self.spans, max(self.seen, last))

    @property
    def accounted_upto(self) -> int:
        """Every seq up to this is in a final state."""
        upto = 0
        for span in self.spans:
            if span.first != upto + 1:
                break
            upto = span.last
        return upto

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """The gaps below what central has seen, in order."""
        return tuple(self._gaps())

    @property
    def totals(self) -> dict[Final, int]:
        """How many seqs are in each state."""
        totals = dict.fromkeys(Final, 0)
        for span in self.spans:
            totals[span.state] += span.last - span.first + 1
        return totals

    def to_json(self) -> str:
        """The spans as text for the database."""
        return json.dumps(
            [[s.first, s.last, s.state.value, s.reason] for s in self.spans], separators=(",", ":")
        )

    @classmethod
    def from_json(cls, text: str, seen: int) -> Ledger:
        """The ledger that ``to_json`` wrote."""
        rows = json.loads(text)
        return cls(
            tuple(Span(first, last, Final(state), reason) for first, last, state, reason in rows), seen
        )

    def _gaps(self) -> Iterator[tuple[int, int]]:
        expected = 1
        for span in self.spans:
            if span.first > expected:
                yield expected, span.first - 1
            expected = span.last + 1
        if expected <= self.seen:
            yield expected, self.seen


def _lay(spans: list[Span], entry: Span) -> None:
    """Put *entry* into *spans* wherever nothing as strong is there already."""
    start = bisect_left(spans, entry.first, key=lambda span: span.last)
    end = bisect_right(spans, entry.last, key=lambda span: span.first)
    laid: list[Span] = []
    upto = entry.first - 1
    for span in spans[start:end]:
        if span.first > upto + 1:
            laid.append(_cut(entry, upto + 1, span.first - 1))
        laid += [span] if span.state >= entry.state else _covered(span, entry)
        upto = span.last
    if upto < entry.last:
        laid.append(_cut(entry, upto + 1, entry.last))
    spans[start:end] = laid


def _covered(span: Span, entry: Span) -> list[Span]:
    """*span* where it sticks out of the stronger *entry*, and *entry* where they meet."""
    parts = [_cut(entry, max(span.first, entry.first), min(span.last, entry.last))]
    if span.first < entry.first:
        parts.insert(0, _cut(span, span.first, entry.first - 1))
    if span.last > entry.last:
        parts.append(_cut(span, entry.last + 1, span.last))
    return parts


def _cut(span: Span, first: int, last: int) -> Span:
    return Span(first, last, span.state, span.reason)


def _joined(spans: list[Span]) -> Iterator[Span]:
    held: Span | None = None
    for span in spans:
        if held and held.last + 1 == span.first and (held.state, held.reason) == (span.state, span.reason):
            held = Span(held.first, span.last, held.state, held.reason)
            continue
        if held:
            yield held
        held = span
    if held:
        yield held
