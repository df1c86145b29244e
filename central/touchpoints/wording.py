"""
The words of the pages for phones, one JSON file for each language a kiosk is shipped with.

Which language a phone gets: the one its address names, else the first it asks for that there is, else English.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
ENGLISH = "en"
RIGHT_TO_LEFT = ("ar",)
LONGEST = 500
"""Characters of an Accept-Language field that are looked at."""


@dataclass(frozen=True)
class Wording:
    """
    Everything the pages say in one language.

    Attributes:
        language: Its code.
        reviewed_by: The native speaker who read these words; None for a draft.
    """

    language: str
    reviewed_by: str | None
    add_title: str
    add_line: str
    comment: str
    contact: str
    contact_line: str
    send: str
    say_something: str
    thank_you: str
    arrived: str
    used_title: str
    used: str
    wrong_title: str
    wrong: str
    day_title: str
    as_of: str
    counted: str
    set_aside: str
    too_few: str
    between: str
    few: str
    hand_in: str
    provisional: str
    kept_title: str
    kept: str
    older_title: str
    older: str
    here_title: str
    here: str

    @property
    def direction(self) -> str:
        """Of reading, as HTML says it."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


KEYS = tuple(field.name for field in fields(Wording))


@cache
def shipped() -> tuple[str, ...]:
    """The languages that have a file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load(language: str) -> Wording:
    """The words in *language*, one of ``shipped``."""
    return Wording(**json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")))


def chosen(named: str, accepted: str) -> Wording:
    """
    The words for a phone: *named* by the address, or *accepted* as its Accept-Language says, in its own order.

    >>> chosen("", "fr-FR, tr;q=0.9, en;q=0.8").language, chosen("az", "ru").language, chosen("xx", "*").language
    ('tr', 'az', 'en')
    """
    wanted = [named, *(part.partition(";")[0].strip() for part in accepted[:LONGEST].split(","))]
    for code in wanted:
        language = code.partition("-")[0].lower()
        # Compared with what is there, never joined to a path: it comes from a stranger.
        if language in shipped():
            return load(language)
    return load(ENGLISH)
