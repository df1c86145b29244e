"""What goes into one request: rows from answers.db, anchors, void spans and the kiosk's status, cut to fit."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from feedback.answers import Anchor, Answer, Moment, SealedText
from feedback.ratings import Rating, as_rating
from feedback.timeline import repaired
from feedback.wire import Closed, SyncRequest, Void, encode_request
from feedback.wire.fields import LONGEST_NAME
from kiosk.storage.link_state import Document, Link
from kiosk.storage.reading import Batch
from kiosk.sync.steps import Send, Sent

MOST_ANCHORS = 500
CLOCK_DOUBT_MS = 60_000
"""Where the true time is known no better, nothing is said of the kiosk's own clock."""
GZIP_LEVEL = 6


class Reader(Protocol):
    """What the agent wants of answers.db: ``kiosk.storage.reading.AnswersReader`` in a kiosk."""

    @property
    def closed(self) -> bool:
        """Whether the store gets no more rows."""
        ...

    def store_id(self) -> bytes: ...

    def last_seq(self) -> int: ...

    def pruned_upto(self) -> int: ...

    def answers(self, first: int, most: int) -> Batch: ...

    def texts(self, seqs: Sequence[int]) -> dict[int, SealedText]: ...

    def anchors(self) -> list[Anchor]: ...


@dataclass(frozen=True, slots=True)
class Beside:
    """What a request carries beside answers: small, and left out when space or a refusal asks for it."""

    anchors: tuple[Anchor, ...] = ()
    now: Moment | None = None
    status: dict[str, Any] = field(default_factory=dict)
    closed: tuple[Closed, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A body ready to sign, what it carries, and the anchors in it."""

    body: bytes
    sent: Sent
    anchors: tuple[Anchor, ...]


def outgoing(
    link: Link,
    send: Send,
    last_seq: int | None,
    answers: Sequence[Answer],
    texts: dict[int, SealedText],
    beside: Beside,
) -> Outgoing:
    """As many of *answers* as fit into the link's bytes; a single one goes out whatever it weighs, alone."""
    count, bare = len(answers), send.bare
    while True:
        request = _request(link, send, answers[:count], texts, None if bare else beside)
        plain = encode_request(request)
        body = gzip.compress(plain, GZIP_LEVEL, mtime=0) if link.packs else plain
        if len(body) <= link.most_bytes or (count <= 1 and bare):
            sent = Sent(send, count, len(body), link.packs, bare, last_seq)
            return Outgoing(body, sent, request.anchors)
        if count > 1:
            count = min(count - 1, max(1, count * link.most_bytes * 9 // (len(body) * 10)))
        else:
            bare = True


def _request(
    link: Link, send: Send, answers: Sequence[Answer], texts: dict[int, SealedText], beside: Beside | None
) -> SyncRequest:
    request = SyncRequest(
        store=send.store,
        cursor=link.progress(send.store).cursor,
        first=send.first,
        answers=tuple(answers),
        texts={one.seq: texts.get(one.seq) for one in answers if one.text_digest},
        void=tuple(Void(span.first, span.last, span.reason) for span in send.void),
        generation=link.progress(send.store).generation,
    )
    if beside is None:
        return request
    return replace(
        request, anchors=beside.anchors, now=beside.now, status=beside.status, closed=beside.closed
    )


def untold_anchors(known: Iterable[Anchor], told: frozenset[Anchor]) -> tuple[Anchor, ...]:
    """Those central has not had, each once, not more than one request should carry."""
    return tuple(anchor for anchor in dict.fromkeys(known) if anchor not in told)[:MOST_ANCHORS]


def status(
    pending: int,
    oldest: Moment | None,
    now: Moment,
    anchors: Sequence[Anchor],
    folder: Path,
    database: str,
    documents: Sequence[Document] = (),
) -> dict[str, Any]:
    """How the kiosk is, for central's list of kiosks."""
    when = repaired(now, anchors)
    waited_ms = 0 if oldest is None else when.utc_ms - repaired(oldest, anchors).utc_ms
    told: dict[str, Any] = {}
    if when.uncertainty_ms <= CLOCK_DOUBT_MS:
        told["clock_off_s"] = (now.wall_ms - when.utc_ms) // 1_000
    if trouble := next((one.trouble for one in documents if one.trouble), ""):
        told["document_trouble"] = trouble[:LONGEST_NAME]
    return told | {
        "held": [part for one in documents for part in (one.name, one.held_version)],
        "pending": pending,
        "oldest_s": max(waited_ms, 0) // 1_000,
        "app": version("afterword"),
        "disk_free": shutil.disk_usage(folder).free,
        "database": database,
    }


def is_unhappy(answer: Answer) -> bool:
    """Whether somebody at the branch should know of *answer* at once."""
    if answer.test or answer.value not in answer.ask.kind.values:
        return False
    rating = as_rating(answer.ask.kind, answer.value)
    return rating is not None and rating <= Rating.BAD
