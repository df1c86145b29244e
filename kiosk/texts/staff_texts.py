"""What the staff's screens say, one JSON file for each shipped language. A language without a file gets English."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("staff")
ENGLISH = "en"


@dataclass(frozen=True)
class StaffTexts:
    """
    Everything said to branch staff in one language; ``{…}`` is filled in.

    Attributes:
        language: Its code.
        reviewed_by: The native speaker who read these texts; None for a draft.
    """

    language: str
    reviewed_by: str | None
    today: str
    still_counting: str
    not_yet: str
    sli: str
    band_excellent: str
    band_good: str
    band_neutral: str
    band_bad: str
    band_unacceptable: str
    interval: str
    few_answers: str
    too_few: str
    no_answers: str
    by_rating: str
    counted: str
    satisfied: str
    csat: str
    favourable: str
    set_aside: str
    none_set_aside: str
    repeat: str
    corrected: str
    burst: str
    closed: str
    test: str
    service: str
    unsent: str
    oldest: str
    all_sent: str
    safe: str
    by_hour: str
    good: str
    bad: str
    reasons: str
    no_reasons: str
    of: str
    week: str
    month: str
    daily: str
    so_far: str
    mostly_good: str
    mostly_bad: str
    divided: str
    few_said: str
    chance: str
    not_pressed: str
    well: str
    not_well: str
    heard: str
    never_heard: str
    time_unknown: str
    unreadable: str
    close: str
    pin_title: str
    pin_wrong: str
    pin_locked: str
    open: str
    erase: str
    no_pin: str
    no_pin_line: str
    by_phone: str
    by_phone_line: str
    save: str
    saved: str
    not_saved: str
    minutes: str
    hours: str
    days: str


KEYS = tuple(field.name for field in fields(StaffTexts))


@cache
def shipped() -> tuple[str, ...]:
    """The languages that have a file, in the order of their codes."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load(language: str) -> StaffTexts:
    """
    The texts in *language*, or in English.

    >>> load("tr").today, load("de-CH").close, load("ka").close
    ('Bugün', 'Schließen', 'Close')
    """
    code = language.split("-", maxsplit=1)[0]
    # Compared with what is there, never joined to a path: a survey's language comes from outside.
    path = FOLDER / f"{code if code in shipped() else ENGLISH}.json"
    return StaffTexts(**json.loads(path.read_text(encoding="utf-8")))
