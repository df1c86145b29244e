"""How a kiosk gets its identity: central's challenge, the kiosk's proof, central's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feedback.errors import WireError
from feedback.wire import fields

STATES = ("accepted", "pending")
KEY_BYTES = 32
NONCE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Challenge:
    """Central's nonce, good for one enrolment and a few minutes."""

    nonce: bytes


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
    """

    code: str
    public_key: bytes
    nonce: bytes
    proof: bytes
    model: str = ""
    serial: str = ""
    app: str = ""
    self_test: str = ""


@dataclass(frozen=True, slots=True)
class CentralKeys:
    """Central's public keys, 32 bytes each: signing now, signing spare (kept offline), sealing (X25519)."""

    current: bytes
    spare: bytes
    sealing: bytes


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
    return fields.pack({"v": fields.VERSION, "nonce": fields.text(challenge.nonce)})


def decode_challenge(raw: bytes) -> Challenge:
    """The challenge in *raw*. Raises WireError."""
    document = fields.unpack(raw, frozenset({"nonce"}))
    return Challenge(fields.octets(document["nonce"], "nonce", NONCE_BYTES, NONCE_BYTES))


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
            "keys": {
                "current": fields.text(reply.keys.current),
                "spare": fields.text(reply.keys.spare),
                "sealing": fields.text(reply.keys.sealing),
            },
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
    keys = fields.mapping(document["keys"], "keys")
    return EnrolReply(
        state=document["state"],
        kiosk=fields.name(document["kiosk"], "kiosk"),
        branch=fields.name(document["branch"], "branch"),
        touchpoint=fields.name(document["touchpoint"], "touchpoint"),
        keys=CentralKeys(
            *(_key(keys.get(which), f"keys.{which}") for which in ("current", "spare", "sealing"))
        ),
        server_utc_ms=fields.whole(document["server_utc_ms"], "server_utc_ms"),
    )


def _key(raw: Any, key: str) -> bytes:
    return fields.octets(raw, key, KEY_BYTES, KEY_BYTES)
