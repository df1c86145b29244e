"""
A monkey before the kiosk, as ``python -m tests.faults.monkey --count N``: N random things done to the real window.

Fingers, several at once, keys, a mouse, the window's frame, buttons, waits, closing time: said to SDL and to the pins
as the hardware would say them, on the kiosk that ``kiosk ui`` opens, in a time of its own. After each the kiosk must be
alive, in front and alone in its window; when everybody has gone it must welcome the next customer; and at the end every
thank-you is a row, every row is a press, and every commit was waited for.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from feedback.answers import Answer
from feedback.ratings import Kind, Rating
from kiosk.hardware import pins
from kiosk.idle import NORMAL, Outlook
from kiosk.storage.reading import AnswersReader
from kiosk.visit import Screen
from tests import sdl
from tests.faults.oracle import rows_of
from tests.faults.report import Report
from tests.faults.virtual import Kiosk

SIZE = (400, 240)
"""Small, because the processor draws it: as a panel of 800x480 is arranged."""
LOOK_EVERY = 40
"""After so many things everybody goes away, and the kiosk must welcome the next."""
PATIENCE_S = 180.0
"""So long after the last finger whatever was under way has ended, doubled time-outs included."""
CONTROL_COUNT = 600
OUTLOOKS = (NORMAL, Outlook(night=True), Outlook(quiet=True), Outlook(we_did={"en": "You asked for seats."}))
KEYS = (sdl.ESCAPE, *(code | sdl.SCANCODED for code in range(58, 130)), *range(8, 127))
MODS = (0, 0, sdl.CTRL, sdl.ALT, sdl.SHIFT, sdl.GUI, sdl.CTRL | sdl.ALT, sdl.CTRL | sdl.SHIFT)


@dataclass
class Found:
    """What was wrong, a sentence each, and what was tried."""

    done: int = 0
    crashes: list[str] = field(default_factory=list)
    escapes: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    thanked: int = 0
    presses: int = 0

    @property
    def wrong(self) -> list[str]:
        return [*self.crashes, *self.escapes, *self.stuck, *self.lost, *self.invented, *self.duplicated]


class Monkey:
    """Does random things to a *kiosk* and keeps the ledger of what it pressed and what it was thanked for."""

    def __init__(self, kiosk: Kiosk, seed: str) -> None:
        self.kiosk = kiosk
        self.chance = random.Random(seed)
        self.found = Found()
        self.pressed: Counter[int] = Counter()
        self.thanked: dict[int, Answer] = {}
        self._fingers = 0
        kiosk.reception.thanked.append(self._thank)
        self._home = kiosk.settings.answers_folder / "window"
        self._here = set(Path().iterdir())
        weights: dict[Callable[[], None], int] = {
            self.face: 30,
            self.anywhere: 20,
            self.hands: 10,
            self.button: 14,
            self.key: 10,
            self.typed: 1,
            self.mouse: 4,
            self.frame: 3,
            self.pause: 7,
            self.hour: 1,
        }
        self._actions, self._weights = tuple(weights), tuple(weights.values())

    def play(self, count: int, tell: Callable[[int], None]) -> Found:
        """So many things, or fewer if one of them goes wrong."""
        found, name = self.found, "start"
        try:
            for done in range(1, count + 1):
                (action,) = self.chance.choices(self._actions, self._weights)
                name = action.__name__
                action()
                self.kiosk.tick()
                found.done = done
                tell(done)
                self._look(f"after {name}, thing {done}")
                if done % LOOK_EVERY == 0 or done == count:
                    self._everybody_leaves(f"after {name}, thing {done}")
                if found.wrong:
                    break
            self._close_ledger()
        except Exception:  # noqa: BLE001  whatever the kiosk raises is what is looked for
            found.crashes.append(f"thing {found.done + 1}, {name}: {traceback.format_exc()}")
        return found

    def face(self) -> None:
        """A face of the welcome, wherever the kiosk is."""
        seat = self.chance.choice(self.kiosk.app.layout.seats)
        box = seat.target
        self._touch(box.x + self.chance.random() * (box.w - 1), box.y + self.chance.random() * (box.h - 1))

    def anywhere(self) -> None:
        """Any place of the glass, its edges too."""
        self._touch(*self._place())

    def hands(self) -> None:
        """Up to ten fingers in one frame, that slide and leave one by one."""
        fingers = [(self._finger(), *self._place()) for _ in range(self.chance.randint(2, 10))]
        for number, x, y in fingers:
            self._down(number, x, y)
        if self.chance.random() < 0.5:
            self.kiosk.tick()
            for number, _, _ in fingers:
                x, y = self._place()
                sdl.finger(sdl.FINGER_MOVED, number, x / SIZE[0], y / SIZE[1])
        self.kiosk.tick(self.chance.randint(0, 3))
        for number, x, y in fingers:
            sdl.finger(sdl.FINGER_UP, number, x / SIZE[0], y / SIZE[1])

    def button(self) -> None:
        """A button, and sometimes its contact bounces."""
        rating, pin = self.chance.choice(tuple(self.kiosk.settings.buttons.items()))
        for _ in range(self.chance.choice((1, 1, 1, 2, 5))):
            self.pressed[rating.value] += 1
            pins.press(self.kiosk.front.factory, pin)

    def key(self) -> None:
        """A key of a keyboard that somebody has plugged in."""
        sdl.key(self.chance.choice(KEYS), self.chance.choice(MODS))

    def typed(self) -> None:
        """Letters."""
        sdl.text(self.chance.choice(("a", "quit", "Ə", "\t", "1;2")))

    def mouse(self) -> None:
        """A mouse's buttons. Its left one is a finger."""
        x, y = (int(at) for at in self._place())
        button = self.chance.choice((1, 2, 3, 4, 5))
        if button == 1:
            self._note(x, y)
        sdl.mouse(sdl.MOUSE_DOWN, button, x, y)
        sdl.mouse(sdl.MOUSE_UP, button, x, y)

    def frame(self) -> None:
        """What a window's frame, alt-F4 or a desktop says."""
        change = self.chance.choice((*sdl.WINDOW_CHANGES, "leave"))
        if change == "leave":
            sdl.leave()
        else:
            sdl.window(change)

    def pause(self) -> None:
        """Nobody does anything for a while."""
        seconds = self.chance.choice((0.05, 0.2, 0.7, 3, 12, 40))
        self.kiosk.wait(seconds, seconds / 4)

    def hour(self) -> None:
        """The branch closes, opens, or its evening comes."""
        self.kiosk.reception.expect(self.chance.choice(OUTLOOKS))

    def _touch(self, x: float, y: float) -> None:
        number = self._finger()
        self._down(number, x, y)
        if self.chance.random() < 0.3:
            self.kiosk.tick(self.chance.randint(1, 4))
        sdl.finger(sdl.FINGER_UP, number, x / SIZE[0], y / SIZE[1])

    def _down(self, number: int, x: float, y: float) -> None:
        self._note(x, y)
        sdl.finger(sdl.FINGER_DOWN, number, x / SIZE[0], y / SIZE[1])

    def _note(self, x: float, y: float) -> None:
        """A finger there may press the face whose column it is, and that one only."""
        for seat in self.kiosk.app.layout.seats:
            # A pixel more: SDL says the place in shares of the glass.
            box = seat.target
            if box.x - 1 <= x <= box.x + box.w + 1 and box.y - 1 <= y <= box.y + box.h + 1:
                self.pressed[seat.rating.value] += 1

    def _place(self) -> tuple[float, float]:
        if self.chance.random() < 0.1:
            return self.chance.choice((0, SIZE[0] - 1)), self.chance.choice((0, SIZE[1] - 1))
        return self.chance.random() * (SIZE[0] - 1), self.chance.random() * (SIZE[1] - 1)

    def _finger(self) -> int:
        self._fingers += 1
        return self._fingers

    def _thank(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if answer.seq in self.thanked:
                self.found.duplicated.append(f"seq {answer.seq} was thanked for twice")
            self.thanked[answer.seq] = answer

    def _look(self, when: str) -> None:
        """Alive, in front, and alone."""
        kiosk, escapes = self.kiosk, self.found.escapes
        if kiosk.loop.quit or kiosk.loop.status != "started":
            escapes.append(f"{when}: the app has ended")
        elif [one for one in kiosk.window.children if one is not kiosk.app._over] != [kiosk.app.root]:
            escapes.append(f"{when}: the window holds {kiosk.window.children}")
        elif (kiosk.window.rotation, tuple(kiosk.window.size)) != (0, SIZE):
            escapes.append(f"{when}: the window is {kiosk.window.size}, turned by {kiosk.window.rotation}")
        elif (files := [*self._home.iterdir()]) or (files := [*set(Path().iterdir()) - self._here]):
            escapes.append(f"{when}: {files} was written")
        if kiosk.reception.trouble is not None:
            self.found.crashes.append(f"{when}: out of order: {kiosk.reception.trouble}")

    def _everybody_leaves(self, when: str) -> None:
        self.kiosk.tick(3)  # what SDL has still to say
        if not self.kiosk.settle():
            self.found.stuck.append(f"{when}: a commit never returned")
            return
        self.kiosk.wait(PATIENCE_S, 5.0)
        self.kiosk.wait(0.5, 0.1)
        reception, stage = self.kiosk.reception, self.kiosk.app.root
        expected = Screen.QUIET if reception.outlook.quiet else Screen.WELCOME
        if reception.screen is not expected or stage.front is not stage.children[0]:
            self.found.stuck.append(f"{when}: {reception.screen} is shown, not {expected}")

    def _close_ledger(self) -> None:
        found, reader = self.found, AnswersReader(self.kiosk.settings.answers_db)
        rows = {answer.seq: answer for _, answer in rows_of([reader])}
        seen: set[object] = set()
        left = self.pressed.copy()
        for seq, answer in rows.items():
            if answer.ask.kind is Kind.RATING:
                left[answer.value] -= 1
                if left[answer.value] < 0:
                    found.invented.append(f"seq {seq}: {Rating(answer.value).word} was not pressed so often")
                if (answer.value, answer.moment) in seen:
                    found.duplicated.append(f"seq {seq} is there twice")
                seen.add((answer.value, answer.moment))
                if seq not in self.thanked:
                    found.lost.append(f"seq {seq} is stored and was not thanked for")
        found.lost += [
            f"seq {seq} was thanked for and is not there" for seq in self.thanked.keys() - rows.keys()
        ]
        found.lost += [
            f"seq {seq} was thanked for as {thanked}, and is {rows[seq]}"
            for seq, thanked in self.thanked.items()
            if seq in rows
            and (rows[seq].value, rows[seq].ask, rows[seq].moment)
            != (thanked.value, thanked.ask, thanked.moment)
        ]
        found.thanked, found.presses = len(self.thanked), sum(self.pressed.values())


class Forgets:
    """A control: says of one press in twenty that it is stored, and stores the one before it in its place."""

    def __init__(self, recorder: Any) -> None:
        self._recorder, self._puts = recorder, 0

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[..., None],
        failed: Callable[..., None],
        **texts: Any,
    ) -> None:
        self._puts += 1
        if self._puts % 20 == 0:
            last = AnswersReader(self._recorder._path).last_seq() + 1_000
            stored([answer_with(answer, last + at, last) for at, answer in enumerate(answers)])
        else:
            self._recorder.put(answers, stored, failed, **texts)


