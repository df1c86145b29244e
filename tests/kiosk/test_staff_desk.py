"""Staff, the PIN and the figures together: what opens, what locks, and what a restart remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from feedback.answers import Anchor, Moment
from feedback.errors import StoreError
from feedback.staff_pin import hashed
from kiosk.lockout import FREE
from kiosk.staff import HOLD_MS, PIN_MS, View
from kiosk.staff_desk import StaffDesk

PIN, WRONG = "271828", "314159"
KEPT = hashed(PIN, bytes(16))
MINUTE_MS = 60_000


@dataclass
class Clock:
    """Stands where it is put."""

    boot: str = "first"
    boot_ms: int = 5_000

    def moment(self) -> Moment:
        return Moment(self.boot, self.boot_ms, 0)

    def anchor(self) -> Anchor | None:
        return None


@dataclass
class File:
    """One file, as the kiosk's own is; ``full``: the card takes no more."""

    path: Path
    full: bool = False

    def read(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None

    def write(self, raw: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.path.write_bytes(raw)


@dataclass
class Kiosk:
    """A desk whose work beside is done when ``works`` is called."""

    path: Path
    kept: str = KEPT
    clock: Clock = field(default_factory=Clock)
    days: Callable[[int], str] = "day -{}".format
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file = File(self.path)
        self.start()

    def start(self) -> None:
        self.desk = StaffDesk[str](
            self.clock, lambda: self.kept, self.file, self.days, self.waiting.append, lambda run: run()
        )

    def restarts(self) -> None:
        self.clock.boot, self.clock.boot_ms = f"{self.clock.boot}+", 0
        self.start()

    def waits(self, ms: int) -> None:
        self.clock.boot_ms += ms
        self.desk.tick()

    def works(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()

    def opens_the_pad(self) -> None:
        self.desk.rest()
        self.waits(HOLD_MS)
        self.desk.lift()

    def types(self, pin: str) -> None:
        for digit in pin:
            self.desk.type(digit)
        self.desk.enter()
        self.works()

    @property
    def sees(self) -> View:
        return self.desk.staff.view


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path / "tries.json")


def test_the_right_pin_opens_todays_figures(kiosk: Kiosk) -> None:
    kiosk.opens_the_pad()
    kiosk.types(PIN)

    assert (kiosk.sees, kiosk.desk.day) == (View.DAY, "day -0")


def test_four_wrong_ones_and_a_right_one_are_forgiven(kiosk: Kiosk) -> None:
    for _ in range(3):
        kiosk.opens_the_pad()
        for _ in range(FREE - 1):
            kiosk.types(WRONG)
        kiosk.types(PIN)
        assert kiosk.sees is View.DAY
        kiosk.desk.close()


def test_five_wrong_ones_lock_it_for_a_minute_also_for_who_knows_the_pin(kiosk: Kiosk) -> None:
    kiosk.opens_the_pad()
    for _ in range(FREE):
        kiosk.types(WRONG)
    kiosk.types(PIN)
    assert kiosk.sees is View.PIN

    kiosk.waits(PIN_MS)
    kiosk.waits(MINUTE_MS)
    kiosk.opens_the_pad()
    kiosk.types(PIN)
    assert kiosk.sees is View.DAY


def test_a_restart_does_not_unlock_it(kiosk: Kiosk) -> None:
    kiosk.opens_the_pad()
    for _ in range(FREE):
        kiosk.types(WRONG)

    kiosk.restarts()
    kiosk.opens_the_pad()
    kiosk.types(PIN)
    assert kiosk.sees is View.PIN
    assert kiosk.desk.staff.locked_until_ms == MINUTE_MS

    kiosk.waits(PIN_MS)
    kiosk.waits(MINUTE_MS)
    kiosk.opens_the_pad()
    kiosk.types(PIN)
    assert kiosk.sees is View.DAY


def test_a_plug_pulled_while_the_pin_is_compared_has_cost_a_try(kiosk: Kiosk) -> None:
    for _ in range(FREE):
        kiosk.opens_the_pad()
        kiosk.types(WRONG)
        kiosk.restarts()

    kiosk.opens_the_pad()
    assert kiosk.desk.staff.locked_until_ms > 0


def test_a_spoiled_memory_of_tries_locks(kiosk: Kiosk) -> None:
    kiosk.path.write_bytes(b'{"v": 1, "wro')

    kiosk.opens_the_pad()
    kiosk.types(PIN)

    assert kiosk.sees is View.PIN


def test_where_tries_cannot_be_noted_there_are_none(kiosk: Kiosk) -> None:
    kiosk.file.full = True
    kiosk.opens_the_pad()
    kiosk.types(PIN)

    assert kiosk.sees is View.PIN
    assert "the tries cannot be noted (No space left on device)" in kiosk.desk.trouble


def test_without_a_pin_nothing_opens(kiosk: Kiosk) -> None:
    kiosk.kept = ""
    kiosk.opens_the_pad()
    kiosk.types(PIN)

    assert kiosk.sees is View.NO_PIN


def test_an_earlier_day_is_read_and_one_left_meanwhile_is_not_shown(kiosk: Kiosk) -> None:
    kiosk.opens_the_pad()
    kiosk.types(PIN)

    kiosk.desk.leaf(1)
    assert kiosk.desk.day is None
    kiosk.desk.leaf(1)
    kiosk.waiting.pop(0)()
    assert kiosk.desk.day is None
    kiosk.works()
    assert kiosk.desk.day == "day -2"


def test_answers_that_cannot_be_read_are_a_sentence_and_no_figures(kiosk: Kiosk) -> None:
    def unreadable(days_back: int) -> str:
        raise StoreError("answers.db: cannot be read now")

    kiosk.days = unreadable
    kiosk.start()
    kiosk.opens_the_pad()
    kiosk.types(PIN)

    assert (kiosk.sees, kiosk.desk.day) == (View.DAY, None)
    assert kiosk.desk.trouble == "answers.db: cannot be read now"


def test_figures_are_gone_from_memory_once_it_is_closed(kiosk: Kiosk) -> None:
    kiosk.opens_the_pad()
    kiosk.types(PIN)
    kiosk.desk.close()

    assert kiosk.desk.day is None
