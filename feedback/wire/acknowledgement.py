"""Central's signed verdict for each answer sent, and its signed refusal of a whole request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from feedback.errors import WireError
from feedback.wire import fields

MOST_RANGES = 100_000
LONGEST_SENTENCE = 1_000
ENCODINGS = ("gzip",)


class State(Enum):
    """What became of one delivery of one answer."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of the answers *first* to *last*, with a reason where central refused them."""

    first: int
    last: int
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What central asks of the next requests.

    Attributes:
        max_answers: Answers in one request.
        max_bytes: Bytes of one body, as sent.
        encodings: Content encodings central unpacks.
        min_interval_s: Seconds to leave between two requests.
    """

    max_answers: int = 5_000
    max_bytes: int = 262_144
    encodings: tuple[str, ...] = ENCODINGS
    min_interval_s: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """
    Which life of its database central speaks from.

    Attributes:
        number: Another one whenever the database was restored: whatever it acknowledged before may be gone.
        upto: Of this store, what the kiosk was told in the generation it named is there up to this seq.
    """

    number: int
    upto: int = 0


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """
    The reply to a sync.

    Attributes:
        server_utc_ms: UTC at central when it answered.
        verdicts: One for each answer sent, as ranges in order.
        accounted_upto: Every seq up to this is stored, rejected, in conflict or void.
        missing: Ranges central waits for below what it has seen.
        limits: For the next requests.
        documents: Name -> (version, SHA-256 as hex) of what the kiosk should have.
        commands: Reserved; a kiosk ignores what it does not know.
        generation: None from a central that does not know of them yet.
    """

    server_utc_ms: int
    verdicts: tuple[Verdict, ...] = ()
    accounted_upto: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    limits: Limits = field(default_factory=Limits)
    documents: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    generation: Generation | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A signed 4xx or 5xx of central itself: a short code and one sentence."""

    code: str
    sentence: str


def covers(verdicts: Sequence[Verdict], first: int, count: int) -> bool:
    """
    Whether *verdicts* speak of exactly the *count* answers from *first*, each once, in order.

    >>> covers([Verdict(5, 6, State.STORED), Verdict(7, 7, State.HELD)], 5, 3)
    True
    >>> covers([Verdict(5, 6, State.STORED)], 5, 3)
    False
    """
    expected = first
    for verdict in verdicts:
        if verdict.first != expected or verdict.last < verdict.first:
            return False
        expected = verdict.last + 1
    return expected == first + count


def encode_acknowledgement(acknowledgement: Acknowledgement) -> bytes:
    """*acknowledgement* as bytes."""
    limits, generation = acknowledgement.limits, acknowledgement.generation
    return fields.pack(
        {
            "v": fields.VERSION,
            "server_utc_ms": acknowledgement.server_utc_ms,
            "verdicts": [_verdict_row(verdict) for verdict in acknowledgement.verdicts],
            "accounted_upto": acknowledgement.accounted_upto,
            "missing": [list(span) for span in acknowledgement.missing],
            "limits": {
                "max_answers": limits.max_answers,
                "max_bytes": limits.max_bytes,
                "encodings": list(limits.encodings),
                "min_interval_s": limits.min_interval_s,
            },
            "documents": {name: list(pair) for name, pair in acknowledgement.documents.items()},
            "commands": list(acknowledgement.commands),
            **({"generation": [generation.number, generation.upto]} if generation else {}),
        }
    )


def decode_acknowledgement(raw: bytes) -> Acknowledgement:
    """The acknowledgement in *raw*; whether to believe it is for its signature to say. Raises WireError."""
    keys = frozenset(
        {"server_utc_ms", "verdicts", "accounted_upto", "missing", "limits", "documents", "commands"}
    )
    document = fields.unpack(raw, keys)
    verdicts = fields.rows(document["verdicts"], "verdicts", MOST_RANGES)
    missing = fields.rows(document["missing"], "missing", MOST_RANGES)
    commands = fields.rows(document["commands"], "commands", 100)
    return Acknowledgement(
        server_utc_ms=fields.whole(document["server_utc_ms"], "server_utc_ms"),
        verdicts=tuple(_verdict(one) for one in verdicts),
        accounted_upto=fields.whole(document["accounted_upto"], "accounted_upto"),
        missing=tuple(span(one, "missing") for one in missing),
        limits=_limits(fields.mapping(document["limits"], "limits")),
        documents=_documents(fields.mapping(document["documents"], "documents")),
        commands=tuple(fields.name(one, "commands") for one in commands),
        generation=_generation(document.get("generation")),
    )


def encode_refusal(refusal: Refusal) -> bytes:
    """*refusal* as bytes."""
    sentence = refusal.sentence[:LONGEST_SENTENCE]
    return fields.pack({"v": fields.VERSION, "error": refusal.code, "sentence": sentence})


def decode_refusal(raw: bytes) -> Refusal:
    """The refusal in *raw*. Raises WireError."""
    document = fields.unpack(raw, frozenset({"error", "sentence"}))
    return Refusal(
        fields.name(document["error"], "error"),
        fields.name(document["sentence"], "sentence", LONGEST_SENTENCE),
    )


def span(raw: Any, key: str) -> tuple[int, int]:
    """*raw* as a range of seqs, both ends included."""
    first, last = fields.row(raw, key, 2)
    least = fields.whole(first, key, 1)
    return least, fields.whole(last, key, least)


def _verdict_row(verdict: Verdict) -> list[Any]:
    row: list[Any] = [verdict.first, verdict.last, verdict.state.value]
    return [*row, verdict.reason] if verdict.reason else row


def _verdict(raw: Any) -> Verdict:
    row = fields.row(raw, "verdicts", 3, 4)
    first, last = span(row[:2], "verdicts")
    try:
        state = State(row[2])
    except ValueError:
        raise WireError(f"verdicts: {row[2]!r} is not a verdict") from None
    return Verdict(first, last, state, fields.name(row[3], "verdicts", 200) if len(row) == 4 else "")


def _generation(raw: Any) -> Generation | None:
    if raw is None:
        return None
    number, upto = fields.row(raw, "generation", 2)
    return Generation(fields.whole(number, "generation", 1), fields.whole(upto, "generation"))


def _limits(raw: fields.Object) -> Limits:
    encodings = fields.rows(raw.get("encodings"), "limits.encodings", 10)
    return Limits(
        max_answers=fields.whole(raw.get("max_answers"), "limits.max_answers", 1),
        max_bytes=fields.whole(raw.get("max_bytes"), "limits.max_bytes", 200),
        encodings=tuple(fields.name(one, "limits.encodings") for one in encodings),
        min_interval_s=fields.whole(raw.get("min_interval_s"), "limits.min_interval_s", 0, 86_400),
    )


def _documents(raw: fields.Object) -> dict[str, tuple[int, str]]:
    documents = {}
    for name, pair in raw.items():
        version, digest = fields.row(pair, f"documents.{name}", 2)
        documents[name] = (
            fields.whole(version, f"documents.{name}"),
            fields.name(digest, f"documents.{name}"),
        )
    return documents
