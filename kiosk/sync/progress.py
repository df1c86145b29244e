"""How one store's progress moves: ranges of seqs, counted and joined. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from feedback.wire import Acknowledgement, State
from kiosk.storage.link_state import Fate, Progress, Span

Range = tuple[int, int]

LONGEST_REASON = 100
MOST_VOID_SPANS = 500
"""Told in one request. More than these are told in the next ones."""

FATES = {State.REJECTED: Fate.REJECTED, State.CONFLICT: Fate.CONFLICT, State.HELD: Fate.HELD}


def next_range(progress: Progress, last_seq: int) -> Range | None:
    """
    The next answers to send, at most up to *last_seq*; None if nothing is owed.

    Half of what central refused as a whole, else what it asked for again, else what it has not had.
    """
    if progress.suspect is not None:
        first, last = progress.suspect
        return first, min(first + (last - first + 1) // 2 - (last > first), last_seq)
    void = [(span.first, span.last) for span in progress.spans if span.fate is Fate.VOID]
    for missing in progress.missing:
        for owed in without(missing, void):
            return owed
    for owed in without((progress.delivered + 1, last_seq), void):
        return owed
    return None


def untold(progress: Progress) -> tuple[Span, ...]:
    """The void spans that central has not accounted for yet, the lowest first."""
    void = [span for span in progress.spans if span.fate is Fate.VOID and span.last > progress.accounted_upto]
    return tuple(sorted(void)[:MOST_VOID_SPANS])


def has_news(progress: Progress) -> bool:
    """Whether rows at the end of the store are void and central was never told: no answer will carry it there."""
    return any(span.fate is Fate.VOID and span.last > progress.delivered for span in progress.spans)


def declared_void(progress: Progress, first: int, last: int, reason: str) -> Progress:
    """*progress* once the kiosk has decided that the answers *first* to *last* never come. Moves no cursor."""
    kept = list(_outside(progress.spans, first, last))
    spans = joined([*kept, Span(first, last, Fate.VOID, reason[:LONGEST_REASON])])
    return replace(progress, spans=spans, suspect=_suspect_after(progress.suspect, first, last))


def acknowledged(
    progress: Progress, sent: Range, told: Sequence[Span], ack: Acknowledgement, last_seq: int | None
) -> Progress:
    """
    *progress* after central's signed verdicts for the answers *sent*, with the void spans *told* beside them.

    The only place where ``delivered`` moves.
    """
    first, last = sent
    verdicts = [
        Span(one.first, one.last, FATES[one.state], one.reason) for one in ack.verdicts if one.state in FATES
    ]
    spans = joined([*_outside(progress.spans, first, last), *verdicts])
    spans = joined(_settled(spans, ack.accounted_upto))
    moved = replace(
        progress,
        delivered=_reached(progress.delivered, [sent, *((span.first, span.last) for span in told)]),
        accounted_upto=ack.accounted_upto,
        spans=spans,
        suspect=_suspect_after(progress.suspect, first, last),
        new_store=progress.new_store
        # Central has seen more of this store than the file ever held: the file is an older copy of another.
        or (last_seq is not None and ack.accounted_upto > last_seq)
        or any(span.fate is Fate.CONFLICT for span in verdicts),
    )
    return _asked_again(moved, ack)


def _asked_again(progress: Progress, ack: Acknowledgement) -> Progress:
    """What central lacks: named in ``missing``, or, if it was restored, all after ``accounted_upto``."""
    void = [(span.first, span.last) for span in progress.spans if span.fate is Fate.VOID]
    missing = tuple(
        owed for first, last in ack.missing for owed in without((first, min(last, progress.delivered)), void)
    )
    if missing:
        return replace(progress, missing=missing, asked_again=missing[0][0])
    if ack.accounted_upto < progress.cursor:
        again = ack.accounted_upto
        return replace(progress, missing=(), delivered=again, asked_again=again + 1)
    return replace(progress, missing=(), asked_again=0)


def without(whole: Range, taken: Iterable[Range]) -> list[Range]:
    """
    What of *whole* is in none of *taken*.

    >>> without((1, 9), [(3, 4), (9, 12)])
    [(1, 2), (5, 8)]
    """
    first, end = whole
    left: list[Range] = []
    for taken_first, taken_last in sorted(taken):
        if taken_first > first:
            left.append((first, min(taken_first - 1, end)))
        first = max(first, taken_last + 1)
        if first > end:
            break
    left.append((first, end))
    return [(one, other) for one, other in left if one <= other]


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """*spans* in order, neighbours with the same fate and reason made one."""
    row: list[Span] = []
    for span in sorted(spans):
        before = row[-1] if row else None
        if before and (before.fate, before.reason, before.last + 1) == (span.fate, span.reason, span.first):
            row[-1] = replace(before, last=span.last)
        else:
            row.append(span)
    return tuple(row)


def _outside(spans: Iterable[Span], first: int, last: int) -> Iterable[Span]:
    """*spans* less what of them lies within *first* to *last*."""
    for span in spans:
        for one, other in without((span.first, span.last), [(first, last)] if last >= first else []):
            yield replace(span, first=one, last=other)


def _settled(spans: Iterable[Span], accounted_upto: int) -> Iterable[Span]:
    """*spans* less the held ones that have become final."""
    for span in spans:
        if span.fate is not Fate.HELD or span.first > accounted_upto:
            yield span
        elif span.last > accounted_upto:
            yield replace(span, first=accounted_upto + 1)


def _reached(position: int, ranges: Iterable[Range]) -> int:
    """How far one comes from *position* without a gap over *ranges*."""
    for first, last in sorted(ranges):
        if first <= position + 1:
            position = max(position, last)
    return position


def _suspect_after(suspect: Range | None, first: int, last: int) -> Range | None:
    """*suspect* once *first* to *last* of it is cleared up."""
    if suspect is None or last < suspect[0] or first > suspect[0]:
        return suspect
    return (last + 1, suspect[1]) if last < suspect[1] else None
