"""What SDL would say of a keyboard, a mouse, a touch screen or the window's frame, said to the SDL inside Kivy."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

QUIT, WINDOW, KEY_DOWN, KEY_UP, TEXT_INPUT = 0x100, 0x200, 0x300, 0x301, 0x303
MOUSE_MOVED, MOUSE_DOWN, MOUSE_UP, WHEEL = 0x400, 0x401, 0x402, 0x403
FINGER_DOWN, FINGER_UP, FINGER_MOVED = 0x700, 0x701, 0x702
WINDOW_CHANGES = {
    "hidden": 2,
    "exposed": 3,
    "minimized": 7,
    "maximized": 8,
    "restored": 9,
    "left": 11,
    "close": 14,
}
ESCAPE, F1, F11, F12, F4, SCANCODED = 27, 58, 68, 69, 61, 1 << 30
CTRL, SHIFT, ALT, GUI = 0x40, 0x1, 0x100, 0x400


class _Key(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32), ("at", ctypes.c_uint32), ("window", ctypes.c_uint32), ("state", ctypes.c_uint8),
        ("repeat", ctypes.c_uint8), ("pad", ctypes.c_uint16), ("scancode", ctypes.c_int32), ("key", ctypes.c_int32),
        ("mod", ctypes.c_uint16), ("unused", ctypes.c_uint32),
    )  # fmt: skip


class _Finger(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32), ("at", ctypes.c_uint32), ("touch", ctypes.c_int64), ("finger", ctypes.c_int64),
        ("x", ctypes.c_float), ("y", ctypes.c_float), ("dx", ctypes.c_float), ("dy", ctypes.c_float),
        ("pressure", ctypes.c_float), ("window", ctypes.c_uint32),
    )  # fmt: skip


class _Mouse(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32), ("at", ctypes.c_uint32), ("window", ctypes.c_uint32), ("which", ctypes.c_uint32),
        ("button", ctypes.c_uint8), ("state", ctypes.c_uint8), ("clicks", ctypes.c_uint8), ("pad", ctypes.c_uint8),
        ("x", ctypes.c_int32), ("y", ctypes.c_int32),
    )  # fmt: skip


class _Window(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32), ("at", ctypes.c_uint32), ("window", ctypes.c_uint32), ("what", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3), ("a", ctypes.c_int32), ("b", ctypes.c_int32),
    )  # fmt: skip


class _Text(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32), ("at", ctypes.c_uint32), ("window", ctypes.c_uint32),
        ("text", ctypes.c_char * 32),
    )  # fmt: skip


@cache
def _sdl() -> ctypes.CDLL:
    import kivy

    (library,) = (Path(kivy.__file__).parents[1] / "Kivy.libs").glob("libSDL2-2-*.so*")
    return ctypes.CDLL(str(library))


def _push(said: ctypes.Structure) -> None:
    event = (ctypes.c_char * 64)()
    ctypes.memmove(event, ctypes.byref(said), ctypes.sizeof(said))
    assert _sdl().SDL_PushEvent(event) == 1, "SDL takes no more events"


def key(code: int, mod: int = 0, scancode: int = 0) -> None:
    """A key goes down and up."""
    for what, state in ((KEY_DOWN, 1), (KEY_UP, 0)):
        _push(_Key(what, 0, 1, state, 0, 0, scancode, code, mod, 0))


def text(letters: str) -> None:
    """Something was typed."""
    _push(_Text(TEXT_INPUT, 0, 1, letters.encode()[:31]))


def finger(what: int, number: int, x: float, y: float) -> None:
    """A finger on the glass, at shares of its width and height from the top left."""
    _push(_Finger(what, 0, 1, number, x, y, 0, 0, 1.0, 1))


def mouse(what: int, button: int, x: int, y: int) -> None:
    """A mouse's button at a pixel from the top left."""
    _push(_Mouse(what, 0, 1, 0, button, int(what == MOUSE_DOWN), 1, 0, x, y))


def window(change: str) -> None:
    """Somebody did something to the window's frame."""
    said = _Window()
    said.type, said.window, said.what = WINDOW, 1, WINDOW_CHANGES[change]
    _push(said)


def leave() -> None:
    """What SDL makes of alt-F4 and of a closed window: please end."""
    said = _Window()
    said.type = QUIT
    _push(said)
