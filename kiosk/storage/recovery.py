"""Recovering old stores while nobody presses: a few milliseconds at a time, in the recorder's thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from kiosk.storage.closed import Salvaged
from kiosk.storage.notes import note
from kiosk.storage.salvage import mark_salvaged, salvaging, unsalvaged

SLICE_S = 0.005
"""Worked at a time. A press that comes meanwhile waits for that, and for a flush if one is due."""


class Recovery:
    """
    What is to be recovered in the answers *folder*. Looked up when made; a later loss is for the next start.

    It works on files of its own: what goes wrong with them is noted and ends it, and recording goes on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._steps: Iterator[None] | None = self._all()

    @property
    def done(self) -> bool:
        """Whether nothing more is going to be done in this process."""
        return self._steps is None

    def step(self) -> bool:
        """Work a little; whether there is more to do."""
        if self._steps is None:
            return False
        until = monotonic() + SLICE_S
        try:
            for _ in self._steps:
                if monotonic() > until:
                    return True
        except Exception as error:  # noqa: BLE001  whatever a damaged file does to its reader, customers come first
            note(
                self._folder, f"an old store could not be recovered ({error}): tried again at the next start"
            )
        self._steps = None
        return False

    def _all(self) -> Iterator[None]:
        for aside in unsalvaged(self._folder):
            saved = yield from salvaging(aside, self._folder)
            # The sentence first: after a cut in between it is said once more, the other way round never.
            note(self._folder, _sentence(aside, saved))
            mark_salvaged(aside, saved)


def _sentence(aside: Path, saved: Salvaged | None) -> str:
    if saved is None:
        return f"nothing could be recovered of {aside}: keep it for upload on request"
    told = f"{saved.kept} answers of the damaged store {saved.store.hex()} were recovered and are sent"
    if saved.lost:
        return f"{told}, {saved.lost} were not: {aside} is kept for upload on request"
    return f"{told}, none is known to be lost"
