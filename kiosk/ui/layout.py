"""
Where everything goes on a screen of a given size. Pixels from the top left corner, all of them whole.

Three arrangements, each drawn once at the size it was designed for and scaled from there:
a row of faces, a row on a small panel, and rows below each other on an upright panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.ui.designs import (
    ROW,
    ROW_FACE_X,
    ROW_GAP,
    ROW_HEIGHT,
    ROW_WORD_X,
    ROWS,
    SMALL_ROW,
    Design,
    Steps,
)


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies in it."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h


@dataclass(frozen=True)
class Text:
    """
    A place for text.

    Attributes:
        x: Where it begins, ends or has its middle, as ``align`` says.
        baseline: Where the letters stand. With several lines, that of the first, or of the last if ``up``.
        width: No line is wider.
        steps: Sizes to try.
        align: ``left``, ``center`` or ``right``.
        up: Further lines go above, not below.
        leading: From line to line, as parts of the size.
    """

    x: int
    baseline: int
    width: int
    steps: Steps
    align: str = "left"
    up: bool = False
    leading: float = 1.2


@dataclass(frozen=True)
class Seat:
    """Where one rating is shown and touched."""

    rating: Rating
    target: Box
    x: int
    y: int
    word: Text
    card: Box | None


@dataclass(frozen=True)
class Bar:
    """The languages at the bottom: the line they stand on, their height, text size, and where touches begin."""

    y: int
    pill: int
    px: int
    padding: int
    pitch: int
    top: int
    codes: bool


@dataclass(frozen=True)
class Layout:
    """
    One arrangement of all screens.

    Attributes:
        margin: Left and right.
        unit: Pixels for one pixel of the design.
        radius: Of the five faces.
        hint: None where there is no room for it.
        saving: Where a slow disk is told; the hint's place where there is one.
        sign: Radius of the thank-you's disc.
        pause: Radius of the pause sign.
    """

    width: int
    height: int
    margin: int
    unit: float
    mirrored: bool
    name: Text
    question: Text
    hint: Text | None
    saving: Text
    radius: int
    seats: tuple[Seat, ...]
    bar: Bar
    sign: int
    pause: int
    thanks_sign: tuple[int, int]
    thanks: Text
    saved: Text
    pause_sign: tuple[int, int]
    stopped: Text
    explained: Text
    rule_y: int
    staff: Text


@lru_cache(maxsize=8)
def layout(width: int, height: int, *, mirrored: bool = False) -> Layout:
    """The arrangement for a screen of *width* x *height* pixels; *mirrored* for a script read from the right."""
    return _Draughtsman(_design(width, height), width, height, mirrored=mirrored).layout()


def _design(width: int, height: int) -> Design:
    if height > width:
        return ROWS
    # A panel this low has no room for the hint between question and faces.
    return SMALL_ROW if min(width / ROW.w, height / ROW.h) < 0.7 else ROW


class _Draughtsman:
    """Scales one design to one screen."""

    def __init__(self, design: Design, width: int, height: int, *, mirrored: bool) -> None:
        self._d = design
        self._width, self._height = width, height
        self._unit = min(width / design.w, height / design.h)
        self._mirrored = mirrored
        self._margin = self._px(design.margin)
        self._inner = width - 2 * self._margin

    def layout(self) -> Layout:
        d = self._d
        return Layout(
            width=self._width,
            height=self._height,
            margin=self._margin,
            unit=self._unit,
            mirrored=self._mirrored,
            name=self._start(d.name[0], tuple((px, 1) for px in d.name[1])),
            question=self._question(),
            hint=None if d.small else self._under_question(),
            saving=self._under_question(),
            radius=self._px(d.radius),
            seats=self._rows() if d.rows else self._row(),
            bar=self._bar(),
            sign=self._px(d.signs[0]),
            pause=self._px(d.signs[1]),
            thanks_sign=(self._x(d.signs[0]), self._y(d.thanks[0])),
            thanks=self._start(d.thanks[1], self._shrinking(d.title_px[0], 1)),
            saved=self._start(d.thanks[2], self._shrinking(d.line_px, 2), leading=1.4),
            pause_sign=(self._x(d.signs[1]), self._y(d.stopped[0])),
            stopped=self._start(d.stopped[1], self._shrinking(d.title_px[1], 1)),
            explained=self._start(d.stopped[2], self._shrinking(d.line_px, 3), leading=1.4),
            rule_y=self._y(d.staff[0]),
            staff=self._start(d.staff[1], self._shrinking(d.staff[2], 1)),
        )

    def _px(self, length: float) -> int:
        return max(1, round(length * self._unit))

    def _y(self, y: float) -> int:
        """Heights follow the screen's height, so that a squarer panel is filled, not bordered."""
        return round(y * self._height / self._d.h)

    def _x(self, from_start: float) -> int:
        """So far from the side where reading begins, inside the margin."""
        x = self._margin + self._px(from_start)
        return self._width - x if self._mirrored else x

    def _steps(self, steps: Steps) -> Steps:
        return tuple((self._px(px), lines) for px, lines in steps)

    def _shrinking(self, px: int, lines: int) -> Steps:
        return tuple((round(px * part), lines) for part in (1, 0.9, 0.8, 0.7, 0.6))

    def _start(self, baseline: int, steps: Steps, leading: float = 1.2) -> Text:
        x = self._width - self._margin if self._mirrored else self._margin
        align = "right" if self._mirrored else "left"
        return Text(x, self._y(baseline), self._inner, self._steps(steps), align, leading=leading)

    def _question(self) -> Text:
        d = self._d
        if d.rows:
            from_start = self._start(d.question, d.question_steps)
            return Text(
                from_start.x, from_start.baseline, self._inner, from_start.steps, from_start.align, up=True
            )
        steps = self._steps(d.question_steps)
        return Text(self._width // 2, self._y(d.question), self._inner, steps, "center", up=True)

    def _under_question(self) -> Text:
        baseline, px = self._d.hint
        steps = self._shrinking(px, 1)
        if self._d.rows:
            return self._start(baseline, steps)
        return Text(self._width // 2, self._y(baseline), self._inner, self._steps(steps), "center")

    def _row(self) -> tuple[Seat, ...]:
        """Faces side by side, the outer ones touching the margins."""
        d = self._d
        radius = self._px(d.radius)
        pitch = (self._inner - 2 * radius) / (len(SHOWN_ORDER) - 1)
        top, bottom = self._y(d.seat_top), self._y(d.seat_bottom)
        seats = []
        for at, rating in enumerate(self._order()):
            # Whole pixels: a ring half a pixel off would look different from its neighbours.
            x = round(self._margin + radius + at * pitch)
            left = round(self._margin + radius + (at - 0.5) * pitch)
            right = round(self._margin + radius + (at + 0.5) * pitch)
            word = Text(x, self._y(d.word), int(pitch - self._px(5)), self._steps(d.word_steps), "center")
            seats.append(
                Seat(rating, Box(left, top, right - left, bottom - top), x, self._y(d.face_y), word, None)
            )
        return tuple(seats)

    def _rows(self) -> tuple[Seat, ...]:
        """Full-width rows, for an upright panel: face at the start, word beside it."""
        d = self._d
        height, gap = self._px(ROW_HEIGHT), self._px(ROW_GAP)
        first = self._y(d.face_y)
        seats = []
        for at, rating in enumerate(SHOWN_ORDER):
            card = Box(self._margin, first + at * (height + gap), self._inner, height)
            target = Box(card.x, card.y - gap // 2, card.w, height + gap)
            middle = card.y + height // 2
            px = self._px(d.word_steps[0][0])
            word = Text(
                self._x(ROW_WORD_X),
                middle + round(px * 0.36),  # half the height of its capitals
                self._inner - self._px(ROW_WORD_X + 32),
                self._steps(d.word_steps),
                "right" if self._mirrored else "left",
            )
            seats.append(Seat(rating, target, self._x(ROW_FACE_X), middle, word, card))
        return tuple(seats)

    def _order(self) -> tuple[Rating, ...]:
        return SHOWN_ORDER[::-1] if self._mirrored else SHOWN_ORDER

    def _bar(self) -> Bar:
        y, pill, px, padding, pitch = self._d.bar
        middle = self._y(y)
        # Touches count down to the very edge of the glass: 20 mm for a pill drawn 10 mm high.
        top = middle - self._px(pill)
        return Bar(
            middle,
            self._px(pill),
            self._px(px),
            self._px(padding),
            self._px(pitch),
            top,
            self._d.small,
        )
