"""Which screen is in front, and how one gives way to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kivy.animation import Animation
from kivy.input import MotionEvent
from kivy.uix.floatlayout import FloatLayout

from kiosk.reception import Reception
from kiosk.ui.screen import CustomerScreen
from kiosk.visit import Screen

COME_SECONDS, GO_SECONDS = 0.18, 0.22
RISE_PX = 8


class Stage(FloatLayout):
    """
    Holds the screens: the welcome screen always at the back, at most one other before it.

    Which one takes a touch follows the visit, never the picture: a finger that lands while a thank-you fades
    away already rates.
    """

    def __init__(
        self,
        reception: Reception,
        screens: Mapping[Screen, CustomerScreen],
        *,
        moving: bool,
        **properties: Any,
    ) -> None:
        super().__init__(**properties)
        self._reception = reception
        self._screens = screens
        self._back = screens[Screen.WELCOME]
        self._moving = moving
        self.add_widget(self._back)
        self.render()

    @property
    def front(self) -> CustomerScreen:
        """The screen the visit is on."""
        return self._screens[self._reception.screen]

    def render(self) -> None:
        """Show the reception as it is now."""
        front = self.front
        front.render()
        shown = self.children[0]
        if front is self._back and shown is not self._back:
            self._leave(shown)
        elif front is not shown:
            self._come(front, fading=self._moving and front is self._screens[Screen.THANKS])

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Only going down counts: people lift, slide and linger as they like."""
        # A finger has no button; of a mouse, which also sends its wheel as touches, only the left one counts.
        if touch.button in (None, "left"):
            self.front.touched(touch.x, self.height - touch.y)
        return True

    def _come(self, screen: CustomerScreen, *, fading: bool) -> None:
        self._drop_all()
        screen.opacity, screen.sunk = (0.0, RISE_PX) if fading else (1.0, 0)
        self.add_widget(screen)
        screen.arrive(moving=fading)
        if fading:
            Animation(opacity=1.0, sunk=0, duration=COME_SECONDS, t="out_cubic").start(screen)

    def _leave(self, screen: CustomerScreen) -> None:
        Animation.cancel_all(screen)
        # A press must be seen in the next frame, so nothing fades over it; nor over the faces that a finger wakes.
        woken = screen is self._screens[Screen.QUIET]
        if not self._moving or woken or self._reception.visit.screen is Screen.PRESSED:
            self._drop_all()
            return
        fading = Animation(opacity=0.0, duration=GO_SECONDS, t="linear")
        fading.bind(on_complete=lambda *_: self._drop_all())
        fading.start(screen)

    def _drop_all(self) -> None:
        for screen in list(self.children):
            if screen is not self._back:
                Animation.cancel_all(screen)
                self.remove_widget(screen)
