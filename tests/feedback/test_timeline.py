"""Repaired times, and the branch's civil days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from feedback.answers import Anchor, Moment
from feedback.timeline import (
    RATE_ERROR_PPM,
    UNKNOWN_MS,
    Quality,
    Slot,
    Stay,
    Window,
    repaired,
    slot,
    windows,
)

NOON_MS = 1_790_000_000_000
MINUTE_MS = 60_000
LATE_2099_MS = 4_102_444_799_999


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


def test_the_hour_turns_where_it_does_also_in_the_middle_of_a_quarter() -> None:
    """Monrovia was 44 minutes and 30 seconds behind until 1972: a wrong clock may say so today."""
    monrovia = ZoneInfo("Africa/Monrovia")

    for utc_ms in range(10_000_000_000, 10_000_000_000 + 90 * MINUTE_MS, MINUTE_MS // 2):
        assert datetime.fromtimestamp(utc_ms // 1_000, monrovia).hour == slot(utc_ms, monrovia).hour


def test_zones_with_a_half_hour_have_whole_hours_of_their_own() -> None:
    """In Kolkata the hour turns at half past UTC."""
    utc_ms = round(datetime(2026, 11, 21, 3, 31, tzinfo=UTC).timestamp() * 1000)

    assert 9 == slot(utc_ms, ZoneInfo("Asia/Kolkata")).hour


@given(st.integers(-(2**62), 2**62), st.integers(0, LATE_2099_MS))
def test_no_wall_clock_is_so_wrong_that_the_truth_is_outside(wall_ms: int, true_ms: int) -> None:
    """1970, 2099 or nonsense: what is claimed of a clock nobody vouches for covers every year of ours."""
    when = repaired(Moment("b", 5, wall_ms), [])

    assert (Quality.ESTIMATED, UNKNOWN_MS) == (when.quality, when.uncertainty_ms)
    assert abs(when.utc_ms - true_ms) <= when.uncertainty_ms


def test_a_boot_without_an_anchor_lies_between_its_neighbours() -> None:
    """It began after all that is known of the boot before, and was over when the next began."""
    before = [
        Anchor("a", 0, NOON_MS, "ntp", 40),
        Anchor("a", 10 * MINUTE_MS, NOON_MS + 10 * MINUTE_MS, "ntp", 40),
    ]
    after = [Anchor("c", MINUTE_MS, NOON_MS + 31 * MINUTE_MS, "central", 60)]
    stays = [Stay("a", 1, 0, 5 * MINUTE_MS), Stay("b", 7, 0, 4 * MINUTE_MS), Stay("c", 9, 0, 0)]

    found = windows(stays, {"a": before, "c": after})

    # The last anchor of the boot before is later than its last answer; 500 ppm of a minute are 30 ms.
    begins_ms, ends_ms = NOON_MS + 10 * MINUTE_MS - 40, NOON_MS + 30 * MINUTE_MS + 90
    assert {"b": Window(begins_ms, ends_ms, 4 * MINUTE_MS)} == found
    when = repaired(Moment("b", 3 * MINUTE_MS, 0), before + after, found["b"])
    assert Quality.ESTIMATED is when.quality
    assert begins_ms + 3 * MINUTE_MS - 90 == when.utc_ms - when.uncertainty_ms
    assert ends_ms - MINUTE_MS + 30 <= when.utc_ms + when.uncertainty_ms <= ends_ms - MINUTE_MS + 31


def test_boots_in_a_row_that_know_no_time_push_each_other() -> None:
    """Three power cuts before the network comes back: each boot took as long as its last answer says."""
    stays = [Stay(boot, 1 + at, 0, MINUTE_MS) for at, boot in enumerate("abcd")]
    known = {
        boot: [Anchor(boot, 0, NOON_MS + at * 60 * MINUTE_MS, "ntp", 0)] for boot, at in (("a", 0), ("d", 1))
    }

    found = windows(stays[::-1], known)

    minute_ms = MINUTE_MS - 30
    assert Window(NOON_MS + minute_ms, NOON_MS + 60 * MINUTE_MS - minute_ms, MINUTE_MS) == found["b"]
    assert Window(NOON_MS + 2 * minute_ms, NOON_MS + 60 * MINUTE_MS, MINUTE_MS) == found["c"]


def test_a_boot_that_is_bounded_on_one_side_has_no_window() -> None:
    """The first boots of a new kiosk, and the last ones before the network is found."""
    stays = [Stay(boot, 1 + at, 0, MINUTE_MS) for at, boot in enumerate("abc")]

    assert {} == windows(stays, {"b": [Anchor("b", 0, NOON_MS, "ntp", 40)]})
    assert {} == windows(stays, {"b": []})


def test_a_boots_own_anchor_is_taken_before_any_window() -> None:
    """Knowing beats reckoning."""
    anchors = [Anchor("b", 0, NOON_MS, "ntp", 40)]

    assert repaired(Moment("b", 5, 0), anchors) == repaired(Moment("b", 5, 0), anchors, Window(0, 9, 5))


@given(
    st.lists(
        st.builds(
            Anchor,
            boot=st.sampled_from("ac"),
            boot_ms=st.integers(0, 10**9),
            utc_ms=st.integers(-(10**15), 10**15),
            source=st.just("rtc"),
            error_ms=st.integers(0, 10**6),
        )
    ),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_neighbours_that_contradict_each_other_are_both_covered(
    anchors: list[Anchor], last_ms: int, press_ms: int
) -> None:
    """The next boot ended years before this one began: somebody is wrong, and nothing fails."""
    known = {boot: [one for one in anchors if one.boot == boot] for boot in "ac"}
    found = windows([Stay("a", 1, 0, 0), Stay("b", 2, 0, last_ms), Stay("c", 3, 0, 0)], known)

    assert set(found) == ({"b"} if known["a"] and known["c"] else set())
    for window in found.values():
        when = repaired(Moment("b", press_ms, 0), anchors, window)
        low, high = when.utc_ms - when.uncertainty_ms, when.utc_ms + when.uncertainty_ms
        assert low <= window.zero_ms + press_ms
        assert low <= window.end_ms + max(0, press_ms - last_ms)
        assert high >= window.zero_ms + press_ms * (1 - RATE_ERROR_PPM / 1e6) - 1
        assert high >= window.end_ms - last_ms


@dataclass(frozen=True)
class Life:
    """A boot as it truly was: when it began, how fast its clock was, how long it ran, what it knew and stored."""

    began_us: int
    ppm: int
    presses_ms: list[int]
    anchors: list[Anchor]

    def true_us(self, boot_ms: int) -> int:
        return self.began_us + boot_ms * 1_000 + boot_ms * self.ppm // 1_000


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    """Boots one after another, apart as power cuts leave them; anchors err within what they admit."""
    found: list[Life] = []
    now_us = NOON_MS * 1_000
    ppm = st.one_of(
        st.sampled_from([-RATE_ERROR_PPM, RATE_ERROR_PPM]), st.integers(-RATE_ERROR_PPM, RATE_ERROR_PPM)
    )
    for number in range(draw(st.integers(3, 6))):
        presses = sorted(draw(st.lists(st.integers(0, 10**8), min_size=1, max_size=3)))
        boot = Life(now_us + draw(st.integers(0, 10**10)), draw(ppm), presses, [])
        for at_ms, error_ms in draw(
            st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 60_000)), max_size=2)
        ):
            off_ms = draw(st.sampled_from([-error_ms + 1, 0, error_ms - 1]))
            told_ms = boot.true_us(at_ms) // 1_000 + off_ms
            boot.anchors.append(Anchor(f"boot-{number}", at_ms, told_ms, "central", error_ms))
        found.append(boot)
        now_us = boot.true_us(max([*presses, *(anchor.boot_ms for anchor in boot.anchors)]))
    return found


@given(lives())
def test_the_true_time_lies_within_the_doubt_stated_in_every_boot(boots: list[Life]) -> None:
    """Anchored or not, whatever the crystals do, however long the power was gone."""
    first = [1 + sum(len(life.presses_ms) for life in boots[:at]) for at in range(len(boots))]
    stays = [
        Stay(f"boot-{at}", first[at], life.presses_ms[0], life.presses_ms[-1])
        for at, life in enumerate(boots)
    ]
    found = windows(stays, {f"boot-{at}": life.anchors for at, life in enumerate(boots)})

    for at, life in enumerate(boots):
        for press_ms in life.presses_ms:
            when = repaired(Moment(f"boot-{at}", press_ms, 0), life.anchors, found.get(f"boot-{at}"))
            assert abs(when.utc_ms * 1_000 - life.true_us(press_ms)) <= when.uncertainty_ms * 1_000


@given(st.integers(-(2**62), 2**62))
def test_no_clock_is_too_wrong_to_have_a_day(utc_ms: int) -> None:
    """1970 or the year 300000: a day comes out, and nothing fails."""
    assert slot(utc_ms, ZoneInfo("Asia/Baku")).day >= 0
