"""Where the letters to write with go on a screen, computed without a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from kiosk.keyboards import MARGIN, WIDTH, Act, Keyboard, Stroke
from kiosk.ui.designs import Steps, enlarged
from kiosk.ui.layout import Box, Layout, Text

CAPITALS = 0.727
GAP = 8
ROW, FOOT, ABOVE_KEYS = 124, 20, 22
"""From row to row, below the last and above the first, on a design 800 high."""
COUNTER_PX, PADDING = 22, 28
NUMBERS_CELLS, SEND_CELLS = 1.4, 2.45
"""How wide two keys of the last row are, in letters."""
BACK_WIDE, BACK_HIGH, BACK_GAP = 150, 100, 27


@dataclass(frozen=True)
class Head:
    """
    What stands above the keys, in the design's pixels.

    Attributes:
        field: Its height, and sizes of what is written in it.
        title: How far above the field its last baseline is; sizes.
        hint: Likewise; beside the title on a wide panel, below it on an upright one.
    """

    field: int
    field_steps: Steps
    title: int
    title_steps: Steps
    hint: int
    hint_steps: Steps


FLAT = Head(
    field=136,
    field_steps=((36, 2), (31, 3), (26, 3), (22, 4), (19, 5)),
    title=50,
    title_steps=((44, 1), (38, 1), (32, 1), (27, 1), (24, 2)),
    hint=50,
    hint_steps=((24, 1), (21, 1), (20, 2), (18, 2)),
)
UPRIGHT = Head(
    field=300,
    field_steps=((48, 5), (40, 6), (34, 7)),
    title=148,
    title_steps=((92, 2), (80, 2), (68, 3)),
    hint=50,
    hint_steps=((34, 1), (30, 1)),
)


@dataclass(frozen=True)
class KeyBox:
    """One key: what it does, what is drawn, and what a finger may hit."""

    stroke: Stroke
    box: Box
    target: Box


@dataclass(frozen=True)
class Board:
    """
    The keys of one page, and what stands above them.

    Attributes:
        title: The question, with *hint* at its other side.
        field: What is being written stands in it, at *text*; *counter* at its end.
        back: The key that leads back.
        unit: Pixels for one of the design.
    """

    keys: tuple[KeyBox, ...]
    title: Text
    hint: Text
    field: Box
    text: Text
    counter: Text
    back: KeyBox
    unit: float


@lru_cache(maxsize=64)
def board(layout: Layout, keyboard: Keyboard, page: Act, *, with_back: bool) -> Board:
    """The arrangement of *keyboard* with *page* of it shown, on the screen that *layout* is for."""
    return _Draughtsman(layout, keyboard).board(page, with_back=with_back)


class _Draughtsman:
    """Puts the keys at the foot of one screen, and the rest above them."""

    def __init__(self, layout: Layout, keyboard: Keyboard) -> None:
        self._layout, self._keyboard = layout, keyboard
        self._unit = min(layout.width / WIDTH, layout.height / 800)
        self._margin = round(layout.width * MARGIN / WIDTH)
        self._inner = layout.width - 2 * self._margin
        self._row = max(self._px(ROW), layout.panel.down(20))
        self._top = layout.height - self._px(FOOT) - 4 * self._row + self._px(GAP)

    def board(self, page: Act, *, with_back: bool) -> Board:
        layout = self._layout
        upright = layout.height > layout.width
        head = UPRIGHT if upright else FLAT
        high = self._px(head.field)
        field = Box(self._margin, self._top - self._px(ABOVE_KEYS) - high, self._inner, high)
        back = self._back(field, head, upright=upright)
        begin = self._margin + (back.box.w + self._px(BACK_GAP) if with_back and not upright else 0)
        room = layout.width - begin - self._margin
        near, far = (self._margin if upright else begin), layout.width - self._margin
        hint_width = self._inner if upright else round(room * 0.37)
        return Board(
            keys=tuple(self._keys(page)),
            title=self._text(
                near, field.y - self._px(head.title), room if upright else round(room * 0.6), head.title_steps
            ),
            hint=self._text(
                near if upright else far,
                field.y - self._px(head.hint),
                hint_width,
                head.hint_steps,
                far=not upright,
            ),
            field=field,
            text=replace(
                self._text(
                    self._margin + self._px(PADDING),
                    field.y + self._px(PADDING),
                    field.w - 2 * self._px(PADDING),
                    head.field_steps,
                ),
                up=False,
            ),
            counter=self._text(
                far - self._px(PADDING),
                field.y + field.h - self._px(16),
                self._px(160),
                ((COUNTER_PX, 1),),
                far=True,
            ),
            back=back,
            unit=self._unit,
        )

    def _text(self, from_start: int, baseline: int, width: int, steps: Steps, *, far: bool = False) -> Text:
        """A text that grows upwards from *baseline*; *far*: it ends so far from the side where reading begins."""
        mirrored = self._layout.mirrored
        sizes = enlarged(steps, tails=mirrored) if self._layout.large else steps
        px = tuple((self._px(size), lines) for size, lines in sizes)
        align = "right" if far != mirrored else "left"
        return Text(self._x(from_start), baseline, width, px, align, up=True)

    def _back(self, field: Box, head: Head, *, upright: bool) -> KeyBox:
        """Before the title, or above it on an upright panel."""
        u, panel = self._px, self._layout.panel
        high, wide = max(u(BACK_HIGH), panel.down(17)), max(u(BACK_WIDE), panel.across(20))
        y = max(0, field.y - u(14) - high)
        if upright:
            y = field.y - u(head.title) - u(330) - high
        box = Box(self._margin, y, wide, high)
        target = Box(0, max(0, y - u(20)), self._margin + wide + u(12), high + u(34))
        return KeyBox(Act.LETTERS, self._mirrored(box), self._mirrored(target))

    def _keys(self, page: Act) -> Iterator[KeyBox]:
        keyboard, cell = self._keyboard, self._inner / self._keyboard.columns
        rows = keyboard.rows(page)
        if page is Act.NUMBERS and self._layout.mirrored:
            # Digits run from the left wherever they are read.
            rows = [row[::-1] for row in rows]
        for at, row in enumerate(rows[:2]):
            yield from self._centred(at, row, cell)
        last = rows[2] if len(rows) > 2 else ""
        side = (self._inner - len(last) * cell) / 2
        first = self._turn(page)
        if first is not None:
            yield self._key(first, 2, 0, min(side, 2 * cell))
        yield from self._row_of(2, last, side, cell)
        yield self._key(Act.RUB, 2, self._inner - min(side, 2 * cell), min(side, 2 * cell))
        yield from self._foot(page, cell)

    def _turn(self, page: Act) -> Act | None:
        """The key before the third row: capitals, or the other page of letters."""
        if page is Act.NUMBERS:
            return None
        if self._keyboard.cased:
            return Act.SHIFT
        if not self._keyboard.more:
            return None
        return Act.LETTERS if page is Act.MORE else Act.MORE

    def _foot(self, page: Act, cell: float) -> Iterator[KeyBox]:
        keyboard = self._keyboard
        yield self._key(Act.LETTERS if page is Act.NUMBERS else Act.NUMBERS, 3, 0, NUMBERS_CELLS * cell)
        at = NUMBERS_CELLS * cell
        yield from self._row_of(3, keyboard.beside, at, cell)
        at += len(keyboard.beside) * cell
        end = self._inner - SEND_CELLS * cell
        stops = end - len(keyboard.stops) * cell
        yield self._key(" ", 3, at, stops - at)
        yield from self._row_of(3, keyboard.stops, stops, cell)
        yield self._key(Act.SEND, 3, end, SEND_CELLS * cell)

    def _centred(self, at: int, row: str, cell: float) -> Iterator[KeyBox]:
        return self._row_of(at, row, (self._inner - len(row) * cell) / 2, cell)

    def _row_of(self, at: int, row: str, begin: float, cell: float) -> Iterator[KeyBox]:
        for number, character in enumerate(row):
            yield self._key(character, at, begin + number * cell, cell)

    def _key(self, stroke: Stroke, row: int, begin: float, wide: float) -> KeyBox:
        """*begin* counts from the side where reading begins, inside the margin."""
        gap = self._px(GAP)
        left, right = round(self._margin + begin), round(self._margin + begin + wide)
        top = self._top + row * self._row
        box = Box(left + gap // 2, top, right - left - gap, self._row - gap)
        low = self._layout.height if row == 3 else top + self._row - gap // 2
        target = Box(
            0 if left <= self._margin else left,
            top - gap // 2,
            0,
            low - top + gap // 2,
        )
        end = self._layout.width if right >= self._layout.width - self._margin - 1 else right
        target = Box(target.x, target.y, end - target.x, target.h)
        return KeyBox(stroke, self._mirrored(box), self._mirrored(target))

    def _px(self, design: float) -> int:
        return round(design * self._unit)

    def _x(self, from_start: int) -> int:
        return self._layout.width - from_start if self._layout.mirrored else from_start

    def _mirrored(self, box: Box) -> Box:
        if not self._layout.mirrored:
            return box
        return Box(self._layout.width - box.x - box.w, box.y, box.w, box.h)
