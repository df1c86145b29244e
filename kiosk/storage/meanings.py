"""
A second copy, in a file of its own, of the few lines without which no answer can be understood.

An answer names its boot, place and question by numbers. Were the page with their meanings lost, every answer of the
store would be lost with it; so they are also kept here, with the store's id. And where this file is, a store was.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from kiosk.storage.schema import About
from kiosk.storage.whole import write_whole

TABLES = ("boots", "places", "asks")


def meanings_path(path: Path) -> Path:
    """Where the meanings of the answers in *path* are kept."""
    return path.with_name(path.name + ".meanings")


def save_meanings(path: Path, about: About, connection: sqlite3.Connection) -> None:
    """Keep what the lookups of the database at *path* mean, if that has changed. Two flushes then."""
    document: dict[str, Any] = {
        "store": about.store.hex(),
        "kiosk": about.kiosk,
        "created_ms": about.created_ms,
    }
    for table in TABLES:
        document[table] = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  one of ours
    raw = json.dumps(document).encode()
    kept = meanings_path(path)
    if kept.exists() and kept.read_bytes() == raw:
        return
    write_whole(kept, raw)


def read_meanings(path: Path) -> dict[str, Any]:
    """What was kept for *path*; empty if nothing was, or nothing that can be read."""
    try:
        document = json.loads(meanings_path(path).read_bytes())
        document["store"] = bytes.fromhex(document["store"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(document)
