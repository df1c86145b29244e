"""The day as a picture, kept until the next stick takes it along."""

from __future__ import annotations

import logging
from pathlib import Path

from kiosk.sheet import as_json
from kiosk.ui import pictures
from kiosk.ui.staff.said import StaffSheet

MOST = 20
"""Older ones give way: a card is for answers."""

log = logging.getLogger(__name__)


def save_day(folder: Path, day: StaffSheet) -> str:
    """
    Save the screen as it is, the figures of *day*, into *folder*; its name, or nothing if it cannot be written.

    The process with the screen never touches a stick: the one that does takes what lies here.
    """
    told = as_json(day.sheet)
    until = str(told["shown_until"] or "")[11:16].replace(":", "")
    name = "-".join(part for part in (day.sheet.kiosk, str(told["date"]), until) if part) + ".png"
    try:
        pictures.save(folder / name)
        for old in sorted(folder.glob("*.png"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            old.unlink()
    except OSError as error:
        log.warning("%s: the picture was not saved (%s)", folder / name, error.strerror)
        return ""
    return name
