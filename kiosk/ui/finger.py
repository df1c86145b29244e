"""A finger on the glass that a script moves: it takes the way of every touch, from Kivy's input on."""

from __future__ import annotations

from typing import Any

from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent

from feedback.ratings import Rating
from kiosk.ui.layout import Box, Layout


class Finger(MotionEvent):
    """One touch, at a place given as shares of the window's width and height from the bottom left."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__("finger", 1, (x, y), is_touch=True, type_id="touch")

    def depack(self, args: Any) -> None:
        """Where it is."""
        self.sx, self.sy = args
        self.profile = ["pos"]
        super().depack(args)

    def tap(self) -> None:
        """Lands and leaves. To be called in the window's thread."""
        EventLoop.post_dispatch_input("begin", self)
        EventLoop.post_dispatch_input("end", self)


def tap_face(rating: Rating, layout: Layout) -> None:
    """Taps the face of *rating* where *layout* has it, in the middle of what takes a touch."""
    tap_on(next(seat.target for seat in layout.seats if seat.rating is rating))


def tap_on(box: Box) -> None:
    """Taps the middle of *box*, counted from the top left."""
    x, y = box.x + box.w / 2, box.y + box.h / 2
    Finger(x / Window.width, 1 - y / Window.height).tap()
