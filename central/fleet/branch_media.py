"""The picture and sound files of a branch: published here one by one, fetched by its kiosks."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from central.fleet import codes
from central.store import documents
from central.store.tables import kiosks
from feedback import media
from feedback.errors import DocumentError, SettingsError
from feedback.media import Media, MediaFile


def show(connection: Connection, branch: str) -> list[str]:
    """The files of *branch*, a line each. Raises SettingsError if there is no such branch."""
    codes.branch_name(connection, branch)
    return [
        f"{one.name}: {one.kind}, {one.octets} bytes" for one in _published(connection, branch).files.values()
    ]


def publish(
    connection: Connection, branch: str, name: str, content: bytes, where: str, now_ms: int
) -> int | None:
    """
    Publish *content* as the file *name* of *branch*; the new version, or None if it is published already.

    Raises:
        SettingsError: It is no picture and no sound, too large, or one too many; there is no such branch.
    """
    codes.branch_name(connection, branch)
    if not media.NAME.fullmatch(name):
        raise SettingsError(
            f"{name}: expected 1 to 40 small letters, digits, dashes or underscores, such as logo"
        )
    try:
        file = media.described(name, content)
    except DocumentError as error:
        raise SettingsError(f"{where}: {error}") from None
    files = dict(_published(connection, branch).files)
    if files.get(name) == file:
        return None
    files[name] = file
    if len(files) > media.MOST_FILES:
        raise SettingsError(
            f"branch {branch}: has {media.MOST_FILES} files already; take one away with "
            f"`central media {branch} NAME --remove`"
        )
    if documents.newest(connection, documents.file_named(file.sha256)) is None:
        documents.add(connection, documents.file_named(file.sha256), 1, content, now_ms)
    return _add(connection, branch, files, now_ms)


def remove(connection: Connection, branch: str, name: str, now_ms: int) -> int:
    """
    Publish the files of *branch* without *name*; the new version.

    Raises:
        SettingsError: There is no such file, or no such branch.
    """
    codes.branch_name(connection, branch)
    files = dict(_published(connection, branch).files)
    if files.pop(name, None) is None:
        there = ", ".join(files) or "none"
        raise SettingsError(f"branch {branch}: has no file called {name}; its files are: {there}")
    return _add(connection, branch, files, now_ms)


def follow(connection: Connection, kiosk: str, branch: str, now_ms: int) -> None:
    """See to it that *kiosk*, about to be expected at *branch*, takes that branch's files: see branch_settings."""
    before = connection.execute(select(kiosks.c.branch_id).where(kiosks.c.id == kiosk)).scalar_one_or_none()
    if before in (None, branch) or not documents.newest_number(connection, documents.MEDIA):
        return
    _add(connection, branch, _published(connection, branch).files, now_ms)


def _published(connection: Connection, branch: str) -> Media:
    found = documents.newest(connection, documents.media_of(branch))
    return media.parse(found.body, f"the media of {branch}") if found else Media(0, {})


def _add(connection: Connection, branch: str, files: Mapping[str, MediaFile], now_ms: int) -> int:
    # One counter for all branches, as for the settings and for the same reason.
    version = documents.newest_number(connection, documents.MEDIA) + 1
    documents.add(
        connection, documents.media_of(branch), version, media.encode(Media(version, files)), now_ms
    )
    return version
