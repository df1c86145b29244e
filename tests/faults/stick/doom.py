"""The moment at which the power goes, the stick is pulled, or it is full: at any step of what is being done."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from central.ingest import sync
from central.stick import importing
from feedback.sticks import StickFolder
from kiosk.storage.link import LinkFile
from kiosk.sync import stick

LONGEST, FILES = 10, 3
"""Steps of one errand and files that it writes, about: one that is doomed for later gets through."""


class PowerCutError(BaseException):
    """The power is gone. Nobody may catch it, and nothing is tidied up."""


class Doom:
    """
    What comes over one errand, after so many steps of it.

    Attributes:
        done: How often it came, by its kind.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._left = -1
        self._kind = ""
        self.done: dict[str, int] = {}

    def set(self, kind: str) -> None:
        """It comes over the next errand: ``cut``, ``pulled`` or ``full``."""
        self._kind, self._left = kind, self._chance.randrange(LONGEST if kind == "cut" else FILES)

    def clear(self) -> None:
        self._left = -1

    def step(self, on_stick: Path | None = None, content: bytes = b"") -> None:
        """One step; *content* is what was being written to the file *on_stick*, of which some may be there."""
        if self._left < 0 or (self._kind != "cut" and on_stick is None):
            return
        self._left -= 1
        if self._left >= 0:
            return
        self.done[self._kind] = self.done.get(self._kind, 0) + 1
        if on_stick is not None:
            on_stick.write_bytes(content[: self._chance.randrange(len(content) + 1)])
        if self._kind == "cut":
            raise PowerCutError
        number = errno.ENOSPC if self._kind == "full" else errno.EIO
        raise OSError(number, os.strerror(number))

    def folder(self, path: Path) -> StickFolder:
        """The stick at *path*."""
        return _Stick(path, self)

    @contextmanager
    def over(self) -> Iterator[None]:
        """Over all that kiosk and central do meanwhile."""
        with (
            patch.object(importing, "StickFolder", self.folder),
            patch.object(LinkFile, "save", self._around(LinkFile.save)),
            patch.object(LinkFile, "carry", self._around(LinkFile.carry)),
            patch.object(sync, "acknowledged", self._around(sync.acknowledged)),
            patch.object(stick, "StickFolder", self.folder),
        ):
            yield

    def _around(self, right: Callable[..., Any]) -> Callable[..., Any]:
        def doomed(*what: Any, **more: Any) -> Any:
            self.step()
            result = right(*what, **more)
            self.step()
            return result

        return doomed


class _Stick(StickFolder):
    def __init__(self, path: Path, doom: Doom) -> None:
        super().__init__(path)
        self._doom = doom

    def write(self, files: Sequence[tuple[str, bytes]]) -> None:
        super().write(files)
        self._doom.step()

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._doom.step()
            super().remove([name])

    def _stage(self, name: str, content: bytes) -> None:
        self._doom.step(self.path / name, content)
        super()._stage(name, content)
        self._doom.step()

    def _name(self, name: str) -> None:
        self._doom.step()
        super()._name(name)
