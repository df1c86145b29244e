"""What a test leaves behind fails in its own module, not in whichever runs when it is found."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from hypothesis import settings

ENDING_S = 5.0

# How long an example takes says how busy the machine is, and nothing of what is tried.
settings.register_profile("afterword", deadline=None)
settings.load_profile("afterword")


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """
    Looks, once a module's tests are over, for threads that run on and for what was never closed.

    Whatever is in a cycle is found by the collector, perhaps minutes later: its warning then fails an innocent test.
    For each module, not for each test: a collection takes 50 ms.
    """
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(ENDING_S)
    gc.collect()
    running = [thread.name for thread in left if thread.is_alive()]
    assert not running, f"these tests left threads running: {', '.join(running)}"
