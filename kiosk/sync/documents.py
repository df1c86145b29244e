"""Documents central keeps for this kiosk: fetched, checked, put in place; the last good one stays until then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedback.errors import LinkError, SurveyError
from feedback.surveys import parse
from kiosk.storage.link_state import Document, Link
from kiosk.sync.files import replace_file
from kiosk.sync.trip import Fetched

MODE = 0o640
"""The screen reads them as another user of the group."""


def check_survey(body: bytes, where: str) -> None:
    """Nothing, if the survey in *body* can be shown to customers. Raises SurveyError."""
    parse(body, where)


def check_object(body: bytes, where: str) -> None:
    """Nothing, if *body* is a JSON object. Raises SurveyError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise SurveyError(f"{where}: expected a JSON object")


CHECKS: dict[str, Callable[[bytes, str], None]] = {"survey": check_survey, "settings": check_object}
"""What this release knows; a name it does not know is left alone."""


def wanted(link: Link) -> tuple[Document, ...]:
    """The documents central named in a newer version than the one held."""
    return tuple(one for one in link.documents if one.version > one.held_version and one.name in CHECKS)


def take(document: Document, fetch: Callable[[str, str], Fetched], folder: Path) -> Document:
    """
    Fetch *document* and put it in place.

    Returns:
        What is held now; with ``trouble`` if the new one was not taken, and then the old one still is.
    """
    try:
        body = fetch(document.name, document.held_sha256).body
    except LinkError as error:
        return replace(document, trouble=str(error))
    digest = hashlib.sha256(body or b"").hexdigest()
    if body is None or digest != document.sha256:
        return replace(document, trouble=f"the {document.name} that came is not the one central named")
    try:
        CHECKS[document.name](body, f"{document.name} version {document.version}")
        replace_file(folder / f"{document.name}.json", body, MODE)
    except (SurveyError, OSError) as error:
        return replace(document, trouble=str(error))
    return replace(document, held_version=document.version, held_sha256=digest, trouble="")


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
