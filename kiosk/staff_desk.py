"""Where staff meet the PIN and the day's figures. Knows no window and no database: both are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from feedback.errors import StoreError
from feedback.staff_pin import opens
from kiosk import lockout, staff
from kiosk.clock import Clock
from kiosk.staff import Staff, View

Day = TypeVar("Day")


class Tries(Protocol):
    """Where the wrong PINs are remembered, so that no restart forgets them."""

    def read(self) -> bytes | None:
        """What was written last; None: nothing yet."""
        ...

    def write(self, raw: bytes) -> None:
        """
        Put *raw* in its place, for good.

        Raises:
            OSError: It cannot.
        """
        ...


@dataclass
class StaffDesk(Generic[Day]):
    """
    The staff's side of one kiosk.

    Attributes:
        clock: Where the time comes from.
        kept_pin: Gives the hash of the PIN that holds now; empty: none is set.
        tries: Remembers wrong ones.
        day_of: Reads a day, so many days back. Slow: it runs beside the window's thread.
        beside: Runs a function beside the window's thread, one after the other.
        later: Runs a function soon in the window's thread.
        watchers: Called after every change.
        staff: Who is there, and what they see.
        day: What ``day_of`` gave for the day that is shown; None: it is still being read, or cannot be.
        trouble: Why it cannot be read, for the log; empty: it can.
    """

    clock: Clock
    kept_pin: Callable[[], str]
    tries: Tries
    day_of: Callable[[int], Day]
    beside: Callable[[Callable[[], None]], None]
    later: Callable[[Callable[[], None]], None]
    watchers: list[Callable[[], None]] = field(default_factory=list)
    staff: Staff = staff.CLOSED
    day: Day | None = None
    trouble: str = ""

    def rest(self) -> None:
        """A finger came to rest on the corner."""
        self._show(staff.rested(self.staff, self._now_ms))

    def lift(self) -> None:
        """It is gone."""
        self._show(staff.lifted(self.staff))

    def tick(self) -> None:
        """Time passed; to be called when ``staff.due_ms`` has come, and harmless before."""
        pin_is_set = bool(self.kept_pin())
        self._show(staff.waited(self.staff, self._now_ms, pin_is_set=pin_is_set, pause_ms=self._pause_ms()))

    def type(self, digit: str) -> None:
        """A digit of the pad."""
        self._show(staff.typed(self.staff, digit, self._now_ms))

    def erase(self) -> None:
        """The last digit is taken back."""
        self._show(staff.erased(self.staff, self._now_ms))

    def enter(self) -> None:
        """The PIN is typed: compare it, beside the window's thread, for comparing is slow on purpose."""
        entered = staff.entered(self.staff, self._now_ms)
        if entered.checking and not self.staff.checking:
            self.beside(lambda: self._compare(entered.digits))
        self._show(entered)

    def leaf(self, days: int) -> None:
        """To another day: 1 is a day earlier, -1 a day later."""
        self._show(staff.leafed(self.staff, days, self._now_ms))

    def touch(self) -> None:
        """A finger landed anywhere else."""
        self._show(staff.touched(self.staff, self._now_ms))

    def close(self) -> None:
        """Staff are done, or a customer pressed."""
        self._show(staff.CLOSED)

    @property
    def _now_ms(self) -> int:
        return self.clock.moment().boot_ms

    def _compare(self, digits: str) -> None:
        moment = self.clock.moment()
        tried = lockout.tried(self._lockout(), moment.boot, moment.boot_ms)
        try:
            # Before it is compared: whoever pulls the plug at the first sign of "wrong" has used up a try.
            self.tries.write(lockout.to_bytes(tried))
            right = opens(digits, self.kept_pin())
            if right:
                self.tries.write(lockout.to_bytes(lockout.Lockout()))
        except OSError as error:
            # Where tries cannot be counted, there are none.
            self.trouble = f"the tries cannot be noted ({error.strerror})"
            right = False
        self.later(lambda: self._compared(right=right))

    def _compared(self, *, right: bool) -> None:
        self._show(staff.checked(self.staff, self._now_ms, right=right, pause_ms=self._pause_ms()))

    def _lockout(self) -> lockout.Lockout:
        raw = self.tries.read()
        return lockout.Lockout() if raw is None else lockout.from_bytes(raw)

    def _pause_ms(self) -> int:
        moment = self.clock.moment()
        return lockout.pause_ms(self._lockout(), moment.boot, moment.boot_ms)

    def _read(self, days_back: int) -> None:
        day, trouble = None, ""
        try:
            day = self.day_of(days_back)
        except StoreError as error:
            trouble = str(error)
        self.later(lambda: self._was_read(days_back, day, trouble))

    def _was_read(self, days_back: int, day: Day | None, trouble: str) -> None:
        # Leafed on, or closed, while it was read: somebody else's by now.
        if self.staff.view is View.DAY and self.staff.days_back == days_back:
            self.day, self.trouble = day, trouble
            self._tell()

    def _show(self, after: Staff) -> None:
        before, self.staff = self.staff, after
        if after == before:
            return
        if after.view is not View.DAY:
            self.day = None
        elif before.view is not View.DAY or before.days_back != after.days_back:
            self.day = None
            self.beside(lambda: self._read(after.days_back))
        self._tell()

    def _tell(self) -> None:
        for tell in self.watchers:
            tell()
