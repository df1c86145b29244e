"""What branch staff read: figures in steps, so that one more press changes nothing they see until the step is due."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.answers import Ask
from feedback.ratings import Kind
from feedback.wire import fingerprint
from kiosk.clock import KernelClock
from kiosk.sheet import as_json, sentences, sheet
from tests.kiosk.signed import FINGERPRINT, put
from tests.kiosk.storage.counts.stillness import Kiosk
from tests.kiosk.storage.presses import NOON_MS, FakeClock
from tests.test_wrong_input import SETTINGS

MINUTE_MS, QUARTER_MS = 60_000, 900_000
MORNING_MS = NOON_MS - NOON_MS % 86_400_000 + 9 * 3_600_000
"""Nine o'clock of a day, UTC."""
TODAY = NOON_MS // 86_400_000


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Switched on at nine, and the time is known from the beginning."""
    kiosk = Kiosk(tmp_path / "state", utc_ms=MORNING_MS, wall_ms=MORNING_MS)
    kiosk.boots = [("boot-0", MORNING_MS)]
    kiosk.boot_ms = 0
    kiosk.learn(0, 0, 0)
    return kiosk


class At(FakeClock):
    """A clock that stands at so many minutes after nine."""

    def __init__(self, minutes: float, boot: str = "boot-0") -> None:
        super().__init__(boot, round(minutes * MINUTE_MS))


def seen(kiosk: Kiosk, minutes: float, day: int | None = None) -> dict[str, Any]:
    """What staff get from ``kiosk summary --json`` at that time."""
    return as_json(sheet(kiosk.settings, At(minutes), day, exact=False))


def presses(kiosk: Kiosk, values: str, every_ms: int = MINUTE_MS) -> None:
    for value in values:
        kiosk.press(int(value), every_ms)
        kiosk.follows(Kind.OUTCOME, 1)


def test_nothing_is_shown_before_the_first_step(kiosk: Kiosk) -> None:
    presses(kiosk, "5555")
    four = seen(kiosk, 60)
    presses(kiosk, "5")

    assert (four["n"], four["shown_until"], four["unsent"]["answers"]) == (0, None, 0)
    assert seen(kiosk, 14.9)["n"] == 0
    assert (seen(kiosk, 15)["n"], seen(kiosk, 15)["unsent"]["answers"]) == (5, 10)
    assert "09:15" in sentences(sheet(kiosk.settings, At(16), None, exact=False))[0]


def test_one_more_press_changes_nothing_until_the_step_is_due(kiosk: Kiosk) -> None:
    presses(kiosk, "554321")
    before = seen(kiosk, 20)
    kiosk.press(1, 14 * MINUTE_MS)  # at 09:20
    kiosk.roll(100)
    unchanged = [seen(kiosk, minutes) for minutes in (20, 29, 31, 200)]
    presses(kiosk, "2222", 45_000)

    assert [before] * 4 == unchanged
    assert before == seen(kiosk, 29)
    assert seen(kiosk, 30)["n"] == 11


def test_a_press_just_before_a_step_that_the_next_one_corrects_is_shown_at_the_next_step(
    kiosk: Kiosk,
) -> None:
    """At 09:14:58 bad, and at 09:15:01 good: until then nobody can know that the first does not count."""
    presses(kiosk, "55555")
    kiosk.press(2, 9 * MINUTE_MS + 58_000)
    before = seen(kiosk, 15.01)
    kiosk.press(5, 3_000)

    assert before["counted"]["bad"] == 0
    assert before == seen(kiosk, 15.1)


def test_an_answer_that_learns_its_time_late_shows_at_a_step_too(kiosk: Kiosk) -> None:
    """A second boot has a wrong wall clock and learns the time an hour after its one answer."""
    presses(kiosk, "555554")
    kiosk.reboot(0, 0)
    kiosk.press(1, 60_000)
    before = seen(kiosk, 75)
    kiosk.learn(1, 3_600_000, 0)
    kiosk.roll(100)
    at_once = seen(kiosk, 75)
    kiosk.press(5, 70 * MINUTE_MS)
    presses(kiosk, "5555", 40_000)

    # Only what waits to be sent is one less: it is of today now, and today's newest are not spoken of.
    assert before | {"unsent": 0} == at_once | {"unsent": 0}
    assert seen(kiosk, 80)["counted"]["unacceptable"] == 0
    assert seen(kiosk, 91)["counted"]["unacceptable"] == 1


def test_a_day_that_is_over_is_shown_whole(kiosk: Kiosk) -> None:
    presses(kiosk, "543")
    next_day = seen(kiosk, 24 * 60, TODAY)

    assert seen(kiosk, 600)["n"] == 0
    assert (next_day["n"], next_day["over"], next_day["shown_until"]) == (3, True, None)
    assert next_day["sli"] == {"n": 3, "value": None, "reliability": "counts_only"}


def test_a_day_to_come_shows_nothing(kiosk: Kiosk) -> None:
    presses(kiosk, "555555")

    assert seen(kiosk, -24 * 60, TODAY)["n"] == 0


def test_bars_are_from_five_on_and_their_ratings_come_when_the_day_is_over(kiosk: Kiosk) -> None:
    presses(kiosk, "55555")
    kiosk.press(1, 70 * MINUTE_MS)
    presses(kiosk, "5555", 14 * MINUTE_MS)
    today, over = seen(kiosk, 600)["hours"], seen(kiosk, 24 * 60, TODAY)["hours"]

    assert [(bar["hour"], bar["n"]) for bar in today] == [(9, 5), (10, None), (11, None)]
    assert today[0]["counted"] is None
    assert over[0]["counted"]["excellent"] == 5
    assert over[1]["counted"] is None


def test_exact_figures_are_exact(kiosk: Kiosk) -> None:
    presses(kiosk, "51")
    found = as_json(sheet(kiosk.settings, At(3), None, exact=True))

    assert (found["n"], found["sli"]["value"], found["unsent"]["answers"]) == (2, 0, 4)
    assert found["counting"]["behind"] == 4


def test_reasons_have_the_words_of_the_shipped_survey_until_central_has_one(kiosk: Kiosk) -> None:
    for _ in range(5):
        kiosk.press(2, MINUTE_MS)
        kiosk.put(Ask("exit", 2, "about", Kind.CHOICE, "az"), 1)
    [reason] = as_json(sheet(kiosk.settings, At(30), None, exact=True))["reasons"]

    assert (reason["text"], reason["n"]) == ("Waiting time", 5)


def test_without_the_time_it_says_so(kiosk: Kiosk) -> None:
    clock = At(5, "another boot")

    assert "does not know the time" in sentences(sheet(kiosk.settings, clock, None, exact=False))[-1]
    assert seen(kiosk, 5)["time_known"] is True


def test_damaged_counts_are_not_believed(kiosk: Kiosk) -> None:
    presses(kiosk, "555554")
    kiosk.roll(100)
    before = as_json(sheet(kiosk.settings, At(20), None, exact=True))
    kiosk.books._writer.execute("UPDATE days SET cells = replace(cells, '6]', '7]')")  # type: ignore[union-attr]
    kiosk.books._writer.execute("UPDATE days SET cells = replace(cells, '1]', '9]')")  # type: ignore[union-attr]
    after = as_json(sheet(kiosk.settings, At(20), None, exact=True))

    assert before["counting"] == {"behind": 0, "trouble": ""}
    assert "not as they were written" in after["counting"]["trouble"]
    assert (before["n"], before["counted"], before["sli"]) == (after["n"], after["counted"], after["sli"])


GAPS = st.sampled_from((400, 2_000, 4_900, 20_000, 3 * MINUTE_MS, 14 * MINUTE_MS))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(1, 5), GAPS), min_size=4, max_size=40), st.integers(1, 5), GAPS)
def test_no_press_changes_what_staff_see_now(pressed: list[tuple[int, int]], value: int, gap_ms: int) -> None:
    with TemporaryDirectory() as name:
        kiosk = Kiosk(Path(name), utc_ms=MORNING_MS, wall_ms=MORNING_MS)
        kiosk.boots, kiosk.boot_ms = [("boot-0", MORNING_MS)], 0
        kiosk.learn(0, 0, 0)
        for one, gap in pressed:
            kiosk.press(one, gap)
        # The figures of the moment just before, then the press.
        at = (kiosk.boot_ms + gap_ms) / MINUTE_MS
        before = seen(kiosk, at)
        kiosk.press(value, gap_ms)
        after = seen(kiosk, at)
        kiosk.connection.close()

    assert before == after


def test_the_real_command_shows_no_press_before_its_step(tmp_path: Path) -> None:
    """``kiosk summary --json`` of a store with this machine's own clock and boot."""
    toml = tmp_path / "kiosk.toml"
    text = SETTINGS.format(folder=tmp_path / "state")
    toml.write_text(text.replace(fingerprint(bytes(32)), FINGERPRINT))
    kiosk, clock = Kiosk(tmp_path / "state"), KernelClock()
    now = clock.moment()
    kiosk.boots, kiosk.wall_ms = [(now.boot, now.wall_ms - now.boot_ms)], now.wall_ms - now.boot_ms
    noon_here(kiosk)
    kiosk.boot_ms = now.boot_ms - 40 * MINUTE_MS
    presses(kiosk, "554321", 20_000)
    before = said(toml)
    kiosk.boot_ms = clock.moment().boot_ms
    presses(kiosk, "1", 1)
    once = said(toml)
    presses(kiosk, "1111", 6_000)
    again = said(toml)

    assert before["n"] == 6
    assert before["counted"]["unacceptable"] == 1
    assert before == once == again
    assert said(toml, "--all")["n"] == 11


def noon_here(kiosk: Kiosk) -> None:
    """Puts the branch where it is about noon now: so the test never runs into midnight."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    put(kiosk.settings, "settings", json.dumps({"version": 1, "zone": zone}).encode())


def said(toml: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "kiosk.cli", "--config", str(toml), "summary", "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_day_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    toml = tmp_path / "kiosk.toml"
    toml.write_text(SETTINGS.format(folder=tmp_path / "state"))
    command = [sys.executable, "-m", "kiosk.cli", "--config", str(toml), "summary", "--date", "22.11.2026"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "kiosk: --date 22.11.2026: expected a day such as 2026-11-22, from 1970-01-01 to 9998-12-31"
    ]
