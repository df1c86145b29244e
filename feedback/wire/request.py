"""The kiosk's request: stored answers in columns, with what is needed to place and to explain them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedback.answers import Anchor, Answer, Ask, Moment, Place, SealedText, Source
from feedback.errors import WireError
from feedback.ratings import Kind
from feedback.wire import fields
from feedback.wire.acknowledgement import span
from feedback.wire.columns import Lookup, differences, index, looked_up, runs, summed, unfolded

STORE_BYTES = 16
MOST_ANSWERS = 20_000
MOST_LOOKUPS = 10_000
MOST_STATUS = 100

KEYS = frozenset(
    {
        "store",
        "cursor",
        "boots",
        "anchors",
        "now",
        "places",
        "asks",
        "answers",
        "texts",
        "void",
        "closed",
        "status",
    }
)


@dataclass(frozen=True, slots=True)
class Void:
    """Answers that will never come, *first* to *last*, and why."""

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A store that gets no more rows, with its last seq, so that a lost tail shows."""

    store: bytes
    last: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An answer that arrived whole and means nothing: rejected by itself, blocking no other."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """
    One round trip's worth.

    Attributes:
        store: 16 random bytes that name the database file the answers live in.
        cursor: Every seq up to this has a final verdict, as far as the kiosk knows.
        first: Seq of the first answer; the others follow without gaps.
        answers: Those that could be read.
        unreadable: Those that could not.
        anchors: Moments at which a boot knew the time.
        now: The kiosk's clocks as it sends; None in a stick's file.
        texts: Sealed texts by seq; a text erased since is None and keeps its digest in the answer.
        void: Answers that will never come.
        closed: Stores that get no more rows.
        status: How the kiosk is: name -> number, text, truth or list, as its version knows them.
        generation: Central's, under which this store's progress was acknowledged; 0: none was ever named.
    """

    store: bytes
    cursor: int
    first: int = 1
    answers: tuple[Answer, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    now: Moment | None = None
    texts: Mapping[int, SealedText | None] = field(default_factory=dict)
    void: tuple[Void, ...] = ()
    closed: tuple[Closed, ...] = ()
    status: Mapping[str, Any] = field(default_factory=dict)
    generation: int = 0

    @property
    def count(self) -> int:
        """Answers sent, readable or not."""
        return len(self.answers) + len(self.unreadable)


def encode_request(request: SyncRequest) -> bytes:
    """*request* as bytes. Its answers follow each other without gaps from ``first``."""
    answers = request.answers
    boots = Lookup[str]()
    places = Lookup[Place]()
    asks = Lookup[Ask]()
    columns = {
        "first": request.first,
        "count": len(answers),
        "response": [answer.seq - answer.response for answer in answers],
        "boot": runs(boots.number(answer.moment.boot) for answer in answers),
        "boot_ms": differences([answer.moment.boot_ms for answer in answers]),
        "wall": differences([answer.moment.wall_ms - answer.moment.boot_ms for answer in answers]),
        "place": runs(places.number(answer.place) for answer in answers),
        "ask": [asks.number(answer.ask) for answer in answers],
        "value": [answer.value for answer in answers],
        "source": "".join(answer.source.value for answer in answers),
        "test": [at for at, answer in enumerate(answers) if answer.test],
    }
    anchors = [[boots.number(a.boot), a.boot_ms, a.utc_ms, a.source, a.error_ms] for a in request.anchors]
    now = request.now
    now_row = None if now is None else [boots.number(now.boot), now.boot_ms, now.wall_ms]
    return fields.pack(
        {
            "v": fields.VERSION,
            "store": fields.text(request.store),
            "cursor": request.cursor,
            "boots": list(boots),
            "anchors": anchors,
            "now": now_row,
            "places": [[place.branch, place.touchpoint] for place in places],
            "asks": [[ask.survey, ask.version, ask.question, ask.kind.value, ask.language] for ask in asks],
            "answers": columns,
            "texts": {
                str(answer.seq): _text_row(answer, request.texts) for answer in answers if answer.text_digest
            },
            "void": [[void.first, void.last, void.reason] for void in request.void],
            "closed": [[fields.text(closed.store), closed.last] for closed in request.closed],
            "status": dict(request.status),
            # Left out where there is none: so it was before there were generations.
            **({"generation": request.generation} if request.generation else {}),
        }
    )


def decode_request(raw: bytes) -> SyncRequest:
    """
    The request in *raw*.

    Raises:
        WireError: The message as a whole is not version 1. A single answer that means nothing does not
            raise: it is among ``unreadable``.
    """
    document = fields.unpack(raw, KEYS)
    boots = [fields.name(one, "boots") for one in fields.rows(document["boots"], "boots", MOST_LOOKUPS)]
    first, answers, unreadable = _answers(document, boots)
    void = fields.rows(document["void"], "void", MOST_LOOKUPS)
    closed = fields.rows(document["closed"], "closed", 100)
    anchors = fields.rows(document["anchors"], "anchors", MOST_LOOKUPS)
    return SyncRequest(
        store=fields.octets(document["store"], "store", STORE_BYTES, STORE_BYTES),
        cursor=fields.whole(document["cursor"], "cursor"),
        first=first,
        answers=answers,
        unreadable=unreadable,
        anchors=tuple(_anchor(one, boots) for one in anchors),
        now=_now(document["now"], boots),
        texts=_texts(document["texts"]),
        void=tuple(_void(one) for one in void),
        closed=tuple(_closed(one) for one in closed),
        status=_status(document["status"]),
        generation=fields.whole(document.get("generation", 0), "generation"),
    )


def _answers(
    document: fields.Object, boots: Sequence[str]
) -> tuple[int, tuple[Answer, ...], tuple[Unreadable, ...]]:
    raw = fields.mapping(document["answers"], "answers")
    first = fields.whole(raw.get("first"), "answers.first", 1)
    count = fields.whole(raw.get("count"), "answers.count", 0, MOST_ANSWERS)
    columns = _columns(raw, count)
    places = [_place(one) for one in fields.rows(document["places"], "places", MOST_LOOKUPS)]
    asks = [_ask(one) for one in fields.rows(document["asks"], "asks", MOST_LOOKUPS)]
    digests = _digests(document["texts"])
    tests = {fields.whole(at, "answers.test", 0, count - 1) for at in columns["test"]}
    rows = zip(
        columns["response"],
        columns["value"],
        looked_up(columns["ask"], "answers.ask", asks),
        looked_up(columns["place"], "answers.place", places),
        looked_up(columns["boot"], "answers.boot", boots),
        columns["boot_ms"],
        columns["wall"],
        map(_SOURCES.get, columns["source"]),
        strict=True,
    )
    answers: list[Answer] = []
    unreadable: list[Unreadable] = []
    for at, (back, value, ask, place, boot, boot_ms, wall, source) in enumerate(rows):
        seq = first + at
        moment = Moment(boot, boot_ms, wall + boot_ms)
        reason = _fault(seq, back, value, ask, source, moment)
        if reason is not None or isinstance(ask, str) or source is None:
            unreadable.append(Unreadable(seq, reason or "unknown source"))
            continue
        digest = digests.get(seq, b"")
        answers.append(Answer(seq, seq - back, place, ask, value, source, moment, at in tests, digest))
    return first, tuple(answers), tuple(unreadable)


def _columns(raw: fields.Object, count: int) -> dict[str, list[Any]]:
    """Each column of *raw*, unfolded to *count* entries."""
    columns: dict[str, list[Any]] = {
        name: unfolded(raw.get(name), f"answers.{name}", count) for name in ("boot", "place")
    }
    for name in ("response", "ask", "value"):
        columns[name] = fields.row(raw.get(name), f"answers.{name}", count)
    for name in ("boot_ms", "wall"):
        columns[name] = summed(fields.row(raw.get(name), f"answers.{name}", count), f"answers.{name}")
    columns["source"] = list(fields.name(raw.get("source"), "answers.source", count))
    if len(columns["source"]) != count:
        raise WireError(f"answers.source: expected {count} letters")
    columns["test"] = fields.rows(raw.get("test"), "answers.test", count)
    return columns


def _fault(
    seq: int, back: Any, value: Any, ask: Ask | str, source: Source | None, moment: Moment
) -> str | None:
    """Why the answer *seq* means nothing; None if it is sound."""
    if isinstance(ask, str):
        return ask
    if source is None:
        return "unknown source"
    if type(value) is not int or value not in ask.kind.values:
        return "value out of range"
    if type(back) is not int or not 0 <= back < seq:
        return "response out of range"
    # Sums of differences: each may be in range and the time beyond every database's integers.
    if not (0 <= moment.boot_ms <= fields.MOST_INTEGER and 0 <= moment.wall_ms <= fields.MOST_INTEGER):
        return "time out of range"
    return None


def _ask(raw: Any) -> Ask | str:
    """What was asked; a reason instead if its kind is unknown: that spoils its answers, not the request."""
    survey, version, question, kind, language = fields.row(raw, "asks", 5)
    known = _KINDS.get(fields.name(kind, "asks"))
    if known is None:
        return "unknown kind"
    return Ask(
        fields.name(survey, "asks"),
        fields.whole(version, "asks"),
        fields.name(question, "asks"),
        known,
        fields.name(language, "asks"),
    )


def _place(raw: Any) -> Place:
    branch, touchpoint = fields.row(raw, "places", 2)
    return Place(fields.name(branch, "places"), fields.name(touchpoint, "places"))


def _anchor(raw: Any, boots: Sequence[str]) -> Anchor:
    boot, boot_ms, utc_ms, source, error_ms = fields.row(raw, "anchors", 5)
    return Anchor(
        boots[index(boot, "anchors", len(boots))],
        fields.whole(boot_ms, "anchors"),
        fields.whole(utc_ms, "anchors"),
        fields.name(source, "anchors", 20),
        fields.whole(error_ms, "anchors"),
    )


def _now(raw: Any, boots: Sequence[str]) -> Moment | None:
    if raw is None:
        return None
    boot, boot_ms, wall_ms = fields.row(raw, "now", 3)
    return Moment(
        boots[index(boot, "now", len(boots))], fields.whole(boot_ms, "now"), fields.whole(wall_ms, "now")
    )


def _void(raw: Any) -> Void:
    row = fields.row(raw, "void", 3)
    first, last = span(row[:2], "void")
    return Void(first, last, fields.name(row[2], "void"))


def _closed(raw: Any) -> Closed:
    store, last = fields.row(raw, "closed", 2)
    return Closed(fields.octets(store, "closed", STORE_BYTES, STORE_BYTES), fields.whole(last, "closed"))


def _status(raw: Any) -> dict[str, Any]:
    """
    *raw* less what cannot be stored or shown. Left out and not refused: how a kiosk is never blocks its answers.

    >>> _status({"pending": 3, "survey": ["exit", 4], "load": float("inf"), "nested": {"a": 1}})
    {'pending': 3, 'survey': ['exit', 4]}
    """
    entries = list(fields.mapping(raw, "status").items())[:MOST_STATUS]
    return {name: value for name, value in entries if fields.is_plain(name) and _is_status(value)}


def _is_status(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MOST_STATUS and all(fields.is_plain(one) for one in value)
    return fields.is_plain(value)


def _text_row(answer: Answer, texts: Mapping[int, SealedText | None]) -> list[str | None]:
    text = texts.get(answer.seq)
    return [None if text is None else fields.text(text.sealed), fields.text(answer.text_digest)]


def _texts(raw: Any) -> dict[int, SealedText | None]:
    texts: dict[int, SealedText | None] = {}
    for key, pair in _text_rows(raw):
        sealed, digest = pair
        texts[key] = (
            None
            if sealed is None
            else SealedText(fields.octets(sealed, "texts", 1, 65_536), fields.octets(digest, "texts", 16, 64))
        )
    return texts


def _digests(raw: Any) -> dict[int, bytes]:
    return {seq: fields.octets(digest, "texts", 16, 64) for seq, (_, digest) in _text_rows(raw)}


def _text_rows(raw: Any) -> Iterator[tuple[int, list[Any]]]:
    for key, pair in fields.mapping(raw, "texts").items():
        if not key.isascii() or not key.isdigit() or len(key) > 16:
            raise WireError(f"texts: {key[:20]!r} is not a seq")
        yield int(key), fields.row(pair, "texts", 2)


_KINDS = {kind.value: kind for kind in Kind}
_SOURCES = {source.value: source for source in Source}
