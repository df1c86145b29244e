"""The thread that wakes the window: real files that something can be read from, in the place of a panel."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.ui.inputs import EVENT, Inputs, plugs_in


@contextmanager
def watching(folder: Path, woken: threading.Semaphore) -> Iterator[Inputs]:
    watch = Inputs(woken.release, folder, look_ms=20)
    try:
        yield watch
    finally:
        watch.stop()


def panel(folder: Path, name: str = "event0") -> int:
    """A device that can be moved through what is given back."""
    os.mkfifo(folder / name)
    return os.open(folder / name, os.O_RDWR | os.O_NONBLOCK)


def test_each_touch_wakes(tmp_path: Path) -> None:
    woken, moved = threading.Semaphore(0), panel(tmp_path)
    with watching(tmp_path, woken) as watch:
        for _ in range(3):
            os.write(moved, b"touch")
            assert woken.acquire(timeout=5)
        assert not watch.blind
        assert not woken.acquire(timeout=0.05)
    os.close(moved)


def test_a_device_plugged_in_later_wakes_too(tmp_path: Path) -> None:
    woken = threading.Semaphore(0)
    with watching(tmp_path, woken):
        moved = panel(tmp_path)
        until = time.monotonic() + 5
        while not woken.acquire(timeout=0.1):
            os.write(moved, b"touch")
            assert time.monotonic() < until
    os.close(moved)


def test_a_device_that_is_unplugged_is_let_go(tmp_path: Path) -> None:
    woken, moved = threading.Semaphore(0), panel(tmp_path)
    with watching(tmp_path, woken) as watch:
        os.close(moved)
        (tmp_path / "event0").unlink()
        until = time.monotonic() + 5
        while watch._open:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_a_kiosk_that_may_not_read_its_panel_knows_that_it_is_blind(tmp_path: Path) -> None:
    (tmp_path / "event0").mkdir()
    (tmp_path / "event1").symlink_to(tmp_path / "nothing")
    with watching(tmp_path, threading.Semaphore(0)) as watch:
        assert watch.blind


def test_no_devices_at_all_is_not_blind(tmp_path: Path) -> None:
    with watching(tmp_path / "missing", threading.Semaphore(0)) as watch:
        assert not watch.blind
        watch.stop()


def jack(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(1, 2, kind, code, value)


def test_a_headphone_plugged_in_is_told_from_one_pulled_and_from_a_finger() -> None:
    assert plugs_in(jack(0, 0, 0) + jack(5, 2, 1) + jack(0, 0, 0))
    assert not plugs_in(jack(5, 2, 0))
    assert not plugs_in(jack(3, 2, 1))
    assert not plugs_in(jack(5, 4, 1))
    assert not plugs_in(b"half an event")


def test_a_headphone_is_heard_of(tmp_path: Path) -> None:
    plugged, device = threading.Semaphore(0), panel(tmp_path, "event7")
    watch = Inputs(lambda: None, tmp_path, plugged=plugged.release, look_ms=20)
    os.write(device, jack(5, 2, 1))
    assert plugged.acquire(timeout=5)
    os.write(device, jack(5, 2, 0))
    assert not plugged.acquire(timeout=0.05)
    watch.stop()
    os.close(device)
