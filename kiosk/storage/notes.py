"""What happened to the kiosk's files, in sentences for a technician, in a file that outlives the process."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.storage.database import MODE
from kiosk.storage.whole import write_whole

NAME = "notes.jsonl"
MOST_BYTES = 64 << 10
"""Beyond this the older half goes: the newest trouble is the one somebody is called for."""


@dataclass(frozen=True, slots=True)
class Note:
    """
    One sentence.

    Attributes:
        wall_ms: When, by the kiosk's own wall clock, right or wrong.
    """

    wall_ms: int
    sentence: str


def note(folder: Path, sentence: str) -> None:
    """
    Keep *sentence* in the answers *folder*, unless it was the last thing said.

    Never fails: a card that cannot take a sentence must not keep customers away.
    """
    with suppress(OSError):
        known = read_notes(folder)
        if known and known[-1].sentence == sentence:
            return
        path = folder / NAME
        _shorten(path, known)
        line = json.dumps({"wall_ms": time.time_ns() // 1_000_000, "sentence": sentence})
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, MODE)
        with os.fdopen(opened, "wb") as file:
            # The line break comes first too: a line torn by a cut then spoils no other.
            file.write(b"\n" + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def read_notes(folder: Path) -> list[Note]:
    """What was noted in the answers *folder*, the oldest first; lines torn by a cut are left out."""
    try:
        lines = (folder / NAME).read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(line)
            found.append(Note(int(said["wall_ms"]), str(said["sentence"])))
    return found


def _shorten(path: Path, known: list[Note]) -> None:
    if not path.exists() or path.stat().st_size < MOST_BYTES:
        return
    kept = [
        json.dumps({"wall_ms": one.wall_ms, "sentence": one.sentence}) for one in known[len(known) // 2 :]
    ]
    write_whole(path, "".join(f"{line}\n" for line in kept).encode())
