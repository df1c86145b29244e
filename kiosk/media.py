"""The pictures and sounds this kiosk holds, found by the name they are used under."""

from __future__ import annotations

from pathlib import Path

from feedback import media
from feedback.errors import DocumentError
from feedback.media import MediaFile
from kiosk import documents
from kiosk.settings import Settings

NAME = "media"
LOGO = "logo"
"""What the organisation's logo is called."""


def media_folder(folder: Path) -> Path:
    """Where the files lie, each under its digest, below the *folder* of the documents."""
    return folder / NAME


def is_whole(folder: Path, file: MediaFile) -> bool:
    """Whether *file* lies in *folder* as it was published."""
    try:
        with (folder / file.sha256).open("rb") as opened:
            return media.described(file.name, opened.read(media.MOST_FILE_BYTES + 1)) == file
    except (OSError, DocumentError):
        return False


def found(settings: Settings, name: str) -> tuple[MediaFile, bytes] | None:
    """
    The file called *name*, as central published it for the branch; None: there is none.

    Checked by whoever shows or plays it: the list for central's signature, the file for the list's digest.
    """
    listed = documents.newest(settings, NAME, media.parse)
    file = listed[1].files.get(name) if listed else None
    if file is None:
        return None
    try:
        with (media_folder(settings.documents) / file.sha256).open("rb") as opened:
            content = opened.read(media.MOST_FILE_BYTES + 1)
        return (file, content) if media.described(name, content) == file else None
    except (OSError, DocumentError):
        return None


def logo(settings: Settings) -> bytes:
    """The organisation's logo, as PNG or JPEG; empty: there is none."""
    held = found(settings, LOGO)
    return held[1] if held and held[0].kind.startswith("image/") else b""
