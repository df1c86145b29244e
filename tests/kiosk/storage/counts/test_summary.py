"""What a summary says of a day, of real presses in a real store."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback.answers import Ask
from feedback.errors import StoreError
from feedback.hours import Hours
from feedback.misuse import Rule
from feedback.ratings import Kind, Rating
from feedback.settings_document import BranchSettings
from feedback.timeline import slot
from kiosk.storage.counts.summary import Summary, look, open_counts
from kiosk.storage.database import open_writer
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import NOON_MS, Customer, FakeClock, press

BAKU = BranchSettings(1, ZoneInfo("Asia/Baku"), Hours())
TODAY = slot(NOON_MS, BAKU.zone).day
DAY_MS = 86_400_000


def pressed(recorder: Recorder, *presses: tuple[Rating, int]) -> None:
    for rating, boot_ms in presses:
        Customer().puts(recorder, press(rating, FakeClock(boot_ms=boot_ms).moment()))


def summary(path: Path, day: int | None = None) -> Summary:
    with open_counts(path.parent, BAKU) as counts:
        return counts.ever(TODAY) if day is None else counts.day(day)


def test_an_empty_store_has_no_score(path: Path) -> None:
    found = summary(path)

    assert found.sli is None
    assert found.counted == dict.fromkeys(Rating, 0)
    assert not found.set_aside


def test_what_counts_and_what_is_set_aside(path: Path, recorder: Recorder) -> None:
    good, bad = Rating.GOOD, Rating.BAD
    pressed(recorder, (good, 0), (good, 900), (bad, 20_000), (good, 21_000), (good, 60_000))
    found = summary(path)

    assert (found.counted[good], found.counted[bad]) == (3, 0)
    assert found.set_aside == {Rule.REPEAT: 1, Rule.CORRECTED: 1}
    assert found.sli is not None
    assert (found.sli.value, found.sli.n) == (50, 3)


def test_a_day_is_the_branch_s(path: Path, recorder: Recorder, clock: FakeClock) -> None:
    clock.known = True
    pressed(recorder, (Rating.GOOD, 1_000), (Rating.BAD, DAY_MS), (Rating.BAD, DAY_MS + 60_000))
    while not AnswersReader(path).anchors():
        pass

    assert summary(path, TODAY).counted[Rating.GOOD] == 1
    assert summary(path, TODAY + 1).counted[Rating.BAD] == 2
    assert summary(path, TODAY + 2).sli is None
    assert summary(path, TODAY).uncertain == 0
    assert [day.n for day in summary(path, TODAY + 1).trend[-3:]] == [0, 1, 2]


def test_what_nobody_vouches_for_is_counted_and_said_to_be_uncertain(path: Path, recorder: Recorder) -> None:
    pressed(recorder, (Rating.GOOD, 1_000))
    found = summary(path, TODAY)

    assert (found.counted[Rating.GOOD], found.uncertain) == (1, 1)


def test_spoiled_rows_count_nowhere(path: Path, recorder: Recorder) -> None:
    pressed(recorder, (Rating.GOOD, 1_000), (Rating.GOOD, 60_000))
    recorder.stop()
    connection = open_writer(path)
    connection.execute("UPDATE answers SET value = 1 WHERE seq = 3")
    connection.leave_open()
    found = summary(path)

    assert (found.counted[Rating.GOOD], found.counted[Rating.UNACCEPTABLE], found.spoiled) == (1, 0, 1)


def test_a_damaged_store_is_a_sentence(path: Path, start: Start) -> None:
    for words in (("record", path, 200), ("close", path)):
        assert start(*words).wait(20) == 0
    raw = bytearray(path.read_bytes())
    raw[4096:] = os.urandom(len(raw) - 4096)
    path.write_bytes(raw)

    with pytest.raises(StoreError, match="restart the kiosk, which moves it aside"):
        look(path.parent, BAKU, lambda counts: counts.ever(TODAY))


def test_other_questions_have_their_own_scores_and_never_enter_the_sli(
    path: Path, recorder: Recorder
) -> None:
    customer = Customer()
    (first, _) = customer.puts(recorder, press(Rating.GOOD))
    for kind, values in ((Kind.NPS, (10, 9, 0)), (Kind.CHOICE, (2, 2, 5)), (Kind.RATING, (1,))):
        for value in values:
            ask = Ask("exit", 4, f"a-{kind.value}", kind, "az")
            customer.puts(recorder, [replace(first, seq=0, ask=ask, value=value)])
    found = summary(path)

    assert (found.n, found.counted[Rating.GOOD]) == (1, 1)
    ((_, question, nps),) = found.others
    assert (question, nps.name, nps.n, round(nps.value)) == ("a-nps", "NPS", 3, 33)
    assert [(one.value, one.n, one.of) for one in found.reasons] == [(2, 2, 3), (5, 1, 3)]
