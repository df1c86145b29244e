"""Repaired times, and the branch's civil days."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from feedback.answers import Anchor, Moment
from feedback.timeline import RATE_ERROR_PPM, Quality, Slot, repaired, slot

NOON_MS = 1_790_000_000_000
MINUTE_MS = 60_000


def test_a_boot_that_never_learned_the_time_is_estimated() -> None:
    """Its wall clock is all there is, and nothing is claimed of it."""
    when = repaired(Moment("b", 5, 1234), [Anchor("another", 5, NOON_MS, "ntp", 1)])

    assert (1234, Quality.ESTIMATED) == (when.utc_ms, when.quality)


def test_a_wrong_wall_clock_does_not_matter_once_the_boot_has_an_anchor() -> None:
    """1970 on the wall, and the press is still placed to the second."""
    when = repaired(Moment("b", 10 * MINUTE_MS, 0), [Anchor("b", 0, NOON_MS, "central", 50)])

    assert (NOON_MS + 10 * MINUTE_MS, Quality.EXACT) == (when.utc_ms, when.quality)


def test_an_anchor_learned_later_places_what_came_before() -> None:
    """A kiosk that finds the network at noon knows when its first customer came."""
    when = repaired(Moment("b", 0, 0), [Anchor("b", 20 * MINUTE_MS, NOON_MS, "central", 50)])

    assert NOON_MS - 20 * MINUTE_MS == when.utc_ms


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.floats(-RATE_ERROR_PPM, RATE_ERROR_PPM),
    st.integers(-500, 500),
)
def test_the_true_time_lies_within_the_doubt_stated(
    press_ms: int, anchor_ms: int, drift_ppm: float, wrong_ms: int
) -> None:
    """Whatever the crystal does within its bound, and however the anchor erred within its own."""
    true_ms = NOON_MS + (press_ms - anchor_ms) * (1 + drift_ppm / 1e6)
    anchor = Anchor("b", anchor_ms, NOON_MS + wrong_ms, "central", 500)

    when = repaired(Moment("b", press_ms, 0), [anchor])

    assert abs(when.utc_ms - true_ms) <= when.uncertainty_ms


def test_the_anchor_that_leaves_least_doubt_is_used() -> None:
    """A rough one close by, or a good one far away: whichever bounds the error better."""
    rough = Anchor("b", 0, NOON_MS + 30_000, "contact", 60_000)
    good = Anchor("b", 600 * MINUTE_MS, NOON_MS + 600 * MINUTE_MS, "ntp", 10)

    assert NOON_MS == repaired(Moment("b", 0, 0), [rough, good]).utc_ms


def test_days_are_the_branchs_own() -> None:
    """Half past midnight in Baku is still yesterday in UTC."""
    utc_ms = round(datetime(2026, 11, 21, 20, 30, tzinfo=UTC).timestamp() * 1000)
    day = (datetime(2026, 11, 22, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days

    assert Slot(day, 0) == slot(utc_ms, ZoneInfo("Asia/Baku"))
    assert Slot(day - 1, 20) == slot(utc_ms, ZoneInfo("UTC"))


def test_zones_with_a_half_hour_have_whole_hours_of_their_own() -> None:
    """In Kolkata the hour turns at half past UTC."""
    utc_ms = round(datetime(2026, 11, 21, 3, 31, tzinfo=UTC).timestamp() * 1000)

    assert 9 == slot(utc_ms, ZoneInfo("Asia/Kolkata")).hour


@given(st.integers(-(2**62), 2**62))
def test_no_clock_is_too_wrong_to_have_a_day(utc_ms: int) -> None:
    """1970 or the year 300000: a day comes out, and nothing fails."""
    assert slot(utc_ms, ZoneInfo("Asia/Baku")).day >= 0
