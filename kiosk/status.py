"""How a kiosk is, in sentences for a technician and as values for programs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from feedback.errors import StoreError
from feedback.timeline import repaired
from kiosk import advice, documents
from kiosk.advice import HeldDocument
from kiosk.arrivals import FOLLOWED
from kiosk.clock import Clock
from kiosk.settings import Settings
from kiosk.storage.capacity import Capacity, capacity
from kiosk.storage.closed import stores
from kiosk.storage.counts.summary import kept_counts
from kiosk.storage.counts.unsent import unsent
from kiosk.storage.link import read_anchors, read_link
from kiosk.storage.link_state import Fate, Link
from kiosk.storage.notes import Note, read_notes
from kiosk.storage.reading import AnswersReader

NEWEST_NOTES = 3
MOST_REASONS = 5
CLOCK_DOUBT_MS = 60_000
WHY = {
    Fate.REJECTED.value: "rejected",
    Fate.CONFLICT.value: "it has others in their place, and gets these under another store",
    Fate.HELD.value: "not yet, kept there until it can",
    Fate.VOID.value: "given up here, and it was told so",
}


@dataclass(frozen=True, slots=True)
class Status:
    """
    How one kiosk is.

    Attributes:
        kiosk: Its id.
        stored: Answers given a number in every store here.
        waiting: Of these, how many central has not had.
        oldest_waiting_utc_ms: When the oldest of them was given; None: none waits, or nobody knows.
        not_counted: How many of those stored ``summary.db`` does not have yet; a summary counts them by itself.
        counting: Why ``summary.db`` has nothing; empty: it has.
        capacity: What still fits without a network.
        last_success_utc_ms: When central last acknowledged, by its own clock; None: never.
        trouble: Why nothing is handed over; empty: nothing is wrong.
        refusal: What went wrong last with handing over, also if it is over; empty: nothing ever did.
        refusal_utc_ms: When, by the kiosk's own wall clock; None: never.
        attempts: How often in a row handing over has failed.
        refused: What central has and does not count: what became of how many answers, and why; the most first.
        notes: What happened to the kiosk's files, the newest last.
        documents: What the screen follows, and what became of newer ones.
        clock_off_s: How far ahead of the true time the wall clock is, seconds; None: nobody knows the time.
    """

    kiosk: str
    stored: int
    waiting: int
    oldest_waiting_utc_ms: int | None
    not_counted: int
    counting: str
    capacity: Capacity
    last_success_utc_ms: int | None
    trouble: str
    notes: tuple[Note, ...]
    refusal: str = ""
    refusal_utc_ms: int | None = None
    attempts: int = 0
    refused: tuple[tuple[str, str, int], ...] = ()
    documents: tuple[HeldDocument, ...] = ()
    clock_off_s: int | None = None


def status(settings: Settings, clock: Clock) -> Status:
    """
    How the kiosk is now, read from its files.

    Raises:
        StoreError: Its answers cannot be read.
    """
    # First of all the store in use: without it there is nothing to say.
    AnswersReader(settings.answers_db).about()
    link, trouble = _link(settings)
    readers = stores(settings.answers_folder)
    last = {reader.store_id(): reader.last_seq() for reader in readers}
    with kept_counts(settings.answers_folder) as (book, counting):
        waits = unsent(settings, book)
        seen = sum(min(state.seen, last.get(store, 0)) for store, state in book.stores.items())
    stored = sum(last.values())
    return Status(
        kiosk=settings.kiosk.id,
        stored=stored,
        waiting=waits.answers,
        oldest_waiting_utc_ms=waits.oldest_ms,
        not_counted=stored - seen,
        counting=counting,
        capacity=capacity(settings),
        last_success_utc_ms=link.last_success_ms or None,
        trouble=trouble,
        notes=tuple(read_notes(settings.answers_folder)[-NEWEST_NOTES:]),
        refusal=link.trouble,
        refusal_utc_ms=link.trouble_ms or None,
        attempts=link.failures,
        # Of the stores on this card only: what is sent again under another name is here once.
        refused=tuple((fate.value, reason, n) for fate, reason, n in link.not_counted(last)),
        documents=tuple(_document(settings, link, name) for name in FOLLOWED),
        clock_off_s=_clock_off_s(settings, clock),
    )


def as_json(found: Status) -> dict[str, Any]:
    """*found* for programs."""
    return asdict(found)


def sentences(found: Status) -> list[str]:
    """
    *found* to be read aloud.

    >>> sentences(Status("k-1", 12, 2, None, 12, "", Capacity(90, 30, 3), None, "", ()))[:2]
    ['kiosk k-1: 12 answers stored, 2 waiting to be sent', 'room for 90 more without a network: 3 days at 30 a day']
    """
    room = found.capacity
    heard = "never" if found.last_success_utc_ms is None else _utc(found.last_success_utc_ms)
    oldest = found.oldest_waiting_utc_ms
    since = "" if oldest is None else f", the oldest since {_utc(oldest)}"
    counted = found.counting or f"all but {found.not_counted} answers are counted for the summary"
    return [
        f"kiosk {found.kiosk}: {found.stored} answers stored, {found.waiting} waiting to be sent{since}",
        f"room for {room.answers} more without a network: {room.days} days at {room.a_day} a day",
        f"central last acknowledged: {heard}",
        counted,
        _trouble(found),
        *advice.of_the_link(found.trouble, found.attempts, ever=found.last_success_utc_ms is not None),
        *advice.of_documents(found.documents),
        *advice.of_documents_refused(found.documents),
        *advice.of_the_clock(found.clock_off_s),
        *advice.of_the_card(room.answers, room.days),
        *(_not_counted(*one) for one in found.refused[:MOST_REASONS]),
        *(f"noted {_utc(note.wall_ms)}: {note.sentence}" for note in found.notes),
    ]


def _document(settings: Settings, link: Link, name: str) -> HeldDocument:
    """What the screen itself believes; the agent's word is only what central named and why it was not taken."""
    followed = documents.newest(settings, name, FOLLOWED[name])
    known = link.document(name)
    return HeldDocument(name, followed[0].version if followed else 0, known.version, known.trouble)


