"""Prepare as a process of its own that is killed before it touches a file for the so-many-th time."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.database import leave
from kiosk.storage.prepare import prepare_answers

TOUCHING = {"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "sqlite3.connect"}


def main(folder: str, most: str) -> None:
    """Prepare the kiosk in *folder*; end with 9 before the *most*-th touch."""
    touched = 0

    def touch(name: str, _: object) -> None:
        nonlocal touched
        touched += name in TOUCHING
        if touched >= int(most):
            os._exit(9)

    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress("http://127.0.0.1:1", "ab" * 32),
        Files(Path(folder)),
    )
    sys.addaudithook(touch)
    prepare_answers(settings)
    leave()


if __name__ == "__main__":
    main(*sys.argv[1:])
