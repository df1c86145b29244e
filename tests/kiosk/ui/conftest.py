"""
The real window, drawn in memory, with a time that only the test moves.

Kivy is set up here, at collection: its settings are read at its first import.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from feedback import surveys
from feedback.answers import Anchor, Answer, Moment, Place, SealedText
from feedback.ratings import Rating
from feedback.surveys import Survey
from kiosk.reception import Reception, Standing
from kiosk.settings import ScreenSettings
from kiosk.ui.window import prepare_window, soon
from kiosk.visit import Visit

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "build" / "pictures" / "screens"
FRAME = 1 / 60

os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
# As large as any size tried here: drawn in memory, a window can be made smaller later, not larger.
prepare_window(
    ScreenSettings(width_px=1920, height_px=1920, fullscreen=False),
    Path(tempfile.gettempdir()) / f"afterword-kivy-{os.getuid()}",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = ROOT / "build" / "missing"
    without = missing.exists() and "screen" in missing.read_text().split()
    for item in items:
        if "driver" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.screen)
            if without:
                item.add_marker(
                    pytest.mark.skip(reason="libGL is missing here: scripts/set-up says what to do")
                )


class FakeTime:
    """Kivy's clock, and the kiosk's. It must begin at Kivy's own now, or its layout triggers never come due."""

    now = 0.0

    def __call__(self) -> float:
        return FakeTime.now


class FakeClock:
    def moment(self) -> Moment:
        now_ms = round(FakeTime.now * 1_000)
        return Moment("boot", now_ms, now_ms)

    def anchor(self) -> Anchor | None:
        return None


Stored = Callable[[Sequence[Answer]], None]
Failed = Callable[[Exception], None]


@dataclass
class FakeRecorder:
    """Keeps what it is given until the test says that the disk is done."""

    waiting: list[tuple[Sequence[Answer], Stored, Failed]] = field(default_factory=list)
    values: list[int] = field(default_factory=list)

    def put(
        self, answers: Sequence[Answer], stored: Stored, failed: Failed, *, texts: Sequence[SealedText] = ()
    ) -> None:
        self.values.append(answers[0].value)
        self.texts += texts
        self.waiting.append((answers, stored, failed))

    last: int = 0
    texts: list[SealedText] = field(default_factory=list)

    def store(self) -> None:
        answers, stored, _ = self.waiting.pop(0)
        first = self.last + 1
        self.last += len(answers)
        stored([answer.numbered(n, answer.response or first) for n, answer in enumerate(answers, first)])

    def fail(self) -> None:
        self.waiting.pop(0)[2](OSError(5, "Input/output error"))


def survey(languages: Sequence[str] = ("en", "az", "ru", "tr"), question: str | None = None) -> Survey:
    document = json.loads((ROOT / "kiosk" / "survey.json").read_text())
    document |= {"languages": list(languages), "default_language": languages[0]}
    document["questions"] = document["questions"][:1]
    texts = document["questions"][0]["texts"]
    document["questions"][0]["texts"] = {
        language: question or texts.get(language, texts["en"]) for language in languages
    }
    return surveys.parse(json.dumps(document).encode(), "the test's survey")


@dataclass
class Driver:
    """A kiosk in a window: what a customer, a disk and time can do to it."""

    app: Any
    reception: Reception
    recorder: FakeRecorder
    seen: list[Visit]

    @property
    def stage(self) -> Any:
        return self.app.root

    @property
    def layout(self) -> Any:
        return self.stage.children[-1].layout

    def tick(self, frames: int = 1) -> None:
        from kivy.base import EventLoop

        for _ in range(frames):
            FakeTime.now += FRAME
            EventLoop.idle()

    def wait(self, seconds: float) -> None:
        self.tick(round(seconds / FRAME) + 1)

    def later(self, seconds: float) -> None:
        """Time passes in one step: for waits in which nothing is to be seen."""
        FakeTime.now += seconds
        self.tick(2)

    def touch(self, x: float, y: float, *, button: str | None = None) -> Any:
        """A finger goes down at x, y from the top left."""
        from kivy.tests.common import UnitTestTouch

        touch = UnitTestTouch(x, self.layout.height - 1 - y)
        if button is not None:
            touch.profile.append("button")
            touch.button = button
        touch.touch_down()
        return touch

    def tap(self, rating: Rating) -> None:
        """A finger lands on a face and leaves."""
        from kiosk.ui.finger import tap_face

        tap_face(rating, self.layout)

    def seat(self, rating: Rating) -> Any:
        return next(seat for seat in self.layout.seats if seat.rating is rating)

    def picture(self) -> "Picture":
        from kiosk.ui.pictures import pixels

        return Picture(*pixels())

    def save(self, name: str) -> None:
        from kiosk.ui.pictures import save

        save(PICTURES / f"{name}.png")


@dataclass
class Picture:
    width: int
    height: int
    raw: bytes

    def at(self, x: int, y: int) -> tuple[int, int, int]:
        """The colour at x, y from the top left."""
        start = ((self.height - 1 - y) * self.width + x) * 4
        red, green, blue = self.raw[start : start + 3]
        return red, green, blue

    def square(self, x: int, y: int, half: int) -> list[bytes]:
        """The rows of pixels around x, y."""
        rows = range(self.height - 1 - y - half, self.height - 1 - y + half + 1)
        return [
            self.raw[(row * self.width + x - half) * 4 : (row * self.width + x + half + 1) * 4]
            for row in rows
        ]


@pytest.fixture
def survey_of() -> Callable[..., Survey]:
    """Makes a survey in some languages, the first of them its own, with one question in all of them if given."""
    return survey


@pytest.fixture
def shipped_survey() -> Survey:
    """What a kiosk asks that has no survey of its own yet."""
    return surveys.load(ROOT / "kiosk" / "survey.json")


Open = Callable[..., Driver]


@pytest.fixture
def driver() -> Iterator[Open]:
    """Opens a kiosk in the window; to be called with the window's size and the app's arguments."""
    from kivy.base import EventLoop
    from kivy.clock import Clock

    if not isinstance(Clock.time, FakeTime):
        FakeTime.now = Clock.time()
        Clock.time = FakeTime()
        Clock._max_fps = 0
    from kivy.core.window import Window

    opened: list[Driver] = []

    def open_kiosk(width: int = 1280, height: int = 800, survey: Survey = survey(), **options: Any) -> Driver:  # noqa: B008 - a frozen value
        from kiosk.ui.app import KioskApp

        Window.create_window()
        Window.register()
        Window.initialized = True
        Window.canvas.clear()
        Window.size = (width, height)
        recorder = FakeRecorder()
        reception = Reception(Standing(Place("nizami", "exit"), survey), recorder, FakeClock(), soon)
        defaults = {
            "branch_name": "Nizami Street branch",
            "organisation": "Harbour Bank",
            "kiosk_id": "K-0417",
        }
        app = KioskApp(reception, **{**defaults, **options})
        app._run_prepare()
        EventLoop.start()
        seen: list[Visit] = []
        reception.watchers.append(seen.append)
        opened.append(Driver(app, reception, recorder, seen))
        opened[-1].tick(3)
        return opened[-1]

    yield open_kiosk
    for one in opened:
        one.app.dispatch("on_stop")
    for child in list(Window.children):
        Window.remove_widget(child)
    EventLoop.stop()  # not app.stop(): that ends Kivy for every later test