class Hangs(Forgets):
    """A control: never answers one put in twenty."""

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[..., None],
        failed: Callable[..., None],
        **texts: Any,
    ) -> None:
        self._puts += 1
        if self._puts % 20:
            self._recorder.put(answers, stored, failed, **texts)


def answer_with(answer: Answer, seq: int, response: int) -> Answer:
    return replace(answer, seq=seq, response=response)


def default_keys(kiosk: Kiosk) -> None:
    """A control: Kivy's keys are left as Kivy has them."""
    from kivy.app import App
    from kivy.config import Config

    kiosk.app._unlock_window()
    Config.set("kivy", "exit_on_escape", "1")
    type(kiosk.app).open_settings = App.open_settings


def forgets(kiosk: Kiosk) -> None:
    kiosk.reception.recorder = Forgets(kiosk.front.recorder)


def hangs(kiosk: Kiosk) -> None:
    from tests.faults import virtual

    virtual.COMMIT_S = 1.0
    kiosk.reception.recorder = Hangs(kiosk.front.recorder)


CONTROLS = {
    "default_keys": (default_keys, "escapes"),
    "forgets": (forgets, "lost"),
    "hangs": (hangs, "stuck"),
}
"""Each wrong kiosk, and where it must be found out."""


def run(
    count: int, seed: str, folder: Path, control: str = "", tell: Callable[[int], None] = lambda _: None
) -> Found:
    """A monkey before a new kiosk in *folder*, or before one that is wrong on purpose."""
    kiosk = Kiosk(folder, *SIZE)
    if control:
        CONTROLS[control][0](kiosk)
    monkey = Monkey(kiosk, seed)
    try:
        return monkey.play(count, tell)
    finally:
        if not monkey.found.wrong:
            kiosk.close()


