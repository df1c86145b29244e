"""Where everything goes on the staff's screens. Pixels from the top left corner, before anything is mirrored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from kiosk.panel import KEY_MM
from kiosk.ui.layout import Box, Layout

LEAST_TEXT_MM = 2.5
"""The least letters anybody has to read here are this high, line and all."""
WIDE, HIGH = 1280, 800
TALL_WIDE, TALL_HIGH = 1080, 1920


class Key(Enum):
    """What staff can touch on the day."""

    BY_PHONE = "by_phone"
    SAVE = "save"
    EARLIER = "earlier"
    LATER = "later"
    CLOSE = "close"


@dataclass(frozen=True)
class KeyPlace:
    """One key: what is drawn of it, and where a finger hits it."""

    key: Key
    box: Box
    target: Box


@dataclass(frozen=True)
class DayPlaces:
    """
    The staff's day.

    Attributes:
        unit: Pixels for one pixel of the design.
        least_px: No text is smaller.
        title: Baseline of the title; ``when``: of the line below it.
        head_width: Of both.
        meaning: Baseline of the sentence on what it means; ``doubts``: of what follows.
    """

    unit: float
    least_px: int
    margin: int
    title: int
    when: int
    when_lines: int
    head_width: int
    keys: tuple[KeyPlace, ...]
    gauge: Box
    levels: Box
    facts: Box
    hours: Box
    reasons: Box
    trend: Box
    meaning: int
    doubts: int


_ROW = {
    "gauge": (40, 118, 428, 336),
    "levels": (484, 118, 400, 336),
    "facts": (900, 118, 340, 336),
    "hours": (40, 470, 336, 226),
    "reasons": (392, 470, 270, 226),
    "trend": (678, 470, 562, 226),
}
_TALL = {
    "gauge": (48, 176, 984, 400),
    "levels": (48, 600, 484, 400),
    "facts": (548, 600, 484, 400),
    "hours": (48, 1024, 484, 300),
    "reasons": (548, 1024, 484, 300),
    "trend": (48, 1348, 984, 260),
}
_KEYS = ((Key.BY_PHONE, 150), (Key.SAVE, 186), (Key.EARLIER, 122), (Key.LATER, 122), (Key.CLOSE, 128))


@lru_cache(maxsize=8)
def day_places(layout: Layout) -> DayPlaces:
    """The staff's day on a panel of *layout*."""
    tall, small = layout.height > layout.width, layout.panel.small
    wide, high = (TALL_WIDE, TALL_HIGH) if tall else (WIDE, HIGH)
    across, down = layout.width / wide, layout.height / high
    unit = min(across, down)
    boxes = {
        name: Box(round(x * across), round(y * down), round(w * across), round(h * down))
        for name, (x, y, w, h) in (_TALL if tall else _ROW).items()
    }
    margin = boxes["gauge"].x
    keys = _keys(layout, across, down, margin, tall=tall)
    return DayPlaces(
        unit=unit,
        least_px=round(layout.panel.down(LEAST_TEXT_MM)),
        margin=margin,
        title=round((92 if tall else 50 if small else 62) * down),
        when=round((140 if tall else 80 if small else 98) * down),
        when_lines=2 if small else 1,
        head_width=layout.width - 2 * margin if tall else keys[0].box.x - 2 * margin,
        keys=keys,
        meaning=round((1660 if tall else 728) * down),
        doubts=round((1704 if tall else 758) * down),
        **boxes,
    )


def _keys(layout: Layout, across: float, down: float, margin: int, *, tall: bool) -> tuple[KeyPlace, ...]:
    """At the top right, or at the foot of an upright panel; touched up to the edge of the screen."""
    gap = round(10 * across)
    touched = layout.panel.down(KEY_MM)
    least = layout.panel.across(KEY_MM) - gap
    room = layout.width - 2 * margin - 4 * gap
    scale = room / sum(width for _, width in _KEYS) if tall else across
    widths = [max(round(width * scale), least) for _, width in _KEYS]
    top, height = (round(1790 * down), round(90 * down)) if tall else (round(28 * down), round(70 * down))
    x = layout.width - margin - sum(widths) - 4 * gap
    places = []
    for (key, _), width in zip(_KEYS, widths, strict=True):
        box = Box(x, top, width, height)
        from_y = min(top, layout.height - touched) if tall else 0
        until = layout.height if tall else max(touched, top + height)
        places.append(KeyPlace(key, box, Box(x - gap // 2, from_y, box.w + gap, until - from_y)))
        x += box.w + gap
    return tuple(places)


@dataclass(frozen=True)
class PadPlaces:
    """
    The PIN pad: a title, the dots of what is typed, a line for what is wrong, and the keys.

    Attributes:
        keys: Each sign, ``erase`` and ``open``, with its box.
        close: Ends it.
    """

    unit: float
    title: int
    dots: int
    line: int
    keys: tuple[tuple[str, Box], ...]
    close: Box


ERASE, OPEN = "erase", "open"
_PAD = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (ERASE, "0", OPEN))
_LOW_PAD = (("1", "2", "3", "4", "5", ERASE), ("6", "7", "8", "9", "0", OPEN))
"""Four rows of keys as large as a finger needs are higher than a small panel."""


@lru_cache(maxsize=8)
def pad_places(layout: Layout) -> PadPlaces:
    """The PIN pad on a panel of *layout*: every key at least as large as a finger needs."""
    tall = layout.height > layout.width
    unit = min(layout.width / (TALL_WIDE if tall else WIDE), layout.height / (TALL_HIGH if tall else HIGH))
    rows = _LOW_PAD if layout.panel.small else _PAD
    wide = max(round(150 * unit), layout.panel.across(KEY_MM))
    high = max(round((150 if tall else 112) * unit), layout.panel.down(KEY_MM))
    gap = round(12 * unit)
    across, down = len(rows[0]) * (wide + gap) - gap, len(rows) * (high + gap) - gap
    left, top = (layout.width - across) // 2, layout.height - round((120 if tall else 28) * unit) - down
    keys = tuple(
        (sign, Box(left + column * (wide + gap), top + row * (high + gap), wide, high))
        for row, signs in enumerate(rows)
        for column, sign in enumerate(signs)
    )
    margin = round(28 * unit)
    close_w, close_h = max(round(160 * unit), layout.panel.across(KEY_MM)), layout.panel.down(KEY_MM)
    room = top - round(20 * unit)
    return PadPlaces(
        unit=unit,
        title=round(room * 0.38),
        dots=round(room * 0.62),
        line=round(room * 0.92),
        keys=keys,
        close=Box(layout.width - margin - close_w, margin, close_w, close_h),
    )
