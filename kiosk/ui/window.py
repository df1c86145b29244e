"""
The window, made safe for a public place before Kivy opens it.

Kivy reads its environment when it is first imported and opens a window when ``kivy.core.window`` is. So nothing
here imports Kivy until it is called, and ``prepare_window`` comes before ``kiosk.ui.app`` is imported.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk.settings import ScreenSettings

FRAMES_PER_SECOND = 60
"""While somebody is there a touch is read once per frame. Presses on pins wake the clock at once."""
IDLE_PER_SECOND = 4
"""While nobody is: whoever touches wakes the clock (``kiosk.ui.inputs``), and then it asks as often as ever."""
BLIND_PER_SECOND = 20
"""The same where a device may not be watched: a finger is then read within 50 ms."""


def prepare_window(screen: ScreenSettings, home: Path) -> None:
    """
    Set what Kivy reads at its import. To be called once, before anything of Kivy is imported.

    Args:
        screen: The panel.
        home: A folder this user can write: Kivy does not start without one, though it is left empty.

    Raises:
        RuntimeError: Kivy is imported already, so it would ignore what is set here.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("prepare_window comes before the first import of Kivy")
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(_environment(home))
    logging.getLogger("kivy").addFilter(_worth_reading)
    _configure(screen)


def soon(run: Callable[[], None]) -> None:
    """Call *run* in the window's thread, from any thread, before the next frame is drawn."""
    from kivy.clock import Clock

    # -1 is "before the next frame", also the one of the touch that asked; 0 would be the frame after it.
    Clock.schedule_once(lambda _: run(), -1)


def needs_redraws() -> bool:
    """
    Whether the window must be drawn now and then although nothing has changed.

    On KMSDRM, where no desktop stands between, the first frame was seen not to reach the glass until another one came.
    """
    return os.environ.get("SDL_VIDEODRIVER", "") not in {
        "offscreen",
        "x11",
        "wayland",
    } and not os.environ.get("DISPLAY")


def set_pace(frames_per_second: int) -> None:
    """How often the window asks SDL for fingers, at the most. Buttons and time-outs wake it by themselves."""
    from kivy.clock import Clock

    if Clock._max_fps:  # noqa: SLF001  Kivy reads its setting once; 0 is a test that moves the time itself
        Clock._max_fps = frames_per_second  # noqa: SLF001


def _worth_reading(record: logging.LogRecord) -> bool:
    # A traceback at every start, about a way of reading panels that is not used: SDL reads them.
    return "MTDev is not supported" not in record.getMessage()


def _environment(home: Path) -> dict[str, str]:
    return {
        "KIVY_HOME": str(home),
        "KIVY_NO_ARGS": "1",  # or `-m inspector` on the command line opens an inspector to the public
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_ENV_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",  # one file per start would fill the card
        "KIVY_NO_CONSOLELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
        "KIVY_CLOCK": "interrupt",  # a button's press is drawn 0.3 ms later instead of 10 (medians, tried)
        "KIVY_METRICS_DENSITY": "1",  # the layout is computed from pixels; a guessed density would scale it again
        "KIVY_METRICS_FONTSCALE": "1",
        "KIVY_DPI": "96",
        "SDL_NO_SIGNAL_HANDLERS": "1",  # SDL turns SIGTERM into a close request, and those are refused
        "SDL_TOUCH_MOUSE_EVENTS": "0",  # or one finger arrives twice, as a touch and as a click
    }


def _configure(screen: ScreenSettings) -> None:
    from kivy.config import Config

    for name in list(Config["input"]):
        # The default also reads the panel itself: each touch would arrive twice (kivy#1903, #8494).
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")
    for name, value in {
        "exit_on_escape": "0",
        "desktop": "0",
        "keyboard_mode": "",
        "log_enable": "0",
    }.items():
        Config.set("kivy", name, value)
    for name, value in {
        "width": str(screen.width_px),
        "height": str(screen.height_px),
        "fullscreen": "auto" if screen.fullscreen else "0",
        "borderless": "1" if screen.fullscreen else "0",
        "resizable": "0",
        "show_cursor": "0" if screen.fullscreen else "1",
        "allow_screensaver": "0",
        "multisamples": "0",  # the shapes bring their own smooth edge, better and cheaper
        "maxfps": str(FRAMES_PER_SECOND),
        "vsync": "",
    }.items():
        Config.set("graphics", name, value)