def _clock_off_s(settings: Settings, clock: Clock) -> int | None:
    now, own = clock.moment(), clock.anchor()
    anchors = [] if own is None else [own]
    with suppress(StoreError):  # the agent has not made its file yet
        anchors += [one for one in read_anchors(settings.sync_db) if one.boot == now.boot]
    when = repaired(now, anchors)
    return (now.wall_ms - when.utc_ms) // 1_000 if when.uncertainty_ms <= CLOCK_DOUBT_MS else None


def _link(settings: Settings) -> tuple[Link, str]:
    """What the agent remembers; a kiosk whose agent never ran is no fault of its answers."""
    try:
        link = read_link(settings.sync_db)
    except StoreError as error:
        return Link(), str(error)
    return link, link.trouble if link.failures else ""


def _not_counted(fate: str, reason: str, n: int) -> str:
    because = f" ({reason})" if reason else ""
    return f"central does not count {n} {'answer' if n == 1 else 'answers'}: {WHY[fate]}{because}"


def _trouble(found: Status) -> str:
    when = "" if found.refusal_utc_ms is None else f", the last time {_utc(found.refusal_utc_ms)}"
    if found.trouble and found.attempts:
        times = "once" if found.attempts == 1 else f"{found.attempts} times in a row"
        return f"trouble: {found.trouble} ({times}{when} by this kiosk's clock)"
    if found.trouble:
        return f"trouble: {found.trouble}"
    if found.refusal:
        return f"no trouble now; before that: {found.refusal}{when} by this kiosk's clock"
    return "no trouble"


def _utc(utc_ms: int) -> str:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
