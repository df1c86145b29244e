"""What central has not had yet, and since when the oldest of it waits."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.answers import Moment
from feedback.errors import StoreError
from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.counts.book import Book
from kiosk.storage.counts.book_file import BROKEN
from kiosk.storage.link import read_link
from kiosk.storage.link_state import Link
from kiosk.storage.reading import AnswersReader
from kiosk.storage.totals import DAY_MS


@dataclass(frozen=True, slots=True)
class Unsent:
    """
    What waits to be sent.

    Attributes:
        answers: How many, of every kind.
        oldest_ms: UTC at which the oldest was given; None: nothing waits, or nobody knows.
    """

    answers: int
    oldest_ms: int | None = None


def unsent(settings: Settings, book: Book, *, hidden: int = 0) -> Unsent:
    """
    What waits to be sent from all stores; *book* dates it, as far as it knows the boot.

    *hidden*: so many of the newest are not spoken of: they are not shown to staff before the next step.

    Raises:
        StoreError: The answers cannot be read now.
    """
    link = _link(settings)
    answers, oldest = 0, []
    for reader in stores(settings.answers_folder):
        store = reader.store_id()
        delivered = link.progress(store).delivered
        waiting = max(reader.last_seq() - delivered, 0)
        answers += waiting
        moment = _first_after(reader, delivered) if waiting else None
        if moment is not None:
            oldest.append(_when(book, store, moment))
    shown = max(answers - hidden, 0)
    known = [utc_ms for utc_ms in oldest if utc_ms is not None]
    # One whose time nobody knows may be older than all others.
    return Unsent(shown, min(known) if shown and known and len(known) == len(oldest) else None)


def _link(settings: Settings) -> Link:
    try:
        return read_link(settings.sync_db)
    except StoreError:
        return Link()


def _first_after(reader: AnswersReader, seq: int) -> Moment | None:
    """When the first sound answer above *seq* was given, by its own clocks."""
    found = reader.answers(seq + 1, 100).answers
    return found[0].moment if found else None


def _when(book: Book, store: bytes, moment: Moment) -> int | None:
    state = book.stores.get(store)
    if state is None:
        return None
    try:
        when = book.known(state.number, moment.boot).when(moment)
    except BROKEN:
        return None
    return when.utc_ms if when.uncertainty_ms <= DAY_MS else None
