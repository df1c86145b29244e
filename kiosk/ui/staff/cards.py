"""The cards of the staff's day, each drawn into its own box."""

from __future__ import annotations

import math
from collections.abc import Sequence

from feedback.ratings import Rating
from feedback.scores import Score
from kiosk.ui import shapes
from kiosk.ui.face import FaceMark
from kiosk.ui.layout import Box, Seat, Text
from kiosk.ui.shapes import Point
from kiosk.ui.staff.board import Board
from kiosk.ui.staff.said import Column, Fact, Gauge, Level, Reason
from kiosk.ui.staff.said import Point as DayPoint
from kiosk.ui.theme import Colour

SWEEP = math.radians(184)
"""The arc reaches a little below its middle on both sides."""
STEPS = 60
PALE = 0.3
"""Cover of the band behind a line."""


class Cards:
    """
    Draws cards on a board.

    Args:
        unit: Pixels for one pixel of the design.
    """

    def __init__(self, board: Board, unit: float) -> None:
        self._board, self._unit = board, unit
        self._theme = board.theme

    def gauge(self, box: Box, title: str, gauge: Gauge) -> None:
        """The SLI: its number, its band, its interval as an arc with the mark inside."""
        self._frame(box, title)
        u, board, theme = self._unit, self._board, self._theme
        radius = min(box.w / 2 - 64 * u, box.h - 190 * u)
        x, y = box.x + box.w / 2, box.y + 86 * u + radius
        thick = 22 * u
        track = 6 * u if theme.outlined else thick
        board.mesh(shapes.solid(self._arc(x, y, radius, track, -100, 100)), self._track)
        if gauge.score is not None:
            low, high = self._visible(gauge.score.low, gauge.score.high)
            interval = theme.accent if theme.outlined else self._good
            board.mesh(shapes.solid(self._arc(x, y, radius, thick, low, high)), interval)
            mark = [self._on(x, y, radius + side * 21 * u, gauge.score.value) for side in (-1, 1)]
            board.line(mark, 6 * u, theme.ink)
            colour = theme.second_ink if gauge.few else theme.ink
            board.write(
                gauge.value, x, y - 4 * u, 2 * radius - 60 * u, 92 * u, colour, font="title", align="center"
            )
        for value, text in ((-100, "−100"), (100, "100")):
            end_x, end_y = self._on(x, y, radius, value)
            board.write(text, end_x, end_y + 34 * u, 90 * u, 20 * u, theme.second_ink, align="center")
        last = max(y + 72 * u, box.y + box.h - 34 * u)
        lines = gauge.lines
        if gauge.score is None:
            board.write(lines[0], x, y - 10 * u, 1.7 * radius, 26 * u, theme.ink, align="center", lines=3)
            return
        board.write(lines[0], x, y + 34 * u, 1.55 * radius, 24 * u, theme.second_ink, align="center")
        board.write(lines[1], x, last, box.w - 40 * u, 25 * u, theme.ink, align="center")

    def levels(self, box: Box, title: str, counted: str, levels: Sequence[Level]) -> None:
        """How many of each rating."""
        self._frame(box, title, counted)
        u, board, theme = self._unit, self._board, self._theme
        first, step = box.y + 92 * u, (box.h - 128 * u) / (len(levels) - 1)
        bar = box.w - 246 * u
        for at, level in enumerate(levels):
            y = first + at * step
            self._face(level.rating, box.x + 48 * u, y, 20 * u)
            width = max(4 * u, bar * level.part) if level.part else 0
            x = box.x + 84 * u
            board.bar(x, y - 13 * u, width, 26 * u, 6 * u, theme.faces[level.rating])
            if theme.outlined and width:
                board.bar(x, y - 13 * u, width, 26 * u, 6 * u, theme.ink)
            right = box.x + box.w - 28 * u
            board.write(
                level.n, right - 66 * u, y + 9 * u, 80 * u, 26 * u, theme.ink, font="key", align="right"
            )
            board.write(level.percent, right, y + 9 * u, 62 * u, 22 * u, theme.second_ink, align="right")

    def facts(self, box: Box, facts: Sequence[Fact]) -> None:
        """Figures of equal weight below each other."""
        board, u, theme = self._board, self._unit, self._theme
        board.card(box, u)
        high = box.h / len(facts)
        width = box.w - 56 * u
        for at, fact in enumerate(facts):
            top = box.y + at * high
            if at:
                board.bar(box.x + 28 * u, top, width, max(1, round(2 * u)), 1, theme.hairline)
            big = board.write(
                fact.figure, box.x + 28 * u, top + high * 0.42, width * 0.55, 42 * u, theme.ink, font="title"
            )
            taken = max((line.box.w for line in big.lines), default=0) + 16 * u
            board.write(
                fact.word,
                box.x + 28 * u + taken,
                top + high * 0.42,
                width - taken,
                24 * u,
                theme.ink,
                font="key",
            )
            board.write(
                fact.line, box.x + 28 * u, top + high * 0.67, width, 18 * u, theme.second_ink, lines=2
            )

    def hours(self, box: Box, title: str, good: str, bad: str, columns: Sequence[Column]) -> None:
        """By hour: good up, bad down; today only how many."""
        u, board, theme = self._unit, self._board, self._theme
        apart = any(column.good or column.bad for column in columns)
        self._frame(box, title, f"{good} ↑  {bad} ↓" if apart else "")
        if not columns:
            return
        top, bottom = box.y + 66 * u, box.y + box.h - 44 * u
        up = max([column.good + column.whole for column in columns] + [1])
        down = max([column.bad for column in columns] + [0])
        zero = top + (bottom - top) * up / (up + down)
        scale = (bottom - top) / (up + down)
        left, width = box.x + 28 * u, box.w - 56 * u
        pitch = min(width / len(columns), 60 * u)
        every = max(1, math.ceil(34 * u / pitch))
        for at, column in enumerate(columns):
            x = left + at * pitch + pitch * 0.14
            wide = pitch * 0.72
            high = (column.good + column.whole) * scale
            board.bar(x, zero - high, wide, high, 5 * u, self._good if column.good else theme.edge)
            board.bar(x, zero + 3 * u, wide, column.bad * scale, 5 * u, self._bad)
            if column.hidden:
                board.write("·", x + wide / 2, zero - 6 * u, pitch, 20 * u, theme.second_ink, align="center")
            if at % every == 0:
                board.write(
                    str(column.hour), x + wide / 2, box.y + box.h - 18 * u, pitch * every, 19 * u,
                    theme.second_ink, align="center",
                )  # fmt: skip
        board.bar(left, zero, width, max(1, round(2 * u)), 1, theme.edge)

    def reasons(self, box: Box, title: str, of: str, reasons: Sequence[Reason], none: str) -> None:
        """The most frequent reasons, as parts of those who gave one."""
        self._frame(box, title, of)
        u, board, theme = self._unit, self._board, self._theme
        left, width = box.x + 28 * u, box.w - 56 * u
        if not reasons:
            board.write(none, left, box.y + 96 * u, width, 21 * u, theme.second_ink, lines=3)
        step = (box.h - 84 * u) / 3
        for at, reason in enumerate(reasons):
            y = box.y + 84 * u + at * step
            board.write(reason.text, left, y, width - 60 * u, 22 * u, theme.ink)
            board.write(reason.n, left + width, y, 60 * u, 22 * u, theme.ink, font="key", align="right")
            thin = theme.outlined  # its "still" is the ground itself
            board.bar(left, y + (14 if thin else 12) * u, width, (2 if thin else 6) * u, 3 * u, self._track)
            board.bar(left, y + 12 * u, width * reason.part, 6 * u, 3 * u, theme.accent)

    def trend(
        self, box: Box, spans: Sequence[str], what: str, points: Sequence[DayPoint], first: str, last: str
    ) -> None:
        """The SLI day by day with its interval; broken where a day has too few answers, today apart."""
        self._frame(box)
        half = box.w / 2 - 34 * self._unit
        for at, span in enumerate(spans):
            x, align = (box.x + box.w - 28 * self._unit, "right") if at else (box.x + 28 * self._unit, "left")
            self._board.write(
                span,
                x,
                box.y + 44 * self._unit,
                half,
                22 * self._unit,
                self._theme.ink,
                font="key",
                align=align,
            )
        u, board, theme = self._unit, self._board, self._theme
        left, right = box.x + 74 * u, box.x + box.w - 34 * u
        top, bottom = box.y + 70 * u, box.y + box.h - 48 * u
        shown = [p.score for p in points if p.score is not None and not p.few]
        least = -100 if any(score.low < 0 for score in shown) else 0
        step = (right - left) / max(1, len(points) - 1)

        def height(value: float) -> float:
            return bottom - (bottom - top) * (max(value, least) - least) / (100 - least)

        for value in (least, (least + 100) // 2, 100):
            y = height(value)
            board.bar(left - 10 * u, y, right - left + 20 * u, max(1, round(1.5 * u)), 1, theme.hairline)
            text = f"−{-value}" if value < 0 else str(value)
            board.write(text, left - 20 * u, y + 7 * u, 50 * u, 19 * u, theme.second_ink, align="right")
        for run in _runs(points):
            band = [
                (self._point(left + at * step, height(s.high)), self._point(left + at * step, height(s.low)))
                for at, s in run
            ]
            if len(run) > 1:
                board.mesh(shapes.solid(band), self._pale)
                line = [(left + at * step, height(score.value)) for at, score in run]
                board.line(line, 3.5 * u, theme.accent)
            else:
                at, score = run[0]
                board.bar(
                    left + at * step - 2 * u, height(score.value) - 2 * u, 4 * u, 4 * u, 2 * u, theme.accent
                )
        for at, point in enumerate(points):
            x = left + at * step
            if point.few:
                self._hollow(x, height(max(least, 0)) - 14 * u, 5 * u, theme.second_ink)
            elif point.so_far and point.score is not None:
                board.line([(x, height(point.score.low)), (x, height(point.score.high))], 5 * u, self._good)
                self._hollow(x, height(point.score.value), 7 * u, theme.accent)
        foot, third = box.y + box.h - 18 * u, (right - left) / 4
        board.write(first, left, foot, third, 19 * u, theme.second_ink)
        board.write(what, (left + right) / 2, foot, 2 * third, 19 * u, theme.second_ink, align="center")
        board.write(last, right, foot, third, 19 * u, theme.second_ink, align="right")

    @property
    def _track(self) -> Colour:
        return self._theme.edge if self._theme.outlined else self._theme.still

    @property
    def _pale(self) -> Colour:
        colour = self._theme.accent if self._theme.outlined else self._theme.faces[Rating.EXCELLENT]
        return (*colour[:3], PALE)

    @property
    def _good(self) -> Colour:
        return self._theme.ink if self._theme.outlined else self._theme.faces[Rating.EXCELLENT]

    @property
    def _bad(self) -> Colour:
        return self._theme.second_ink if self._theme.outlined else self._theme.faces[Rating.UNACCEPTABLE]

    def _frame(self, box: Box, title: str = "", beside: str = "") -> None:
        u, board = self._unit, self._board
        board.card(box, u)
        width = box.w - 56 * u
        y = box.y + 44 * u
        own = width * (0.6 if beside else 1)
        letters = board.write(title, box.x + 28 * u, y, own, 24 * u, self._theme.ink, font="key")
        if beside:
            rest = width - max((line.box.w for line in letters.lines), default=0) - 14 * u
            board.write(
                beside, box.x + box.w - 28 * u, y, rest, 20 * u, self._theme.second_ink, align="right"
            )

    def _face(self, rating: Rating, x: float, y: float, radius: float) -> None:
        across = self._board.layout.width - x if self._board.layout.mirrored else x
        nowhere = Box(0, 0, 0, 0)
        seat = Seat(rating, nowhere, round(across), round(y), Text(0, 0, 0, ((1, 1),)), None)
        self._board.add_widget(
            FaceMark(seat=seat, theme=self._theme, radius=radius, from_top=self._board.layout.height)
        )

    def _hollow(self, x: float, y: float, radius: float, colour: Colour) -> None:
        middle = self._board.at((x, y))
        disc = shapes.solid(shapes.oval(middle, radius, radius))
        self._board.mesh(disc, self._theme.surface)
        self._board.mesh(shapes.ring(middle, radius, max(2.0, 3 * self._unit)), colour)

    def _point(self, x: float, y: float) -> Point:
        return self._board.at((x, y))

    def _on(self, x: float, y: float, radius: float, value: float) -> Point:
        """The point of the arc for *value*, -100..100, counted from the top."""
        turn = math.pi / 2 + SWEEP / 2 - SWEEP * (value + 100) / 200
        return (x + radius * math.cos(turn), y - radius * math.sin(turn))

    def _arc(
        self, x: float, y: float, radius: float, thick: float, low: float, high: float
    ) -> list[shapes.Pair]:
        values = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
        return [
            (
                self._board.at(self._on(x, y, radius + thick / 2, value)),
                self._board.at(self._on(x, y, radius - thick / 2, value)),
            )
            for value in values
        ]

    def _visible(self, low: float, high: float) -> tuple[float, float]:
        """An interval so narrow that it could not be seen is drawn a little wider."""
        return (low, high) if high - low >= 1.5 else ((low + high) / 2 - 0.75, (low + high) / 2 + 0.75)


def _runs(points: Sequence[DayPoint]) -> list[list[tuple[int, Score]]]:
    """The stretches of days with a score of their own; today stands apart."""
    runs: list[list[tuple[int, Score]]] = [[]]
    for at, point in enumerate(points):
        if point.score is not None and not point.few and not point.so_far:
            runs[-1].append((at, point.score))
        elif point.score is not None and not point.so_far:
            runs.append([])
    return [run for run in runs if run]
