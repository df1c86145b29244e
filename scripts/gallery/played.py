"""The real screen, drawn in memory, before customers, a disk and a time that are played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feedback.answers import Anchor, Answer, Moment, Place, SealedText
from feedback.surveys import Survey
from kiosk.panel import Panel
from kiosk.reception import Reception, Standing
from kiosk.settings import ScreenSettings

FRAME_S = 1 / 60


class PlayedTime:
    """Kivy's clock and the kiosk's. It begins at Kivy's own now, or what Kivy has planned would never come due."""

    now = 0.0

    def __call__(self) -> float:
        return PlayedTime.now

    def moment(self) -> Moment:
        """As ``kiosk.clock.Clock`` tells it."""
        now_ms = round(PlayedTime.now * 1_000)
        return Moment("gallery", now_ms, now_ms)

    def anchor(self) -> Anchor | None:
        """The time is not known, and nobody asks."""
        return None


@dataclass
class PlayedDisk:
    """Keeps what it is given until it is told that it is done, or has failed."""

    waiting: list[
        tuple[Sequence[Answer], Callable[[Sequence[Answer]], None], Callable[[Exception], None]]
    ] = field(default_factory=list)
    last: int = 0
    texts: list[SealedText] = field(default_factory=list)

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[[Sequence[Answer]], None],
        failed: Callable[[Exception], None],
        *,
        texts: Sequence[SealedText] = (),
    ) -> None:
        """As ``kiosk.reception.Recorder``."""
        self.waiting.append((answers, stored, failed))
        self.texts += texts

    def store(self) -> None:
        """The oldest commit returns."""
        answers, stored, _ = self.waiting.pop(0)
        first = self.last + 1
        self.last += len(answers)
        stored([answer.numbered(n, answer.response or first) for n, answer in enumerate(answers, first)])

    def fail(self) -> None:
        """The oldest commit fails."""
        self.waiting.pop(0)[2](OSError(5, "Input/output error"))


def prepare(largest_px: int, home: Path) -> None:
    """Open the window, once; drawn in memory it can be made smaller later, and not larger."""
    from kiosk.ui.window import prepare_window

    prepare_window(ScreenSettings(width_px=largest_px, height_px=largest_px, fullscreen=False), home)
    from kivy.clock import Clock

    PlayedTime.now = Clock.time()
    Clock.time = PlayedTime()
    Clock._max_fps = 0  # noqa: SLF001  no real waiting between frames
    from kivy.base import EventLoop
    from kivy.core.window import Window

    Window.create_window()
    EventLoop.start()


class PlayedKiosk:
    """One kiosk on one panel."""

    def __init__(self, panel: Panel, survey: Survey, theme: str) -> None:
        from kivy.core.window import Window

        from kiosk.ui.app import KioskApp
        from kiosk.ui.window import soon

        Window.canvas.clear()
        Window.size = (panel.width_px, panel.height_px)
        self.recorder = PlayedDisk()
        self.reception = Reception(
            Standing(Place("nizami", "exit"), survey), self.recorder, PlayedTime(), soon
        )
        self.app: Any = KioskApp(
            self.reception,
            "Nizami Street branch",
            "Harbour Bank",
            theme,
            panel=panel,
            kiosk_id="K-0417",
            answers_are_safe=lambda: True,
            support="+994 12 000 00 00",
        )
        self.app._run_prepare()  # noqa: SLF001  all of run() but the endless loop
        self.tick(3)

    @property
    def stage(self) -> Any:
        """What is in the window."""
        return self.app.root

    def tick(self, frames: int = 1) -> None:
        """So many frames pass."""
        from kivy.base import EventLoop

        for _ in range(frames):
            PlayedTime.now += FRAME_S
            EventLoop.idle()

    def later(self, seconds: float) -> None:
        """Time passes in one step."""
        PlayedTime.now += seconds
        self.tick(2)

    def close(self) -> None:
        """The next one takes the window."""
        from kivy.core.window import Window

        self.app.dispatch("on_stop")
        for child in list(Window.children):
            Window.remove_widget(child)
