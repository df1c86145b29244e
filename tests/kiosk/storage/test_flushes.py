"""What a press costs the card, counted in the system calls of the unmodified process."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.kiosk.storage.conftest import Start

PRESSES = 1_000
CALLS = "fdatasync,fsync,pwrite64,write,ftruncate,unlink,openat"


@pytest.fixture
def calls(path: Path, start: Start, tmp_path: Path) -> list[str]:
    """The recorder's calls on answers.db and its WAL during PRESSES presses, checkpoints included."""
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-y", "-o", trace, "-e", f"trace={CALLS}")
    program = start("record", path, PRESSES, before=strace)
    assert program.communicate(timeout=120)[0].count("\n[") == 2 * PRESSES
    lines = trace.read_text().splitlines()
    begin = next(at for at, line in enumerate(lines) if '"ready' in line)
    return [line for line in lines[begin:] if "answers.db" in line]


def test_one_flush_and_little_more_than_two_blocks_a_press(calls: list[str]) -> None:
    kinds = Counter(re.split(r"[ (]+", line)[1] for line in calls)
    # As asked for: a call that another thread's line interrupts has its result elsewhere.
    written = sum(int(size) for size in re.findall(r"pwrite64\(.*, (\d+), \d+(?:\)| <)", "\n".join(calls)))
    flushes = (kinds["fdatasync"] + kinds["fsync"]) / PRESSES
    print(f"{flushes:.3f} flushes, {written / PRESSES:.0f} B written a press; {dict(kinds)}")

    assert written > PRESSES * 8_192
    assert 1 <= flushes <= 1.05
    assert written / PRESSES <= 2.6 * 4_096
    # The WAL keeps its size. (A checkpoint truncates the database to the length it has.)
    assert [line for line in calls if re.search(r"(ftruncate|unlink)\(.*-wal", line)] == []


def test_the_flush_comes_before_the_thank_you(path: Path, start: Start, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-y", "-o", trace, "-e", "trace=fdatasync,write,pwrite64")
    start("record", path, 20, before=strace).communicate(timeout=60)
    order = []
    for line in trace.read_text().splitlines():
        if "answers.db-wal" in line and "pwrite64" in line:
            order.append("w")
        if "answers.db-wal" in line and "fdatasync" in line:
            order.append("f")
        if re.search(r'write\(1.*"\[(\d+), \1,', line):  # the first answer of a press
            order.append("t")
    story = re.sub(r"([wft])\1+", r"\1", "".join(order))

    # Written, flushed, thanked. What is written after the flush fills the block with a copy. After the first press
    # comes the checkpoint of what an earlier process left, and the WAL begins anew.
    assert re.fullmatch(r"[wf]*t[wf]*(wfw?t){19}[wf]*", story), story
