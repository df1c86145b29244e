"""A document with its signature: the same bytes by network, on a stick, and as it lies on the card."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from feedback.errors import WireError
from feedback.wire import fields

MOST_DOCUMENT_BYTES = 512 << 10
"""Of one document's body: a reply, which has to hold it, has twice as much room."""
MOST_HEAD_BYTES = 1_000
SIGNATURE_HEADER = "Document-Signature"
VERSION_HEADER = "Document-Version"
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """
    One version of a document, as central signed it.

    Believed only if ``signature`` is over ``text`` by ``key``, and if that key is central's.

    Attributes:
        name: As kiosks call it: ``survey``, ``settings``, ``keys``, ``media``.
        version: Grows with every change.
        body: As published.
        key: The Ed25519 key it is signed with, 32 bytes.
        signature: 64 bytes.
    """

    name: str
    version: int
    body: bytes
    key: bytes
    signature: bytes

    @property
    def sha256(self) -> str:
        """Digest of the body, hex."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def text(self) -> bytes:
        """What is signed."""
        return document_text(self.name, self.version, self.sha256)


def document_text(name: str, version: int, sha256: str) -> bytes:
    r"""
    What central signs of a document, once for every kiosk: not the reply that carries it, so that it lasts.

    >>> document_text("survey", 4, "ab")
    b'afterword document v1\nsurvey\n4\nab'
    """
    return f"afterword document v1\n{name}\n{version}\n{sha256}".encode()


def encode_document(document: SignedDocument) -> bytes:
    """*document* as a file (``*.kdoc``): one line of JSON, then the body as it is."""
    head = {
        "v": fields.VERSION,
        "name": document.name,
        "version": document.version,
        "sha256": document.sha256,
        "key": fields.text(document.key),
        "signature": fields.text(document.signature),
    }
    return fields.pack(head) + b"\n" + document.body


def decode_document(raw: bytes) -> SignedDocument:
    """
    The document in the file *raw*, its digest compared; its signature is for whoever holds the keys.

    Raises:
        WireError: It is not a whole document of version 1.
    """
    line, found, body = raw.partition(b"\n")
    if not found or len(line) > MOST_HEAD_BYTES:
        raise WireError("not a document of central's: its first line is missing")
    if len(body) > MOST_DOCUMENT_BYTES:
        raise WireError(f"the document is over {MOST_DOCUMENT_BYTES} bytes")
    head = fields.unpack(line, frozenset({"name", "version", "sha256", "key", "signature"}))
    document = SignedDocument(
        fields.name(head["name"], "name"),
        fields.whole(head["version"], "version", 1),
        body,
        fields.octets(head["key"], "key", _KEY_BYTES, _KEY_BYTES),
        decode_signature(head["signature"]),
    )
    if document.sha256 != fields.name(head["sha256"], "sha256"):
        raise WireError("the document is cut short or altered: its digest is another")
    return document


def decode_signature(raw: object) -> bytes:
    """The signature written as base64 in *raw*, as it stands in a header too. Raises WireError."""
    return fields.octets(raw, "signature", _SIGNATURE_BYTES, _SIGNATURE_BYTES)
