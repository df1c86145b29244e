"""Inside or outside the service hours: by the branch's wall clock, and only when there is no doubt."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.hours import KNOWN_MS, Hours, Periods, Schedule
from feedback.timeline import UNKNOWN_MS, Quality, When

BAKU, BERLIN = ZoneInfo("Asia/Baku"), ZoneInfo("Europe/Berlin")
NINE_TO_SIX = ((540, 1080),)
WEEKDAYS = (NINE_TO_SIX,) * 5 + ((), ())
MINUTE_MS = 60_000


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def at(text: str, zone: ZoneInfo = BAKU, doubt_ms: int = 0, fold: int = 0) -> When:
    """The moment at which the wall clock in *zone* shows *text*."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return When(round(local.timestamp() * 1000), Quality.EXACT, doubt_ms)


def hours(week: tuple[Periods, ...] = WEEKDAYS, since: str = "2026-11-01", **exceptions: Periods) -> Hours:
    return Hours(
        (Schedule(day(since), week, {day(key[1:].replace("_", "-")): on for key, on in exceptions.items()}),)
    )


@pytest.mark.parametrize(
    ("wall", "closed"),
    [
        ("2026-11-02T08:59:59.999", True),
        ("2026-11-02T09:00", False),
        ("2026-11-02T17:59:59.999", False),
        ("2026-11-02T18:00", True),
        ("2026-11-07T12:00", True),  # a Saturday
        ("2026-10-26T03:00", False),  # before the hours hold
        ("2026-11-01T03:00", True),  # from the first minute of their first day, a Sunday
        ("2026-10-31T23:59", False),
    ],
)
def test_the_wall_clock_of_the_branch_decides(wall: str, closed: bool) -> None:
    """Nine in Baku is five in UTC."""
    assert closed is hours().is_closed(at(wall), BAKU)


def test_no_hours_are_always_open() -> None:
    assert not Hours().is_closed(at("2026-11-02T03:00"), BAKU)


def test_a_lunch_break_and_a_night_that_passes_midnight() -> None:
    """Two times a day; and one that ends at 24:00 is followed by one that begins at 00:00."""
    bar = hours((((0, 120), (540, 780), (840, 1440)),) * 7)

    for wall in ("00:00", "01:59", "12:59", "14:00", "23:59:59.999"):
        assert not bar.is_closed(at(f"2026-11-03T{wall}"), BAKU)
    for wall in ("02:00", "08:59", "13:00", "13:59:59.999"):
        assert bar.is_closed(at(f"2026-11-03T{wall}"), BAKU)


def test_a_holiday_and_a_working_saturday_stand_in_place_of_the_week() -> None:
    changed = hours(_2026_12_31=((540, 840),), _2027_01_01=(), _2027_01_02=((0, 1440),))

    assert not changed.is_closed(at("2026-12-31T13:59"), BAKU)
    assert changed.is_closed(at("2026-12-31T14:00"), BAKU)
    assert changed.is_closed(at("2027-01-01T12:00"), BAKU)
    assert not changed.is_closed(at("2027-01-02T12:00"), BAKU)
    assert changed.is_closed(at("2027-01-03T12:00"), BAKU)


def test_a_change_never_judges_the_past() -> None:
    """Later hours hold from their day on, and the earlier ones until then."""
    both = Hours((*hours().schedules, *hours(((),) * 7, "2026-12-01").schedules))

    assert not both.is_closed(at("2026-11-30T12:00"), BAKU)
    assert both.is_closed(at("2026-12-01T12:00"), BAKU)


def test_who_is_in_doubt_counts() -> None:
    """Known to within 15 minutes, and closed at every minute of them."""
    night, doubt = "2026-11-02T08:40", 10 * MINUTE_MS

    assert hours().is_closed(at(night, doubt_ms=doubt), BAKU)
    assert not hours().is_closed(at(night, doubt_ms=2 * doubt), BAKU)
    assert not hours().is_closed(at("2026-11-02T08:50", doubt_ms=doubt), BAKU)
    assert not hours().is_closed(at("2026-11-02T18:09", doubt_ms=doubt), BAKU)
    assert hours().is_closed(at("2026-11-02T03:00", doubt_ms=KNOWN_MS), BAKU)
    assert not hours().is_closed(at("2026-11-02T03:00", doubt_ms=KNOWN_MS + 1), BAKU)
    assert not hours().is_closed(at("2026-11-02T03:00", doubt_ms=UNKNOWN_MS), BAKU)


