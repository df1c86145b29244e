"""Documents as the agent leaves them for the screen, signed by a central of the tests' own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from feedback.wire import SignedDocument, document_text, encode_document, fingerprint
from kiosk.documents import file_of
from kiosk.settings import Settings

KEY = Ed25519PrivateKey.from_private_bytes(b"central's own key for the tests.")
FINGERPRINT = fingerprint(KEY.public_key().public_bytes_raw())


def signed(
    name: str, body: bytes, version: int | None = None, key: Ed25519PrivateKey = KEY
) -> SignedDocument:
    """*body* as the document *name*, in the version that it states itself unless another is said."""
    number = json.loads(body)["version"] if version is None else version
    bare = SignedDocument(name, number, body, key.public_key().public_bytes_raw(), b"")
    return replace(bare, signature=key.sign(document_text(name, number, bare.sha256)))


def trusting(settings: Settings) -> Settings:
    """*settings* of a kiosk that believes the documents made here."""
    return replace(settings, central=replace(settings.central, fingerprint=FINGERPRINT))


def put(
    settings: Settings, name: str, body: bytes, version: int | None = None, key: Ed25519PrivateKey = KEY
) -> Path:
    """Let the agent have fetched *body* as the document *name*."""
    path = file_of(settings.documents, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_document(signed(name, body, version, key)))
    return path
