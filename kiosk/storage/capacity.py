"""How many more answers fit on the card."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from feedback.errors import StoreError
from kiosk.settings import Settings
from kiosk.storage.reading import AnswersReader

BYTES = 64
"""A row with its share of the pages, while the store is too small to tell: more than the 35 to 45 measured."""
ENOUGH_ROWS = 5_000
DAY_MS = 86_400_000
ANSWERS_A_DAY = 2_000
"""A busy branch: 1,000 visits, each with a rating and how it ended. Taken while the store is too young to tell."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """
    What fits without a network and without letting go of anything.

    Attributes:
        answers: So many more; the ballast is not counted, it is for the day when this is 0.
        a_day: So many came a day until now.
        days: So long that would last.
    """

    answers: int
    a_day: int
    days: int


def capacity(settings: Settings, a_day: int | None = None) -> Capacity:
    """The room left on the card, for *a_day* answers a day; None: as many as came until now."""
    free = shutil.disk_usage(settings.answers_folder).free
    each, came = BYTES, ANSWERS_A_DAY
    reader = AnswersReader(settings.answers_db)
    try:
        size = reader.size()
        free += size.blank_bytes
        if size.rows >= ENOUGH_ROWS:
            each = max(1, size.bytes // size.rows)
            batch = reader.answers(reader.last_seq(), 1).answers
            age_ms = batch[0].moment.wall_ms - reader.about().created_ms if batch else 0
            if age_ms > DAY_MS:
                came = max(1, reader.last_seq() * DAY_MS // age_ms)
    except StoreError:
        pass
    a_day = a_day or came
    answers = free // each
    return Capacity(answers, a_day, answers // a_day)
