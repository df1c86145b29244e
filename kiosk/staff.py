"""
Branch staff at the kiosk, decided without a screen, a disk or a clock.

A corner of the screen, held for three seconds, asks for the PIN; the right one opens the day's summary, which closes by
itself. Like a visit it is a value: each function takes it with what happened and when, and returns the next one. Times
are milliseconds of the boot clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

HOLD_MS = 3_000
"""Longer than a child leans on a corner, shorter than staff lose patience (guessed, not measured)."""
PIN_MS = 20_000
"""The PIN pad closes so long after the last touch."""
OPEN_MS = 60_000
"""The summary closes so long after the last touch: it is read standing, and customers wait."""
LONGEST_PIN = 10
FARTHEST_DAYS = 366
"""How many days back one can leaf."""


class View(Enum):
    """What staff see."""

    CLOSED = "closed"
    NO_PIN = "no_pin"
    PIN = "pin"
    DAY = "day"


STAYS_MS = {View.NO_PIN: PIN_MS, View.PIN: PIN_MS, View.DAY: OPEN_MS}


@dataclass(frozen=True, slots=True)
class Staff:
    """
    Staff before the screen.

    Attributes:
        view: What is shown.
        held_since_ms: Since when a finger rests on the corner; None: none does.
        digits: Typed so far.
        checking: A PIN is being compared; nothing is typed meanwhile.
        wrong: The last PIN was.
        locked_until_ms: No PIN may be tried before; 0: it may.
        days_back: Of the day shown; 0: today.
        until_ms: When it closes by itself; None while closed.
    """

    view: View = View.CLOSED
    held_since_ms: int | None = None
    digits: str = ""
    checking: bool = False
    wrong: bool = False
    locked_until_ms: int = 0
    days_back: int = 0
    until_ms: int | None = None

    @property
    def due_ms(self) -> int | None:
        """When ``waited`` has something to do; None while only a finger can change anything."""
        if self.view is View.CLOSED:
            return None if self.held_since_ms is None else self.held_since_ms + HOLD_MS
        if self.locked_until_ms and self.until_ms is not None:
            return min(self.locked_until_ms, self.until_ms)
        return self.until_ms


CLOSED = Staff()
"""Nobody of the staff is there; also what a customer's press makes of it, which is never kept waiting."""


def rested(staff: Staff, at_ms: int) -> Staff:
    """A finger came to rest on the corner."""
    return replace(staff, held_since_ms=at_ms) if staff.view is View.CLOSED else staff


def lifted(staff: Staff) -> Staff:
    """It left it, or slid away."""
    return replace(staff, held_since_ms=None)


def waited(staff: Staff, at_ms: int, *, pin_is_set: bool, pause_ms: int) -> Staff:
    """
    Time passed: it is now *at_ms*.

    *pause_ms*: how long no PIN may be tried. It matters only as the pad opens, which tells of it.
    """
    if staff.due_ms is None or at_ms < staff.due_ms:
        return staff
    if staff.view is View.CLOSED:
        locked_until_ms = at_ms + pause_ms if pin_is_set and pause_ms else 0
        return Staff(
            View.PIN if pin_is_set else View.NO_PIN, locked_until_ms=locked_until_ms, until_ms=at_ms + PIN_MS
        )
    if staff.until_ms is not None and at_ms >= staff.until_ms:
        return CLOSED
    return replace(staff, locked_until_ms=0, wrong=False)


def typed(staff: Staff, digit: str, at_ms: int) -> Staff:
    """A digit of the pad."""
    if not _takes_digits(staff, at_ms) or len(staff.digits) == LONGEST_PIN:
        return staff
    return replace(staff, digits=staff.digits + digit, wrong=False, until_ms=at_ms + PIN_MS)


def erased(staff: Staff, at_ms: int) -> Staff:
    """The last digit was taken back."""
    if not _takes_digits(staff, at_ms):
        return staff
    return replace(staff, digits=staff.digits[:-1], wrong=False, until_ms=at_ms + PIN_MS)


def entered(staff: Staff, at_ms: int) -> Staff:
    """The PIN is complete, says whoever types it: it is ``checking`` now, if there is anything to check."""
    if not _takes_digits(staff, at_ms) or not staff.digits:
        return staff
    return replace(staff, checking=True, until_ms=at_ms + PIN_MS)


def checked(staff: Staff, at_ms: int, *, right: bool, pause_ms: int) -> Staff:
    """The PIN has been compared. *pause_ms*: how long no other may be tried."""
    if not staff.checking:
        return staff
    if right:
        return Staff(View.DAY, until_ms=at_ms + OPEN_MS)
    locked_until_ms = at_ms + pause_ms if pause_ms else 0
    return Staff(View.PIN, wrong=True, locked_until_ms=locked_until_ms, until_ms=at_ms + PIN_MS)


def leafed(staff: Staff, days: int, at_ms: int) -> Staff:
    """To another day: 1 is a day earlier, -1 a day later."""
    if staff.view is not View.DAY:
        return staff
    days_back = min(max(staff.days_back + days, 0), FARTHEST_DAYS)
    return replace(staff, days_back=days_back, until_ms=at_ms + OPEN_MS)


def touched(staff: Staff, at_ms: int) -> Staff:
    """A finger landed anywhere else: somebody is still there."""
    stays_ms = STAYS_MS.get(staff.view)
    return staff if stays_ms is None else replace(staff, until_ms=at_ms + stays_ms)


def _takes_digits(staff: Staff, at_ms: int) -> bool:
    return staff.view is View.PIN and not staff.checking and at_ms >= staff.locked_until_ms
