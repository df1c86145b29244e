"""Documents central keeps for this kiosk: fetched, checked, put in place; the last good one stays until then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedback import settings_document, surveys
from feedback.errors import LinkError, SettingsError, SurveyError
from kiosk.storage.link_state import Document, Link
from kiosk.sync.files import replace_file
from kiosk.sync.trip import Fetched

MODE = 0o640
"""The screen reads them as another user of the group."""


def check_survey(body: bytes, where: str) -> None:
    """Nothing, if the survey in *body* can be shown to customers. Raises SurveyError."""
    surveys.parse(body, where)


def check_settings(body: bytes, where: str) -> None:
    """Nothing, if the branch's settings in *body* can be followed. Raises SettingsError."""
    settings_document.parse(body, where)


CHECKS: dict[str, Callable[[bytes, str], None]] = {"survey": check_survey, "settings": check_settings}
"""What this release knows; a name it does not know is left alone."""


def wanted(link: Link, *, silent: bool) -> tuple[Document, ...]:
    """The documents central named in a newer version than the one held; all it may have while it is *silent*."""
    if silent:
        return tuple(link.document(name) for name in CHECKS)
    return tuple(one for one in link.documents if one.version > one.held_version and one.name in CHECKS)


def take(document: Document, fetch: Callable[[str, str], Fetched], folder: Path) -> Document:
    """
    Fetch *document* and put it in place.

    Returns:
        What is held now; with ``trouble`` if the new one was not taken, and then the old one still is.
    """
    name = document.name
    try:
        body = fetch(name, document.held_sha256).body
        if body is None:
            return replace(document, trouble=_unchanged(document))
        version = _version(document, body)
        CHECKS[name](body, f"{name} version {version}")
        replace_file(folder / f"{name}.json", body, MODE)
    except (LinkError, SettingsError, SurveyError, OSError) as error:
        return replace(document, trouble=str(error))
    digest = hashlib.sha256(body).hexdigest()
    return Document(name, version, digest, version, digest)


def _unchanged(document: Document) -> str:
    if document.version > document.held_version:
        return f"central names version {document.version} and hands out version {document.held_version}, held already"
    return ""


def _version(document: Document, body: bytes) -> int:
    """The version of *body*, which is the one central named, or a newer one that says so itself."""
    if document.version > document.held_version and hashlib.sha256(body).hexdigest() == document.sha256:
        return document.version
    try:
        version = json.loads(body)["version"]
    except (ValueError, RecursionError, KeyError, TypeError):
        version = None
    if type(version) is not int or version <= document.held_version or version < document.version:
        raise LinkError(f"the {document.name} that came is not the one central named, nor a newer one")
    if version == document.version:
        raise LinkError(
            f"the {document.name} that came is not the one central named: another under its version"
        )
    return version


def present(link: Link, folder: Path) -> Link:
    """*link* less the documents it believes to hold and whose file is gone or altered: they are fetched again."""
    for document in link.documents:
        if document.held_version and _digest(folder / f"{document.name}.json") != document.held_sha256:
            link = link.documented(replace(document, held_version=0, held_sha256=""))
    return link


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
