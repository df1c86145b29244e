"""Signals to a real process whose main thread waits on the very Event that they set."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from kiosk.ending import Ending


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_waits_is_woken_however_the_signal_falls(number: signal.Signals) -> None:
    """A handler that sets the Event itself hangs within some of these rounds: the wait holds its lock."""
    for _ in range(300):
        stop = threading.Event()
        ending = Ending(stop.set)
        threading.Thread(target=os.kill, args=(os.getpid(), number)).start()
        while not stop.is_set():
            stop.wait(0.0001)
        ending.close()


def test_closed_signals_mean_what_they_meant_before() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
    try:
        ending = Ending(lambda: None)
        ending.close()
        ending.close()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [1] == heard
