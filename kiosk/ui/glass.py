"""
Fingers on a touch screen, as SDL reads them.

On Linux Kivy drops what SDL says of fingers and waits for the mouse that SDL makes of the first of them: a palm left on
the glass would then hold up everybody else. Here each finger arrives, once: ``SDL_TOUCH_MOUSE_EVENTS`` is off.
"""

from __future__ import annotations

from typing import Any

FINGERS = frozenset({"fingerdown", "fingermotion", "fingerup"})


class Glass:
    """Stands before Kivy's own hold on SDL, and hands the fingers in what it reads to Kivy's provider of touches."""

    def __init__(self, sdl: Any, fingers: Any) -> None:
        self._sdl = sdl
        self._fingers = fingers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sdl, name)

    def poll(self) -> Any:
        """What SDL has to say next; a finger goes to the provider as well."""
        event = self._sdl.poll()
        if event and event[0] in FINGERS:
            self._fingers.appendleft(event)
        return event


def read_fingers() -> None:
    """Let the fingers on the open window's glass through, once."""
    from kivy.base import EventLoop
    from kivy.core.window import Window
    from kivy.core.window.window_sdl2 import SDL2MotionEventProvider

    sdl = Window._win  # noqa: SLF001  Kivy has no other way to what SDL reads
    if not isinstance(sdl, Glass):
        Window._win = Glass(sdl, SDL2MotionEventProvider.q)  # noqa: SLF001
    # A loop that has ended once has let all of its providers go.
    if not any(isinstance(one, SDL2MotionEventProvider) for one in EventLoop.input_providers):
        EventLoop.add_input_provider(SDL2MotionEventProvider("sdl", ""))
