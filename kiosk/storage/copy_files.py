"""Which files of the second copy there are, and what is in them. Reads only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from feedback.answers import Anchor
from kiosk.storage.closed import Found
from kiosk.storage.frames import Beginning, records
from kiosk.storage.schema import About

NAME = re.compile(r"([0-9a-f]{32})-(\d+)\.copy")
PAUSE = 100
"""Rows after which whoever reads may do something else."""


@dataclass(frozen=True, slots=True)
class CopyState:
    """How far the copy of one store has come."""

    files: int
    bytes: int
    last_seq: int


def usable(folder: Path, answers: Path) -> bool:
    """
    Whether *folder* is there and on another device than *answers*.

    When a device has been pulled out its mount point may remain: a copy written there would fill the very card
    that it is meant to outlive.
    """
    try:
        return folder.is_dir() and folder.stat().st_dev != answers.stat().st_dev
    except OSError:
        return False


def copies(folder: Path) -> dict[bytes, list[Path]]:
    """The files of each store in *folder*, in the order written."""
    found: defaultdict[bytes, list[tuple[int, Path]]] = defaultdict(list)
    for path in folder.iterdir():
        name = NAME.fullmatch(path.name)
        if name:
            found[bytes.fromhex(name[1])].append((int(name[2]), path))
    return {store: [path for _, path in sorted(paths)] for store, paths in found.items()}


def ends_at(path: Path, store: bytes) -> tuple[int, int, int]:
    """Where the last sound record of the file at *path* ends, the last seq up to there, and the anchors."""
    end, last_seq, anchors = 0, 0, 0
    for end, record in records(store, path.read_bytes()):  # noqa: B007  the last one is wanted
        if isinstance(record, Beginning):
            last_seq, anchors = max(last_seq, record.last_seq), max(anchors, record.anchors)
        elif isinstance(record, Anchor):
            anchors += 1
        else:
            last_seq = max(last_seq, record[0].seq)
    return end, last_seq, anchors


def about_copy(paths: list[Path], store: bytes) -> About | None:
    """Which kiosk's store the files at *paths* are of; None if none of them says so."""
    for path in paths:
        for _, record in records(store, path.read_bytes()):
            if isinstance(record, Beginning):
                return About(store, record.kiosk, 1, 1, record.created_ms)
    return None


def rows_of_copy(paths: list[Path], store: bytes) -> Iterator[Found]:
    """Every sound row in the files at *paths*."""
    for path in paths:
        for number, (_, record) in enumerate(records(store, path.read_bytes())):
            if not isinstance(record, Beginning):
                yield record
            if number % PAUSE == 0:
                yield None


def copy_state(folder: Path, store: bytes) -> CopyState:
    """How far the copy of *store* in *folder* has come. Raises OSError if it cannot be read."""
    paths = copies(folder).get(store, [])
    last_seq = ends_at(paths[-1], store)[1] if paths else 0
    return CopyState(len(paths), sum(path.stat().st_size for path in paths), last_seq)
