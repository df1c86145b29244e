"""The summary is a full recount of the raw rows: whatever came in whatever order, and whatever became of its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback import misuse
from feedback.hours import Hours, Schedule
from feedback.settings_document import NONE_YET, BranchSettings
from kiosk.storage.counts import rollup
from kiosk.storage.counts.summary import open_counts
from tests.kiosk.storage.counts.recount import counted, recount
from tests.kiosk.storage.counts.stillness import DAY_MS, Kiosk
from tests.kiosk.storage.presses import NOON_MS

MINUTE_MS = 60_000
GAPS_MS = (300, 2_000, 4_999, 5_000, 40_000, 14 * MINUTE_MS, 5 * 3_600_000, DAY_MS)
WEEK = (((9 * 60, 18 * 60),),) * 7
BRANCHES = (
    NONE_YET,
    BranchSettings(1, ZoneInfo("Asia/Baku"), Hours()),
    BranchSettings(2, ZoneInfo("America/New_York"), Hours((Schedule(0, WEEK),))),
    BranchSettings(3, ZoneInfo("Asia/Kathmandu"), Hours((Schedule(20_000, WEEK, {20_717: ()}),))),
)


OPERATIONS = st.one_of(
    st.tuples(st.just("press"), st.integers(1, 5), st.sampled_from(GAPS_MS)),
    st.tuples(st.just("press"), st.integers(1, 5), st.sampled_from(GAPS_MS[:3])),
    st.tuples(st.just("test"), st.integers(1, 5)),
    st.tuples(st.just("choose"), st.integers(1, 4)),
    st.tuples(st.just("hold")),
    st.tuples(st.just("reboot"), st.sampled_from((0, 10 * MINUTE_MS, DAY_MS)), st.sampled_from((0, NOON_MS))),
    st.tuples(
        st.just("learn"), st.integers(0, 9), st.sampled_from((0, 30 * MINUTE_MS, DAY_MS)),
        st.sampled_from((0, 100, 5_000, 2 * 3_600_000)),
    ),
    st.tuples(st.just("roll"), st.sampled_from((1, 2, 5, 1_000))),
    st.tuples(st.just("restart")),
    st.tuples(st.just("spoil"), st.sampled_from(("delete", "damage"))),
    st.tuples(st.just("branch"), st.integers(0, len(BRANCHES) - 1)),
    st.tuples(st.just("version"), st.integers(2, 4)),
    st.tuples(st.just("prune"), st.integers(1, 60)),
    st.tuples(st.just("close_store")),
    st.tuples(st.just("look")),
)  # fmt: skip


QUICK_MS = {2: misuse.QUICK_MS, 3: 1_000, 4: 4_000}
"""What each version of the rules calls quick, in these tests."""


class Turns:
    """What happens to a kiosk, one thing after another."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk

    def take(self, name: str, *values: int | str) -> None:
        own = {"branch": self._branch, "version": self._version, "look": self._look}
        (own.get(name) or getattr(self.kiosk, name))(*values)

    def _branch(self, which: int) -> None:
        self.kiosk.branch = BRANCHES[which]

    def _version(self, number: int) -> None:
        misuse.VERSION, misuse.QUICK_MS = number, QUICK_MS[number]

    def _look(self) -> None:
        folder, branch = self.kiosk.path.parent, self.kiosk.branch
        expected = recount(folder, branch)
        with open_counts(folder, branch) as counts:
            assert expected == counted(counts)
            trend = counts.book.trend(-10, 1 << 30)
        ratings = [key for key in expected if key[4] == "rating" and key[5] and not key[7]]
        days = {day: sum(expected[key] for key in ratings if key[0] == day) for day, *_ in ratings}
        assert days == {day: sum(n) for day, n in trend.items()}


@contextmanager
def turns() -> Iterator[Turns]:
    """A kiosk that counts eight answers together, so that a few make many chunks."""
    with TemporaryDirectory() as name, patch.object(rollup, "CHUNK", 8):
        kiosk = Kiosk(Path(name) / "state")
        try:
            yield Turns(kiosk)
        finally:
            misuse.VERSION, misuse.QUICK_MS = 2, QUICK_MS[2]
            kiosk.books.stop()
            kiosk.connection.close()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OPERATIONS, min_size=5, max_size=60))
def test_the_summary_is_a_full_recount(operations: list[tuple[str, ...]]) -> None:
    with turns() as kiosk:
        for operation in operations:
            kiosk.take(*operation)
        for _ in range(2):
            kiosk.take("look")
            kiosk.take("roll", 1_000)


def test_a_roll_up_that_was_interrupted_sees_what_came_meanwhile() -> None:
    with turns() as kiosk:
        kiosk.take("press", 5, 1_000)
        kiosk.take("roll", 1)
        for _ in range(20):
            kiosk.take("press", 5, 40_000)
        kiosk.take("roll", 1_000)
        kiosk.take("look")


def test_a_boot_that_learns_the_time_late_moves_its_counts_and_its_neighbour_s() -> None:
    """The second boot never learns it: the third's anchor gives it a window in between."""
    with turns() as kiosk:
        kiosk.take("learn", 0, 0, 100)
        for boot in range(3):
            for _ in range(10):
                kiosk.take("press", 4, 40_000)
            if boot < 2:
                kiosk.take("reboot", 5 * DAY_MS, 0)
        kiosk.take("roll", 1_000)
        before = days_of(kiosk)
        kiosk.take("learn", 2, 30 * MINUTE_MS, 100)
        kiosk.take("roll", 1_000)
        after = days_of(kiosk)
        kiosk.take("look")

    assert before == {0: 20, 20_717: 10}
    assert after == {20_717: 10, 20_722: 10, 20_727: 10}


def days_of(kiosk: Turns) -> dict[int, int]:
    """How many presses count on each day, by what is kept."""
    book = kiosk.kiosk.books._book
    assert book
    return {day: sum(n) for day, n in book.trend(0, 30_000).items()}
