"""What presses cost a card, counted: flushes in the system calls, bytes at a block device made for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.worker import Worker

SECTOR = 512
IMAGE_BYTES = 96 << 20
SECTORS_WRITTEN, FLUSHES = 6, 15
"""Fields of a block device's ``stat`` (the kernel's Documentation/block/stat.rst)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What one press costs.

    Attributes:
        flushes: fsync and fdatasync calls.
        written: Bytes in write calls, of the files.
        device: Bytes that reached the block device, with the file system's own; None if it cannot be counted here.
    """

    flushes: float
    written: float
    device: float | None


def cost(command: Sequence[str], presses: int) -> Cost:
    """
    What each of *presses* costs the worker *command*, to which a folder is added.

    Raises:
        FileNotFoundError: strace is missing.
    """
    flushes, written = _calls(command, presses)
    return Cost(flushes / presses, written / presses, _device(command, presses))


def _calls(command: Sequence[str], presses: int) -> tuple[int, int]:
    with tempfile.TemporaryDirectory(prefix="afterword-counts-") as name:
        trace, folder = Path(name, "trace"), Path(name, "files")
        folder.mkdir()
        strace = [
            "strace",
            "-f",
            "-y",
            "-qq",
            "-s",
            "0",
            "-o",
            str(trace),
            "-e",
            "trace=fsync,fdatasync,pwrite64,write",
        ]
        with Worker([*strace, *command, str(folder)]) as worker:
            begin = len(trace.read_text().splitlines())
            worker.record(presses)
            lines = trace.read_text().splitlines()[begin:]
    ours = [line for line in lines if str(folder) in line]
    # As asked for: a call that another thread's line interrupts has its result elsewhere.
    written = sum(int(size) for line in ours for size in re.findall(r'write(?:64)?\(.*""\.*, (\d+)', line))
    return sum(bool(re.search(r" f(data)?sync\(", line)) for line in ours), written


def _device(command: Sequence[str], presses: int) -> float | None:
    with _card() as card:
        if card is None:
            return None
        folder, device = card
        with Worker([*command, str(folder)]) as worker:
            subprocess.run(["sync", "-f", str(folder)], check=True)
            before = _written(device)
            worker.record(presses)
            subprocess.run(["sync", "-f", str(folder)], check=True)
            return (_written(device) - before) / presses


def _written(device: str) -> int:
    return int(Path("/sys/block", device, "stat").read_text().split()[SECTORS_WRITTEN]) * SECTOR


@contextmanager
def _card() -> Iterator[tuple[Path, str] | None]:
    """A folder on an ext4 of its own and the name of its block device; None where there can be none."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None or shutil.which("losetup") is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="afterword-card-") as name:
        image, folder = Path(name, "image"), Path(name, "card")
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        # What ext4 would otherwise put in order behind our back would be counted as ours.
        lazy = "lazy_itable_init=0,lazy_journal_init=0"
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", lazy, str(image)], check=True, capture_output=True)
        found = subprocess.run(
            ["losetup", "-f", "--show", str(image)], check=False, capture_output=True, text=True
        )
        if found.returncode != 0:
            yield None
            return
        loop = found.stdout.strip()
        try:
            mounted = subprocess.run(["mount", loop, str(folder)], check=False, capture_output=True)
            if mounted.returncode != 0:
                yield None
                return
            try:
                yield folder, Path(loop).name
            finally:
                subprocess.run(["umount", "-l", str(folder)], check=True)
        finally:
            subprocess.run(["losetup", "-d", loop], check=True)
