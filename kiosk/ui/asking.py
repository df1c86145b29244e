"""
Where everything goes on the screens of a question, computed without a window.

All of them have the same frame: what is saved already, the question, the answers, and the keys at the foot. Only how
the answers are arranged differs, and that depends on the kind of question and on how many answers it has: never on
what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from kiosk.panel import KEY_MM
from kiosk.ui.designs import CARD_FACE, CARD_FACE_X, CARD_WORD_X, Steps, enlarged
from kiosk.ui.layout import Box, Layout, Text
from kiosk.visit import Key

CAPITALS = 0.727
"""Height of the capitals, as parts of a size."""
KEY_GAP = 0.5
"""Between a key's word and its arrow, likewise."""


class Form(Enum):
    """How answers are arranged."""

    CARDS = "cards"
    """Texts to read: as large as there is room."""
    SCALE = "scale"
    """From least to most, in one row where that leaves keys wide enough; the question stands over its middle."""
    FACES = "faces"
    """As on the welcome screen: beside each other, or on cards below each other."""


@dataclass(frozen=True)
class Cell:
    """
    One answer's place.

    Attributes:
        box: The card that is drawn, if it is ``carded``.
        target: What a finger may hit.
        text: Its baseline is the height around which the text stands.
        mark: The middle of its face.
    """

    box: Box
    target: Box
    text: Text
    mark: tuple[int, int] = (0, 0)
    carded: bool = True


@dataclass(frozen=True)
class KeyPlace:
    """
    A key at the foot, with an arrow beside its word; where these two begin, the word decides.

    Attributes:
        arrow: How wide it is.
        points_left: The arrow, which then stands before the word.
    """

    key: Key
    box: Box
    target: Box
    text: Text
    arrow: int
    points_left: bool


@dataclass(frozen=True)
class Asking:
    """
    One arrangement of a question.

    Attributes:
        tick: Middle and radius of the sign beside ``saved``.
        saved: What is on the disk already.
        title: The question.
        cells: The answers, from the first.
        ends: Below the two ends of a scale: least and most.
        hint: Between the keys; None where there is no room for it.
        keys: At the foot.
        radius: Of faces.
    """

    tick: tuple[int, int, int]
    saved: Text
    title: Text
    cells: tuple[Cell, ...]
    ends: tuple[Text, Text]
    hint: Text | None
    keys: tuple[KeyPlace, ...]
    radius: int = 0


@dataclass(frozen=True)
class Sketch:
    """
    The numbers of one arrangement, at the size it was designed for.

    Attributes:
        saved: Baseline and size; where the baseline is 0, at the foot, and both keys at its end.
        title: Last baseline and sizes above cards, and above a scale.
        body: Where answers begin and end, cards and scale.
        foot: Top and height of the keys, and from where a finger on them counts.
        columns: At most, cards and scale.
        most_high: No answer is higher, cards and scale.
        word: Sizes of an answer's text, cards and scale.
        ends: How far below the answers their baseline is, and their size.
        key: Least width, size, padding and corner of the keys.
    """

    margin: tuple[int, int]
    saved: tuple[int, int]
    title: tuple[tuple[int, Steps], tuple[int, Steps]]
    body: tuple[tuple[int, int], tuple[int, int]]
    foot: tuple[int, int, int]
    gap: tuple[int, int]
    columns: tuple[int, int]
    most_high: tuple[int, int]
    word: tuple[Steps, Steps]
    ends: tuple[int, int]
    padding: int
    key: tuple[int, int, int]
    low: bool = False


