"""Staff at the kiosk, as what they touch and how long they wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kiosk import staff as staffs
from kiosk.staff import HOLD_MS, OPEN_MS, PIN_MS, Staff, View

PIN = "271828"


@dataclass
class Somebody:
    """Stands before a kiosk whose PIN is PIN; *pause_ms* is what the next wrong one costs."""

    pin_is_set: bool = True
    pause_ms: int = 0
    now_ms: int = 1_000_000
    staff: Staff = field(default_factory=Staff)

    def waits(self, ms: int) -> Somebody:
        self.now_ms += ms
        self.staff = staffs.waited(
            self.staff, self.now_ms, pin_is_set=self.pin_is_set, pause_ms=self.pause_ms
        )
        return self

    def holds_the_corner(self, ms: int = HOLD_MS) -> Somebody:
        self.staff = staffs.rested(self.staff, self.now_ms)
        self.waits(ms)
        self.staff = staffs.lifted(self.staff)
        return self

    def types(self, pin: str = PIN) -> Somebody:
        for digit in pin:
            self.staff = staffs.typed(self.staff, digit, self.now_ms)
        self.staff = staffs.entered(self.staff, self.now_ms)
        right = self.staff.digits == PIN
        self.staff = staffs.checked(
            self.staff, self.now_ms, right=right, pause_ms=0 if right else self.pause_ms
        )
        return self

    def leafs(self, days: int) -> Somebody:
        self.staff = staffs.leafed(self.staff, days, self.now_ms)
        return self

    @property
    def sees(self) -> View:
        return self.staff.view


def test_the_corner_held_and_the_pin_open_the_day() -> None:
    somebody = Somebody().holds_the_corner()
    assert somebody.sees is View.PIN

    assert somebody.types().sees is View.DAY


def test_a_short_touch_of_the_corner_opens_nothing() -> None:
    assert Somebody().holds_the_corner(HOLD_MS - 1).waits(PIN_MS).sees is View.CLOSED


def test_without_a_pin_the_screen_says_so_and_takes_none() -> None:
    somebody = Somebody(pin_is_set=False).holds_the_corner()

    assert somebody.sees is View.NO_PIN
    assert somebody.types().sees is View.NO_PIN


def test_a_wrong_pin_says_so_and_the_digits_are_gone() -> None:
    somebody = Somebody().holds_the_corner().types("111111")

    assert (somebody.sees, somebody.staff.wrong, somebody.staff.digits) == (View.PIN, True, "")
    assert somebody.types().sees is View.DAY


def test_while_locked_not_even_the_right_pin_opens() -> None:
    somebody = Somebody(pause_ms=10_000).holds_the_corner().waits(10_000).types("111111")

    assert somebody.types().sees is View.PIN
    assert somebody.waits(9_999).types().sees is View.PIN
    assert somebody.waits(1).types().sees is View.DAY


def test_a_pad_that_opens_while_locked_says_so_and_closes_before_the_pause_ends() -> None:
    somebody = Somebody(pause_ms=60_000).holds_the_corner()

    assert somebody.staff.locked_until_ms == somebody.now_ms + 60_000
    assert somebody.waits(PIN_MS).sees is View.CLOSED


@pytest.mark.parametrize(
    ("open_it", "stays_ms"),
    [
        (lambda: Somebody().holds_the_corner(), PIN_MS),
        (lambda: Somebody(pin_is_set=False).holds_the_corner(), PIN_MS),
        (lambda: Somebody().holds_the_corner().types(), OPEN_MS),
    ],
)
def test_it_closes_by_itself_when_nobody_touches_it(open_it: Callable[[], Somebody], stays_ms: int) -> None:
    assert open_it().waits(stays_ms - 1).sees is not View.CLOSED
    assert open_it().waits(stays_ms).sees is View.CLOSED


def test_every_touch_keeps_it_open() -> None:
    somebody = Somebody().holds_the_corner().types()
    for _ in range(5):
        somebody.waits(OPEN_MS - 1)
        somebody.staff = staffs.touched(somebody.staff, somebody.now_ms)

    assert somebody.sees is View.DAY


def test_one_leafs_back_day_by_day_and_never_into_tomorrow() -> None:
    somebody = Somebody().holds_the_corner().types()

    assert somebody.leafs(1).leafs(1).staff.days_back == 2
    assert somebody.leafs(-5).staff.days_back == 0
    assert somebody.leafs(10_000).staff.days_back == staffs.FARTHEST_DAYS


def test_digits_can_be_taken_back_and_no_more_than_ten_are_kept() -> None:
    somebody = Somebody().holds_the_corner()
    for digit in "12345678901234":
        somebody.staff = staffs.typed(somebody.staff, digit, somebody.now_ms)
    assert somebody.staff.digits == "1234567890"

    somebody.staff = staffs.erased(somebody.staff, somebody.now_ms)
    assert somebody.staff.digits == "123456789"


def test_enter_without_a_digit_costs_no_try() -> None:
    somebody = Somebody().holds_the_corner()
    somebody.staff = staffs.entered(somebody.staff, somebody.now_ms)

    assert not somebody.staff.checking
