"""A boot that nobody tells the time asks the machine's clock chip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from feedback.answers import Anchor, Moment
from kiosk.clock import CHIP_SET_EVERY_MS
from kiosk.storage.anchoring import Anchoring
from kiosk.storage.database import open_writer
from kiosk.storage.reading import AnswersReader
from kiosk.storage.schema import read_about
from tests.kiosk.storage.presses import NOON_MS, FakeClock

DAY_MS = 86_400_000


@dataclass
class ChipClock(FakeClock):
    """A board with a clock chip."""

    chip_s: int | None = None

    def chip(self) -> tuple[Moment, int] | None:
        return None if self.chip_s is None else (self.moment(), self.chip_s)


def noted(path: Path, clock: FakeClock, times: int = 3) -> list[Anchor]:
    """What a boot has noted after some idle steps, among all that is in the file."""
    connection = open_writer(path)
    anchoring = Anchoring(connection, read_about(connection, path).store, clock, None)
    for _ in range(times):
        anchoring.note(0)
    connection.close()
    return [one for one in AnswersReader(path).anchors() if one.boot == clock.boot]


@pytest.fixture
def vouched(path: Path) -> Path:
    """A file in which an earlier boot was told the time for long enough."""
    connection = open_writer(path)
    clock = FakeClock("earlier", known=True)
    anchoring = Anchoring(connection, read_about(connection, path).store, clock, None)
    anchoring.note(0)
    clock.boot_ms += CHIP_SET_EVERY_MS
    anchoring.note(1)
    connection.close()
    return path


def test_the_chip_stands_in_once_until_the_network_tells_the_time(vouched: Path) -> None:
    clock = ChipClock("later", chip_s=(NOON_MS + DAY_MS) // 1_000)
    (first,) = noted(vouched, clock)
    assert ("rtc", NOON_MS + DAY_MS + 500) == (first.source, first.utc_ms)
    assert DAY_MS // 2_000 < first.error_ms < DAY_MS // 2_000 + 3_000

    clock.known = True
    assert ["rtc", "ntp"] == [one.source for one in noted(vouched, clock)]


def test_a_recorder_that_is_started_again_in_the_same_boot_notes_the_chip_no_second_time(
    vouched: Path,
) -> None:
    clock = ChipClock("later", chip_s=(NOON_MS + DAY_MS) // 1_000)

    assert noted(vouched, clock) == noted(vouched, clock)


def test_a_boot_that_is_told_the_time_does_not_ask_the_chip(vouched: Path) -> None:
    clock = ChipClock("later", known=True, chip_s=(NOON_MS + DAY_MS) // 1_000)

    assert ["ntp"] == [one.source for one in noted(vouched, clock)]


def test_a_chip_that_nobody_vouches_for_is_not_noted(path: Path) -> None:
    assert [] == noted(path, ChipClock("later", chip_s=(NOON_MS + DAY_MS) // 1_000))


def test_a_board_without_a_chip_notes_nothing(vouched: Path) -> None:
    assert [] == noted(vouched, ChipClock("later"))
    assert [] == noted(vouched, FakeClock("later"))
