"""A face on the screen, with the ring it gets under a finger."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, PopMatrix, PushMatrix, Scale, Translate
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui import faces
from kiosk.ui.drawing import fill

CLEAR = (0, 0, 0, 0)


class FaceMark(Widget):
    """
    One face.

    Its meshes are made once per size; a press only changes colours and a scale, so that the next frame
    has it.

    Attributes:
        seat: Its rating and place.
        pressed: It carries the ring.
        still: One of the five is pressed, so all are grey.
    """

    seat = ObjectProperty()
    theme = ObjectProperty()
    radius = NumericProperty()
    from_top = NumericProperty()
    pressed = BooleanProperty(False)
    still = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        rebuild = Clock.create_trigger(self._build, -1)
        super().__init__(**properties)
        for name in ("seat", "theme", "radius", "from_top"):
            self.fbind(name, rebuild)
        for name in ("pressed", "still"):
            self.fbind(name, self._paint)
        self._build()

    def _build(self, *_: Any) -> None:
        face = faces.face(self.seat.rating, self.radius, outlined=self.theme.outlined)
        self._disc, self._rim, self._features, self._ring = (Color(), Color(), Color(), Color())
        self._size = Scale(1, 1, 1)
        self.canvas.clear()
        for instruction in (
            PushMatrix(),
            Translate(self.seat.x, self.from_top - self.seat.y),
            Scale(1, -1, 1),  # a face's own measures count downwards
            self._ring,
            fill(face.ring),
            self._size,
            self._disc,
            fill(face.disc),
            self._rim,
            fill(face.rim),
            self._features,
            fill(face.features),
            PopMatrix(),
        ):
            self.canvas.add(instruction)
        self._paint()

    def _paint(self, *_: Any) -> None:
        theme = self.theme
        rim = CLEAR if self.still and not theme.outlined else theme.rim
        self._disc.rgba = theme.still if self.still else theme.faces[self.seat.rating]
        self._rim.rgba = rim
        self._features.rgba = theme.features_still if self.still else theme.features
        self._ring.rgba = theme.ink if self.pressed else CLEAR
        size = faces.PRESSED_SIZE if self.pressed else 1.0
        self._size.xyz = (size, size, 1)
