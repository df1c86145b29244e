"""
What is on the card at one point of a recording, what is still on its way there, and what a cut makes of both.

A file's content is on the card once the file was flushed; a name once its folder was. Until then each 512-byte sector
and each change of a name may be there or not, in any order (what POSIX promises, and no more). The 4 KiB block being
written at the instant of the cut may come out as garbage altogether, also where it was on the card for long.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from tests.faults.powercut.calls import Flush, FlushFolder, Op, Rename, Resize, Write

SECTOR = 512
BLOCK = 4096

Image = dict[str, bytearray | None]
"""Each name with its content; None for a folder."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """One block that was being written. *kind*: what it holds now: ``noise``, ``zeros`` or ``ones``."""

    file: int
    block: int
    kind: str

    def raw(self, size: int) -> bytes:
        if self.kind == "noise":
            return Random(self.file << 32 | self.block).randbytes(size)
        return (b"\xff" if self.kind == "ones" else b"\0") * size


@dataclass(frozen=True, slots=True)
class Choice:
    """
    What reached the card, of all that was on its way.

    Attributes:
        whole: Numbers of the writes and resizes that did.
        torn: Writes of which only these sectors did.
        names: Numbers of the changes of names that did.
        garbage: Blocks that were being written.
        grown: Files already have the size they were to get, with zeros where nothing arrived.
    """

    whole: frozenset[int] = frozenset()
    torn: tuple[tuple[int, tuple[int, ...]], ...] = ()
    names: frozenset[int] = frozenset()
    garbage: tuple[Garbage, ...] = ()
    grown: bool = False


@dataclass(slots=True)
class Pending:
    """A change of names on its way: *folders* are still to be flushed for it."""

    rename: Rename
    folders: set[str]


def sectors(op: Write) -> range:
    """The sectors of its file that *op* writes to."""
    return range(op.at // SECTOR, (op.at + len(op.raw) - 1) // SECTOR + 1)


def blocks(op: Write) -> range:
    return range(op.at // BLOCK, (op.at + len(op.raw) - 1) // BLOCK + 1)


@dataclass
class Disk:
    """The card and the page cache above it; fed with a recording's operations in their order."""

    files: dict[int, bytearray] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    coming: dict[int, Write | Resize] = field(default_factory=dict)
    renames: dict[int, Pending] = field(default_factory=dict)
    journalled: int = -1
    """Changes of names up to this number are on the card with a file system that journals them in order."""
    own_names: bool = False
    """A poorer folder: a file's flush brings its own name, and a new WAL's flush of the folder brings nothing else."""
    _sums: dict[int, dict[int, int]] = field(default_factory=dict)

    def feed(self, number: int, op: Op) -> None:
        if isinstance(op, Write | Resize):
            self.coming[number] = op
        elif isinstance(op, Rename):
            for _, file in op.names:
                if file:
                    self.files.setdefault(file, bytearray())
            self.renames[number] = Pending(op, {_folder(name) for name, _ in op.names})
        elif isinstance(op, Flush):
            self._flush(op.file)
            self.journalled = number
            if self.own_names:
                self._flush_names(op.file)
        elif isinstance(op, FlushFolder):
            self._flush_folder(op.folder)
            self.journalled = number

    def _flush(self, file: int) -> None:
        content, sums = self.files[file], self._sums.setdefault(file, {})
        for number in [n for n, op in self.coming.items() if op.file == file]:
            op = self.coming.pop(number)
            if isinstance(op, Write):
                put(content, op.at, op.raw)
                touched: range = blocks(op)
            else:
                resize(content, op.size)
                touched = range(op.size // BLOCK, max(sums, default=0) + 1)
            for block in touched:
                sums.pop(block, None)

    def _flush_names(self, file: int) -> None:
        for number, pending in list(self.renames.items()):
            if pending.rename.names[-1][1] == file:
                apply(self.names, self.renames.pop(number).rename)

    def _flush_folder(self, folder: str) -> None:
        for number, pending in list(self.renames.items()):
            pending.folders.discard(folder)
            if not pending.folders:
                apply(self.names, pending.rename)
                del self.renames[number]

    @contextmanager
    def cut(self, choice: Choice) -> Iterator[tuple[Image, int]]:
        """
        The card as *choice* leaves it, and a number that stands for all its bytes. Valid until the block ends.

        The contents are the disk's own, changed in place and changed back: copying a megabyte for each state would
        cost as much as judging it.
        """
        undo: list[tuple[bytearray, int, int, bytes]] = []
        changed: dict[int, set[int]] = {}
        torn = dict(choice.torn)
        for number, op in self.coming.items():
            if number in choice.whole:
                self._change(op, None, undo, changed)
            elif number in torn:
                self._change(op, torn[number], undo, changed)
        for file, size in self.sizes().items() if choice.grown else ():
            if size > len(self.files[file]):
                self._change(Resize(file, size), None, undo, changed)
        for spoiled in choice.garbage:
            content, at = self.files[spoiled.file], spoiled.block * BLOCK
            size = min(BLOCK, len(content) - at)
            if size > 0:
                self._change(Write(spoiled.file, at, spoiled.raw(size)), None, undo, changed)
        try:
            names = self._named(choice)
            image: Image = {name: self.files[file] if file else None for name, file in names.items()}
            yield image, self._digest(image, names, changed)
        finally:
            for content, length, at, old in reversed(undo):
                resize(content, length)
                content[at : at + len(old)] = old

    def _named(self, choice: Choice) -> dict[str, int]:
        names = dict(self.names)
        for number, pending in self.renames.items():
            if number in choice.names:
                apply(names, pending.rename)
        return {name: file for name, file in names.items() if _reachable(name, names)}

    def sizes(self) -> dict[int, int]:
        """The size that each file being written is to have."""
        found: dict[int, int] = {}
        for op in self.coming.values():
            if isinstance(op, Resize):
                found[op.file] = op.size
            else:
                now = found.get(op.file, len(self.files[op.file]))
                found[op.file] = max(now, op.at + len(op.raw))
        return found

    @property
    def on_its_way(self) -> int:
        """How many sectors, resizes and changes of names are on their way."""
        counts = (len(sectors(op)) if isinstance(op, Write) else 1 for op in self.coming.values())
        return len(self.renames) + sum(counts)

    def all(self) -> Choice:
        """Everything arrived."""
        return Choice(frozenset(self.coming), names=frozenset(self.renames))

    def _change(
        self,
        op: Write | Resize,
        only: tuple[int, ...] | None,
        undo: list[tuple[bytearray, int, int, bytes]],
        changed: dict[int, set[int]],
    ) -> None:
        content = self.files[op.file]
        mine = changed.setdefault(op.file, set())
        if isinstance(op, Resize):
            undo.append((content, len(content), op.size, bytes(content[op.size :])))
            mine.update(range(min(op.size, len(content)) // BLOCK, max(op.size, len(content)) // BLOCK + 1))
            resize(content, op.size)
            return
        end = op.at + len(op.raw)
        mine.update(blocks(op))
        if op.at > len(content):
            mine.update(range(len(content) // BLOCK, op.at // BLOCK))
        if only is None:
            undo.append((content, len(content), op.at, bytes(content[op.at : end])))
            put(content, op.at, op.raw)
            return
        for sector in only:
            at, until = max(op.at, sector * SECTOR), min(end, (sector + 1) * SECTOR)
            undo.append((content, len(content), at, bytes(content[at:until])))
            put(content, at, op.raw[at - op.at : until - op.at])

    def _digest(self, image: Image, names: dict[str, int], changed: dict[int, set[int]]) -> int:
        parts = []
        for name, content in image.items():
            if content is None:
                parts.append((name, -1, 0))
                continue
            sums, mine = self._sums.setdefault(names[name], {}), changed.get(names[name], ())
            total = 0
            for block in range(-(-len(content) // BLOCK)):
                if block in mine:
                    total ^= _sum(content, block)
                    continue
                known = sums.get(block)
                if known is None:
                    known = sums[block] = _sum(content, block)
                total ^= known
            parts.append((name, len(content), total))
        return hash(tuple(sorted(parts)))


def _sum(content: bytearray, block: int) -> int:
    return hash((block, bytes(content[block * BLOCK : (block + 1) * BLOCK])))


def put(content: bytearray, at: int, raw: bytes) -> None:
    """Write *raw*; what lies between the end and *at* becomes zeros."""
    if at > len(content):
        content.extend(bytes(at - len(content)))
    content[at : at + len(raw)] = raw


def resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def apply(names: dict[str, int], rename: Rename) -> None:
    for name, file in rename.names:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _reachable(name: str, names: dict[str, int]) -> bool:
    folder = _folder(name)
    return not folder or (folder in names and _reachable(folder, names))
