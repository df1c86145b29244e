"""Recording the system calls of an unmodified process, and reading them as what they ask of the card."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.powercut.strace import calls, paths, raw

ROOT = Path(__file__).parents[3]
WRITES = "write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,copy_file_range,sendfile"
NAMES = "open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink"
REST = "fsync,fdatasync,sync_file_range,sync,syncfs,close,dup,dup2,dup3,mmap,lseek"
UNKNOWN = ("writev", "pwritev", "pwritev2", "truncate", "fallocate", "copy_file_range", "sendfile", "openat2")
UNKNOWN_NAMES = (
    "creat",
    "renameat",
    "renameat2",
    "unlinkat",
    "mkdirat",
    "rmdir",
    "link",
    "linkat",
    "symlink",
)
"""Calls that the product does not make today on its files. Should it begin to, the model must learn them first."""
FOLDER = 0
"""The number of what is no file: a name in a folder that is itself a folder."""


@dataclass(frozen=True, slots=True)
class Write:
    file: int
    at: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Flush:
    """A file's content is on the card; not its name."""

    file: int


@dataclass(frozen=True, slots=True)
class Rename:
    """Names that change together: to a file's number, to FOLDER, or to None for a name that goes."""

    names: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class FlushFolder:
    folder: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the process said on its stdout: its presses and thank-yous."""

    line: dict[str, object]


Op = Write | Resize | Flush | Rename | FlushFolder | Said


@dataclass
class Recording:
    """Runs processes one after another over one *folder*, and keeps all they ask of the card below it."""

    folder: Path
    ops: list[Op] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    _last: int = 0

    def run(self, *words: str) -> None:
        """Run ``lives`` with *words* and add what it does."""
        trace = self.folder.with_name(self.folder.name + ".trace")
        wanted = f"trace={WRITES},{NAMES},{REST}"
        command = [
            "strace",
            "-f",
            "-xx",
            "-s",
            "4194304",
            "-o",
            str(trace),
            "-e",
            wanted,
            "-e",
            "signal=none",
        ]
        command += [sys.executable, "-m", "tests.faults.powercut.lives", *words]
        subprocess.run(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True, stdout=subprocess.PIPE
        )
        _Reader(self).read(trace)
        trace.unlink()
        self.check()

    def add_file(self, name: str) -> int:
        """A file that was there before, or has just been made, as *name*."""
        self._last += 1
        self.names[name] = self._last
        self.sizes[self._last] = 0
        return self._last

    def check(self) -> None:
        """That the model agrees with what is really there now: every name and every size."""
        real = {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*")}
        real = {name: path for name, path in real.items() if not shared_memory(name)}
        if set(real) != set(self.names):
            raise AssertionError(f"the trace missed a name: {set(real) ^ set(self.names)}")
        for name, path in real.items():
            if path.is_file() and path.stat().st_size != self.sizes[self.names[name]]:
                raise AssertionError(f"the trace missed a write to {name}")


def shared_memory(name: str) -> bool:
    """Whether *name* is SQLite's shared index: it is memory, and rebuilt from the WAL by whoever comes first."""
    return name.endswith("-shm")


