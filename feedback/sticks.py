"""
A stick's folder, as both sides touch it.

The one edge in this package: so that what a stranger's stick may do to either side is decided once. Everything is
opened below the folder's own descriptor and by a bare name: no link is followed, nothing outside the folder is reached,
only regular files are read, as far as they may be long, and nothing is ever run. What is written appears whole or not
at all.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from feedback.errors import StickError

MOST_NAMES = 20_000
"""Names looked at in one folder. Kiosk and central together leave a few hundred on a stick."""
LONGEST_SHOWN = 60
UNFINISHED = ".new"
_SPARE_BYTES = 65_536
"""For names and tables beside the files themselves."""


class StickFolder:
    """
    The folder at *path*, kept open until ``close``: if another one takes its place meanwhile, nothing is mixed up.

    Raises, in every call:
        StickError: With one sentence. Nothing was changed that anybody would miss.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StickError(
                f"{path}: cannot be opened ({error.strerror}); name the folder where the stick is mounted"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def device(self) -> int:
        """The number of the device that the folder is on."""
        return os.fstat(self._folder).st_dev

    def names(self, *endings: str) -> list[str]:
        """The names that end in one of *endings*, in order; what lies behind them shows when it is read."""
        found: list[str] = []
        try:
            with os.scandir(self._folder) as entries:
                for at, entry in enumerate(entries):
                    if at >= MOST_NAMES:
                        raise StickError(
                            f"{self.path}: has over {MOST_NAMES} files; move away what is not the kiosk's"
                        )
                    if entry.name.endswith(endings):
                        found.append(entry.name)
        except OSError as error:
            raise self._unreadable(error) from None
        return sorted(found)

    def read(self, name: str, most: int) -> bytes:
        """The regular file *name*, of at most *most* bytes."""
        # Not blocking: a pipe of that name would be waited for, for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(name, flags, dir_fd=self._folder), "rb", buffering=0) as file:
                kind = os.fstat(file.fileno())
                if not stat.S_ISREG(kind.st_mode):
                    raise StickError("it is not a file")
                if kind.st_size > most:
                    raise StickError(f"it is over {most} bytes, too large to be the kiosk's or central's")
                return _read(file, most)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise StickError("it is a link, and links are not followed") from None
            if error.errno == errno.EISDIR:
                raise StickError("it is not a file") from None
            raise StickError(f"it cannot be read ({error.strerror})") from None

    def write(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put *files* there: all of them flushed under other names, then named, or none."""
        free, block = self._room()
        needed = sum(-(-len(content) // block) * block for _, content in files) + _SPARE_BYTES
        if free < needed:
            raise StickError(f"{self.path}: the stick has {free} bytes free, and {needed} are needed")
        staged: list[str] = []
        try:
            for name, content in files:
                staged.append(name + UNFINISHED)
                self._stage(name + UNFINISHED, content)
            for name, _ in files:
                self._name(name)
            os.fsync(self._folder)
        except OSError as error:
            for name in staged:
                with suppress(OSError):
                    os.unlink(name, dir_fd=self._folder)
            raise self._unwritable(error) from None

    def remove(self, names: Iterable[str]) -> None:
        """Take *names* away, as far as they are there and the stick lets go of them."""
        for name in names:
            with suppress(OSError):
                os.unlink(name, dir_fd=self._folder)
        with suppress(OSError):
            os.fsync(self._folder)

    def close(self) -> None:
        """Let go of the folder, so that the stick can be taken out."""
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def _room(self) -> tuple[int, int]:
        """Bytes free, and the bytes of the blocks that files take up."""
        room = os.statvfs(self._folder)
        block = max(room.f_frsize, 1)
        return room.f_bavail * block, block

    def _stage(self, name: str, content: bytes) -> None:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, 0o644, dir_fd=self._folder), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _name(self, name: str) -> None:
        os.rename(name + UNFINISHED, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _unreadable(self, error: OSError) -> StickError:
        return StickError(f"{self.path}: cannot be read ({error.strerror}); is the stick still in?")

    def _unwritable(self, error: OSError) -> StickError:
        words = {
            errno.ENOSPC: "the stick is full: make room on it",
            errno.EROFS: "the stick is read-only: look for its switch, or mount it for writing",
            errno.EACCES: "this user may not write there",
        }
        said = words.get(error.errno or 0, f"the stick cannot be written ({error.strerror}); is it still in?")
        return StickError(f"{self.path}: {said}")


def shown(name: str) -> str:
    """
    *name* as it can be printed, whatever somebody called a file.

    >>> shown("k-1.kexp"), shown("a" + chr(10) + chr(27) + "[2J" + "b" * 99)
    ('k-1.kexp', 'a??[2Jbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...')
    """
    clean = "".join(sign if sign.isprintable() and not _is_half(sign) else "?" for sign in name)
    return clean if len(clean) <= LONGEST_SHOWN else clean[:LONGEST_SHOWN] + "..."


def _is_half(sign: str) -> bool:
    # How Python says a byte of a name that is not UTF-8; it cannot be printed.
    return "\ud800" <= sign <= "\udfff"


def _read(file: BinaryIO, most: int) -> bytes:
    """All of *file*; one that grows meanwhile is not read on."""
    content = bytearray()
    while len(content) <= most and (chunk := file.read(most + 1 - len(content))):
        content += chunk
    return bytes(content[:most])
