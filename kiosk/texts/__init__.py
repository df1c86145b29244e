"""
The words the product itself says to customers and staff, one JSON file per shipped language.

What a survey asks stands in the survey's document, in the company's words; this is only what comes with the
kiosk. A language without a file gets English, so that a survey may use any language.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
ENGLISH = "en"
FROM_THE_RIGHT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
"""Languages written from the right, also those a survey may bring along."""


@dataclass(frozen=True)
class Texts:
    """
    Everything the product says in one language.

    Attributes:
        language: Its code.
        own_name: What its speakers call it.
        short_name: The same where that has no room.
        reviewed_by: The native speaker who read these texts; None for a draft.
    """

    language: str
    own_name: str
    short_name: str
    reviewed_by: str | None
    excellent: str
    good: str
    neutral: str
    bad: str
    unacceptable: str
    hint: str
    saving: str
    thank_you: str
    saved_here: str
    say_more: str
    say_more_line: str
    rating_saved: str
    answers_saved: str
    one_touch: str
    back: str
    skip: str
    yes: str
    no: str
    nps_least: str
    nps_most: str
    ces_least: str
    ces_most: str
    csat_least: str
    csat_most: str
    stars_least: str
    stars_most: str
    more_time_title: str
    more_time_line: str
    more: str
    done: str
    out_of_order_title: str
    out_of_order_line: str
    for_staff: str
    cannot_store: str
    stored_answers_are_safe: str
    closed_title: str
    opens_again: str
    closed_day: str
    tell_us: str
    monday: str
    tuesday: str
    wednesday: str
    thursday: str
    friday: str
    saturday: str
    sunday: str
    speech_hint: str
    speech_chosen: str
    speech_buttons: str
    speech_touch: str
    speech_more: str
    send: str
    no_names: str


KEYS = tuple(field.name for field in fields(Texts))


def shipped() -> tuple[str, ...]:
    """
    The languages that have a file, in the order of their codes.

    >>> "az" in shipped()
    True
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load(language: str) -> Texts:
    """
    The texts in *language*; those of ``en`` for ``en-GB``, and English where neither is shipped.

    >>> load("tr").thank_you
    'Teşekkürler'
    """
    for code in (language, language.split("-", maxsplit=1)[0]):
        # Compared with what is there, never joined to a path: a survey's language comes from outside.
        if code in shipped():
            return Texts(**json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8")))
    return load(ENGLISH)


def say(language: str, key: str) -> str:
    """
    One text.

    >>> say("en", "good")
    'Good'
    """
    text: str = getattr(load(language), key)
    return text


def own_name(language: str) -> str:
    """
    What *language* is called by those who read it; its code where that is not known.

    >>> own_name("ru"), own_name("ka")
    ('Русский', 'KA')
    """
    texts = load(language)
    return texts.own_name if language.split("-", maxsplit=1)[0] == texts.language else language.upper()


def right_to_left(language: str) -> bool:
    """
    Whether *language* is written from the right.

    >>> right_to_left("ar-EG"), right_to_left("az"), right_to_left("az-Arab")
    (True, False, True)
    """
    subtags = language.split("-")
    return subtags[0] in FROM_THE_RIGHT or "Arab" in subtags[1:]


def short_name(language: str) -> str:
    """
    What stands for *language* where its name has no room.

    >>> short_name("ru"), short_name("hi"), short_name("ka")
    ('RU', 'हि', 'KA')
    """
    texts = load(language)
    return texts.short_name if language == texts.language else language.upper()
