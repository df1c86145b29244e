"""Which screen is in front, and how one gives way to the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kivy.animation import Animation
from kivy.input import MotionEvent
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.reception import Reception
from kiosk.ui.screen import CustomerScreen
from kiosk.ui.screens import Screens
from kiosk.visit import Screen

COME_SECONDS, GO_SECONDS = 0.18, 0.22
RISE_PX = 8
FADING_IN = (Screen.QUESTION, Screen.MORE_TIME, Screen.THANKS)


class Stage(FloatLayout):
    """
    Holds the screens: the welcome screen always at the back, one other before it, and while it fades in a third.

    Which one takes a touch follows the visit, never the picture: a finger that lands while a thank-you fades
    away already rates.
    """

    def __init__(
        self,
        reception: Reception,
        screens: Screens,
        *,
        moving: bool,
        **properties: Any,
    ) -> None:
        super().__init__(**properties)
        self._reception = reception
        self._screens = screens
        self._back = screens.of(Screen.WELCOME)
        self._moving = moving
        self.add_widget(self._back)
        self.render()

    @property
    def front(self) -> CustomerScreen:
        """The screen the visit is on."""
        return self._screens.of(self._reception.screen, self._reception.visit.question)

    def render(self) -> None:
        """Show the reception as it is now."""
        front = self.front
        front.render()
        shown = self.children[0]
        if front is self._back and shown is not self._back:
            self._leave(shown)
        elif front is not shown:
            self._come(front, fading=self._moving and self._reception.visit.screen in FADING_IN)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Only going down counts: people lift, slide and linger as they like."""
        # A finger has no button; of a mouse, which also sends its wheel as touches, only the left one counts.
        if touch.button in (None, "left"):
            self.front.touched(touch.x, self.height - touch.y)
        return True

    def _come(self, screen: CustomerScreen, *, fading: bool) -> None:
        # What was before it stays below until it has come: or the welcome screen would shine through.
        self._drop(self.children[1:] if fading else self.children)
        Animation.cancel_all(screen)
        screen.opacity, screen.sunk = (0.0, RISE_PX) if fading else (1.0, 0)
        if screen in self.children:
            self.remove_widget(screen)
        self.add_widget(screen)
        screen.arrive(moving=fading)
        if fading:
            coming = Animation(opacity=1.0, sunk=0, duration=COME_SECONDS, t="out_cubic")
            coming.bind(on_complete=lambda *_: self._drop(self.children[1:]))
            coming.start(screen)

    def _leave(self, screen: CustomerScreen) -> None:
        Animation.cancel_all(screen)
        # A press must be seen in the next frame, so nothing fades over it; nor over the faces that a finger wakes.
        woken = screen is self._screens.of(Screen.QUIET)
        if not self._moving or woken or self._reception.visit.screen is Screen.PRESSED:
            self._drop(self.children)
            return
        self._drop(self.children[1:])
        fading = Animation(opacity=0.0, duration=GO_SECONDS, t="linear")
        fading.bind(on_complete=lambda *_: self._drop(self.children))
        fading.start(screen)

    def _drop(self, screens: Iterable[Widget]) -> None:
        for screen in list(screens):
            if screen is not self._back:
                Animation.cancel_all(screen)
                self.remove_widget(screen)
