"""The earlier days of a demonstration."""

from itertools import pairwise

from kiosk.demo.history import CLOSES_MS, OPENS_MS, DayClock, boot_id, customers

MONDAY = 4  # 1970-01-05


def test_earlier_days_are_the_same_in_every_run() -> None:
    """A demonstration that can be repeated can be trusted."""
    assert list(customers(20_000)) == list(customers(20_000))
    assert boot_id(3) == boot_id(3) != boot_id(4)


def test_nobody_comes_on_a_sunday() -> None:
    """And on every other day of the week somebody does, in order."""
    week = [list(customers(MONDAY + day)) for day in range(7)]

    assert [False] * 6 + [True] == [not day for day in week]
    for day in week[:6]:
        assert all(earlier.at_ms < later.at_ms for earlier, later in pairwise(day))
        assert OPENS_MS <= day[0].at_ms
        assert day[-1].at_ms < CLOSES_MS + 3_600_000


def test_the_clock_of_an_earlier_day_starts_with_its_boot() -> None:
    """Boot clock and wall clock run together, and the boot knows the time."""
    clock = DayClock("boot", started_ms=1_000_000, now_ms=1_060_000)

    moment = clock.moment()
    anchor = clock.anchor()

    assert (60_000, 1_060_000) == (moment.boot_ms, moment.wall_ms)
    assert anchor is not None
    assert (60_000, 1_060_000) == (anchor.boot_ms, anchor.utc_ms)
