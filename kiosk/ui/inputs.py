"""
Wakes the window when somebody touches the panel or a key, so that its clock may be slow while nobody does.

SDL reads a panel only when it is asked. Asking sixty times a second costs more than all the rest of an idle kiosk; a
thread that sleeps until the kernel has something for one of its input devices costs nothing. It also hears of a
headphone: a jack is such a device, and SDL passes its switch over.
"""

from __future__ import annotations

import os
import select
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

DEVICES = Path("/dev/input")
EVENT = struct.Struct("llHHi")
"""The kernel's input_event: a time of two words, type, code, value (linux/input.h)."""
PLUGGED_IN = (5, 2, 1)
"""EV_SW, SW_HEADPHONE_INSERT, on (linux/input-event-codes.h)."""
LOOK_MS = 3_000
"""How often it looks for devices that were plugged in since."""


def plugs_in(events: bytes) -> bool:
    """Whether a headphone was plugged in, by what an input device said."""
    whole = len(events) - len(events) % EVENT.size
    return any(event[2:] == PLUGGED_IN for event in EVENT.iter_unpack(events[:whole]))


class Inputs:
    """
    Watches the input devices in a folder.

    Attributes:
        blind: There is a device that it may not read: a touch there wakes nobody.

    Args:
        woken: Called whenever a device has something to say, from a thread of this object's; to return at once.
        folder: Where the devices are.
        plugged: Called when a headphone was plugged in, from the same thread.
    """

    def __init__(
        self,
        woken: Callable[[], None],
        folder: Path = DEVICES,
        *,
        plugged: Callable[[], None] = lambda: None,
        look_ms: int = LOOK_MS,
    ) -> None:
        self.blind = False
        self._woken = woken
        self._plugged = plugged
        self._folder = folder
        self._look_ms = look_ms
        self._open: dict[Path, int] = {}
        self._end, self._ending = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._end, select.POLLIN)
        self._look()
        self._thread = threading.Thread(target=self._run, name="inputs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; may be called twice."""
        if self._thread.is_alive():
            os.write(self._ending, b"\0")
            self._thread.join()
        for fd in (*self._open.values(), self._end, self._ending):
            with suppress(OSError):
                os.close(fd)
        self._open.clear()
        self._end = self._ending = -1

    def _run(self) -> None:
        while True:
            ready = self._poll.poll(self._look_ms)
            if any(fd == self._end for fd, _ in ready):
                return
            if not ready:
                self._look()
            for fd, _ in ready:
                self._drain(fd)
            if ready:
                self._woken()

    def _look(self) -> None:
        """Open what is new. SDL has its own hold on each device, and both hear everything."""
        blind = False
        for path in self._folder.glob("event*"):
            if path in self._open:
                continue
            try:
                fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                blind = True
                continue
            self._open[path] = fd
            self._poll.register(fd, select.POLLIN)
        self.blind = blind

    def _drain(self, fd: int) -> None:
        try:
            # A device gives whole events only.
            while events := os.read(fd, 170 * EVENT.size):
                if plugs_in(events):
                    self._plugged()
        except BlockingIOError:
            return
        except OSError:
            pass
        # Unplugged, or nobody writes to it any more: ready for ever, and to be let go.
        self._poll.unregister(fd)
        os.close(fd)
        self._open = {path: one for path, one in self._open.items() if one != fd}
