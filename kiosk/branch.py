"""What the company decided for this kiosk's branch, as the sync agent fetched it last."""

from __future__ import annotations

from pathlib import Path

from feedback import settings_document
from feedback.settings_document import NONE_YET, BranchSettings
from kiosk import documents
from kiosk.settings import Settings

NAME = "settings"


class BranchFile:
    """The same, read anew only when the file has changed: whoever looks often neither reads nor warns often."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._paths = [documents.file_of(folder, NAME) for folder in _folders(settings)]
        self._seen: list[tuple[int, int, int]] | None = None
        self._found = NONE_YET

    def now(self) -> BranchSettings:
        """What holds now."""
        seen = [documents.seen(path) for path in self._paths]
        if seen != self._seen:
            self._seen, self._found = seen, branch_settings(self._settings)
        return self._found


def branch_settings(settings: Settings) -> BranchSettings:
    """
    The branch's time zone and service hours; version 0, UTC and always open until central has said something.

    A file that is spoiled is as good as none, and the log says why: answers go on being taken and counted.
    """
    found = documents.newest(settings, NAME, settings_document.parse)
    return found[1] if found else NONE_YET


def _folders(settings: Settings) -> tuple[Path, Path]:
    return documents.own_folder(settings), settings.documents
