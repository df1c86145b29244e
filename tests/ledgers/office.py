"""Central without a socket, and the link to it, which loses, doubles and reorders."""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from central.ingest.sync import acknowledged
from central.store import tables
from central.store.database import open_store, reading
from central.store.generations import begun
from feedback import wire
from feedback.errors import LinkError
from kiosk.sync import trip
from kiosk.sync.line import Reply
from kiosk.sync.steps import NoNetwork, Refused, Result
from tests.central.device import NOON_MS

BEFORE_CENTRAL: dict[str, Result] = {
    "request lost": NoNetwork("no route"),
    "late": NoNetwork("time-out"),
    "portal": NoNetwork("a portal", 200),
    "413": NoNetwork("a proxy", 413),
    "503": Refused(503, wire.Refusal("busy", "later")),
}
FATES = ("well", "answer lost", "twice", "killed", *BEFORE_CENTRAL)
Press = tuple[str, int]
"""Boot and boot clock: no two presses share it."""


class Cut(Exception):  # noqa: N818  it is no error
    """The agent's process ended here."""


@dataclass
class Office:
    """Central without a socket: one request, one transaction, one answer."""

    folder: Path
    late: list[bytes] = field(default_factory=list)

    def answer(self, body: bytes) -> bytes:
        request = wire.decode_request(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return wire.encode_acknowledgement(
            replace(acknowledged(self.store, self.mark, "k-1", request, NOON_MS), documents={})
        )

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.store = open_store(self.folder)
        self.mark, _ = begun(self.store, self.folder, lambda: NOON_MS)

    def saved(self, to: Path) -> None:
        self.store.dispose()
        shutil.copytree(self.folder, to)

    def restored(self, of: Path) -> None:
        self.store.dispose()
        shutil.rmtree(self.folder)
        shutil.copytree(of, self.folder)
        self.begin()

    def rows(self, query: Any) -> list[Any]:
        with reading(self.store) as connection:
            return list(connection.execute(query))

    def presses(self) -> Counter[Press]:
        joined = tables.answers.join(tables.boots, tables.answers.c.boot_id == tables.boots.c.id)
        return Counter(
            (row.name, row.ms)
            for row in self.rows(
                select(tables.boots.c.boot.label("name"), tables.answers.c.boot_ms.label("ms")).select_from(
                    joined
                )
            )
        )


@dataclass
class Link:
    """In the place of ``Trips``: what becomes of the next requests is said beforehand."""

    office: Office
    real: trip.Trips
    fates: list[str] = field(default_factory=list)

    @property
    def needs_time(self) -> bool:
        """There is no TLS here whose certificates would need it."""
        return False

    @property
    def signer(self) -> bytes:
        """Of the real one: nobody signs here, and nobody's key is replaced."""
        return self.real.signer

    @property
    def met_stranger(self) -> bool:
        return self.real.met_stranger

    def sync(self, body: bytes, first: int, count: int, *, packed: bool) -> Result:  # noqa: ARG002
        fate = self.fates.pop(0) if self.fates else "well"
        if fate == "late":
            self.office.late.append(body)
        if fate in BEFORE_CENTRAL:
            return BEFORE_CENTRAL[fate]
        answer = self.office.answer(body)
        if fate == "twice":
            answer = self.office.answer(body)
        if fate == "answer lost":
            return NoNetwork("reset")
        if fate == "killed":
            raise Cut
        return trip.result_of(Reply(200, {}, answer), first, count)

    def document(self, name: str, held_sha256: str) -> trip.Fetched:
        raise LinkError(f"no document {name} {held_sha256} here")
