"""
The keys customers write with, one JSON file per language; decided without a window.

Three rows of letters and one with the space. What has no room there is on a second page (Arabic, Hindi), digits and
signs on a third. Chinese has no keyboard here: it is written with the customer's own phone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from kiosk.panel import Panel

FOLDER = Path(__file__).with_name("texts") / "keyboards"
LETTER_MM = 18.5
"""A key at least: eleven beside each other on a panel of 10 inches, where nothing else is to be hit."""
MARGIN, WIDTH = 29, 1280
"""Beside the keys, on a design so wide."""
DOTTED = {"i": "İ", "ı": "I"}
"""Turkish and Azerbaijani have two letters i, and each keeps its dot, or its lack of one."""
ENDS = ".!?।؟"


class Act(Enum):
    """The keys that write nothing."""

    SHIFT = "shift"
    LETTERS = "letters"
    MORE = "more"
    NUMBERS = "numbers"
    RUB = "rub"
    SEND = "send"


Stroke = str | Act
"""What a key does: it writes a character, or acts."""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """
    The keys of one language.

    Attributes:
        letters: Three rows.
        beside: Letters before the space.
        stops: Signs behind it.
        letters_key: What is written on the key that leads to the letters.
        more: A second page of three rows; none for most.
        more_key: What is written on the key that leads to it.
        numbers: A page of digits and signs.
        returns: After one of the second page the letters are there again.
    """

    language: str
    letters_key: str
    more_key: str
    letters: Sequence[str]
    beside: str
    stops: str
    more: Sequence[str]
    numbers: Sequence[str]
    returns: bool

    @property
    def cased(self) -> bool:
        """Whether its letters have capitals."""
        return self.letters[0] != self.letters[0].upper()

    @property
    def columns(self) -> int:
        """Keys beside each other, at most."""
        return max(map(len, (*self.letters, *self.more, *self.numbers)))

    def rows(self, page: Act) -> Sequence[str]:
        """The three rows of a *page*."""
        return {Act.MORE: self.more, Act.NUMBERS: self.numbers}.get(page, self.letters)

    def capital(self, letter: str) -> str:
        """*letter* as a capital."""
        return DOTTED.get(letter, letter.upper()) if self.language in ("az", "tr") else letter.upper()

    def page_after(self, page: Act) -> Act:
        """The page once a character of *page* was written."""
        return Act.LETTERS if page is Act.MORE and self.returns else page


@cache
def _all() -> Mapping[str, Keyboard]:
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.json"))}


def _read(path: Path) -> Keyboard:
    found = json.loads(path.read_text(encoding="utf-8"))
    # Tuples in place of lists: a keyboard is a value, by which arrangements are kept.
    for rows in ("letters", "more", "numbers"):
        found[rows] = tuple(found[rows])
    return Keyboard(**found)


def keyboard(language: str) -> Keyboard | None:
    """
    The keys for *language*; None: there are none.

    >>> keyboard("zh") is None
    True
    """
    return _all().get(language.split("-", maxsplit=1)[0])


def fits(language: str, panel: Panel) -> bool:
    """Whether *panel* has room for the keys of *language*: letters as large as a finger needs."""
    keys = keyboard(language)
    if keys is None:
        return False
    wide = panel.width_px * (1 - 2 * MARGIN / WIDTH) / keys.columns
    return panel.across_mm(wide) >= LETTER_MM


def begins_sentence(text: str) -> bool:
    """
    Whether what is written next behind *text* begins with a capital.

    >>> begins_sentence(""), begins_sentence("Long queue. "), begins_sentence("Long")
    (True, True, False)
    """
    return not text.strip() or (text.endswith(" ") and text.rstrip()[-1] in ENDS)
