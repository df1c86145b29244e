"""What a touch screen, a keyboard and a window's frame say through SDL, and what the kiosk makes of it."""

from __future__ import annotations

import pytest

from feedback.ratings import Rating
from kiosk.visit import Screen
from tests import sdl


def hear(kiosk, frames: int = 3) -> None:
    """Let the window read what SDL has, as its main loop does."""
    from kivy.core.window import Window

    for _ in range(frames):
        Window.mainloop()
        kiosk.tick()


def place(kiosk, rating: Rating) -> tuple[float, float]:
    seat = kiosk.seat(rating)
    return seat.x / kiosk.layout.width, seat.y / kiosk.layout.height


def test_a_finger_on_the_glass_rates(driver) -> None:
    kiosk = driver()
    sdl.finger(sdl.FINGER_DOWN, 7, *place(kiosk, Rating.GOOD))
    hear(kiosk)
    sdl.finger(sdl.FINGER_UP, 7, *place(kiosk, Rating.GOOD))
    hear(kiosk)
    assert kiosk.recorder.values == [Rating.GOOD.value]


def test_a_palm_that_stays_on_the_glass_holds_up_nobody(driver) -> None:
    kiosk = driver()
    sdl.finger(sdl.FINGER_DOWN, 1, 0.5, 0.2)
    hear(kiosk)
    sdl.finger(sdl.FINGER_DOWN, 2, *place(kiosk, Rating.BAD))
    hear(kiosk)
    assert kiosk.recorder.values == [Rating.BAD.value]
    for number in (1, 2):
        sdl.finger(sdl.FINGER_UP, number, 0.5, 0.2)
    hear(kiosk)


@pytest.mark.parametrize(
    ("code", "mod"),
    [
        (sdl.ESCAPE, 0),
        (sdl.F1 | sdl.SCANCODED, 0),
        (sdl.F11 | sdl.SCANCODED, 0),
        (sdl.F12 | sdl.SCANCODED, 0),
        (sdl.F4 | sdl.SCANCODED, sdl.ALT),
        (ord("e"), sdl.CTRL),
        (ord("q"), sdl.CTRL),
        (ord("q"), sdl.GUI),
        (ord("r"), sdl.CTRL),
        (ord("\t"), sdl.ALT),
        (ord("\r"), 0),
    ],
)
def test_a_key_does_nothing(driver, code: int, mod: int) -> None:
    from kivy.base import EventLoop
    from kivy.core.window import Window

    kiosk = driver()
    before = kiosk.picture().raw
    sdl.key(code, mod)
    hear(kiosk)
    assert not EventLoop.quit
    assert Window.children == [kiosk.stage]
    assert (kiosk.picture().raw, Window.rotation) == (before, 0)
    assert (kiosk.recorder.values, kiosk.reception.visit.screen) == ([], Screen.WELCOME)


def test_nobody_closes_the_window(driver) -> None:
    from kivy.base import EventLoop

    kiosk = driver()
    sdl.window("close")
    sdl.leave()
    hear(kiosk)
    assert not EventLoop.quit