ROW = Sketch(
    margin=(64, 40),
    saved=(71, 26),
    title=(
        (170, ((58, 1), (52, 1), (44, 1), (38, 2), (32, 2), (27, 3))),
        (262, ((56, 2), (50, 2), (44, 2), (40, 3), (34, 3))),
    ),
    body=((223, 617), (340, 532)),
    foot=(657, 102, 638),
    gap=(16, 10),
    columns=(3, 11),
    most_high=(240, 178),
    word=(((38, 1), (34, 1), (36, 2), (32, 2), (30, 2), (27, 3)), ((54, 1),)),
    ends=(51, 30),
    padding=30,
    key=(268, 30, 28),
)
SMALL_ROW = Sketch(
    margin=(24, 24),
    saved=(0, 18),
    title=(
        (82, ((40, 1), (36, 1), (31, 2), (26, 2), (21, 3))),
        (82, ((40, 1), (36, 1), (31, 2), (26, 2), (21, 3))),
    ),
    body=((104, 358), (104, 328)),
    foot=(380, 84, 366),
    gap=(10, 8),
    columns=(3, 7),
    most_high=(122, 114),
    word=(((25, 1), (23, 1), (25, 2), (22, 2), (20, 2), (18, 3)), ((38, 1),)),
    ends=(26, 20),
    padding=18,
    key=(186, 22, 18),
)
ROWS = Sketch(
    margin=(72, 72),
    saved=(120, 34),
    title=(
        (560, ((92, 2), (80, 2), (68, 3), (56, 4))),
        (560, ((92, 2), (80, 2), (68, 3), (56, 4))),
    ),
    body=((640, 1668), (640, 1560)),
    foot=(1736, 124, 1702),
    gap=(12, 12),
    columns=(1, 7),
    most_high=(204, 240),
    word=(((50, 1), (44, 1), (44, 2), (38, 2)), ((64, 1),)),
    ends=(76, 40),
    padding=44,
    key=(340, 38, 40),
    low=True,
)


@lru_cache(maxsize=32)
def asking(layout: Layout, form: Form, count: int) -> Asking:
    """The arrangement of a question with *count* answers on the screen that *layout* is for."""
    if layout.height > layout.width:
        return _Draughtsman(ROWS, layout, form, 1080, 1920).asking(count)
    if layout.panel.small:
        return _Draughtsman(SMALL_ROW, layout, form, 800, 480).asking(count)
    return _Draughtsman(ROW, layout, form, 1280, 800).asking(count)


