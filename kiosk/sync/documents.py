"""Documents central keeps for this kiosk: fetched, checked, put in place; the last good one stays until then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedback import media, settings_document, surveys
from feedback.errors import AfterwordError, DocumentError, LinkError
from feedback.media import Media
from feedback.wire import SignedDocument, decode_document, encode_document
from kiosk.documents import Trust, check, file_of, opened
from kiosk.media import is_whole, media_folder
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


def check_media(body: bytes, where: str) -> int:
    """The version of the list of files in *body*. Raises DocumentError."""
    return media.parse(body, where).version


MEDIA = "media"
CHECKS: dict[str, Check] = {"survey": check_survey, "settings": check_settings, MEDIA: check_media}
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
        if name == MEDIA:
            _fetch_files(media.parse(new.body, name), fetch, media_folder(folder))
        replace_file(file_of(folder, name), encode_document(new), MODE)
    except AfterwordError as error:
        return replace(document, trouble=str(error))
    except OSError as error:
        return replace(document, trouble=f"the card does not take the {name} ({error.strerror})")
    if name == MEDIA:
        _let_go(media.parse(new.body, name), media_folder(folder))
    return Document(name, new.version, new.sha256, new.version, new.sha256)


def _fetch_files(wanted_media: Media, fetch: Fetch, folder: Path) -> None:
    """
    Put every file of *wanted_media* into *folder* before the list that names them is put in place.

    What has come stays where a later one fails: the next journey goes on from there.
    """
    for file in wanted_media.files.values():
        if is_whole(folder, file):
            continue
        new = fetch(f"{media.FILE_PREFIX}{file.sha256}", "")
        if new is None or media.described(file.name, new.body) != file:
            raise DocumentError(f"the file {file.name} that came is not the one the list names")
        replace_file(folder / file.sha256, new.body, MODE)


def _let_go(held_media: Media, folder: Path) -> None:
    """Remove the files that *held_media* does not name any more."""
    named = {file.sha256 for file in held_media.files.values()}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in named:
            path.unlink(missing_ok=True)


def _unchanged(document: Document) -> str:
    if document.version and not document.held_version:
        return f"central names version {document.version} and does not hand it out"
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
    # A list of files is of no use without them, and they do not travel on sticks.
    wanted_here = named.version > named.held_version and document.name in CHECKS.keys() - {MEDIA}
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
        document = opened(folder, name, is_trusted)
        if document is not None and name == MEDIA:
            files = media.parse(document.body, name).files.values()
            return document if all(is_whole(media_folder(folder), one) for one in files) else None
    except DocumentError:
        return None
    return document
