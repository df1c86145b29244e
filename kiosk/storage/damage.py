"""Moving a damaged database aside, with everything that belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kiosk.storage.database import flush, make_folder

SUFFIXES = ("", "-wal", "-shm", "-journal", ".meanings")
"""The set. A -wal left beside a new file would be played into it; a file alone lacks its newest rows."""


def stray(path: Path) -> bool:
    """Whether parts of a database lie at *path* without the database itself."""
    return not path.exists() and any(part.exists() for part in _parts(path))


def move_aside(path: Path) -> Path:
    """
    The folder into which the whole set of *path* was moved.

    The file itself goes first: a cut in between leaves strays, which the next start adds to the same folder.
    """
    aside = _unfinished(path) if stray(path) else _new_folder(path)
    for part in _parts(path):
        if part.exists():
            part.rename(aside / part.name)
    flush(aside)
    flush(path.parent)
    return aside


def _parts(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in SUFFIXES]


def _unfinished(path: Path) -> Path:
    """The newest folder that has the file but none of the strays; else a new one."""
    strays = [part.name for part in _parts(path) if part.exists()]
    for folder in sorted(path.parent.glob("damaged-*"), reverse=True):
        held = {part.name for part in folder.iterdir()}
        if path.name in held and not held.intersection(strays):
            return folder
    return _new_folder(path)


def _new_folder(path: Path) -> Path:
    """Such as ``damaged-0007-20261122T0513``: the number orders them, the date may be wrong."""
    numbers = [int(folder.name.split("-")[1]) for folder in path.parent.glob("damaged-*-*")]
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M")
    folder = path.parent / f"damaged-{max(numbers, default=0) + 1:04d}-{stamp}"
    make_folder(folder)
    return folder
