"""Noting what each boot knows of the true time, beside the answers it will date."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from feedback.answers import Anchor
from feedback.errors import StoreError
from kiosk.clock import Chipped, Clock, chip_anchor
from kiosk.storage.database import writing
from kiosk.storage.schema import anchor_crc

EVERY_MS = 600_000
"""An anchor at most this often: within it a clock drifts 300 ms at the worst rate assumed."""


class Anchoring:
    """
    Adds anchors to answers.db, in the recorder's thread, while nobody presses.

    A boot's first anchor is noted as soon as it knows the time, a later one only if answers came since: a
    night without customers writes nothing. Until then the clock chip stands in, once, if earlier boots vouch for it.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        store: bytes,
        clock: Clock,
        anchors_from: Callable[[], Iterable[Anchor]] | None,
    ) -> None:
        self._connection = connection
        self._store = store
        self._clock = clock
        self._anchors_from = anchors_from
        rows = connection.execute("SELECT boot, boot_ms, utc_ms, source, error_ms FROM anchors")
        self._known = {Anchor(*row) for row in rows}
        self._noted_ms: int | None = None
        self._asked_chip = False
        self._answered_at_note = -1
        self._copied_ms: int | None = None

    def note(self, last_seq: int) -> int:
        """Note what is new; how many transactions that took, 0 or 1."""
        new = [*self._own(last_seq), *self._agents()]
        if not new:
            return 0
        with writing(self._connection):
            for anchor in new:
                values = (anchor.boot, anchor.boot_ms, anchor.utc_ms, anchor.source, anchor.error_ms)
                self._connection.execute(
                    "INSERT INTO anchors VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                    (*values, anchor_crc(self._store, anchor)),
                )
        self._known.update(new)
        return 1

    def _own(self, last_seq: int) -> list[Anchor]:
        now_ms = self._clock.moment().boot_ms
        first = self._noted_ms is None
        if not first and (last_seq == self._answered_at_note or not _due(self._noted_ms, now_ms)):
            return []
        anchor = self._clock.anchor()
        if anchor is None:
            return self._chips()
        self._noted_ms, self._answered_at_note = anchor.boot_ms, last_seq
        return [anchor]

    def _chips(self) -> list[Anchor]:
        """What the clock chip knows. Once a boot: by its own doubt the boot clock is as good from then on."""
        if self._asked_chip or not isinstance(self._clock, Chipped):
            return []
        self._asked_chip = True
        said = self._clock.chip()
        anchor = chip_anchor(*said, self._known) if said else None
        return [anchor] if anchor and not self._has_chips(anchor.boot) else []

    def _has_chips(self, boot: str) -> bool:
        return any(one.boot == boot and one.source == "rtc" for one in self._known)

    def _agents(self) -> list[Anchor]:
        now_ms = self._clock.moment().boot_ms
        if self._anchors_from is None or not _due(self._copied_ms, now_ms):
            return []
        self._copied_ms = now_ms
        try:
            return [anchor for anchor in dict.fromkeys(self._anchors_from()) if anchor not in self._known]
        except StoreError:
            return []


def _due(last_ms: int | None, now_ms: int) -> bool:
    return last_ms is None or now_ms - last_ms >= EVERY_MS
