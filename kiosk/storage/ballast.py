"""A file that holds nothing, kept so that its room can be given to presses when the card is full."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from kiosk.storage.database import MODE, flush

NAME = "ballast"
STEP_BYTES = 1 << 20
"""Made at a time: a file system without fallocate writes all of it."""
SPARE = 4
"""The ballast is made only where so many of its size are free."""


class Ballast:
    """Up to *size* bytes in the answers *folder*."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._size = size

    @property
    def held(self) -> int:
        """How many bytes it has now."""
        with suppress(OSError):
            return self._path.stat().st_size
        return 0

    @property
    def low(self) -> bool:
        """Whether the card is nearly full: less is free than the ballast is meant to have."""
        return shutil.disk_usage(self._folder).free < self._size

    def release(self) -> bool:
        """Give its room back; whether there was any."""
        if not self.held:
            return False
        with suppress(OSError):
            self._path.unlink()
            # ext4 hands freed blocks out again only after its journal has been written.
            flush(self._folder)
            return True
        return False

    def step(self) -> bool:
        """Make a little more of it if there is room for that; whether there is more to make."""
        held = self.held
        if held >= self._size or shutil.disk_usage(self._folder).free < SPARE * self._size:
            return False
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, MODE)
            try:
                os.posix_fallocate(descriptor, held, min(STEP_BYTES, self._size - held))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            return False
        return self.held < self._size


def is_full(error: BaseException | None) -> bool:
    """
    Whether *error* says that there was no room for a write.

    Nothing of that write counts, and it may be tried again. Not so when a flush finds no room: that is an
    I/O error like others, after which nobody knows what is on the card.
    """
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
