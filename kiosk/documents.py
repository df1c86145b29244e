"""
The documents this kiosk holds, checked by whoever follows them.

They lie in the folder of the process that reaches the network. The process with the screen, and every command, believes
them for central's signature alone, never for where they lie.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from feedback.errors import AfterwordError, DocumentError, WireError
from feedback.wire import MOST_DOCUMENT_BYTES, SignedDocument, decode_document, fingerprint
from kiosk.pinned import screen_pins
from kiosk.settings import Settings

log = logging.getLogger(__name__)

SHIPPED_SURVEY = Path(__file__).with_name("survey.json")
"""What is asked until central has a survey for this kiosk."""

T = TypeVar("T")
Trust = Callable[[bytes], bool]
"""Whether a key is central's."""
HEAD_ROOM = 2_000


def file_of(folder: Path, name: str) -> Path:
    """Where the document *name* lies in *folder*."""
    return folder / f"{name}.kdoc"


def own_folder(settings: Settings) -> Path:
    """Where the screen keeps its own copy of what it last showed."""
    return settings.answers_folder / "documents"


def seen(path: Path) -> tuple[int, int, int]:
    """What changes when the file at *path* is replaced; zeros: there is none."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def trusted(settings: Settings) -> Trust:
    """
    The keys by which the screen believes documents: the one in ``kiosk.toml``, and those it has led to since.

    See ``kiosk.pinned``.
    """
    pins = screen_pins(settings)
    if pins is None:
        return lambda key: fingerprint(key) == settings.central.fingerprint
    return lambda key: key in pins.believed


def check(document: SignedDocument, name: str, is_trusted: Trust) -> None:
    """
    Nothing, if *document* is central's, and the one called *name*.

    Raises:
        DocumentError: With one sentence.
    """
    if document.name != name:
        raise DocumentError(f"it is the document {document.name}, not {name}")
    if not is_trusted(document.key):
        raise DocumentError("it is signed by a key that is not central's")
    try:
        Ed25519PublicKey.from_public_bytes(document.key).verify(document.signature, document.text)
    except (InvalidSignature, ValueError):
        raise DocumentError("its signature does not hold") from None


def opened(folder: Path, name: str, is_trusted: Trust) -> SignedDocument | None:
    """
    The document *name* in *folder*; None: there is none.

    Raises:
        DocumentError: There is one that cannot be read, or is not central's. The sentence names the file.
    """
    path = file_of(folder, name)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_DOCUMENT_BYTES + HEAD_ROOM)
        document = decode_document(raw)
        check(document, name, is_trusted)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read ({error.strerror})") from None
    except (WireError, DocumentError) as error:
        raise DocumentError(f"{path}: {error}") from None
    return document


def newest(
    settings: Settings, name: str, parse: Callable[[bytes, str], T]
) -> tuple[SignedDocument, T] | None:
    """
    The newest version of the document *name* that can be followed, as *parse* reads it; None: there is none.

    What cannot be followed is as good as not there, and the log says why: the last good one stays.
    """
    for document, path in sorted(_held(settings, name), key=lambda held: -held[0].version):
        try:
            return document, parse(document.body, str(path))
        except AfterwordError as error:
            log.warning("%s; the last good one stays", error)
    return None


def _held(settings: Settings, name: str) -> Iterator[tuple[SignedDocument, Path]]:
    is_trusted = trusted(settings)
    for folder in (own_folder(settings), settings.documents):
        try:
            document = opened(folder, name, is_trusted)
        except DocumentError as error:
            log.warning("%s; the last good one stays", error)
            continue
        if document is not None:
            yield document, file_of(folder, name)
