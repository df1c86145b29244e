"""strace on a forked process: which calls it makes on given files, and one of them failing."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from tests.faults.life import Forked

CALLS = (
    "openat", "read", "pread64", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "fstat",
    "newfstatat", "stat", "lstat", "access", "mkdir", "rename", "unlink", "mmap", "fcntl", "flock", "getdents64",
    "chmod", "fchmod", "fchown", "lseek", "readlink",
)  # fmt: skip
"""What the kiosk asks of its files. Not close: what it returns is nobody's business any more."""
RUN = 6
LONGEST_S = 25
HUNG = -int(signal.SIGALRM)
PR_SET_PTRACER, ANYBODY = 0x59616D61, ctypes.c_ulong(-1)
ATTACHED = b"attached"


def calls_of(run: Callable[[], None], paths: Sequence[Path]) -> dict[str, list[int]]:
    """
    The calls of each kind on *paths* that *run* makes, as the numbers they have in their thread.

    Of a run of more than RUN equal calls on one file, such as the writes that grow a WAL, only the first ones, the
    middle and the last ones are given.
    """
    with tempfile.NamedTemporaryFile() as listed:
        _trace(run, paths, ["-y", "-o", listed.name, "-e", f"trace={','.join(f'?{call}' for call in CALLS)}"])
        lines = Path(listed.name).read_text().splitlines()
    threads: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        found = re.match(r"(\d+) +(\w+)\((?:\d+<([^>]*)>)?", line)
        if found:
            threads.setdefault(found[1], []).append((found[2], found[3] or ""))
    numbers: dict[str, set[int]] = {}
    for calls in threads.values():
        counts: Counter[str] = Counter()
        for (call, _file), same in groupby(calls):
            begin = counts[call] + 1
            counts[call] += len(list(same))
            numbers.setdefault(call, set()).update(_chosen(begin, counts[call]))
    return {call: sorted(chosen) for call, chosen in sorted(numbers.items())}


def _chosen(first: int, last: int) -> list[int]:
    if last - first < RUN:
        return list(range(first, last + 1))
    return [first, first + 1, (first + last) // 2, last - 1, last]


def traced(run: Callable[[], None], paths: Sequence[Path], call: str, fault: str) -> tuple[int, bytes]:
    """Runs *run* in a process of its own while *call* on *paths* has *fault*; its exit code and what it said."""
    return _trace(
        run, paths, ["-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={fault}"]
    )


def killed(run: Callable[[], None], call: str, number: int) -> bool:
    """Runs *run* in a process of its own and kills it at its *call* of that *number*; whether it came so far."""
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    outcome, _ = _trace(run, [], ["-o", "/dev/null", "-e", f"trace={call}", "-e", inject])
    return outcome == -int(signal.SIGKILL)


def _trace(run: Callable[[], None], paths: Sequence[Path], words: list[str]) -> tuple[int, bytes]:
    told, tell = os.pipe()

    def held() -> None:
        # Where a process may only trace its own children (Yama), strace is none of ours: it must be let.
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
        os.read(told, 1)
        signal.alarm(LONGEST_S)
        run()

    forked = Forked(held)
    on = [word for path in paths for word in ("-P", str(path))]
    command = ["strace", "-f", *words, *on, "-p", str(forked.pid)]
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    said = bytearray()
    while ATTACHED not in said:
        line = strace.stderr.readline()  # type: ignore[union-attr]
        if not line:
            forked.kill()
            forked.end()
            raise SystemExit(f"strace: {said.decode()}")
        if line.startswith(b"strace: Process") or b"attach" in line:
            said += line
    os.write(tell, b".")
    outcome = forked.end()
    strace.communicate()
    os.close(told)
    os.close(tell)
    return outcome
