"""What the golden messages in ``v1`` mean, and how each is read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feedback import wire
from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place, SealedText, Source
from feedback.ratings import Kind, Rating

FOLDER = Path(__file__).with_name("v1")

STORE = bytes(range(16))
OLD_STORE = bytes(range(16, 32))
BOOT, NEXT_BOOT = "9fe6c1d20a4b4d0e8f3b5a6c7d8e9f00", "1b2c3d4e5f60718293a4b5c6d7e8f901"
EXIT, TABLE = Place("b12", "exit-1"), Place("b12", "table-7")
SEALED = SealedText(b"sealed to central's key", bytes(range(32)))
ERASED_DIGEST = bytes(range(32, 64))
WALL_MS = 1_790_000_000_000


def _answer(seq: int, response: int, kind: Kind, value: int, source: Source, **more: Any) -> Answer:
    question = "" if kind is Kind.OUTCOME else kind.value
    second_boot = seq > 1_206
    moment = Moment(
        NEXT_BOOT if second_boot else BOOT,
        (5_000 if second_boot else 81_300) + 700 * (seq - 1_200),
        # After the second start nobody knew the time: the wall clock says 1970, later answers are from before a
        # correction backwards.
        4_000 + 700 * seq if second_boot else WALL_MS - 60_000 * (seq - 1_200),
    )
    return Answer(
        seq,
        response,
        TABLE if source in {Source.QR, Source.WEB} else EXIT,
        Ask("exit", 4 if seq < 1_209 else 5, question, kind, "az" if seq % 3 else "zh-Hans"),
        value,
        source,
        moment,
        **more,
    )


ANSWERS = (
    _answer(1_201, 1_201, Kind.RATING, Rating.BAD.value, Source.TOUCH),
    _answer(1_202, 1_201, Kind.CHOICE, 3, Source.TOUCH),
    _answer(1_203, 1_201, Kind.TEXT, 0, Source.TOUCH, text_digest=SEALED.digest),
    _answer(1_204, 1_201, Kind.OUTCOME, Outcome.ANSWERED.value, Source.TOUCH),
    _answer(1_205, 1_205, Kind.RATING, Rating.EXCELLENT.value, Source.BUTTON, test=True),
    _answer(1_206, 1_205, Kind.OUTCOME, Outcome.TIMED_OUT.value, Source.BUTTON, test=True),
    _answer(1_207, 1_207, Kind.FACES4, 4, Source.PANEL),
    _answer(1_208, 1_208, Kind.STARS, 5, Source.WEB),
    _answer(1_209, 1_209, Kind.NPS, 0, Source.QR),
    _answer(1_210, 1_209, Kind.NPS, 10, Source.QR),
    _answer(1_211, 1_211, Kind.CES, 7, Source.EMAIL),
    _answer(1_212, 1_212, Kind.CSAT, 1, Source.SMS),
    _answer(1_213, 1_212, Kind.YES_NO, 0, Source.SMS),
    _answer(1_214, 1_212, Kind.TEXT, 0, Source.SMS, text_digest=ERASED_DIGEST),
    _answer(1_215, 1_212, Kind.OUTCOME, Outcome.SKIPPED.value, Source.SMS),
    _answer(1_216, 1_216, Kind.OUTCOME, Outcome.EXITED.value, Source.TOUCH),
)

FULL = wire.SyncRequest(
    store=STORE,
    cursor=1_200,
    first=1_201,
    answers=ANSWERS,
    anchors=(
        Anchor(BOOT, 81_234, WALL_MS, "ntp", 40),
        Anchor(BOOT, 90_000, WALL_MS + 8_766, "central", 120),
        Anchor("0a0b0c0d0e0f00010203040506070809", 12, WALL_MS - 86_400_000, "rtc", 2_000),
    ),
    now=Moment(NEXT_BOOT, 99_999, 1_790_000_018_765),
    texts={1_203: SEALED, 1_214: None},
    void=(wire.Void(1_150, 1_150, "crc"), wire.Void(1_160, 1_169, "pruned before it was sent")),
    closed=(wire.Closed(OLD_STORE, 880),),
    status={
        "pending": 320,
        "oldest_s": 86_400,
        "app": "26.11.0",
        "disk_free": 1,
        "database": "ok",
        "temperature_c": 51.5,
        "undervoltage": False,
        "survey": ["exit", 4],
        "buttons": "ok",
        "fsync_p99_ms": 9,
    },
)

HEARTBEAT = wire.SyncRequest(
    store=STORE,
    cursor=1_216,
    first=1_217,
    now=Moment(NEXT_BOOT, 399_999, 1_790_000_318_765),
    status={"pending": 0},
)

BARE = wire.SyncRequest(store=STORE, cursor=0, answers=())

ACKNOWLEDGED = wire.Acknowledgement(
    server_utc_ms=1_790_000_019_000,
    verdicts=(
        wire.Verdict(1_201, 1_204, wire.State.STORED),
        wire.Verdict(1_205, 1_206, wire.State.DUPLICATE),
        wire.Verdict(1_207, 1_207, wire.State.REJECTED, "value out of range"),
        wire.Verdict(1_208, 1_208, wire.State.CONFLICT),
        wire.Verdict(1_209, 1_216, wire.State.HELD),
    ),
    accounted_upto=1_149,
    missing=((1_150, 1_150), (1_160, 1_169)),
    limits=wire.Limits(max_answers=2_000, max_bytes=131_072, encodings=("gzip",), min_interval_s=2),
    documents={"survey": (5, "ab" * 32), "settings": (7, "cd" * 32)},
    commands=("self-test",),
)

IN_A_GENERATION = replace(HEARTBEAT, generation=4_503_599_627_370_497)

AFTER_A_RESTORE = wire.Acknowledgement(
    server_utc_ms=1_790_000_319_000,
    accounted_upto=1_150,
    generation=wire.Generation(9_007_199_254_740_991, upto=1_100),
)

KEYS = wire.CentralKeys(current=b"c" * 32, spare=b"s" * 32, sealing=b"x" * 32)
NEW_KEYS = wire.CentralKeys(current=b"d" * 32, spare=b"s" * 32, sealing=b"x" * 32)
KEY_CHANGES = (
    wire.KeyChange(1_790_000_000_000, NEW_KEYS, signer=b"c" * 32, signature=b"1" * 64),
    wire.KeyChange(1_790_000_100_000, KEYS, signer=b"s" * 32, signature=b"2" * 64),
)
PLACE = {"kiosk": "k-3f9a2c", "branch": "b12", "touchpoint": "exit-1"}


@dataclass(frozen=True)
class Golden:
    """One message: what it means, how it is read and written."""

    meaning: Any
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


SYNC = (wire.decode_request, wire.encode_request)

MESSAGES = {
    "sync-request-full": Golden(FULL, *SYNC),
    "sync-request-heartbeat": Golden(HEARTBEAT, *SYNC),
    "sync-request-bare": Golden(BARE, *SYNC),
    "acknowledgement-full": Golden(ACKNOWLEDGED, wire.decode_acknowledgement, wire.encode_acknowledgement),
    "acknowledgement-empty": Golden(
        wire.Acknowledgement(server_utc_ms=0), wire.decode_acknowledgement, wire.encode_acknowledgement
    ),
    "sync-request-generation": Golden(IN_A_GENERATION, *SYNC),
    "acknowledgement-generation": Golden(
        AFTER_A_RESTORE, wire.decode_acknowledgement, wire.encode_acknowledgement
    ),
    "refusal": Golden(
        wire.Refusal("not accepted", "this kiosk is expected and has not enrolled yet"),
        wire.decode_refusal,
        wire.encode_refusal,
    ),
    "challenge": Golden(wire.Challenge(bytes(range(32))), wire.decode_challenge, wire.encode_challenge),
    "enrol-request": Golden(
        wire.EnrolRequest(
            code="7KQ2M-XR4TD-9WHPA-C3EFN",
            public_key=b"k" * 32,
            nonce=bytes(range(32)),
            proof=b"p" * 64,
            model="Raspberry Pi 4 Model B Rev 1.5",
            serial="10000000a1b2c3d4",
            app="26.11.0",
            self_test="ef" * 32,
        ),
        wire.decode_enrol_request,
        wire.encode_enrol_request,
    ),
    "challenge-keys": Golden(
        wire.Challenge(bytes(range(32)), KEYS), wire.decode_challenge, wire.encode_challenge
    ),
    "enrol-request-secret": Golden(
        wire.EnrolRequest(
            code="7KQ2M-XR4TD-9WHPA-C3EFN",
            public_key=b"k" * 32,
            nonce=bytes(range(32)),
            proof=b"p" * 64,
            screen_secret=b"sealed to central's key",
        ),
        wire.decode_enrol_request,
        wire.encode_enrol_request,
    ),
    "enrol-reply-accepted": Golden(
        wire.EnrolReply(state="accepted", **PLACE, keys=KEYS, server_utc_ms=1_790_000_019_000),
        wire.decode_enrol_reply,
        wire.encode_enrol_reply,
    ),
    "enrol-reply-pending": Golden(
        wire.EnrolReply(state="pending", **PLACE, keys=KEYS, server_utc_ms=1_790_000_019_000),
        wire.decode_enrol_reply,
        wire.encode_enrol_reply,
    ),
    "key-document": Golden(KEY_CHANGES, wire.decode_key_document, wire.encode_key_document),
    "time": Golden(wire.SignedTime(1_790_000_019_000), wire.decode_time, wire.encode_time),
}
