"""How a kiosk gets its identity: central's challenge, the kiosk's proof, central's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feedback.errors import WireError
from feedback.wire import fields

STATES = ("accepted", "pending")
KEY_BYTES = 32
NONCE_BYTES = 32
MOST_SEALED_SECRET = 512


@dataclass(frozen=True, slots=True)
class CentralKeys:
    """Central's public keys, 32 bytes each: signing now, signing spare (kept offline), sealing (X25519)."""

    current: bytes
    spare: bytes
    sealing: bytes


@dataclass(frozen=True, slots=True)
class Challenge:
    """
    Central's nonce, good for one enrolment and a few minutes.

    Attributes:
        keys: Central's, so that something can be sealed to it before it has answered; None from an older central.
    """

    nonce: bytes
    keys: CentralKeys | None = None


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """
    A kiosk asks for its identity.

    Attributes:
        code: The enrolment code, once usable.
        public_key: The kiosk's own Ed25519 key, 32 bytes.
        nonce: Central's, from the challenge.
        proof: The kiosk's signature over ``proof_text``: it holds the key it names.
        model: What board it is, as the board says.
        serial: The board's serial number.
        app: Version of the software.
        self_test: SHA-256 of the self-test's report, hex; empty if none was run.
        screen_secret: What the kiosk's screen signs codes with, sealed to central; empty from an older kiosk.
    """

    code: str
    public_key: bytes
    nonce: bytes
    proof: bytes
    model: str = ""
    serial: str = ""
    app: str = ""
    self_test: str = ""
    screen_secret: bytes = b""


@dataclass(frozen=True, slots=True)
class EnrolReply:
    """
    Central's answer: ``accepted`` (use it now) or ``pending`` (somebody must agree first; ask again).

    Believed only if signed by ``keys.current`` and if that key has the fingerprint in ``kiosk.toml``.
    """

    state: str
    kiosk: str
    branch: str
    touchpoint: str
    keys: CentralKeys
    server_utc_ms: int


def proof_text(nonce: bytes, public_key: bytes, code: str) -> bytes:
    """What a kiosk signs to prove that it holds its key."""
    return b"afterword enrol v1\n" + nonce + public_key + code.encode()


def encode_challenge(challenge: Challenge) -> bytes:
    """*challenge* as bytes."""
    keys = {"keys": _key_texts(challenge.keys)} if challenge.keys else {}
    return fields.pack({"v": fields.VERSION, "nonce": fields.text(challenge.nonce), **keys})


def decode_challenge(raw: bytes) -> Challenge:
    """The challenge in *raw*. Raises WireError."""
    document = fields.unpack(raw, frozenset({"nonce"}))
    keys = document.get("keys")
    return Challenge(
        fields.octets(document["nonce"], "nonce", NONCE_BYTES, NONCE_BYTES),
        None if keys is None else _central_keys(fields.mapping(keys, "keys")),
    )


def encode_enrol_request(request: EnrolRequest) -> bytes:
    """*request* as bytes."""
    return fields.pack(
        {
            "v": fields.VERSION,
            "code": request.code,
            "public_key": fields.text(request.public_key),
            "nonce": fields.text(request.nonce),
            "proof": fields.text(request.proof),
            "model": request.model,
            "serial": request.serial,
            "app": request.app,
            "self_test": request.self_test,
            # Left out where there is none, as kiosks did before they had one.
            **({"screen_secret": fields.text(request.screen_secret)} if request.screen_secret else {}),
        }
    )


def decode_enrol_request(raw: bytes) -> EnrolRequest:
    """The request in *raw*. Raises WireError."""
    keys = frozenset({"code", "public_key", "nonce", "proof", "model", "serial", "app", "self_test"})
    document = fields.unpack(raw, keys)
    return EnrolRequest(
        code=fields.name(document["code"], "code"),
        public_key=_key(document["public_key"], "public_key"),
        nonce=fields.octets(document["nonce"], "nonce", NONCE_BYTES, NONCE_BYTES),
        proof=fields.octets(document["proof"], "proof", 64, 64),
        model=fields.name(document["model"], "model"),
        serial=fields.name(document["serial"], "serial"),
        app=fields.name(document["app"], "app"),
        self_test=fields.name(document["self_test"], "self_test"),
        screen_secret=_sealed_secret(document.get("screen_secret")),
    )


def encode_enrol_reply(reply: EnrolReply) -> bytes:
    """*reply* as bytes."""
    return fields.pack(
        {
            "v": fields.VERSION,
            "state": reply.state,
            "kiosk": reply.kiosk,
            "branch": reply.branch,
            "touchpoint": reply.touchpoint,
            "keys": _key_texts(reply.keys),
            "server_utc_ms": reply.server_utc_ms,
        }
    )


def decode_enrol_reply(raw: bytes) -> EnrolReply:
    """The reply in *raw*. Raises WireError."""
    document = fields.unpack(
        raw, frozenset({"state", "kiosk", "branch", "touchpoint", "keys", "server_utc_ms"})
    )
    if document["state"] not in STATES:
        raise WireError(f"state = {document['state']!r}: expected one of {', '.join(STATES)}")
    return EnrolReply(
        state=document["state"],
        kiosk=fields.name(document["kiosk"], "kiosk"),
        branch=fields.name(document["branch"], "branch"),
        touchpoint=fields.name(document["touchpoint"], "touchpoint"),
        keys=_central_keys(fields.mapping(document["keys"], "keys")),
        server_utc_ms=fields.whole(document["server_utc_ms"], "server_utc_ms"),
    )


def _key_texts(keys: CentralKeys) -> dict[str, str]:
    return {which: fields.text(getattr(keys, which)) for which in ("current", "spare", "sealing")}


def _central_keys(raw: fields.Object) -> CentralKeys:
    return CentralKeys(*(_key(raw.get(which), f"keys.{which}") for which in ("current", "spare", "sealing")))


def _sealed_secret(raw: Any) -> bytes:
    return b"" if raw is None else fields.octets(raw, "screen_secret", 1, MOST_SEALED_SECRET)


def _key(raw: Any, key: str) -> bytes:
    return fields.octets(raw, key, KEY_BYTES, KEY_BYTES)
