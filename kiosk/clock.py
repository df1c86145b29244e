"""What the machine says of the time: boot id, boot clock, wall clock, and whether somebody set it."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from feedback.answers import Anchor, Moment
from feedback.timeline import drift_ms

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")
CHIP = Path("/sys/class/rtc/rtc0/since_epoch")
NTP_ERROR_MS = 100
"""What is claimed of the way to the time server. timesyncd's polls end within tens of milliseconds on a LAN."""
CHIP_ERROR_MS = 1_500
"""A clock chip says whole seconds, read here as the middle of one; and the kernel may set it up to one wrong."""
CHIP_SET_EVERY_MS = 12 * 60_000
"""The kernel sets the chip every 11 minutes while somebody keeps the clock."""


class Clock(Protocol):
    """Where the time comes from. An argument everywhere, so that a whole day can be played in a second."""

    def moment(self) -> Moment:
        """Boot, boot clock and wall clock now, as one reading."""
        ...

    def anchor(self) -> Anchor | None:
        """What this boot knows of the true time without asking central; None if nobody has set the clock."""
        ...


@runtime_checkable
class Chipped(Protocol):
    """A clock whose machine may have a clock chip that runs on while the power is gone."""

    def chip(self) -> tuple[Moment, int] | None:
        """A moment, and the second of UTC that the chip said then; None: there is no chip."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """
    What the kernel says of the wall clock.

    Attributes:
        utc_ms: The wall clock.
        error_ms: How far off it may be by the kernel's own account, the correction that is still under way included.
    """

    utc_ms: int
    error_ms: int


class KernelClock:
    """
    The clocks of the machine this runs on.

    Args:
        kernel: Gives what the kernel says of the wall clock; None: that nobody keeps it.
        mark: The file that timesyncd touches whenever it has set the clock.
        chip: Where the kernel shows the clock chip's second.
    """

    def __init__(
        self,
        kernel: Callable[[], Kept | None] | None = None,
        mark: Path = TIMESYNCD_MARK,
        chip: Path = CHIP,
    ) -> None:
        self._boot = BOOT_ID.read_text().strip().replace("-", "")
        self._kernel = kernel or kept
        self._mark = mark
        self._chip = chip
        self._asleep_ns = 0

    def moment(self) -> Moment:
        """
        Boot, boot clock and wall clock now.

        The boot clock is the one that nobody corrects, CLOCK_MONOTONIC_RAW, and the time the machine was suspended.
        CLOCK_BOOTTIME would not do: timesyncd's corrections, up to 0.4 s within seconds, move it as well.
        """
        raw_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        # Read in this order the difference is never too long, so that the greatest is the true one.
        boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        asleep_ns = boot_ns - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self._asleep_ns = max(self._asleep_ns, asleep_ns)
        return Moment(self._boot, (raw_ns + self._asleep_ns) // 1_000_000, time.time_ns() // 1_000_000)

    def anchor(self) -> Anchor | None:
        """The wall clock as an anchor, while somebody keeps it or once timesyncd has set it in this boot."""
        now = self.moment()
        by_kernel = self._kernel()
        if by_kernel is not None:
            took_ms = self.moment().boot_ms - now.boot_ms
            error_ms = by_kernel.error_ms + NTP_ERROR_MS + took_ms
            return Anchor(now.boot, now.boot_ms, by_kernel.utc_ms, "ntp", error_ms)
        try:
            set_ms = int(self._mark.stat().st_mtime * 1_000)
        except OSError:
            return None
        # A kernel that is not asked, or was told not to touch the chip, says that nobody keeps the clock.
        error_ms = NTP_ERROR_MS + drift_ms(max(0, now.wall_ms - set_ms))
        return Anchor(now.boot, now.boot_ms, now.wall_ms, "ntp", error_ms)

    def chip(self) -> tuple[Moment, int] | None:
        """A moment, and the second of UTC that the clock chip said then; None: there is no chip, or it is silent."""
        try:
            return self.moment(), int(self._chip.read_text())
        except (OSError, ValueError):
            return None


def chip_anchor(now: Moment, chip_s: int, known: Iterable[Anchor]) -> Anchor | None:
    """
    What the clock chip knows, if earlier boots vouch for it; None if not.

    The kernel sets the chip while the clock is kept by ``ntp``, and by nothing else. So of the anchors *known* from
    earlier boots only such count, and of a boot only those by which the chip must have been set in it. From then on
    the chip may have run 500 ppm off; one that says less than the last of them has stood still or was taken out.
    """
    first: dict[str, int] = {}
    voucher: Anchor | None = None
    by_ntp = (one for one in known if one.source == "ntp" and one.boot != now.boot)
    for one in sorted(by_ntp, key=lambda anchor: anchor.utc_ms):
        begins_ms = first.setdefault(one.boot, one.boot_ms)
        if one.boot_ms - begins_ms >= CHIP_SET_EVERY_MS:
            voucher = one
    if voucher is None:
        return None
    utc_ms = chip_s * 1_000 + 500
    if utc_ms <= voucher.utc_ms:
        return None
    ran_ms = utc_ms - voucher.utc_ms + CHIP_SET_EVERY_MS
    error_ms = CHIP_ERROR_MS + drift_ms(ran_ms) + voucher.error_ms
    return Anchor(now.boot, now.boot_ms, utc_ms, "rtc", error_ms)


def kept() -> Kept | None:
    """
    What the kernel says of the wall clock, by adjtimex; None: that nobody keeps it, or nothing.

    After each poll chrony tells it how far off the clock may be, timesyncd says 0; from then on the kernel adds
    500 ppm by itself, and past 16 s it calls the clock unsynchronised. So the way to the server is not in it for
    certain. The clock is given as the kernel has it, whatever the process was made to believe.
    """
    reading = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(reading))
    except (OSError, AttributeError):
        return None
    if state < 0 or state == _TIME_ERROR or reading.status & _UNSYNC:
        return None
    per_ms = 1_000_000 if reading.status & _NANO else 1_000
    error_ms = -(-reading.maxerror // 1_000) + -(-abs(reading.offset) // per_ms)
    return Kept(reading.sec * 1_000 + reading.fraction // per_ms, error_ms)


class _Timex(ctypes.Structure):
    """``struct timex``, adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: only read, which needs no privilege
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),  # microseconds
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("sec", ctypes.c_long),
        ("fraction", ctypes.c_long),
        ("rest", ctypes.c_byte * 256),
    )


_TIME_ERROR = 5
_UNSYNC, _NANO = 0x40, 0x2000
