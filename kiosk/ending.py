"""
SIGTERM and SIGINT, heard by a thread of their own.

A handler runs in the main thread between two of its instructions, perhaps while that holds the very lock which waking
it takes: whoever waits on an Event and has a handler set it hangs for ever now and then. So the handler only writes a
byte.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

NUMBERS = (signal.SIGTERM, signal.SIGINT)
TOLD, OVER = b"t", b"o"


class Ending:
    """
    Calls *told* when this process is told to end. To be made in the main thread.

    Args:
        told: Called from a thread of this object's, each time.
    """

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told
        self._hear, self._say = os.pipe()
        self._thread = threading.Thread(target=self._run, name="ending", daemon=True)
        self._thread.start()
        self._before: dict[int, Any] = {number: signal.signal(number, self._handle) for number in NUMBERS}

    def close(self) -> None:
        """Signals mean what they meant before; to be called in the main thread, and harmless if called again."""
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)
        if self._thread.is_alive():
            os.write(self._say, OVER)
            self._thread.join()
            os.close(self._hear)
            os.close(self._say)

    def _handle(self, *_: Any) -> None:
        os.write(self._say, TOLD)

    def _run(self) -> None:
        while os.read(self._hear, 1) == TOLD:
            self._told()
