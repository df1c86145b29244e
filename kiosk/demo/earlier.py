"""Records earlier days of a demonstration: the kiosk's own visit and recorder, a clock that is told the time."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from feedback.answers import Answer, Source
from kiosk.demo.history import OPENS_MS, Customer, DayClock, boot_id, customers
from kiosk.reception import Reception, Standing
from kiosk.storage.recorder import Recorder

COMMIT_S = 30.0
IDLE_S = 0.02
ON_MS = OPENS_MS - 1_800_000
"""The kiosk is switched on half an hour before the branch opens."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
SOURCES = (Source.TOUCH, Source.BUTTON)


class EarlierDays:
    """One recording: customers walk up as fast as the disk can take them, each at their own time of day."""

    def __init__(self, standing: Standing, answers_db: Path, zone: ZoneInfo) -> None:
        self._standing = standing
        self._answers_db = answers_db
        self._zone = zone
        self.thanked: list[Callable[[Sequence[Answer]], None]] = []
        """Called with the answers of every commit that returned."""

    def record(self, day: int, until_ms: int) -> int:
        """
        Everyone who came on *day* (days since 1970) before *until_ms* (UTC, since 1970).

        Returns:
            How many presses were recorded.
        """
        midnight_ms = _midnight_ms(day, self._zone)
        came = [customer for customer in customers(day) if midnight_ms + customer.at_ms < until_ms]
        if came:
            self._open_and_serve(
                DayClock(boot_id(day), midnight_ms + ON_MS, midnight_ms + ON_MS), came, midnight_ms
            )
        return len(came)

    def _open_and_serve(self, clock: DayClock, came: Sequence[Customer], midnight_ms: int) -> None:
        """One day of the kiosk: switched on, visited, switched off."""
        soon: queue.Queue[Callable[[], None]] = queue.Queue()
        recorder = Recorder(self._answers_db, clock, idle_s=IDLE_S)
        reception = Reception(self._standing, recorder, clock, soon.put, thanked=self.thanked)
        for at, customer in enumerate(came):
            clock.now_ms = midnight_ms + customer.at_ms
            reception.press(customer.rating, SOURCES[at % len(SOURCES)])
            soon.get()()
            while reception.visit.awaited:
                soon.get(timeout=COMMIT_S)()
            if reception.trouble is not None:
                raise reception.trouble
        # Idle, as every evening: the recorder then notes what this boot knows of the time.
        time.sleep(5 * IDLE_S)
        recorder.stop()


def _midnight_ms(day: int, zone: ZoneInfo) -> int:
    date = EPOCH + timedelta(days=day)
    return round(datetime(date.year, date.month, date.day, tzinfo=zone).timestamp() * 1000)
