"""How one store's progress moves: ranges of seqs, counted and joined. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from feedback.wire import Acknowledgement, Generation, State
from kiosk.storage.link_state import Fate, Progress, Span

Range = tuple[int, int]

LONGEST_REASON = 100
NOT_HERE = "not in conflict, sent under its own store"
"""Why a number is void under the name of answers that are sent again."""
ELSEWHERE = "in conflict before, sent under another store"
"""
Why an answer once in conflict is void for a central that was restored: it is not offered under this store again.

Under its other store it may be there already, and would count twice.
"""
MOST_VOID_SPANS = 500
"""Told in one request. More than these are told in the next ones."""

GIVEN_UP = frozenset({Fate.VOID, Fate.CONFLICT})
FATES = {State.REJECTED: Fate.REJECTED, State.CONFLICT: Fate.CONFLICT, State.HELD: Fate.HELD}


def next_range(progress: Progress, last_seq: int) -> Range | None:
    """
    The next answers to send, at most up to *last_seq*; None if nothing is owed.

    Half of what central refused as a whole, else what it asked for again, else what it has not had.
    """
    if progress.suspect is not None:
        first, last = progress.suspect
        return first, min(first + (last - first + 1) // 2 - (last > first), last_seq)
    given_up = _given_up(progress)
    for missing in progress.missing:
        for owed in without(missing, given_up):
            return owed
    for owed in without((progress.delivered + 1, last_seq), given_up):
        return owed
    return None


def owed(progress: Progress, last_seq: int) -> list[Range]:
    """All the answers that central has not had, as ranges: what it asked for again, then what is new."""
    given_up = _given_up(progress)
    wanted = (*progress.missing, (progress.delivered + 1, last_seq))
    return [piece for one in wanted for piece in without(one, given_up)]


def untold(progress: Progress) -> tuple[Span, ...]:
    """The spans given up that central has not accounted for yet, the lowest first."""
    void = [
        replace(span, reason=span.reason or ELSEWHERE)
        for span in progress.spans
        if span.fate in GIVEN_UP and span.last > progress.accounted_upto
    ]
    return tuple(sorted(void)[:MOST_VOID_SPANS])


def has_news(progress: Progress) -> bool:
    """Whether rows at the end of the store are void and central was never told: no answer will carry it there."""
    return any(span.fate in GIVEN_UP and span.last > progress.delivered for span in progress.spans)


def _given_up(progress: Progress) -> list[Range]:
    """What is not offered to central under this store any more."""
    return [(span.first, span.last) for span in progress.spans if span.fate in GIVEN_UP]


def declared_void(progress: Progress, first: int, last: int, reason: str) -> Progress:
    """*progress* once the kiosk has decided that the answers *first* to *last* never come. Moves no cursor."""
    kept = list(_outside(progress.spans, first, last))
    spans = joined([*kept, Span(first, last, Fate.VOID, reason[:LONGEST_REASON])])
    return replace(progress, spans=spans, suspect=_suspect_after(progress.suspect, first, last))


def only(progress: Progress, wanted: Sequence[Range]) -> Progress:
    """
    *progress* of a store in which the numbers *wanted*, in order and at least one, are answers, and all others void.

    More may come to be wanted, also below what was delivered: then all from there on is offered once more.
    """
    void = [span for span in progress.spans if (span.fate, span.reason) == (Fate.VOID, NOT_HERE)]
    new = [Span(*one, Fate.VOID, NOT_HERE) for one in without((1, wanted[-1][1]), wanted)]
    kept = [span for span in progress.spans if (span.fate, span.reason) != (Fate.VOID, NOT_HERE)]
    still = [(span.first, span.last) for span in new]
    back = [first for span in void for first, _ in without((span.first, span.last), still)]
    delivered = min([progress.delivered, *(first - 1 for first in back)])
    return replace(progress, spans=joined([*kept, *new]), delivered=delivered)


def waiting(progress: Progress, last_seq: int) -> int:
    """How many answers up to *last_seq* central has not had; what the kiosk gave up is not waited for."""
    owed = without((progress.delivered + 1, last_seq), _given_up(progress))
    return sum(last - first + 1 for first, last in owed)


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
    # Given up and told long ago: central has it in a final state.
    known = [span for span in progress.spans if span.fate in GIVEN_UP and span.last <= ack.accounted_upto]
    passed = [sent, *((span.first, span.last) for span in (*told, *known))]
    moved = replace(
        progress,
        delivered=_reached(progress.delivered, passed),
        accounted_upto=ack.accounted_upto,
        spans=spans,
        suspect=_suspect_after(progress.suspect, first, last),
        new_store=progress.new_store
        # Central has seen more of this store than the file ever held: the file is an older copy of another.
        or (last_seq is not None and ack.accounted_upto > last_seq)
        or any(span.fate is Fate.CONFLICT for span in verdicts),
    )
    if ack.accounted_upto < progress.accounted_upto:
        return _sent_again(moved, ack.accounted_upto)
    return _asked_again(moved, ack)


def is_another_life(progress: Progress, ack: Acknowledgement) -> bool:
    """Whether central may have forgotten what it had of this store: it was restored."""
    named = 0 if ack.generation is None else ack.generation.number
    changed = bool(progress.generation and named and named != progress.generation)
    return changed or ack.accounted_upto < progress.accounted_upto


def in_generation(progress: Progress, generation: Generation, pruned_upto: int) -> Progress:
    """
    *progress* once central speaks from *generation*: all that was told in another is offered again, if it may be gone.

    Also what central has accounted for by now: that may be another kiosk's, with a copy of this card. What was let go
    here cannot be offered; if central lacks it too, it says so by itself.
    """
    if progress.generation in (0, generation.number):
        return replace(progress, generation=generation.number)
    upto = max(generation.upto, pruned_upto)
    again = replace(progress, missing=(), delivered=min(progress.delivered, upto), asked_again=0)
    return replace(again, generation=generation.number)


def _sent_again(progress: Progress, upto: int) -> Progress:
    """
    All after *upto*: central was restored.

    Not only what it calls missing: what it has by now may be another kiosk's, with a copy of this card.
    """
    return replace(progress, missing=(), delivered=min(progress.delivered, upto), asked_again=upto + 1)


def _asked_again(progress: Progress, ack: Acknowledgement) -> Progress:
    """What central lacks: named in ``missing``, or all after ``accounted_upto`` if that is before the cursor."""
    given_up = _given_up(progress)
    missing = tuple(
        owed
        for first, last in ack.missing
        for owed in without((first, min(last, progress.delivered)), given_up)
    )
    if missing:
        return replace(progress, missing=missing, asked_again=missing[0][0])
    if ack.accounted_upto < progress.cursor:
        return _sent_again(progress, ack.accounted_upto)
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
