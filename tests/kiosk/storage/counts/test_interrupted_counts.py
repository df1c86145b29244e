"""The power goes while the counts are made, and what is on the card of them is half of it."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest

from kiosk.storage.counts import bookkeeping
from tests.kiosk.storage.counts.stillness import DAY_MS
from tests.kiosk.storage.counts.test_counts import Turns, turns

MINUTE_MS = 60_000
MOST_STEPS = 14
"""More than either history takes before its windows are found; it is cut after every one of them."""


def a_closed_store(kiosk: Turns) -> None:
    """Several chunks of it, and one of the store that came after."""
    presses(kiosk, 40)
    kiosk.take("close_store")
    presses(kiosk, 1)


def a_boot_between_two_that_knew_the_time(kiosk: Turns) -> None:
    for number in range(3):
        presses(kiosk, 12)
        if number != 1:
            kiosk.take("learn", number, 500, 100)
        kiosk.take("reboot", DAY_MS, 0)


def presses(kiosk: Turns, number: int) -> None:
    for _ in range(number):
        kiosk.take("press", 4, MINUTE_MS)


@pytest.mark.parametrize("lives", [a_closed_store, a_boot_between_two_that_knew_the_time])
def test_counts_that_were_cut_short_are_completed(lives: Callable[[Turns], None]) -> None:
    """By whoever asks for a summary, and by the recorder once it has started again."""
    with patch.object(bookkeeping, "SAVED_TOGETHER", 1):
        for steps in range(1, MOST_STEPS):
            with turns() as kiosk:
                lives(kiosk)
                kiosk.take("roll", steps)
                kiosk.take("restart")
                kiosk.take("look")
                kiosk.take("roll", 1_000)
                kiosk.take("look")
