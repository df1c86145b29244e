"""Records earlier days of a demonstration: the kiosk's own visit and recorder, a clock that is told the time."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from feedback.answers import Answer, Source
from kiosk.demo.history import OPENS_MS, Customer, DayClock, boot_id, customers
from kiosk.reception import Reception, Standing
from kiosk.storage.recorder import Recorder
from kiosk.visit import Key, Screen

COMMIT_S = 30.0
IDLE_S = 0.02
ON_MS = OPENS_MS - 1_800_000
"""The kiosk is switched on half an hour before the branch opens."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
READS_MS = 4_000
"""How long a question is read before it is answered."""
LONGEST_MS = 600_000
"""Longer than any visit."""
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
            # Who finds the question of somebody else there has only a button.
            source = Source.BUTTON if reception.visit.question else SOURCES[at % len(SOURCES)]
            reception.press(customer.rating, source)
            soon.get()()
            _settle(reception, soon)
            following = came[at + 1].at_ms if at + 1 < len(came) else customer.at_ms + LONGEST_MS
            for ms in _turns(reception, customer, clock, midnight_ms + following):
                clock.now_ms = ms
                reception.tick()
                _reply(reception, customer.reply)
                _settle(reception, soon)
        # Idle, as every evening: the recorder then notes what this boot knows of the time.
        time.sleep(5 * IDLE_S)
        recorder.stop()


def _turns(reception: Reception, customer: Customer, clock: DayClock, until_ms: int) -> Iterator[int]:
    """When something happens of this visit, before the next customer's press at *until_ms*."""
    while (due_ms := reception.visit.until_ms) is not None:
        wait_ms = due_ms - clock.moment().boot_ms
        if reception.visit.screen is Screen.QUESTION and customer.reply is not Key.DONE:
            wait_ms = min(wait_ms, READS_MS)
        if clock.now_ms + wait_ms >= until_ms:
            return
        yield clock.now_ms + max(1, wait_ms)


def _reply(reception: Reception, reply: Key | float) -> None:
    visit, now_ms = reception.visit, reception.clock.moment().boot_ms
    question = visit.question
    if visit.screen is not Screen.QUESTION or question is None or now_ms < visit.deaf_until_ms:
        return
    if isinstance(reply, float):
        reception.answer(
            question.values[min(int(reply * len(question.values)), len(question.values) - 1)], Source.TOUCH
        )
    elif reply is Key.SKIP:
        reception.turn(reply, Source.TOUCH)


def _settle(reception: Reception, soon: queue.Queue[Callable[[], None]]) -> None:
    """The disk is done with all it was given."""
    while reception.visit.awaited:
        soon.get(timeout=COMMIT_S)()
    if reception.trouble is not None:
        raise reception.trouble


def _midnight_ms(day: int, zone: ZoneInfo) -> int:
    date = EPOCH + timedelta(days=day)
    return round(datetime(date.year, date.month, date.day, tzinfo=zone).timestamp() * 1000)
