"""A few hundred of the states that ``python -m tests.faults.powercut`` judges; and that it can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.faults.powercut.__main__ import MEMORY
from tests.faults.powercut.calls import Flush, FlushFolder, Op, Rename, Resize, Write
from tests.faults.powercut.choices import Space
from tests.faults.powercut.disk import Choice, Disk, Garbage
from tests.faults.powercut.judge import Judge, Verdict
from tests.faults.powercut.plan import plan
from tests.faults.powercut.recordings import CONTROLS, RIGHT_ORDER, SHORT, WRONG, record
from tests.faults.powercut.work import Count, Task, first_cuts, second_cuts

A_FILE: list[Op] = [Rename((("file", 1),)), FlushFolder("")]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where a flush costs nothing."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def judge(memory: Path) -> Iterator[Judge]:
    judge = Judge(memory / "judge" / "kiosk")
    yield judge
    judge.close()


@pytest.fixture
def cuts(judge: Judge, memory: Path) -> Callable[..., Count]:
    """Cuts the wrong recorder *how* in so many states."""

    def cutting(how: str, states: int) -> Count:
        recorded = record(how, WRONG, memory / how / "kiosk", how)
        return first_cuts(judge, recorded, plan(recorded, states).quotas, "1")

    return cutting


@pytest.mark.strace
def test_no_cut_loses_a_thanked_answer(judge: Judge, memory: Path) -> None:
    recorded = record("short", SHORT, memory / "short" / "kiosk")
    count = first_cuts(judge, recorded, plan(recorded, 300).quotas, "1")
    quota = plan(recorded, 1).quotas[0]
    again = second_cuts(judge, recorded, Task("short", [quota], 40), "1")

    assert count.faults + again.faults == []
    assert count.tried > 250
    assert (again.recoveries, again.tried > 20) == (1, True)


@pytest.mark.strace
def test_a_first_page_spoiled_by_a_checkpoint_comes_back_from_the_wal(judge: Judge, memory: Path) -> None:
    """The file then does not begin as a database does; moved aside for that, it would lose every answer."""
    recorded = record("wrong", WRONG, memory / "wrong" / "kiosk")
    made, judged = recorded.disk(), 0
    for number, op in enumerate(recorded.ops):
        made.feed(number, op)
        page = recorded.ledger.page(number)
        if (
            page.thanked
            and isinstance(op, Write)
            and (op.file, op.at) == (made.names["answers/answers.db"], 0)
        ):
            with made.cut(Choice(garbage=(Garbage(op.file, 0, "noise"),))) as (image, _):
                assert judge.verdict(image, page, Random(1)) == Verdict()
            judged += 1

    assert judged > 0


@pytest.mark.strace
@pytest.mark.parametrize("how", CONTROLS.values(), ids=list(CONTROLS))
def test_a_wrong_recorder_is_caught(how: str, cuts: Callable[..., Count]) -> None:
    assert cuts(how, 200).lost > 0


@pytest.mark.strace
def test_the_right_order_of_pragmas_loses_nothing_where_the_wrong_one_does(
    cuts: Callable[..., Count],
) -> None:
    assert cuts(RIGHT_ORDER, 200).faults == []


def disk(*ops: Op) -> Disk:
    made = Disk()
    for number, op in enumerate([*A_FILE, *ops]):
        made.feed(number, op)
    return made


def left(made: Disk, choice: Choice) -> dict[str, bytes | None]:
    with made.cut(choice) as (image, _):
        return {name: content if content is None else bytes(content) for name, content in image.items()}


def test_what_was_flushed_is_there_and_what_was_not_may_be_missing_torn_or_whole() -> None:
    made = disk(Write(1, 0, b"a" * 1024), Flush(1), Write(1, 0, b"b" * 1024), Resize(1, 512))

    assert left(made, Choice())["file"] == b"a" * 1024
    assert left(made, Choice(torn=((4, (1,)),)))["file"] == b"a" * 512 + b"b" * 512
    assert left(made, Choice(frozenset({4})))["file"] == b"b" * 1024
    assert left(made, made.all())["file"] == b"b" * 512
    # A cut leaves the disk as it was, for the next one.
    assert left(made, Choice())["file"] == b"a" * 1024


def test_garbage_takes_the_whole_block_also_what_was_there_for_long() -> None:
    made = disk(Write(1, 0, b"a" * 5000), Flush(1), Write(1, 100, b"b"))

    assert left(made, Choice(garbage=(Garbage(1, 0, "zeros"),)))["file"] == bytes(4096) + b"a" * 904


def test_a_name_is_there_for_certain_once_its_folder_was_flushed() -> None:
    rename = Rename((("file", None), ("other", 1)))

    assert left(disk(rename), Choice()) == {"file": b""}
    assert left(disk(rename), Choice(names=frozenset({2}))) == {"other": b""}
    assert left(disk(rename, Flush(1)), Choice()) == {"file": b""}
    assert left(disk(rename, FlushFolder("")), Choice()) == {"other": b""}


def test_a_file_has_zeros_where_its_size_arrived_before_its_content() -> None:
    made = disk(Write(1, 0, b"a" * 600))

    assert left(made, Choice(grown=True))["file"] == bytes(600)
    assert left(made, Choice(torn=((2, (1,)),)))["file"] == bytes(512) + b"a" * 88


def test_states_with_the_same_bytes_have_the_same_number() -> None:
    made = disk(Write(1, 0, b"a" * 600), Write(1, 0, b"b" * 600))
    numbers = []
    for choice in (Choice(frozenset({3})), made.all(), Choice(frozenset({2}))):
        with made.cut(choice) as (_, number):
            numbers.append(number)

    assert numbers[0] == numbers[1] != numbers[2]


def test_the_states_are_counted_without_listing_them() -> None:
    """One sector in three versions beside another in two; then a flush; then a name."""
    space, made = Space(), Disk()
    ops = [
        *A_FILE,
        Write(1, 0, b"a" * 512),
        Write(1, 0, b"b" * 1024),
        Flush(1),
        Rename((("file", None), ("other", 1))),
        Write(1, 0, b"c"),
    ]
    for number, op in enumerate(ops):
        made.feed(number, op)
        space.feed(made, op)

    # Nothing, the empty file, then "a" (1), "b" in one or both sectors over any of before (2 * 1 + ... = 4),
    # the new name, and "c" under either name.
    assert space.states == 1 + 1 + 1 + 4 + 1 + 2