def grid(count: int, columns: int) -> tuple[int, int]:
    """
    Columns and rows for *count* answers: as few rows as *columns* allows, about equally full.

    >>> grid(6, 3), grid(4, 3), grid(11, 7), grid(3, 3)
    ((3, 2), (2, 2), (6, 2), (3, 1))
    """
    rows = -(-count // columns)
    return -(-count // rows), rows


class _Draughtsman:
    """Scales one sketch to one screen."""

    def __init__(self, sketch: Sketch, layout: Layout, form: Form, width: int, height: int) -> None:
        self._s = sketch
        self._layout = layout
        self._form = form
        self._at = 1 if form is Form.SCALE or (form is Form.FACES and not sketch.low) else 0
        self._unit = min(layout.width / width, layout.height / height)
        self._down = layout.height / height
        self._margin = self._px(sketch.margin[self._at])
        self._inner = layout.width - 2 * self._margin

    def asking(self, count: int) -> Asking:
        tick, saved = self._saved()
        if self._form is Form.FACES and not self._s.low:
            return self._row_of_faces(count, tick, saved)
        boxes = self._boxes(count)
        radius = round(boxes[0].h * CARD_FACE)
        alone = len({box.y for box in boxes}) == 1
        lifted = boxes[0].y - self._y(self._s.body[self._at][0]) if self._s.low else 0
        return Asking(
            tick=tick,
            saved=saved,
            title=self._title(lifted),
            cells=tuple(self._cell(box, face=self._form is Form.FACES, alone=alone) for box in boxes),
            ends=self._ends(boxes),
            hint=self._hint(),
            keys=self._keys(),
            radius=radius,
        )

    def _row_of_faces(self, count: int, tick: tuple[int, int, int], saved: Text) -> Asking:
        """Faces beside each other, as large as on the welcome screen, each with its whole column."""
        s, layout = self._s, self._layout
        radius = layout.radius
        top, bottom = self._y(s.body[1][0]), self._y(s.foot[2])
        margin = min(self._margin, layout.margin)
        pitch = (layout.width - 2 * margin) / count
        y = top + radius + self._px(8)
        steps = self._steps(s.word[0])
        cells = []
        for at in range(count):
            left, right = round(margin + at * pitch), round(margin + (at + 1) * pitch)
            column = self._mirrored(Box(left, top, right - left, bottom - top))
            x = column.x + column.w // 2
            middle = y + radius + (bottom - y - radius) * 2 // 5
            text = Text(x, middle, column.w - self._px(8), steps, "center")
            cells.append(Cell(column, column, text, (x, y), carded=False))
        nowhere = Text(0, 0, 1, ((1, 1),))
        return Asking(
            tick, saved, self._title(0), tuple(cells), (nowhere, nowhere), self._hint(), self._keys(), radius
        )

    def _keys(self) -> tuple[KeyPlace, ...]:
        return self._key(Key.BACK, back=True), self._key(Key.SKIP, back=False)

    def _px(self, length: float) -> int:
        return max(1, round(length * self._unit))

    def _y(self, y: float) -> int:
        return round(y * self._down)

    def _steps(self, steps: Steps) -> Steps:
        sizes = enlarged(steps, tails=self._layout.mirrored) if self._layout.large else steps
        return tuple((self._px(px), lines) for px, lines in sizes)

    def _boxes(self, count: int) -> tuple[Box, ...]:
        """What is drawn of the answers: in the body's middle, or at its end on an upright panel."""
        s, at = self._s, self._at
        columns, rows = grid(count, s.columns[at])
        top, bottom = (self._y(y) for y in s.body[at])
        gap = self._px(s.gap[at])
        wide = (self._inner - gap * (columns - 1)) / columns
        high = min(self._px(s.most_high[at]), (bottom - top - gap * (rows - 1)) // rows)
        spare = bottom - top - high * rows - gap * (rows - 1)
        first = top + (spare if s.low else spare // 3)
        boxes = []
        for n in range(count):
            row, column = divmod(n, columns)
            left = round(self._margin + column * (wide + gap))
            right = round(self._margin + column * (wide + gap) + wide)
            boxes.append(self._mirrored(Box(left, first + row * (high + gap), right - left, high)))
        return tuple(boxes)

    def _cell(self, box: Box, *, face: bool, alone: bool) -> Cell:
        """*face*: one stands at its beginning. *alone*: no row above or below, so texts stand in the middle."""
        s, at = self._s, self._at
        half = self._px(s.gap[at]) // 2
        target = Box(box.x - half, box.y - half, box.w + 2 * half, box.h + 2 * half)
        padding = self._px(s.padding) if at == 0 else self._px(6)
        middle = box.y + box.h // 2
        text = Text(box.x + box.w // 2, middle, box.w - 2 * padding, self._steps(s.word[at]), "center")
        mark = round(box.h * CARD_FACE_X)
        if at == 0 and not alone:
            inset = round(box.h * CARD_WORD_X) if face else padding
            x = box.x + box.w - inset if self._layout.mirrored else box.x + inset
            text = replace(text, x=x, width=box.w - inset - padding, align=self._start_align)
        return Cell(
            box, target, text, (box.x + box.w - mark if self._layout.mirrored else box.x + mark, middle)
        )

    def _title(self, lifted: int) -> Text:
        baseline, steps = self._s.title[self._at]
        y = self._y(baseline) + lifted
        centred = self._at == 1 and not self._s.low
        x = self._layout.width // 2 if centred else self._start(self._margin)
        align = "center" if centred else self._start_align
        # Large Arabic reaches further above and below its line than Latin.
        leading = 1.4 if self._s.low else 1.2
        return Text(x, y, self._inner, self._steps(steps), align, up=True, leading=leading)

    def _ends(self, boxes: Sequence[Box]) -> tuple[Text, Text]:
        """Least below the first answer, most below the last column."""
        below, px = self._s.ends
        steps = self._steps(((px, 1), (round(px * 0.9), 1), (round(px * 0.8), 1), (round(px * 0.8), 2)))
        y = boxes[-1].y + boxes[-1].h + self._px(below) + steps[0][0] - self._px(px)
        width = self._inner // 2 - self._px(10)
        far = "left" if self._layout.mirrored else "right"
        least = Text(self._start(self._margin), y, width, steps, self._start_align)
        return least, Text(self._end(self._margin), y, width, steps, far)

    def _saved(self) -> tuple[tuple[int, int, int], Text]:
        baseline, size = self._s.saved
        px = self._px(size)
        r = self._px(size * 0.577)
        gap = self._px(size * 0.37)
        steps = tuple((round(px * part), 1) for part in (1, 0.9, 0.8))
        if baseline:
            y = self._y(baseline)
            width = self._inner - 2 * r - gap
        else:  # at the foot: the keys stand beside each other at its end
            top, high, _ = self._s.foot
            y = self._y(top + high / 2) + round(px * CAPITALS / 2)
            width = self._inner - 2 * self._px(self._s.key[0] + self._s.gap[1]) - 2 * r - gap
        offset = self._margin
        tick = (self._start(offset + r), y - round(px * CAPITALS / 2), r)
        return tick, Text(self._start(offset + 2 * r + gap), y, width, steps, self._start_align)

    def _hint(self) -> Text | None:
        if self._s.low or not self._s.saved[0]:
            return None
        top, high, _ = self._s.foot
        px = self._px(self._s.saved[1])
        y = self._y(top) + self._px(high) // 2 + round(px * CAPITALS / 2)
        width = self._inner - 2 * self._px(self._s.key[0] + 24)
        return Text(self._layout.width // 2, y, width, ((px, 1), (round(px * 0.85), 1)), "center")

    def _key(self, key: Key, *, back: bool) -> KeyPlace:
        s, layout = self._s, self._layout
        top, high, touched = s.foot
        least, size, padding = s.key
        w, h, y = self._px(least), self._px(high), self._y(top)
        end = layout.width - self._margin - w
        half = self._px(s.gap[1]) // 2
        from_y = min(self._y(touched), layout.height - layout.panel.down(KEY_MM))
        if not back:
            x, reach = end, (end - half, layout.width)
        elif s.saved[0]:
            x, reach = self._margin, (0, self._margin + w + self._px(20))
        else:
            x = end - 2 * half - w
            reach = x - self._px(12), end - half
        target = Box(reach[0], from_y, reach[1] - reach[0], layout.height - from_y)
        box, target = self._mirrored(Box(x, y, w, h)), self._mirrored(target)
        px, inset, arrow = self._px(size), self._px(padding), self._px(size * 0.9)
        room = w - 2 * inset - arrow - round(px * KEY_GAP)
        steps = tuple((round(px * part), 1) for part in (1, 0.9, 0.8, 0.7))
        text = Text(box.x + w // 2, y + h // 2 + round(px * CAPITALS / 2), room, steps, "left")
        return KeyPlace(key, box, target, text, arrow, points_left=back != layout.mirrored)

    @property
    def _start_align(self) -> str:
        return "right" if self._layout.mirrored else "left"

    def _start(self, x: int) -> int:
        return self._layout.width - x if self._layout.mirrored else x

    def _end(self, x: int) -> int:
        return x if self._layout.mirrored else self._layout.width - x

    def _mirrored(self, box: Box) -> Box:
        return replace(box, x=self._layout.width - box.x - box.w) if self._layout.mirrored else box
