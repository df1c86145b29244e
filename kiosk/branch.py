"""What the company decided for this kiosk's branch, as the sync agent fetched it last."""

from __future__ import annotations

import logging

from feedback import settings_document
from feedback.errors import SettingsError
from feedback.settings_document import NONE_YET, BranchSettings
from kiosk.settings import Settings

log = logging.getLogger(__name__)

FILE = "settings.json"


def branch_settings(settings: Settings) -> BranchSettings:
    """
    The branch's time zone and service hours; version 0, UTC and always open until central has said something.

    The agent checks a document before it replaces the last good one. A file that is spoiled all the same is as good as
    none, and the log says why: answers go on being taken and counted.
    """
    path = settings.documents / FILE
    try:
        return settings_document.parse(path.read_bytes(), str(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        log.warning("%s: cannot be read (%s); counting days of UTC, without hours", path, error.strerror)
    except SettingsError as error:
        log.warning("%s; counting days of UTC, without hours", error)
    return NONE_YET
