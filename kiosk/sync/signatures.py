"""Signing a request with the device key; believing a reply by a pinned key. RFC 9421 over RFC 9530."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from feedback.errors import LinkError
from feedback.wire import ALLOWED_SKEW, CONTENT_TYPE, REPLY_COMPONENTS, request_components
from kiosk.sync.line import Reply

NONCE_BYTES = 16
LATEST_S = 253_370_764_800
"""The first day of the year 9999: a calendar ends there, and a kiosk's clock may say anything."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: the kiosk's id, its device key."""

    kiosk: str
    key: Ed25519PrivateKey


def fresh_nonce() -> str:
    """A value no reply made earlier can contain."""
    return secrets.token_hex(NONCE_BYTES)


def sign(
    request: requests.PreparedRequest, body: bytes, identity: Identity, nonce: str, wall_ms: int
) -> None:
    """Add digest and signature to *request*, which carries *body*."""
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Keys(private=identity.key)
    )
    signer.sign(
        request,
        key_id=identity.kiosk,
        created=datetime.fromtimestamp(min(max(wall_ms // 1_000, 0), LATEST_S), UTC),
        nonce=nonce,
        covered_component_ids=request_components(packed="Content-Encoding" in request.headers),
        body=body,
    )


class StrangerError(LinkError):
    """An answer is signed, and not by a key that is believed: it may be central's newest."""


def believe(reply: Reply, nonce: str, keys: Sequence[bytes]) -> bytes:
    """
    The key that signed *reply*, if it is central's, to this very question.

    Raises:
        StrangerError: It is signed, and by none of *keys*.
        LinkError: It is not JSON by its type, its digest or signature is wrong under every one of *keys*, or
            it answers another question. A captive portal, a proxy, a replay and a wrong server all end here.
    """
    if reply.headers.get("Content-Type") != CONTENT_TYPE:
        raise LinkError("what answered is not central: a captive portal, a proxy or another server")
    for key in keys:
        if (answered := _verified_nonce(reply, key)) is not None:
            if not secrets.compare_digest(answered.encode(), nonce.encode()):
                raise LinkError("the answer belongs to another request")
            return key
    kind = StrangerError if "Signature-Input" in reply.headers else LinkError
    raise kind("the answer does not carry central's signature")


def _verified_nonce(reply: Reply, key: bytes) -> str | None:
    """The nonce in *reply*'s signature, if it is a good one by *key*."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519,
        key_resolver=_Keys(public=Ed25519PublicKey.from_public_bytes(key)),
    )
    # Both are needed: max_age=None alone still refuses a signature made 5 s "in the future".
    verifier.max_clock_skew = ALLOWED_SKEW
    message = _Message(reply.status, reply.headers)
    try:
        # Without require_components a signature over nothing at all would pass.
        results = verifier.verify(message, max_age=None, require_components=REPLY_COMPONENTS, body=reply.body)
    except (HTTPMessageSignaturesException, ValueError, OverflowError, RecursionError):
        return None
    return results[0].nonce or ""


@dataclass(frozen=True, slots=True)
class _Message:
    status_code: int
    headers: Mapping[str, str]


class _Keys(HTTPSignatureKeyResolver):
    """One key, whatever it is called: a reply is believed for its key, never for its key's name."""

    def __init__(
        self, private: Ed25519PrivateKey | None = None, public: Ed25519PublicKey | None = None
    ) -> None:
        self._private = private
        self._public = public

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:  # noqa: ARG002
        return self._public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        if self._private is None:
            raise KeyError(key_id)
        return self._private
