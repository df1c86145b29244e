"""
Where everything goes on a panel. Pixels from the top left corner, all of them whole.

Three arrangements, each drawn once at the size it was designed for and scaled from there: a row of faces, a row on
a small panel, and rows below each other on an upright panel. Whatever is touched is then made as large as a finger
needs, in the panel's own millimetres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.panel import KEY_MM, SMALL_GAP_MM, Panel
from kiosk.ui.designs import (
    CARD_AIR_MM,
    CARD_FACE,
    CARD_FACE_X,
    CARD_GAP,
    CARD_WORD_X,
    CARDS_END,
    CARDS_TOP,
    ROW,
    ROWS,
    SMALL_ROW,
    Design,
    Steps,
    enlarged,
)

TAILS = 20
"""More room below a title in scripts read from the right: their letters reach further down, their marks further up."""

LOWER = 6
"""So much nearer to the faces, under a question in large letters."""


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
        panel: What it is for; its millimetres.
        margin: Left and right.
        unit: Pixels for one pixel of the design.
        mirrored: It begins at the right.
        large: Texts are as large as there is room for.
        radius: Of the five faces.
        hint: None where there is no room for it.
        saving: Where a slow disk is told; the hint's place where there is one.
        we_did: *You said, we did*: above the bar, or in the hint's place where there is no room for both.
        sign: Radius of the thank-you's disc.
        pause: Radius of the pause sign.
    """

    panel: Panel
    width: int
    height: int
    margin: int
    unit: float
    mirrored: bool
    large: bool
    name: Text
    question: Text
    hint: Text | None
    saving: Text
    we_did: Text
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


@lru_cache(maxsize=16)
def layout(panel: Panel, *, mirrored: bool = False, faces_stay: bool = False, large: bool = False) -> Layout:
    """
    The arrangement for *panel*.

    Args:
        panel: The glass.
        mirrored: For a script read from the right: everything begins there, the order of the faces too.
        faces_stay: Not the faces: each stands above its button.
        large: Texts as large as there is room for.
    """
    turned = mirrored and not faces_stay
    return _Draughtsman(_design(panel), panel, mirrored=mirrored, turned=turned, large=large).layout()


def _design(panel: Panel) -> Design:
    if panel.height_px > panel.width_px:
        return ROWS
    # A panel this low has no room for the hint between question and faces.
    return SMALL_ROW if panel.small else ROW


