"""The published documents: what kiosks are handed, in versions that only grow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, func, insert, select

from central.store.tables import documents, kiosks
from feedback import media, settings_document
from feedback.hours import Hours
from feedback.media import FILE_PREFIX

SURVEY, SETTINGS, MEDIA = "survey", "settings", "media"
"""Under these names kiosks know them."""


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a document."""

    version: int
    sha256: str
    body: bytes


def settings_of(branch: str) -> str:
    """The name under which the settings of *branch* are kept; its kiosks know them as ``settings``."""
    return f"{SETTINGS}/{branch}"


def media_of(branch: str) -> str:
    """The name under which the list of files of *branch* is kept; its kiosks know it as ``media``."""
    return f"{MEDIA}/{branch}"


def file_named(sha256: str) -> str:
    """The name under which a picture or sound file is kept."""
    return f"file/{sha256}"


def newest(connection: Connection, name: str) -> Published | None:
    """The newest version of the document *name*, if there is one."""
    found = connection.execute(
        select(documents.c.version, documents.c.sha256, documents.c.body)
        .where(documents.c.name == name)
        .order_by(documents.c.version.desc())
        .limit(1)
    ).one_or_none()
    return Published(*found) if found else None


def newest_for(connection: Connection, kiosk: str, name: str) -> Published | None:
    """The newest version of the document that *kiosk* calls *name*."""
    if "/" in name:
        return None
    own = _own(connection, kiosk)
    if name.startswith(FILE_PREFIX):
        return _file(connection, own[MEDIA], name.removeprefix(FILE_PREFIX))
    return newest(connection, own.get(name, name))


def _file(connection: Connection, list_name: str, sha256: str) -> Published | None:
    """The file with the digest *sha256*, if the list names it: a kiosk is handed its own branch's files."""
    named = newest(connection, list_name)
    if named is None:
        return None
    files = media.parse(named.body, list_name).files.values()
    return newest(connection, file_named(sha256)) if any(one.sha256 == sha256 for one in files) else None


def all_for(connection: Connection, kiosk: str) -> dict[str, tuple[int, str]]:
    """Name -> (version, SHA-256) of what *kiosk* should have, by the names it knows."""
    own = {kept: name for name, kept in _own(connection, kiosk).items()}
    latest = (
        select(documents.c.name, func.max(documents.c.version).label("version"))
        .where(~documents.c.name.contains("/") | documents.c.name.in_(own))
        .group_by(documents.c.name)
        .subquery()
    )
    found = connection.execute(
        select(documents.c.name, documents.c.version, documents.c.sha256).join(
            latest, (latest.c.name == documents.c.name) & (latest.c.version == documents.c.version)
        )
    )
    return {own.get(name, name): (version, sha256) for name, version, sha256 in found}


def versions(connection: Connection) -> dict[str, int]:
    """Name as kept -> newest version, of every document."""
    found = connection.execute(
        select(documents.c.name, func.max(documents.c.version)).group_by(documents.c.name)
    )
    return {row[0]: row[1] for row in found}


def should_have(versions: dict[str, int], branch: str) -> dict[str, int]:
    """Of *versions* what kiosks of *branch* should have, by the names they know."""
    shared = {name: version for name, version in versions.items() if "/" not in name}
    own = {SETTINGS: settings_of(branch), MEDIA: media_of(branch)}
    return shared | {name: versions[kept] for name, kept in own.items() if kept in versions}


def newest_of_all_settings(connection: Connection) -> int:
    """The highest version of any branch's settings; 0: there are none."""
    return newest_number(connection, SETTINGS)


def newest_number(connection: Connection, name: str) -> int:
    """The highest version of what kiosks call *name*, over all branches; 0: there is none."""
    found = connection.execute(
        select(func.max(documents.c.version)).where(documents.c.name.startswith(f"{name}/", autoescape=True))
    )
    return found.scalar() or 0


def add(connection: Connection, name: str, version: int, body: bytes, now_ms: int) -> None:
    """Publish *body* as *version* of the document *name*."""
    sha256 = hashlib.sha256(body).hexdigest()
    connection.execute(
        insert(documents).values(name=name, version=version, body=body, sha256=sha256, made_ms=now_ms)
    )


def hours_of(connection: Connection, names: list[str]) -> dict[str, Hours]:
    """The service hours of each branch among *names*."""
    found = {name: newest(connection, settings_of(name)) for name in names}
    return {name: _hours(one.body) if one else Hours() for name, one in found.items()}


def _own(connection: Connection, kiosk: str) -> dict[str, str]:
    """The names *kiosk* knows its branch's own documents by -> under which they are kept."""
    branch = connection.execute(select(kiosks.c.branch_id).where(kiosks.c.id == kiosk)).scalar_one()
    return {SETTINGS: settings_of(branch), MEDIA: media_of(branch)}


@lru_cache(maxsize=256)
def _hours(body: bytes) -> Hours:
    # Every request of a kiosk asks, and they hardly ever change.
    return settings_document.parse(body, "the settings published").hours
