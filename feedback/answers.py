"""The values that travel: an answer, where and when it was given, and how a response ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import lru_cache
from hashlib import blake2b

from feedback.ratings import Kind


class Outcome(IntEnum):
    """How one customer's response ended. Stored as an answer of kind ``outcome``."""

    ANSWERED = 1
    SKIPPED = 2
    TIMED_OUT = 3
    EXITED = 4
    HELD = 5
    """Not a customer's: the press began a technician's hold of two buttons. Stored beside the outcome it had."""


class Source(Enum):
    """How an answer was given; the value is its letter on the wire."""

    TOUCH = "t"
    BUTTON = "b"
    PANEL = "p"
    WEB = "w"
    QR = "q"
    EMAIL = "e"
    SMS = "s"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer was given, as it was at that moment: it does not follow a kiosk that moves."""

    branch: str
    touchpoint: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What was asked: survey and version, question, kind of answer, language shown."""

    survey: str
    version: int
    question: str
    kind: Kind
    language: str


@dataclass(frozen=True, slots=True)
class Moment:
    """
    When, as the kiosk captured it: raw, for ever.

    Attributes:
        boot: The kernel's id of this start of the machine.
        boot_ms: Milliseconds on the clock that starts at zero with the boot and never jumps.
        wall_ms: Milliseconds since 1970 by the wall clock, right or wrong.
    """

    boot: str
    boot_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class SealedText:
    """What a customer wrote, readable by central alone, and the keyed digest that stands for it."""

    sealed: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One stored press, choice, text or outcome.

    Attributes:
        seq: Its number in its store, from 1, without gaps. 0 until the recorder has given it one.
        response: The seq of the first answer of the same response; 0 until recorded.
        text_digest: The keyed digest of a text, in place of the text; empty for every other kind.
        test: Pressed by a technician on purpose: kept, sent, never counted.
    """

    seq: int
    response: int
    place: Place
    ask: Ask
    value: int
    source: Source
    moment: Moment
    test: bool = False
    text_digest: bytes = b""

    def numbered(self, seq: int, response: int) -> Answer:
        """This answer with its numbers. Spelled out: every press waits for it, and ``replace`` takes thrice as long."""
        return Answer(
            seq,
            response,
            self.place,
            self.ask,
            self.value,
            self.source,
            self.moment,
            self.test,
            self.text_digest,
        )

    def content(self) -> bytes:
        """
        16 bytes that stand for every captured field.

        Two deliveries of one seq with the same content are a duplicate; with another, a conflict.
        Lookup numbers are not part of it, only what they stand for.
        """
        place, ask, moment = self.place, self.ask, self.moment
        asked = _spelt(
            place.branch, place.touchpoint, ask.survey, ask.version, ask.question, ask.kind, ask.language
        )
        # Spelled out: both sides do this for every answer, and a loop takes twice as long.
        seq, response, value = str(self.seq), str(self.response), str(self.value)
        boot_ms, wall_ms = str(moment.boot_ms), str(moment.wall_ms)
        digest = self.text_digest.hex()
        packed = (
            f"{len(seq)}:{seq}{len(response)}:{response}{asked}{len(value)}:{value}{_spelt(self.source)}"
            f"{len(moment.boot)}:{moment.boot}{len(boot_ms)}:{boot_ms}{len(wall_ms)}:{wall_ms}"
            f"{'1:1' if self.test else '1:0'}{len(digest)}:{digest}"
        )
        return blake2b(packed.encode(), digest_size=16).digest()


# typed: 4 and 4.0 are equal, and are not spelt alike.
@lru_cache(maxsize=1_024, typed=True)
def _spelt(*fields: str | int | Kind | Source) -> str:
    """*fields*, each behind its length; kept, for a branch asks the same few questions all year."""
    plain = [field.value if isinstance(field, Enum) else field for field in fields]
    texts = [str(field) if isinstance(field, int) else field for field in plain]
    return "".join(f"{len(text)}:{text}" for text in texts)


@dataclass(frozen=True, slots=True)
class Response:
    """One customer's answers, in the order given."""

    answers: tuple[Answer, ...]

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it is still under way or was cut."""
        ended = [Outcome(answer.value) for answer in self.answers if answer.ask.kind is Kind.OUTCOME]
        return ended[-1] if ended else None


@dataclass(frozen=True, slots=True)
class Anchor:
    """
    A moment at which a boot knew the time.

    Attributes:
        boot: The boot it belongs to.
        boot_ms: Boot clock, milliseconds.
        utc_ms: UTC then, milliseconds since 1970.
        source: Who said so: ``ntp``, ``central``, ``rtc``, or ``contact`` (central's own, from a request's
            arrival).
        error_ms: The time was right to within this many milliseconds.
    """

    boot: str
    boot_ms: int
    utc_ms: int
    source: str
    error_ms: int