class _Draughtsman:
    """Fits one design to one panel."""

    def __init__(self, design: Design, panel: Panel, *, mirrored: bool, turned: bool, large: bool) -> None:
        self._d = design
        self._panel = panel
        self._width, self._height = panel.width_px, panel.height_px
        self._unit = min(self._width / design.w, self._height / design.h)
        self._mirrored = mirrored
        self._turned = turned
        self._large = large
        # Touches count down to the very edge of the glass: 20 mm for a pill drawn 10 mm high.
        self._bar_y = self._y(design.bar[0])
        self._bar_top = min(self._bar_y - self._px(design.bar[1]), self._height - panel.down(KEY_MM))
        self._pitch = self._card_pitch()
        self._first_card = self._bar_top - self._px(CARDS_END) - len(SHOWN_ORDER) * self._pitch
        self._radius = self._face_radius()
        self._margin = self._side()
        self._inner = self._width - 2 * self._margin

    def layout(self) -> Layout:
        d = self._d
        seats = self._cards() if d.rows else self._row()
        return Layout(
            panel=self._panel,
            width=self._width,
            height=self._height,
            margin=self._margin,
            unit=self._unit,
            mirrored=self._mirrored,
            large=self._large,
            name=self._start(d.name[0], tuple((px, 1) for px in d.name[1])),
            question=self._question(),
            hint=None if d.small else self._under_question(),
            saving=self._under_question(),
            we_did=self._we_did(),
            radius=self._radius,
            seats=seats,
            bar=self._bar(),
            sign=self._px(d.signs[0]),
            pause=self._px(d.signs[1]),
            thanks_sign=(self._x(d.signs[0]), self._y(d.thanks[0])),
            thanks=self._start(d.thanks[1], self._shrinking(d.title_px[0], 1)),
            saved=self._lower(self._start(d.thanks[2], self._shrinking(d.line_px, 2), leading=1.4)),
            pause_sign=(self._x(d.signs[1]), self._y(d.stopped[0])),
            stopped=self._start(d.stopped[1], self._shrinking(d.title_px[1], 1)),
            explained=self._lower(self._start(d.stopped[2], self._shrinking(d.line_px, 3), leading=1.4)),
            rule_y=self._y(d.staff[0]),
            staff=self._start(d.staff[1], self._shrinking(d.staff[2], 1)),
        )

    def _card_pitch(self) -> int:
        """From card to card on an upright panel: faces in its lower half, where they are then large enough."""
        end = self._bar_top - self._px(CARDS_END)
        count = len(SHOWN_ORDER)
        lower_half = (end - self._height // 2) // count
        most = round(end - CARDS_TOP * self._height) // count
        return min(max(lower_half, self._panel.down(self._panel.face_mm + CARD_AIR_MM)), most)

    def _face_radius(self) -> int:
        least = math.ceil(self._panel.both(self._panel.face_mm) / 2)
        if not self._d.rows:
            most = (self._width - self._gaps()) // (2 * len(SHOWN_ORDER))
            return min(max(self._px(self._d.radius), least), most)
        card = self._pitch - self._px(CARD_GAP)
        return min(max(round(card * CARD_FACE), least), card // 2, self._width // 6)

    def _side(self) -> int:
        """The margin: as drawn, or narrower where the faces and their gaps need it."""
        margin = self._px(self._d.margin)
        if self._d.rows:
            return margin
        free = self._width - 2 * self._radius * len(SHOWN_ORDER) - self._gaps()
        return max(0, min(margin, free // 2))

    def _gaps(self) -> int:
        return (len(SHOWN_ORDER) - 1) * self._panel.across(SMALL_GAP_MM)

    def _px(self, length: float) -> int:
        return max(1, round(length * self._unit))

    def _y(self, y: float) -> int:
        """Heights follow the screen's height, so that a squarer panel is filled, not bordered."""
        return round(y * self._height / self._d.h)

    def _x(self, from_start: float) -> int:
        """So far from the side where reading begins, inside the margin."""
        return self._inside(self._px(from_start))

    def _inside(self, px: int) -> int:
        """*px* inside the margin of the side where reading begins."""
        return self._width - self._margin - px if self._mirrored else self._margin + px

    def _steps(self, steps: Steps) -> Steps:
        return self._pixels(enlarged(steps, tails=self._mirrored) if self._large else steps)

    def _pixels(self, steps: Steps) -> Steps:
        return tuple((self._px(px), lines) for px, lines in steps)

    def _shrinking(self, px: int, lines: int) -> Steps:
        return tuple((round(px * part), lines) for part in (1, 0.9, 0.8, 0.7, 0.6))

    def _start(self, baseline: int, steps: Steps, leading: float = 1.2) -> Text:
        x = self._width - self._margin if self._mirrored else self._margin
        align = "right" if self._mirrored else "left"
        return Text(x, self._y(baseline), self._inner, self._steps(steps), align, leading=leading)

    def _lower(self, below_title: Text) -> Text:
        """Letters of scripts read from the right reach far below their line, and marks far above it."""
        return (
            replace(below_title, baseline=below_title.baseline + self._px(20))
            if self._mirrored
            else below_title
        )

    def _question(self) -> Text:
        d = self._d
        if d.rows:
            above = d.question + (TAILS if self._mirrored else 0)
            return replace(self._start(0, d.question_steps), baseline=self._above_cards(above), up=True)
        steps = self._steps(d.question_steps)
        baseline = self._y(d.question) - (self._px(TAILS) // 3 if self._mirrored else 0)
        return Text(self._width // 2, baseline, self._inner, steps, "center", up=True)

    def _under_question(self) -> Text:
        baseline, px = self._d.hint
        steps = self._shrinking(px, 1)
        if self._d.rows:
            return replace(self._start(0, steps), baseline=self._above_cards(baseline))
        y = self._y(baseline) + (self._px(TAILS) // 4 if self._mirrored and self._d.small else 0)
        if not self._d.small:
            return Text(self._width // 2, y, self._inner, self._steps(steps), "center")
        # On a small panel it stands close below the question, which has the room.
        lower = self._px(LOWER) if self._large else 0
        return Text(self._width // 2, y + lower, self._inner, self._pixels(steps), "center")

    def _above_cards(self, length: int) -> int:
        return self._first_card - self._px(length)

    def _we_did(self) -> Text:
        d = self._d
        if d.small:
            return self._under_question()
        baseline, px = d.we_did
        steps = self._shrinking(px, 1)
        if d.rows:
            return self._start(baseline, steps)
        return Text(self._width // 2, self._y(baseline), self._inner, self._steps(steps), "center", up=True)

    def _row(self) -> tuple[Seat, ...]:
        """Faces side by side, the outer ones touching the margins."""
        d, radius = self._d, self._radius
        pitch = (self._inner - 2 * radius) / (len(SHOWN_ORDER) - 1)
        top, bottom = self._y(d.seat_top), min(self._y(d.seat_bottom), self._bar_top)
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

    def _cards(self) -> tuple[Seat, ...]:
        """Full-width cards below each other, for an upright panel: face at the start, word beside it."""
        gap = self._px(CARD_GAP)
        height = self._pitch - gap
        steps = self._steps(self._d.word_steps)
        # As if the card were no higher than its face needs, or the word of a very high one would be off the screen.
        high = min(height, round(self._radius / CARD_FACE))
        face_x, word_x = self._inside(round(high * CARD_FACE_X)), round(high * CARD_WORD_X)
        seats = []
        for at, rating in enumerate(SHOWN_ORDER):
            card = Box(self._margin, self._first_card + at * self._pitch, self._inner, height)
            middle = card.y + height // 2
            word = Text(
                self._inside(word_x),
                middle + round(steps[0][0] * 0.36),  # half the height of its capitals
                self._inner - word_x - self._px(32),
                steps,
                "right" if self._mirrored else "left",
            )
            target = Box(card.x, card.y - gap // 2, card.w, self._pitch)
            seats.append(Seat(rating, target, face_x, middle, word, card))
        return tuple(seats)

    def _order(self) -> tuple[Rating, ...]:
        return SHOWN_ORDER[::-1] if self._turned else SHOWN_ORDER

    def _bar(self) -> Bar:
        _, pill, px, padding, pitch = self._d.bar
        return Bar(
            self._bar_y,
            self._px(pill),
            self._px(px),
            self._px(padding),
            max(self._px(pitch), self._panel.across(KEY_MM)),
            self._bar_top,
            self._d.small,
        )
