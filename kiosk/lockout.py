"""
How often a wrong PIN may be tried, decided without a clock or a file.

Four wrong ones cost nothing but the trying; from the fifth on each costs a pause, twice as long as the one before, up
to an hour. Times are milliseconds of the boot clock: a pause that a restart interrupts begins again, whole, with the
new boot, for its clock starts at zero and nobody can tell how long the power was gone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

FREE = 5
FIRST_PAUSE_MS = 60_000
LONGEST_PAUSE_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Lockout:
    """
    What is remembered of tries.

    Attributes:
        wrong: Wrong ones since the last right one.
        boot: In which the last of them was made.
        at_ms: When, by that boot's clock.
    """

    wrong: int = 0
    boot: str = ""
    at_ms: int = 0


STRICTEST = Lockout(wrong=64)
"""What holds when the file that remembers is spoiled: whoever can spoil it gains nothing by it."""


def pause_ms(lockout: Lockout, boot: str, now_ms: int) -> int:
    """
    How long from *now_ms* of *boot* no PIN may be tried; 0: it may.

    >>> pause_ms(Lockout(5, "b", 1_000), "b", 21_000), pause_ms(Lockout(7, "b", 1_000), "c", 0)
    (40000, 240000)
    """
    if lockout.wrong < FREE:
        return 0
    pause = min(FIRST_PAUSE_MS << min(lockout.wrong - FREE, 16), LONGEST_PAUSE_MS)
    since_ms = lockout.at_ms if lockout.boot == boot else 0
    return max(0, since_ms + pause - now_ms)


def tried(lockout: Lockout, boot: str, now_ms: int) -> Lockout:
    """*lockout* once a PIN is tried. To be kept *before* it is compared: pulling the plug must not buy a try."""
    return Lockout(lockout.wrong + 1, boot, now_ms)


def to_bytes(lockout: Lockout) -> bytes:
    """*lockout* for a file."""
    return json.dumps({"v": 1, **asdict(lockout)}).encode()


def from_bytes(raw: bytes) -> Lockout:
    """The lock-out written in *raw*; ``STRICTEST`` if it cannot be read."""
    try:
        kept = json.loads(raw)
        wrong, boot, at_ms = kept["wrong"], kept["boot"], kept["at_ms"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return STRICTEST
    if (
        type(wrong) is not int
        or type(at_ms) is not int
        or not isinstance(boot, str)
        or wrong < 0
        or at_ms < 0
    ):
        return STRICTEST
    return Lockout(wrong, boot, at_ms)
