"""Text made to fit its place, given how wide a text is. Nothing on a screen may ever run over its edge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kiosk.ui.designs import Steps

Measure = Callable[[str, int], float]
"""How wide a text is at a size in pixels."""

LEAST_PX = 12
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CLOSING = "、。，．：；？！）」』】》〉”’…·%％"
_OPENING = "（「『【《〈“‘"
_BREAKS = re.compile(
    f"(?<=[{_WIDE}])(?<![{_OPENING}])(?![{_CLOSING}])(?!$)|(?<=[^{_OPENING}])(?=[{_WIDE}])(?![{_CLOSING}])"
)
"""Between two Chinese characters or beside one, but not before a sign that closes or after one that opens."""


@dataclass(frozen=True)
class Fit:
    """A text as it fits: its size and its lines."""

    px: int
    lines: tuple[str, ...]


def fit(text: str, width: int, steps: Steps, measure: Measure) -> Fit:
    """*text* at the first of *steps* at which it fits *width*; smaller and at last cut where none is enough."""
    return fit_all([text], width, steps, measure)[0]


def fit_all(texts: Sequence[str], width: int, steps: Steps, measure: Measure) -> list[Fit]:
    """All *texts* at one size: the first at which every one of them fits."""
    px, most = steps[-1]
    while px > LEAST_PX and not _all_fit(texts, width, px, most, measure):
        px -= 1
    for size, lines in (*steps, (px, most)):
        if _all_fit(texts, width, size, lines, measure):
            px, most = size, lines
            break
    return [Fit(px, _cut(_balanced(text, width, px, measure), most, width, px, measure)) for text in texts]


def wrap(text: str, width: int, px: int, measure: Measure) -> list[str]:
    """
    *text* in lines no wider than *width*, broken between words only, and where it has a line's end itself.

    Chinese has no spaces: it is broken between characters, but no line begins with a full stop.

    >>> wrap("好。好", 2, 1, lambda text, px: len(text))
    ['好。', '好']
    >>> wrap("to be or not", 5, 1, lambda text, px: len(text))
    ['to be', 'or', 'not']
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for glue, unit in _units(paragraph):
            longer = f"{line}{glue}{unit}" if line else unit
            if line and measure(longer, px) > width:
                lines.append(line)
                longer = unit
            line = longer
        lines.append(line)
    return lines


def _units(paragraph: str) -> Iterator[tuple[str, str]]:
    """What stays on one line, each with what stands before it there: words, and Chinese characters one by one."""
    for word in filter(None, paragraph.split(" ")):  # not at a no-break space
        glue = " "
        for unit in _BREAKS.split(word):
            yield glue, unit
            glue = ""


def shorten(text: str, width: float, px: int, measure: Measure) -> str:
    """
    *text*, cut with an ellipsis if it is wider than *width*.

    >>> shorten("Nizami Street", 8, 1, lambda text, px: len(text))
    'Nizami…'
    """
    if measure(text, px) <= width:
        return text
    for end in range(len(text) - 1, 0, -1):
        cut = text[:end].rstrip() + "…"
        if measure(cut, px) <= width:
            return cut
    return ""


def _all_fit(texts: Sequence[str], width: int, px: int, most: int, measure: Measure) -> bool:
    for text in texts:
        lines = wrap(text, width, px, measure)
        if len(lines) > most or any(measure(line, px) > width for line in lines):
            return False
    return True


def _balanced(text: str, width: int, px: int, measure: Measure) -> list[str]:
    """As few lines as *width* allows, about equally long: no single word alone on the last."""
    lines = wrap(text, width, px, measure)
    if len(lines) == 1 or "\n" in text:
        return lines
    for narrower in range(width, width // 2, -max(1, px // 4)):
        closer = wrap(text, narrower, px, measure)
        if len(closer) > len(lines) or any(measure(line, px) > narrower for line in closer):
            break
        lines = closer
    return lines


def _cut(lines: list[str], most: int, width: int, px: int, measure: Measure) -> tuple[str, ...]:
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] = " ".join(lines[most - 1 :])
    return tuple(shorten(line, width, px, measure) for line in kept)
