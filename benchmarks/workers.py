"""
One recorder of presses in a process of its own: ``python -m benchmarks.workers WHAT FOLDER``.

It says ``ready``; for each number on its standard input it records so many presses, one after another, and says as
JSON how many microseconds each took from the input callback to the return of its commit. Every fiftieth press is
followed by a pause, in which a recorder that has something to do when idle does it.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from feedback import surveys
from feedback.answers import Answer, Moment, Place, Source
from feedback.ratings import SHOWN_ORDER
from feedback.settings_document import NONE_YET
from kiosk.clock import KernelClock
from kiosk.documents import SHIPPED_SURVEY
from kiosk.reception import Reception, Standing
from kiosk.settings import CentralAddress, Files, KioskPlace, ScreenSettings, Settings
from kiosk.storage.database import FRAMES, checkpoint, leave, open_writer, writing
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder

IDLE_S = 0.02
PAUSE_S = 3 * IDLE_S
PAUSE_AFTER = 50
BARE = "INSERT INTO answers VALUES (?, ?, 1, ?, ?, 1, ?, ?, 't', 0, 123456789)"

Record = Callable[[int], float]
"""Records the press of a number; returns the seconds it took."""


def settings(folder: Path) -> Settings:
    """A kiosk whose files are in *folder*."""
    return Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress("http://127.0.0.1:1", "ab" * 32),
        Files(folder),
    )


def afterword(folder: Path) -> Record:
    """Reception and recorder, as in the kiosk; nothing is drawn."""
    soon: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    reception = _reception(folder, soon.put)
    returned = Returned(reception)

    def record(number: int) -> float:
        began = time.perf_counter()
        reception.press(SHOWN_ORDER[number % 5], Source.TOUCH)
        soon.get()()
        took = returned.at.get() - began
        soon.get()()
        time.sleep(0.001)  # a frame follows every press; a bouncing contact is none
        return took

    return record


class Returned:
    """Notes when each commit returned, in the recorder's own thread."""

    def __init__(self, reception: Reception) -> None:
        self.at: queue.SimpleQueue[float] = queue.SimpleQueue()
        put, at = reception.recorder.put, self.at

        class Noting:
            def put(
                self,
                answers: Sequence[Answer],
                stored: Callable[[Sequence[Answer]], None],
                failed: Callable[[Exception], None],
            ) -> None:
                def noted(numbered: Sequence[Answer]) -> None:
                    at.put(time.perf_counter())
                    stored(numbered)

                put(answers, noted, failed)

        reception.recorder = Noting()


def _reception(folder: Path, later: Callable[[Callable[[], None]], None]) -> Reception:
    place = settings(folder)
    prepare_answers(place)
    recorder = Recorder(place.answers_db, Hurried(), branch=lambda: NONE_YET, idle_s=IDLE_S)
    # The first question alone: as many rows in each commit as the bare database beside it writes.
    shipped = surveys.load(SHIPPED_SURVEY)
    survey = replace(shipped, questions=(shipped.opening,))
    return Reception(Standing(Place("b12", "exit-1"), survey), recorder, Hurried(), later)


