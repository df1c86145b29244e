"""
The kiosk as it stands before customers, with its real window, recorder and pins, in a time that a program moves.

Everything is what ``kiosk ui`` opens; only the clocks, Kivy's and the kiosk's, are this program's. So hours pass in
seconds, and what hangs on time is the same in every run.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from feedback.answers import Anchor, Moment
from kiosk.front import Front, open_front
from kiosk.settings import load
from kiosk.storage.machine import MACHINE
from kiosk.storage.prepare import prepare_answers

FRAME_S = 1 / 60
COMMIT_S = 20.0
"""Real seconds within which a commit returns, or something hangs."""
NOON_MS = 1_790_000_000_000
TOML = """\
[kiosk]
id = "k-1"
branch = "b12"
touchpoint = "exit-1"
name = "Exit"
organisation = "Harbour Bank"
[central]
url = "http://127.0.0.1:1"
fingerprint = "{fingerprint}"
[files]
folder = "{folder}"
ballast_mb = 0
[screen]
width_px = {width}
height_px = {height}
fullscreen = false
[buttons]
excellent = 5
good = 6
neutral = 13
bad = 19
unacceptable = 26
[lamps]
excellent = 17
good = 27
neutral = 22
bad = 23
unacceptable = 24
[sound]
buzzer = 12
[pins]
factory = "mock"
"""


class Time:
    """What Kivy takes for the time. It must never be below Kivy's own start, or nothing ever comes due."""

    now = time.perf_counter()

    def __call__(self) -> float:
        return Time.now


class VirtualClock:
    """The board's clocks, moved by ``Kiosk.tick``; somebody set them."""

    def moment(self) -> Moment:
        now_ms = round(Time.now * 1_000)
        return Moment("virtual", now_ms, NOON_MS + now_ms)

    def anchor(self) -> Anchor | None:
        moment = self.moment()
        return Anchor(moment.boot, moment.boot_ms, moment.wall_ms, "ntp", 40)


class Kiosk:
    """A kiosk in *folder* with a window of *width* x *height* pixels. One in a process: Kivy has no second window."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        os.environ |= {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"}
        path = folder / "kiosk.toml"
        path.write_text(TOML.format(fingerprint="ab" * 32, folder=folder, width=width, height=height))
        self.settings = load(path)
        prepare_answers(self.settings, MACHINE)
        self.clock = VirtualClock()
        self.front: Front = open_front(self.settings, self.clock)
        from kivy.base import EventLoop
        from kivy.clock import Clock
        from kivy.core.window import Window

        self.loop, self.window = EventLoop, Window
        Time.now = max(Time.now, Clock.time())
        Clock.time = Time()
        Clock._max_fps = 0
        self.app: Any = self.front.app
        self.app._run_prepare()
        EventLoop.start()
        self.tick(3)

    @property
    def reception(self) -> Any:
        return self.front.reception

    def tick(self, frames: int = 1, seconds: float = FRAME_S) -> None:
        """Frames pass, each of so many seconds, as Kivy's main loop makes them."""
        for _ in range(frames):
            Time.now += seconds
            self.loop.idle()
            self.window.mainloop()

    def settle(self) -> bool:
        """Until every commit has returned; False if one did not."""
        until = time.monotonic() + COMMIT_S
        while self.reception.visit.awaited:
            if time.monotonic() > until:
                return False
            time.sleep(0.0005)
            self.tick(seconds=0.001)
        return True

    def wait(self, seconds: float, step: float = 0.25) -> None:
        """Nobody does anything for *seconds*. The disk is as quick as in a kiosk: no commit takes a virtual second."""
        for _ in range(round(seconds / step)):
            self.settle()
            self.tick(seconds=step)
        self.settle()

    def close(self) -> None:
        """End it as the end of ``kiosk ui`` does."""
        self.app.dispatch("on_stop")
        self.front.close()
        self.loop.stop()
