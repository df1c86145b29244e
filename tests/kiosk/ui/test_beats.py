"""What a watchdog hears of the real window: a beat each second, as long as frames are drawn."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("redraws", [True, False])
def test_it_beats_every_second_while_it_draws(driver: Any, redraws: bool) -> None:
    beats: list[int] = []
    kiosk = driver(every_second=lambda: beats.append(1), redraws=redraws)
    kiosk.wait(3.2)
    assert len(beats) == 3


def test_a_window_whose_frames_come_no_more_beats_no_more(driver: Any) -> None:
    from kivy.core.window import Window

    beats: list[int] = []
    kiosk = driver(every_second=lambda: beats.append(1), redraws=True)
    kiosk.wait(2.2)
    assert len(beats) == 2
    # As if the display had been taken away: what is drawn is never flipped to the glass.
    Window.unbind(on_flip=kiosk.app._flipped)
    kiosk.wait(3)
    assert len(beats) <= 3