class _Reader:
    """Follows one process's descriptors through its trace."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._files: dict[int, int | str] = {}
        self._at: dict[int, int] = {}
        self._appending: set[int] = set()

    def read(self, trace: Path) -> None:
        with trace.open() as lines:
            for call, words, result in calls(lines):
                if isinstance(result, int) and result < 0:
                    continue
                if (call in UNKNOWN and self._ours(words)) or (call in UNKNOWN_NAMES and self._named(words)):
                    raise AssertionError(f"the model does not know {call}({words[:200]})")
                take = getattr(self, f"_{call}", None)
                if take is not None:
                    take(words, result)

    def _ours(self, words: str) -> bool:
        first = words.split(",", maxsplit=1)[0]
        return first.isdigit() and int(first) in self._files

    def _named(self, words: str) -> bool:
        return any(self._name(path) is not None for path in paths(words))

    def _name(self, path: str) -> str | None:
        """*path* as a name below the folder; None for what lies elsewhere or is memory."""
        folder = str(self._recording.folder)
        if shared_memory(path) or not (path == folder or path.startswith(folder + "/")):
            return None
        return path[len(folder) + 1 :]

    def _add(self, op: Op) -> None:
        self._recording.ops.append(op)

    def _openat(self, words: str, descriptor: int) -> None:
        self._files.pop(descriptor, None)
        path = paths(words)[0]
        name = self._name(path)
        if name is None:
            return
        names = self._recording.names
        if name in names or "O_CREAT" not in words:
            file = names.get(name, FOLDER)
            self._files[descriptor] = file or name
            if file and "O_TRUNC" in words and self._recording.sizes[file]:
                self._resize(file, 0)
        else:
            self._files[descriptor] = self._recording.add_file(name)
            self._add(Rename(((name, names[name]),)))
        self._at[descriptor] = 0
        (self._appending.add if "O_APPEND" in words else self._appending.discard)(descriptor)

    _open = _openat

    def _close(self, words: str, _result: int) -> None:
        self._files.pop(int(words), None)

    def _dup(self, words: str, _result: int) -> None:
        if self._ours(words):
            raise AssertionError("the model does not know dup")

    _dup2 = _dup3 = _dup

    def _lseek(self, words: str, at: int) -> None:
        self._at[int(words.split(",", maxsplit=1)[0])] = at

    def _write(self, words: str, size: int) -> None:
        descriptor = int(words.split(",", maxsplit=1)[0])
        if descriptor == 1:
            for line in raw(words).splitlines():
                self._add(Said(json.loads(line)))
        elif descriptor in self._files:
            if descriptor in self._appending:
                self._at[descriptor] = self._size(descriptor)
            self._written(descriptor, self._at[descriptor], raw(words)[:size])
            self._at[descriptor] += size

    def _pwrite64(self, words: str, size: int) -> None:
        descriptor = int(words.split(",", maxsplit=1)[0])
        if descriptor in self._files:
            self._written(descriptor, int(words.rsplit(",", 1)[1]), raw(words)[:size])

    def _size(self, descriptor: int) -> int:
        file = self._files[descriptor]
        assert isinstance(file, int)
        return self._recording.sizes[file]

    def _written(self, descriptor: int, at: int, raw: bytes) -> None:
        file = self._files[descriptor]
        assert isinstance(file, int)
        self._recording.sizes[file] = max(self._recording.sizes[file], at + len(raw))
        self._add(Write(file, at, raw))

    def _ftruncate(self, words: str, _result: int) -> None:
        if self._ours(words):
            descriptor, size = words.split(",")
            file = self._files[int(descriptor)]
            assert isinstance(file, int)
            self._resize(file, int(size))

    def _resize(self, file: int, size: int) -> None:
        if self._recording.sizes[file] != size:
            self._recording.sizes[file] = size
            self._add(Resize(file, size))

    def _fsync(self, words: str, _result: int) -> None:
        what = self._files.get(int(words))
        if isinstance(what, int):
            self._add(Flush(what))
        elif what is not None:
            self._add(FlushFolder(what))

    _fdatasync = _fsync

    def _rename(self, words: str, _result: int) -> None:
        old, new = (self._name(path) for path in paths(words))
        if old is None or new is None:
            return
        names = self._recording.names
        names[new] = names.pop(old)
        self._add(Rename(((old, None), (new, names[new]))))

    def _unlink(self, words: str, _result: int) -> None:
        name = self._name(paths(words)[0])
        if name is not None:
            del self._recording.names[name]
            self._add(Rename(((name, None),)))

    def _mkdir(self, words: str, _result: int) -> None:
        name = self._name(paths(words)[0])
        if name is not None:
            self._recording.names[name] = FOLDER
            self._add(Rename(((name, FOLDER),)))

    def _mmap(self, words: str, _result: object) -> None:
        parts = [part.strip() for part in words.split(",")]
        if "PROT_WRITE" in parts[2] and "MAP_SHARED" in parts[3] and int(parts[4]) in self._files:
            raise AssertionError(
                "a file is written through memory, which no trace shows: mmap_size must be 0"
            )
