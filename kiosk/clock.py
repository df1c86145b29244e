"""What the machine says of the time: boot id, boot clock, wall clock, and whether somebody set it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

from feedback.answers import Anchor, Moment

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")
NTP_ERROR_MS = 100
"""What is claimed of a clock that timesyncd keeps. Its own polls end within tens of milliseconds on a LAN."""


class Clock(Protocol):
    """Where the time comes from. An argument everywhere, so that a whole day can be played in a second."""

    def moment(self) -> Moment:
        """Boot, boot clock and wall clock now, as one reading."""
        ...

    def anchor(self) -> Anchor | None:
        """What this boot knows of the true time without asking central; None if nobody has set the clock."""
        ...


class KernelClock:
    """The clocks of the machine this runs on."""

    def __init__(self) -> None:
        self._boot = BOOT_ID.read_text().strip().replace("-", "")

    def moment(self) -> Moment:
        """Boot, boot clock and wall clock now."""
        boot_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return Moment(self._boot, boot_ms, time.time_ns() // 1_000_000)

    def anchor(self) -> Anchor | None:
        """The wall clock as an anchor, once timesyncd has set it in this boot."""
        if not TIMESYNCD_MARK.exists():
            return None
        now = self.moment()
        return Anchor(now.boot, now.boot_ms, now.wall_ms, "ntp", NTP_ERROR_MS)