def test_a_door_that_opens_only_within_the_doubt_is_a_doubt() -> None:
    """Closed at both ends of the interval, and open for ten minutes between."""
    hatch = hours((((600, 610),),) * 7)

    assert not hatch.is_closed(at("2026-11-02T10:05", doubt_ms=KNOWN_MS), BAKU)
    assert hatch.is_closed(at("2026-11-02T10:30", doubt_ms=KNOWN_MS), BAKU)


def test_the_hour_that_summer_time_repeats_is_open_both_times_and_the_one_it_skips_does_not_exist() -> None:
    """Berlin, 25 October 2026: 02:00 to 03:00 comes twice. 28 March 2027: after 01:59 comes 03:00."""
    night = hours((((120, 150),),) * 7, "2026-01-01")

    for fold in (0, 1):
        assert not night.is_closed(at("2026-10-25T02:29", BERLIN, fold=fold), BERLIN)
        assert night.is_closed(at("2026-10-25T02:30", BERLIN, fold=fold), BERLIN)
    before = at("2027-03-28T01:59", BERLIN)
    assert night.is_closed(before, BERLIN)
    assert night.is_closed(When(before.utc_ms + MINUTE_MS, Quality.EXACT, KNOWN_MS), BERLIN)


def test_a_time_far_outside_the_calendar_breaks_nothing() -> None:
    for utc_ms in (-(2**53), 0, 2**53):
        assert hours(since="1970-01-01", week=((),) * 7).is_closed(When(utc_ms, Quality.EXACT, 0), BAKU)


PERIODS = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(
    lambda cuts: tuple(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)
SCHEDULES = st.lists(
    st.builds(
        Schedule,
        st.integers(20_740, 20_760),
        st.tuples(*[PERIODS] * 7),
        st.dictionaries(st.integers(20_740, 20_765), PERIODS, max_size=3),
    ),
    max_size=3,
    unique_by=lambda one: one.since,
).map(lambda found: Hours(tuple(sorted(found, key=lambda one: one.since))))


@given(
    SCHEDULES,
    st.integers(20_735 * 1440, 20_765 * 1440),
    st.integers(0, KNOWN_MS),
    st.sampled_from([BAKU, BERLIN]),
)
def test_closed_means_that_no_moment_of_the_interval_is_open(
    some: Hours, minute: int, doubt_ms: int, zone: ZoneInfo
) -> None:
    """Told again in the plainest way: every ten seconds of the interval is looked up on the wall."""
    utc_ms = minute * MINUTE_MS
    moments = {utc_ms - doubt_ms, *range(utc_ms - doubt_ms, utc_ms + doubt_ms + 1, 10_000), utc_ms + doubt_ms}

    assert some.is_closed(When(utc_ms, Quality.EXACT, doubt_ms), zone) is not any(
        is_open(some, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms), zone) for ms in moments
    )


def is_open(some: Hours, moment: datetime, zone: ZoneInfo) -> bool:
    wall = moment.astimezone(zone)
    number = wall.date().toordinal() - date(1970, 1, 1).toordinal()
    holding = None
    for schedule in some.schedules:
        if schedule.since <= number:
            holding = schedule
    if holding is None:
        return True
    periods = holding.exceptions.get(number, holding.week[wall.weekday()])
    now = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    return any(timedelta(minutes=start) <= now < timedelta(minutes=end) for start, end in periods)


@given(SCHEDULES, SCHEDULES)
def test_before_the_first_difference_two_hours_say_the_same(one: Hours, other: Hours) -> None:
    """So that publishing new hours looks at nothing older."""
    first = one.first_difference(other)

    assert first == other.first_difference(one)
    for number in range(20_735, 20_770 if first is None else first):
        assert on(one, number) == on(other, number)


def on(some: Hours, number: int) -> Periods | None:
    holding = [schedule for schedule in some.schedules if schedule.since <= number]
    return holding[-1].on(number) if holding else None
