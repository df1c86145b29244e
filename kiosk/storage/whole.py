"""Small files that are there whole or not at all, whatever is cut."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.storage.database import MODE, flush


def write_whole(path: Path, raw: bytes) -> None:
    """Put *raw* in place of what *path* held. Two flushes."""
    unfinished = path.with_name(path.name + ".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    flush(path.parent)
