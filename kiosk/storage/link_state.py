"""
What the kiosk remembers of its link to central, as values.

``kiosk.storage.link`` keeps them, ``kiosk.sync.plan`` decides on them. Here, because neither may know the other:
the plan touches no file, and storage lies below sync.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

FIRST_BUDGET = 65_536
"""Bytes of one body until central has said what it takes: far below what any proxy refuses."""


class Fate(Enum):
    """What became of answers that are not simply stored."""

    REJECTED = "rejected"
    CONFLICT = "conflict"
    HELD = "held"
    VOID = "void"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """
    The answers *first* to *last* and what became of them.

    Held ones are durable at central and have no final verdict. Void ones are those the kiosk itself explains:
    it has told, or will tell, central that they never come.
    """

    first: int
    last: int
    fate: Fate = field(compare=False)
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far one store's answers have come.

    Attributes:
        store: 16 bytes that name the store.
        delivered: Every seq up to this is durable at central, or void and told so.
        accounted_upto: Central's word: every seq up to this is in a final state there.
        spans: Those rejected, in conflict, held or void, in order.
        missing: Ranges central asked for again.
        suspect: A range central refused as a whole: sent in halves until it is known which answer spoils it.
        asked_again: The lowest seq central asked for again last time; the same once more means it asks in vain.
        new_store: Central holds other answers under this store's name: the recorder must begin a new one.
        generation: Central's, in which it last spoke of this store; 0: in none it named.
        resting_until_ms: Central refused all of this store: nothing of it is sent before. Not kept in sync.db, so
            that a kiosk started again asks once more.
    """

    store: bytes
    delivered: int = 0
    accounted_upto: int = 0
    spans: tuple[Span, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    suspect: tuple[int, int] | None = None
    asked_again: int = 0
    new_store: bool = False
    generation: int = 0
    resting_until_ms: int = 0

    @property
    def cursor(self) -> int:
        """Every seq up to this has a final verdict: rows up to it may be pruned one day."""
        held = [span.first for span in self.spans if span.fate is Fate.HELD]
        return min([self.delivered, *(first - 1 for first in held)])


@dataclass(frozen=True, slots=True)
class Document:
    """
    One document central keeps for this kiosk.

    Attributes:
        version: What central last named, with its SHA-256 as hex.
        held_version: What lies in ``sync/documents``; 0: nothing.
        trouble: Why the one central named was not taken; empty: none.
    """

    name: str
    version: int = 0
    sha256: str = ""
    held_version: int = 0
    held_sha256: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """
    Everything the agent knows; its memory may be lost at any time, this may not.

    Attributes:
        boot: The boot whose clock the ``_ms`` below are read from.
        not_before_ms: Nothing is sent before this.
        heard_ms: When a signed acknowledgement last came; None: not in this boot.
        failures: Requests in a row without a signed acknowledgement: the n of the back-off.
        waiting_for: Why nothing is sent now, in plain words.
        budget: Bytes of one body that are known or hoped to pass.
        max_answers: Central's limits, as are ``max_bytes`` and ``min_interval_s``.
        gzip_offered: Central unpacks gzip.
        gzip_refused: A packed body was refused in this boot.
        last_success_ms: UTC of the last signed acknowledgement, by central's clock; 0: never.
        trouble: What went wrong last, in plain words, kept for people; over, if ``failures`` is 0.
        trouble_ms: When, by the kiosk's own wall clock.
        documents: What central keeps for this kiosk.
        stores: Progress of each store.
        cut_off: Nobody at all answered the last request: a network that comes up may shorten this wait. Not kept in
            sync.db.
        generation: Central's, as last named; 0: none was. Not kept in sync.db: the next acknowledgement names it.
    """

    boot: str = ""
    not_before_ms: int = 0
    heard_ms: int | None = None
    failures: int = 0
    waiting_for: str = ""
    budget: int = FIRST_BUDGET
    max_answers: int = 1_000
    max_bytes: int = FIRST_BUDGET
    min_interval_s: int = 0
    gzip_offered: bool = False
    gzip_refused: bool = False
    last_success_ms: int = 0
    trouble: str = ""
    trouble_ms: int = 0
    documents: tuple[Document, ...] = ()
    stores: tuple[Progress, ...] = ()
    cut_off: bool = False
    generation: int = 0

    @property
    def packs(self) -> bool:
        """Whether the next body goes out as gzip."""
        return self.gzip_offered and not self.gzip_refused

    @property
    def most_bytes(self) -> int:
        """Bytes the next body may have."""
        return min(self.budget, self.max_bytes)

    def progress(self, store: bytes) -> Progress:
        """How far *store* has come; a new one has not begun."""
        return next((one for one in self.stores if one.store == store), Progress(store))

    def advanced(self, progress: Progress) -> Link:
        """The link with *progress* in place of what it knew of that store."""
        others = tuple(one for one in self.stores if one.store != progress.store)
        return replace(self, stores=(*others, progress))

    def not_counted(self, stores: Iterable[bytes]) -> list[tuple[Fate, str, int]]:
        """What central has of *stores* and does not count: what became of how many, and why; the most first."""
        found: Counter[tuple[Fate, str]] = Counter()
        for store in stores:
            for span in self.progress(store).spans:
                found[span.fate, span.reason] += span.last - span.first + 1
        return [(fate, reason, n) for (fate, reason), n in found.most_common()]

    def document(self, name: str) -> Document:
        """The document *name*; an unknown one is held in no version."""
        return next((one for one in self.documents if one.name == name), Document(name))

    def documented(self, document: Document) -> Link:
        """The link with *document* in place of what it knew of it."""
        others = tuple(one for one in self.documents if one.name != document.name)
        return replace(self, documents=(*others, document))
