"""What the company decided for this kiosk's branch, as the sync agent fetched it last."""

from __future__ import annotations

from feedback import settings_document
from feedback.settings_document import NONE_YET, BranchSettings
from kiosk import documents
from kiosk.settings import Settings

NAME = "settings"


def branch_settings(settings: Settings) -> BranchSettings:
    """
    The branch's time zone and service hours; version 0, UTC and always open until central has said something.

    A file that is spoiled is as good as none, and the log says why: answers go on being taken and counted.
    """
    found = documents.newest(settings, NAME, settings_document.parse)
    return found[1] if found else NONE_YET
