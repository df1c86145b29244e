"""The media document: which picture and sound files a branch's kiosks have, each by name, size, kind and digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback.errors import DocumentError

MOST_FILES = 16
MOST_FILE_BYTES = 512 << 10
"""Of one file: it travels in one reply, also over a slow line."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
SHA256 = re.compile(r"[0-9a-f]{64}")
KINDS = ("image/png", "image/jpeg", "audio/wav")
FILE_PREFIX = "media."
"""``media.`` and a digest is what kiosks ask central for."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file: what it is called where it is used, and what it must be."""

    name: str
    sha256: str
    octets: int
    kind: str


@dataclass(frozen=True, slots=True)
class Media:
    """One version of a branch's files."""

    version: int
    files: Mapping[str, MediaFile]


def kind_of(content: bytes) -> str:
    """
    What *content* is, by its own first bytes, whatever it is called.

    >>> kind_of(b"RIFF....WAVEfmt ")
    'audio/wav'

    Raises:
        DocumentError: Nothing that a kiosk shows or plays.
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav"
    raise DocumentError("is neither PNG, JPEG nor WAV: expected one of these")


def described(name: str, content: bytes) -> MediaFile:
    """*content* as the file *name*. Raises DocumentError if it is none, or too large."""
    if len(content) > MOST_FILE_BYTES:
        raise DocumentError(f"has {len(content)} bytes: expected at most {MOST_FILE_BYTES}")
    return MediaFile(name, hashlib.sha256(content).hexdigest(), len(content), kind_of(content))


def encode(media: Media) -> bytes:
    """*media* as a document."""
    files = {
        one.name: {"sha256": one.sha256, "bytes": one.octets, "type": one.kind}
        for one in media.files.values()
    }
    return json.dumps({"version": media.version, "files": files}).encode()


def parse(body: bytes, where: str) -> Media:
    """
    The media document in *body*; *where* names its origin in every error.

    Raises:
        DocumentError: With one sentence.
    """
    try:
        document = json.loads(body)
        version, files = document["version"], document["files"]
        if type(version) is not int or not 1 <= version < 2**31 or not isinstance(files, dict):
            raise DocumentError(f"{where}: expected a version and files")
        if len(files) > MOST_FILES:
            raise DocumentError(f"{where}: {len(files)} files: expected at most {MOST_FILES}")
        return Media(version, {name: _file(where, name, one) for name, one in files.items()})
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(f"{where}: is not a media document") from None


def _file(where: str, name: str, raw: Any) -> MediaFile:
    sha256, octets, kind = raw["sha256"], raw["bytes"], raw["type"]
    fine = (
        NAME.fullmatch(name)
        and isinstance(sha256, str)
        and SHA256.fullmatch(sha256)
        and type(octets) is int
        and 0 < octets <= MOST_FILE_BYTES
        and kind in KINDS
    )
    if not fine:
        raise DocumentError(f"{where}: files.{name}: expected sha256, bytes and type of a picture or a sound")
    return MediaFile(name, sha256, octets, kind)
