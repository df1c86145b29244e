"""Bringing back from the second copy what was lost with an old store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from kiosk.storage.closed import close_store, closed_path, read_mark, rows_of_closed
from kiosk.storage.copy_files import about_copy, copies, rows_of_copy, usable
from kiosk.storage.notes import note
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recovery import SLICE_S
from kiosk.storage.schema import About
from kiosk.storage.totals import PRUNED

COPIED = "copied"
"""In a closed store's file: so many bytes of the copy have been looked through for it."""


class Merging:
    """The stores in the copy in *folder* that are neither current nor closed with all that the copy has of them."""

    def __init__(self, folder: Path, answers: Path, current: About) -> None:
        self._folder, self._answers, self._current = folder, answers, current
        self._steps: Iterator[None] = self._all()

    def step(self) -> bool:
        """Work a little; whether there is more to do."""
        until = monotonic() + SLICE_S
        try:
            for _ in self._steps:
                if monotonic() > until:
                    return True
        except Exception as error:  # noqa: BLE001  as in recovery: customers come first
            note(
                self._answers,
                f"the second copy could not be merged ({error}): it is tried again at the next start",
            )
        return False

    def _all(self) -> Iterator[None]:
        if not usable(self._folder, self._answers):
            return
        for store, paths in copies(self._folder).items():
            about = about_copy(paths, store)
            if store != self._current.store and about is not None and about.kiosk == self._current.kiosk:
                yield from self._merge(about, paths)

    def _merge(self, about: About, paths: list[Path]) -> Iterator[None]:
        target = closed_path(self._answers, about.store)
        octets = sum(path.stat().st_size for path in paths)
        if read_mark(target, COPIED) == octets:
            return
        sources, last, before, pruned = [rows_of_copy(paths, about.store)], 0, 0, 0
        if target.exists():
            reader = AnswersReader(target, closed=True)
            last, before, pruned = reader.last_seq(), reader.size().rows, reader.pruned_upto()
            sources.insert(0, rows_of_closed(reader))
        marks = {COPIED: octets, PRUNED: pruned}
        saved = yield from close_store(target, about, sources, last, **marks)
        if saved.kept > before:
            note(
                self._answers,
                f"{saved.kept - before} answers of the lost store {about.store.hex()} were recovered from the "
                f"second copy and are sent, {saved.lost} are lost",
            )
