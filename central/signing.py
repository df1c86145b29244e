"""
Signatures on the wire: a kiosk's request is believed or not, central's reply is signed.

RFC 9421 over RFC 9530, by http-message-signatures. Knows nothing of a web framework or a database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from central.keys import Keys
from feedback import wire
from feedback.errors import WireError

BARE_COMPONENTS = ("@method", "@path")
"""What a request without a body covers."""
LONGEST_NONCE = 128

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Signed:
    """
    A request as it was sent.

    Attributes:
        method: In capitals.
        url: Absolute, encoded as sent; only its path is signed.
        headers: Every field line, in order.
        body: Raw bytes, before unpacking.
    """

    method: str
    url: str
    headers: Headers
    body: bytes


class BadSignatureError(WireError):
    """A request that its kiosk did not sign, or not enough of it."""


def verified_nonce(request: Signed, key: bytes, components: Sequence[str]) -> str:
    """
    The nonce of *request*, once its signature by *key* covers *components* and its body is what was signed.

    Raises:
        BadSignatureError: In one sentence; what it says is safe to tell a stranger.
    """
    resolver = _Resolver(public=Ed25519PublicKey.from_public_bytes(key))
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
    view = _View(request.method, request.url, _Fields(request.headers))
    try:
        # max_age alone still refuses a `created` more than 5 s ahead: see _Verifier. Without require_components a
        # signature over nothing would pass, and without body= the digest is only signed, not compared.
        (result,) = verifier.verify(
            view, max_age=None, require_components=tuple(components), body=request.body
        )
    except (HTTPMessageSignaturesException, ValueError, TypeError) as error:
        raise BadSignatureError(f"the signature does not hold: {_plain(error)}") from None
    if not result.nonce or len(result.nonce) > LONGEST_NONCE:
        raise BadSignatureError(f"the signature has no nonce of 1 to {LONGEST_NONCE} characters")
    return result.nonce


def claimed_nonce(headers: Headers) -> str:
    """
    The nonce a request says it has, believed or not: a refusal names the request it refuses.

    >>> claimed_nonce([("signature-input", 'k=("@method");created=1;nonce="abc"')])
    'abc'
    """
    line = next((value for name, value in headers if name.lower() == "signature-input"), "")
    found = re.search(r';nonce="([A-Za-z0-9+/=_.:-]{1,128})"', line)
    return found[1] if found else ""


def signed_headers(keys: Keys, status: int, body: bytes, nonce: str) -> dict[str, str]:
    """The header fields of a reply with *body*, signed for the request that had *nonce*."""
    reply = _Reply(status, {"Content-Type": wire.CONTENT_TYPE, "Cache-Control": "no-store"})
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Resolver(private=keys.signing)
    )
    signer.sign(
        reply,
        key_id=keys.fingerprint,
        nonce=nonce,
        covered_component_ids=wire.REPLY_COMPONENTS[:-1],  # giving the body covers content-digest
        body=body,
    )
    return reply.headers


@dataclass(slots=True)
class _Reply:
    status_code: int
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Fields:
    """Header lines as the library reads them: repeated ones stay apart."""

    lines: Headers

    def items(self) -> Headers:
        return self.lines


@dataclass(frozen=True, slots=True)
class _View:
    method: str
    url: str
    headers: _Fields


class _Resolver(HTTPSignatureKeyResolver):
    """One key, whatever it is called: the kiosk is named by the path."""

    def __init__(
        self, public: Ed25519PublicKey | None = None, private: Ed25519PrivateKey | None = None
    ) -> None:
        self._public, self._private = public, private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:  # noqa: ARG002
        return self._public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:  # noqa: ARG002
        return self._private


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = wire.ALLOWED_SKEW
    require_created = False


def _plain(error: Exception) -> str:
    text = str(error) or "the signature is not by this kiosk's key"
    return text[:200].encode("ascii", "replace").decode()
