from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from feedback.misuse import Rule
from feedback.ratings import Rating
from feedback.timeline import slot
from kiosk.storage.database import open_writer
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.summary import summary
from tests.kiosk.storage.presses import NOON_MS, Customer, FakeClock, press

BAKU = ZoneInfo("Asia/Baku")
DAY_MS = 86_400_000


def pressed(recorder: Recorder, *presses: tuple[Rating, int]) -> None:
    for rating, boot_ms in presses:
        Customer().puts(recorder, press(rating, FakeClock(boot_ms=boot_ms).moment()))


def test_an_empty_store_has_no_score(path: Path) -> None:
    found = summary(AnswersReader(path), BAKU)

    assert found.sli is None
    assert found.counted == dict.fromkeys(Rating, 0)
    assert not found.set_aside


def test_what_counts_and_what_is_set_aside(path: Path, recorder: Recorder) -> None:
    good, bad = Rating.GOOD, Rating.BAD
    pressed(recorder, (good, 0), (good, 900), (bad, 20_000), (good, 21_000), (good, 60_000))
    found = summary(AnswersReader(path), BAKU)

    assert (found.counted[good], found.counted[bad]) == (3, 0)
    assert found.set_aside == {Rule.REPEAT: 1, Rule.CORRECTED: 1}
    assert found.sli is not None
    assert (found.sli.value, found.sli.n) == (50, 3)


def test_a_day_is_the_branch_s(path: Path, recorder: Recorder, clock: FakeClock) -> None:
    clock.known = True
    pressed(recorder, (Rating.GOOD, 1_000), (Rating.BAD, DAY_MS), (Rating.BAD, DAY_MS + 60_000))
    while not AnswersReader(path).anchors():
        pass
    today = slot(NOON_MS, BAKU).day

    assert summary(AnswersReader(path), BAKU, today).counted[Rating.GOOD] == 1
    assert summary(AnswersReader(path), BAKU, today + 1).counted[Rating.BAD] == 2
    assert summary(AnswersReader(path), BAKU, today + 2).sli is None
    assert summary(AnswersReader(path), BAKU, today).uncertain == 0


def test_what_nobody_vouches_for_is_counted_and_said_to_be_uncertain(path: Path, recorder: Recorder) -> None:
    pressed(recorder, (Rating.GOOD, 1_000))
    found = summary(AnswersReader(path), BAKU, slot(NOON_MS, BAKU).day)

    assert (found.counted[Rating.GOOD], found.uncertain) == (1, 1)


def test_spoiled_rows_count_nowhere(path: Path, recorder: Recorder) -> None:
    pressed(recorder, (Rating.GOOD, 1_000), (Rating.GOOD, 60_000))
    recorder.stop()
    connection = open_writer(path)
    connection.execute("UPDATE answers SET value = 1 WHERE seq = 3")
    connection.leave_open()
    found = summary(AnswersReader(path), BAKU)

    assert (found.counted[Rating.GOOD], found.counted[Rating.UNACCEPTABLE], found.spoiled) == (1, 0, 1)