class Hurried(KernelClock):
    """The kernel's clock, a hundred times as quick: presses in a row are not taken for a bouncing contact."""

    def moment(self) -> Moment:
        """As the kernel's own, at the same cost."""
        return Moment(self._boot, time.monotonic_ns() // 10_000, time.time_ns() // 1_000_000)


class Bare:
    """SQLite with the same settings, the same tables and the same two rows in each commit; a warm WAL."""

    def __init__(self, folder: Path) -> None:
        place = settings(folder)
        prepare_answers(place)
        self._connection = connection = open_writer(place.answers_db)
        self._frames = 0
        with writing(connection):
            connection.execute("INSERT INTO boots VALUES (1, '9fe6')")
            connection.execute("INSERT INTO places VALUES (1, 'b12', 'exit-1')")
            connection.execute(
                "INSERT INTO asks VALUES (1, 'exit', 1, 'visit', 'rating', 'en'), (2, 'exit', 1, '', 'outcome', 'en')"
            )

    def commit(self, number: int) -> None:
        """The press of a number and its outcome."""
        boot_ms, seq, connection = 1_000 * number, 2 * number + 1, self._connection
        with writing(connection):
            connection.execute(BARE, (seq, seq, boot_ms, 1_790_000_000_000 + boot_ms, 1, number % 5 + 1))
            connection.execute(BARE, (seq + 1, seq, boot_ms, 1_790_000_000_000 + boot_ms, 2, 1))

    def tidy(self) -> None:
        """A checkpoint, when the WAL is full: no press waits for it."""
        self._frames += 2
        if self._frames >= FRAMES - 16:
            checkpoint(self._connection)
            self._frames = 0


def bare(folder: Path) -> Record:
    """Committed by the thread that noticed the press: a screen would stand still meanwhile."""
    file = Bare(folder)

    def record(number: int) -> float:
        began = time.perf_counter()
        file.commit(number)
        took = time.perf_counter() - began
        file.tidy()
        time.sleep(0.001)
        return took

    return record


def handed(folder: Path) -> Record:
    """The same, handed to a second thread that commits, as every recorder must that does not stop the screen."""
    file = Bare(folder)
    pressed: queue.SimpleQueue[int] = queue.SimpleQueue()
    returned: queue.SimpleQueue[float] = queue.SimpleQueue()

    def commits() -> None:
        while True:
            file.commit(pressed.get())
            returned.put(time.perf_counter())
            file.tidy()

    threading.Thread(target=commits, daemon=True).start()

    def record(number: int) -> float:
        began = time.perf_counter()
        pressed.put(number)
        took = returned.get() - began
        time.sleep(0.001)
        return took

    return record


def drawing(folder: Path, source: Source) -> None:
    """
    The kiosk with its window, of the size of the Pi's own panel, which draws every frame.

    A finger is noticed in the window's thread, a button in a thread of its own.
    """
    from kiosk.ui.window import prepare_window, soon

    prepare_window(ScreenSettings(800, 480, fullscreen=False), folder / "window")
    reception = _reception(folder, soon)
    returned = Returned(reception)

    from kivy.clock import Clock
    from kivy.core.window import Window

    from kiosk.ui.app import KioskApp

    app = KioskApp(reception, "Exit")
    began: queue.SimpleQueue[float] = queue.SimpleQueue()

    def finger(number: int) -> None:
        began.put(time.perf_counter())
        reception.press(SHOWN_ORDER[number % 5], source)

    asked = threading.Event()

    def draw(_: float) -> None:
        if asked.is_set():  # else it would be in the way of the other workers' turns
            Window.canvas.ask_update()

    def record(number: int) -> float:
        # Not in step with the frames: a customer does not wait for one to begin.
        time.sleep(0.02 + number % 7 / 700)
        if source is Source.TOUCH:
            soon(lambda: finger(number))
        else:
            finger(number)
        return returned.at.get() - began.get()

    def served() -> None:
        serve(record, asked)
        soon(app.stop)

    Clock.schedule_interval(draw, 0)
    app.bind(on_start=lambda _: threading.Thread(target=served, daemon=True).start())
    app.run()


def serve(record: Record, asked: threading.Event | None = None) -> None:
    """Answers the numbers on the standard input; *asked* is set while presses are recorded."""
    asked = asked or threading.Event()
    print("ready", flush=True)
    done = 0
    for line in sys.stdin:
        took = []
        asked.set()
        for number in range(done, done + int(line)):
            took.append(round(record(number) * 1e6, 1))
            if number % PAUSE_AFTER == PAUSE_AFTER - 1:
                time.sleep(PAUSE_S)
        done += int(line)
        asked.clear()
        print(json.dumps(took), flush=True)


def main(what: str, name: str) -> None:
    """Records as *what* says, in the folder *name*."""
    folder = Path(name)
    match what:
        case "afterword":
            serve(afterword(folder))
        case "bare":
            serve(bare(folder))
        case "handed":
            serve(handed(folder))
        case "touch":
            drawing(folder, Source.TOUCH)
        case "button":
            drawing(folder, Source.BUTTON)
    leave()


if __name__ == "__main__":
    main(*sys.argv[1:])
