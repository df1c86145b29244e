"""Central in a process of its own, as ``central serve`` runs it, and one kiosk that is enrolled there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, insert, update

from central.access import add_read_key, set_password
from central.fleet import branch_settings, codes
from central.keys import Keys, make_keys
from central.store import documents, tables
from central.store.database import make_store, writing
from tests.central.device import NOON_MS

DEADLINE_S = 60
KIOSK, BRANCHES = "k-1", (("b12", "Asia/Baku"), ("b13", "America/New_York"))
SURVEY = (
    b'{"survey": "exit", "version": 4, "languages": ["en"], "default_language": "en", '
    b'"questions": [{"id": "visit", "kind": "rating", "texts": {"en": "How was your visit?"}}]}'
)


@dataclass
class Door:
    """
    A central that serves.

    Attributes:
        url: Where.
        process: Central's own.
        log: What it printed.
        kiosk: The key of the kiosk ``KIOSK``.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path
    store: Engine
    keys: Keys
    kiosk: Ed25519PrivateKey
    read_key: str

    @property
    def peak_mb(self) -> int:
        """The most memory central ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) // 1024 if found else 0

    def document(self) -> dict[str, Any]:
        """What central publishes of its calls."""
        reader = {"Authorization": f"Bearer {self.read_key}"}
        found: dict[str, Any] = requests.get(
            f"{self.url}/openapi.json", headers=reader, timeout=DEADLINE_S
        ).json()
        return found

    def code(self, kiosk: str) -> str:
        """A code that *kiosk* may enrol with."""
        with writing(self.store) as connection:
            return codes.expect(connection, kiosk, "b12", "exit-1", "exit", NOON_MS * 2)


@contextmanager
def opened(folder: Path, wrong: str = "right") -> Iterator[Door]:
    """A new central in *folder*, *wrong* in one way or ``right``, until the block ends."""
    store = make_store(folder)
    keys, kiosk = make_keys(folder), Ed25519PrivateKey.generate()
    with writing(store) as connection:
        set_password(connection)
        read_key = add_read_key(connection, "first")
        for branch, zone in BRANCHES:
            connection.execute(insert(tables.branches).values(id=branch, name=f"Branch {branch}", zone=zone))
            branch_settings.begin(connection, branch, NOON_MS)
        documents.add(connection, documents.SURVEY, 4, SURVEY, NOON_MS)
        codes.expect(connection, KIOSK, "b12", "exit-1", "exit", NOON_MS)
        accepted = {"state": "accepted", "public_key": kiosk.public_key().public_bytes_raw()}
        connection.execute(update(tables.kiosks).where(tables.kiosks.c.id == KIOSK).values(accepted))
    log = folder / "central.log"
    command = [sys.executable, "-m", "tests.faults.fuzz.wrong", wrong, str(folder)]
    with (
        log.open("w") as lines,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=lines, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said.startswith("serving on "):
                raise RuntimeError(f"central does not serve: {log.read_text()[-2_000:]}")
            yield Door(said.split()[-1], process, log, store, keys, kiosk, read_key)
        finally:
            process.terminate()
            process.wait(30)
            store.dispose()
