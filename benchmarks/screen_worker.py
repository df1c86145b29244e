"""
The kiosk as ``kiosk ui`` opens it, told from outside: ``python -m benchmarks.screen_worker KIOSK.TOML FOLDER``.

It says ``frame`` when its first frame is drawn. ``touch`` on its standard input lets a finger land on a face, ``pin``
moves a button's pin; it says how many seconds later the frame with the ring was drawn. FOLDER stands for /dev/input:
what a touch panel says to the kernel wakes the window there.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from feedback.ratings import Rating
from kiosk.clock import KernelClock
from kiosk.front import open_front
from kiosk.hardware import pins
from kiosk.settings import load
from kiosk.storage.database import leave
from kiosk.visit import Screen


def main(toml: str, folder: str) -> None:
    """Shows the kiosk until its standard input ends."""
    settings = load(Path(toml))
    device = Path(folder) / "event0"
    os.mkfifo(device)
    moved = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    front = open_front(settings, KernelClock(), inputs=device.parent)
    # Without the question that follows: the next press finds the faces again.
    standing = front.reception.standing
    alone = replace(standing.survey, questions=(standing.survey.opening,))
    front.reception.standing = replace(standing, survey=alone)
    from kivy.core.window import Window

    from kiosk.ui.window import soon
    from tests import sdl

    ringed, first = threading.Event(), threading.Event()

    def drawn(*_: Any) -> None:
        if not first.is_set():
            first.set()
            print("frame", flush=True)
        if front.reception.visit.screen is Screen.PRESSED:
            ringed.set()

    def serve() -> None:
        for line in sys.stdin:
            ringed.clear()
            began = time.perf_counter()
            if line.strip() == "touch":
                seat = front.app.layout.seats[1]
                sdl.finger(sdl.FINGER_DOWN, 1, seat.x / Window.width, seat.y / Window.height)
                os.write(moved, b"touch")
            else:
                pins.press(front.factory, settings.buttons[Rating.GOOD])
            ringed.wait(10)
            print(time.perf_counter() - began, flush=True)
            sdl.finger(sdl.FINGER_UP, 1, 0.5, 0.5)
        soon(front.app.stop)

    def begin(*_: Any) -> None:
        # Behind the app's own, which waits until all is drawn.
        Window.bind(on_flip=drawn)
        threading.Thread(target=serve, daemon=True).start()

    front.app.bind(on_start=begin)
    front.run()
    leave()


if __name__ == "__main__":
    main(*sys.argv[1:])
