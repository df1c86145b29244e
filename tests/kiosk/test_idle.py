"""What an idle screen shows, by the hour and by what the branch decided."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.hours import KNOWN_MS, Hours, Schedule
from feedback.settings_document import NONE_YET, BranchSettings
from feedback.timeline import UNKNOWN_MS, Quality, When
from kiosk.idle import (
    AWAKE_MS,
    SHIFT_EVERY_MS,
    SHIFTS,
    STILL_MS,
    Opening,
    Outlook,
    is_resting,
    outlook,
    shift,
)

BAKU = ZoneInfo("Asia/Baku")
DAY, HALF = ((9 * 60, 18 * 60),), ((10 * 60, 14 * 60),)
WEDNESDAY = 20_782  # 2026-11-25
FRIDAY_OFF = {WEDNESDAY + 2: ()}
HOURS = Hours((Schedule(20_000, (DAY, DAY, DAY, DAY, DAY, HALF, ()), FRIDAY_OFF),))
BRANCH = BranchSettings(3, BAKU, HOURS, night=(20 * 60, 7 * 60), we_did={"en": "You asked for seats."})


def at(time: str, doubt_ms: int = 40) -> When:
    """The time of the branch's wall clock, such as ``2026-11-25 09:00``."""
    utc = datetime.fromisoformat(time).replace(tzinfo=BAKU)
    return When(round(utc.timestamp() * 1_000), Quality.EXACT, doubt_ms)


@pytest.mark.parametrize(
    ("time", "quiet"),
    [
        ("2026-11-25 08:59", True),
        ("2026-11-25 09:00", False),
        ("2026-11-25 17:59", False),
        ("2026-11-25 18:14", False),
        ("2026-11-25 18:16", True),
        ("2026-11-25 23:59", True),
        ("2026-11-27 12:00", True),
        ("2026-11-28 12:00", False),
        ("2026-11-29 12:00", True),
    ],
)
def test_the_screen_is_quiet_outside_the_hours_and_not_before_the_last_customers_have_left(
    time: str, quiet: bool
) -> None:
    assert quiet == outlook(BRANCH, at(time)).quiet


@given(st.integers(0, 10**12), st.integers(KNOWN_MS + 1, UNKNOWN_MS))
def test_a_kiosk_that_does_not_know_the_time_always_shows_its_welcome_by_day(
    utc_ms: int, doubt_ms: int
) -> None:
    found = outlook(BRANCH, When(utc_ms, Quality.ESTIMATED, doubt_ms))
    assert found == Outlook(sound=True, we_did=BRANCH.we_did)


def test_a_branch_without_hours_is_never_quiet() -> None:
    found = outlook(NONE_YET, at("2026-11-25 03:00"))
    assert (False, False, (), None) == (found.quiet, found.night, found.week, found.next_day)


@pytest.mark.parametrize(
    ("time", "night"),
    [("19:59", False), ("20:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_the_night_goes_past_midnight(time: str, night: bool) -> None:
    assert night == outlook(BRANCH, at(f"2026-11-25 {time}")).night


def test_a_night_within_a_day_is_that() -> None:
    branch = BranchSettings(1, BAKU, Hours(), night=(60, 120))
    assert [outlook(branch, at(f"2026-11-25 0{hour}:30")).night for hour in range(3)] == [False, True, False]


def test_the_week_holds_the_holidays_of_the_next_seven_days() -> None:
    found = outlook(BRANCH, at("2026-11-25 22:00"))
    assert found.week == (
        Opening(0, 3, DAY),
        Opening(4, 4, ()),
        Opening(5, 5, HALF),
        Opening(6, 6, ()),
    )
    assert outlook(BRANCH, at("2026-11-28 22:00")).week[0] == Opening(0, 4, DAY)


@pytest.mark.parametrize(
    ("time", "day", "periods"),
    [
        ("2026-11-25 07:00", 2, DAY),
        ("2026-11-25 19:00", 3, DAY),
        ("2026-11-26 19:00", 5, HALF),
        ("2026-11-28 15:00", 0, DAY),
    ],
)
def test_it_says_when_the_branch_opens_next(time: str, day: int, periods: object) -> None:
    found = outlook(BRANCH, at(time))
    assert (day, periods) == (found.next_day, found.next_periods)


def test_in_a_lunch_break_the_afternoon_is_next() -> None:
    lunch = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
    branch = BranchSettings(1, BAKU, Hours((Schedule(20_000, (lunch,) * 7),)))
    found = outlook(branch, at("2026-11-25 13:30"))
    assert (True, 2, ((14 * 60, 18 * 60),)) == (found.quiet, found.next_day, found.next_periods)


def test_a_branch_that_has_closed_for_good_promises_nothing() -> None:
    branch = BranchSettings(1, BAKU, Hours((Schedule(20_000, ((),) * 7),)))
    found = outlook(branch, at("2026-11-25 12:00"))
    assert (True, None, (Opening(0, 6, ()),)) == (found.quiet, found.next_day, found.week)


def test_hours_that_begin_next_month_are_not_told_yet() -> None:
    branch = BranchSettings(1, BAKU, Hours((Schedule(WEDNESDAY + 30, (DAY,) * 7),)))
    found = outlook(branch, at("2026-11-25 03:00"))
    assert (False, ()) == (found.quiet, found.week)


def test_a_finger_wakes_a_quiet_screen_for_a_while() -> None:
    quiet = Outlook(quiet=True)
    assert is_resting(quiet, None, 5_000)
    assert not is_resting(quiet, 5_000, 5_000 + AWAKE_MS - 1)
    assert is_resting(quiet, 5_000, 5_000 + AWAKE_MS)
    assert not is_resting(Outlook(), None, 5_000)


def test_a_still_picture_moves_by_a_pixel_or_two_and_never_jumps() -> None:
    steps = [shift(STILL_MS + at * SHIFT_EVERY_MS) for at in range(3 * len(SHIFTS))]
    assert {(0, 0)} == {shift(still) for still in range(0, STILL_MS, 30_000)}
    assert set(SHIFTS) == set(steps)
    assert all(0 <= right <= 2 and 0 <= down <= 2 for right, down in steps)
    assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) <= 1 for a, b in pairwise(steps))
