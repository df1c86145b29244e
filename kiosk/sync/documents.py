"""Documents central keeps for this kiosk: fetched, checked, put in place; the last good one stays until then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedback import settings_document, surveys
from feedback.errors import AfterwordError, DocumentError, LinkError
from feedback.wire import SignedDocument, decode_document, encode_document
from kiosk.documents import Trust, check, file_of, opened
from kiosk.storage.link_state import Document, Link
from kiosk.sync.files import replace_file

MODE = 0o640
"""The screen reads them as another user of the group."""

Check = Callable[[bytes, str], int]
Fetch = Callable[[str, str], SignedDocument | None]


def check_survey(body: bytes, where: str) -> int:
    """The version of the survey in *body*, which can be shown to customers. Raises SurveyError."""
    return surveys.parse(body, where).version


def check_settings(body: bytes, where: str) -> int:
    """The version of the branch's settings in *body*, which can be followed. Raises SettingsError."""
    return settings_document.parse(body, where).version


CHECKS: dict[str, Check] = {"survey": check_survey, "settings": check_settings}
"""
What this release knows, and how it reads each: gives the version that the body itself states, or raises AfterwordError.

A name it does not know is left alone.
"""


def wanted(link: Link, *, silent: bool) -> tuple[Document, ...]:
    """The documents central named in a newer version than the one held; all it may have while it is *silent*."""
    if silent:
        return tuple(link.document(name) for name in CHECKS)
    return tuple(one for one in link.documents if one.version > one.held_version and one.name in CHECKS)


def take(document: Document, fetch: Fetch, folder: Path) -> Document:
    """
    Fetch *document* and put it in place.

    Returns:
        What is held now; with ``trouble`` if the new one was not taken, and then the old one still is.
    """
    name = document.name
    try:
        new = fetch(name, document.held_sha256)
        if new is None:
            return replace(document, trouble=_unchanged(document))
        _compare(document, new)
        if CHECKS[name](new.body, f"{name} version {new.version}") != new.version:
            raise DocumentError(
                f"the {name} that came states another version than the {new.version} it is signed as"
            )
        replace_file(file_of(folder, name), encode_document(new), MODE)
    except AfterwordError as error:
        return replace(document, trouble=str(error))
    except OSError as error:
        return replace(document, trouble=f"the card does not take the {name} ({error.strerror})")
    return Document(name, new.version, new.sha256, new.version, new.sha256)


def _unchanged(document: Document) -> str:
    if document.version > document.held_version:
        return f"central names version {document.version} and hands out version {document.held_version}, held already"
    return ""


def _compare(document: Document, new: SignedDocument) -> None:
    """Nothing, if *new* is the one central named, or newer than that and than what is held."""
    if new.version <= document.held_version or new.version < document.version:
        raise LinkError(
            f"the {new.name} that came is version {new.version}: expected version "
            f"{max(document.version, document.held_version + 1)} or newer"
        )
    if new.version == document.version and new.sha256 != document.sha256:
        raise LinkError(f"the {new.name} that came is not the one central named: another under its version")


def carried(link: Link, raw: bytes, is_trusted: Trust) -> SignedDocument | None:
    """
    The document in the file *raw* from a stick, if it is the very one that central named to this kiosk and lacks here.

    Its signature alone would not do: central signs every branch's settings, and this kiosk follows one branch's.

    Raises:
        WireError, DocumentError: It is none, or not central's.
    """
    document = decode_document(raw)
    check(document, document.name, is_trusted)
    named = link.document(document.name)
    is_named = (document.version, document.sha256) == (named.version, named.sha256)
    wanted_here = named.version > named.held_version and document.name in CHECKS
    return document if is_named and wanted_here else None


def kept(link: Link, taken: Document) -> Link:
    """*link* with what was *taken* beside the answers; central may have named a newer one meanwhile."""
    named = link.document(taken.name)
    if named.version > taken.version:
        taken = replace(taken, version=named.version, sha256=named.sha256)
    return link.documented(taken)


def present(link: Link, folder: Path, is_trusted: Trust) -> Link:
    """
    *link* with the documents that really lie in *folder*.

    One whose file is gone, spoiled or signed by a key that is not central's any more is fetched again. One that was put
    in place just before the power went counts, though sync.db does not know of it: versions only grow.
    """
    # The key document lies there too, and proves itself: see ``kiosk.sync.trust``.
    for name in {*CHECKS, *(one.name for one in link.documents)} - {"keys"}:
        known = link.document(name)
        held = _held(folder, name, is_trusted)
        if held is None and known.held_version:
            link = link.documented(replace(known, held_version=0, held_sha256=""))
        elif held is not None and known.held_sha256 != held.sha256:
            known = replace(known, held_version=held.version, held_sha256=held.sha256)
            if held.version > known.version:
                known = replace(known, version=held.version, sha256=held.sha256)
            link = link.documented(known)
    return link


def _held(folder: Path, name: str, is_trusted: Trust) -> SignedDocument | None:
    try:
        return opened(folder, name, is_trusted)
    except DocumentError:
        return None
