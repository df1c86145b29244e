"""The recorder of a kiosk, joined to everything that its settings say of its files."""

from __future__ import annotations

from kiosk.branch import branch_settings
from kiosk.clock import Clock
from kiosk.settings import Settings
from kiosk.storage.link import read_anchors, read_link
from kiosk.storage.recorder import IDLE_S, Failed, Recorder


def open_recorder(
    settings: Settings, clock: Clock, *, broke: Failed | None = None, idle_s: float = IDLE_S
) -> Recorder:
    """
    The recorder for the kiosk that *settings* describe, its file made ready before by ``prepare_answers``.

    Raises:
        StoreError: The answers cannot be written.
    """
    return Recorder(
        settings.answers_db,
        clock,
        anchors_from=lambda: read_anchors(settings.sync_db),
        broke=broke,
        progress_of=lambda store: read_link(settings.sync_db).progress(store),
        ballast_bytes=settings.files.ballast_bytes,
        copy=settings.files.copy,
        branch=lambda: branch_settings(settings),
        idle_s=idle_s,
    )