def caught(control: str, seed: str) -> bool:
    """Whether a kiosk that is wrong on purpose is found out; in a process of its own, as Kivy wants it."""
    words = [sys.executable, "-m", "tests.faults.monkey", "--control", control, "--seed", seed]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=300)
    try:
        return bool(json.loads(done.stdout.splitlines()[-1])[CONTROLS[control][1]])
    except (IndexError, ValueError):
        print(done.stderr[-2_000:], file=sys.stderr)
        return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.monkey", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=5_000, help="things done (5,000; the long form is 100,000)"
    )
    parser.add_argument("--seed", default=str(int(time.time())), help="of the things; default the time")
    parser.add_argument("--control", choices=CONTROLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="afterword-monkey-"))
    if options.control:
        print(json.dumps(vars(run(CONTROL_COUNT, options.seed, folder, options.control))), flush=True)
        os._exit(0)
    report = Report("monkey", options.count)
    for control in CONTROLS:
        report.controls[control] = caught(control, options.seed)
        report.progress(f"control {control}", always=True)

    def tell(done: int) -> None:
        report.tried = done
        report.progress()

    began = time.monotonic()
    found = run(options.count, options.seed, folder, tell=tell)
    report.lost, report.invented, report.duplicated = (
        len(found.lost),
        len(found.invented),
        len(found.duplicated),
    )
    report.wrong += found.wrong
    report.more |= {
        "crashes": len(found.crashes),
        "escapes": len(found.escapes),
        "stuck": len(found.stuck),
        "thanked_answers": found.thanked,
        "presses": found.presses,
        "things_per_s": round(found.done / (time.monotonic() - began)),
        "seed": options.seed,
    }
    code = report.end()
    sys.stdout.flush()
    os._exit(code)  # Kivy has ended, and what it left to the interpreter's end is not judged here


if __name__ == "__main__":
    sys.exit(main())
