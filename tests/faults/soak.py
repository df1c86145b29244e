"""
A day before the kiosk, as ``python -m tests.faults.soak --hours 24``: visits, a night, a lunch break, in minutes.

The kiosk is the one that ``kiosk ui`` opens, in a time of its own: customers come as they do at a branch, press, answer
or walk away; every hour its memory and its open files are read. At the end both must be what they were at hour two:
memory within 5 %, files equal. Fonts are counted by themselves: one is open for each size of each typeface that was
ever drawn, at most ``MOST_FONTS``. Two controls leak on purpose, one memory and one files, and must be found out.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feedback.answers import Source
from feedback.ratings import Rating
from kiosk.hardware import pins
from kiosk.idle import NORMAL, Opening, Outlook
from tests import sdl
from tests.faults.report import Report
from tests.faults.virtual import Kiosk, Time

SIZE = (400, 240)
HOUR_S = 3_600
SETTLED_HOURS = 2
"""By then every screen has been made, every text drawn, and SQLite's pages are there."""
MOST_GROWTH = 1.05
MOST_FONTS = 65
"""Kivy's text provider keeps so many open, and lets the oldest go for another one."""
OPENS, CLOSES, EVENING = 9, 18, 20
AN_HOUR = {9: 25, 10: 30, 11: 35, 12: 45, 13: 40, 14: 25, 15: 25, 16: 35, 17: 45}
"""Customers of a busy branch by the hour; one or two an hour while it is closed."""
CLOSED = Outlook(
    quiet=True,
    week=(Opening(0, 4, ((540, 1080),)), Opening(5, 6, ())),
    next_day=0,
    next_periods=((540, 1080),),
)
WE_DID = Outlook(we_did={"en": "You asked for more seats. Four new ones stand by the window."})
STEP_S = 10.0
CONTROL_HOURS = 4
LEAKED_BYTES = 1_500_000
"""More than what screens no longer kept have left behind in the heap, where a small leak hides for hours."""


@dataclass
class Reading:
    """What the process has at the end of an hour."""

    hour: int
    rss_kib: int
    files: int
    fonts: int


@dataclass
class Soaked:
    """The readings of a run."""

    readings: list[Reading] = field(default_factory=list)
    visits: int = 0
    thanked: int = 0

    def wrong(self) -> list[str]:
        """A sentence for each thing that grew."""
        settled, last = self.readings[SETTLED_HOURS - 1], self.readings[-1]
        found = []
        if last.rss_kib > settled.rss_kib * MOST_GROWTH:
            found.append(f"memory grew from {settled.rss_kib} KiB at hour {settled.hour} to {last.rss_kib}")
        if last.files != settled.files:
            found.append(f"{settled.files} files were open at hour {settled.hour}, {last.files} at the end")
        if last.fonts > MOST_FONTS:
            found.append(
                f"{last.fonts} files of fonts were open at the end, {MOST_FONTS} at most are expected"
            )
        return found


class Day:
    """The customers of a branch and the hours of its day, before a *kiosk*."""

    def __init__(self, kiosk: Kiosk, seed: str, leak: str = "") -> None:
        self.kiosk = kiosk
        self.chance = random.Random(seed)
        self.soaked = Soaked()
        self._leak, self._leaked = leak, []  # type: ignore[var-annotated]
        self._began = Time.now
        kiosk.reception.thanked.append(self._thank)

    def hour(self, hour: int) -> None:
        """One hour of the day."""
        of_day = (OPENS + hour) % 24  # begins when the branch opens
        self.kiosk.reception.expect(self._outlook(of_day))
        if hour == 0:
            self._everybody_once()
        customers = AN_HOUR.get(of_day, self.chance.choice((0, 1, 2)))
        ends = (int(Time.now - self._began) // HOUR_S + 1) * HOUR_S + self._began
        for at in sorted(self.chance.uniform(0, HOUR_S - 120) for _ in range(customers)):
            while Time.now < ends - HOUR_S + at:
                self.kiosk.tick(seconds=min(STEP_S, max(0.01, ends - HOUR_S + at - Time.now)))
            self._customer()
        while Time.now < ends:
            self.kiosk.tick(seconds=STEP_S)
        self.kiosk.settle()
        self.soaked.readings.append(Reading(hour + 1, _rss_kib(), *_files()))

    def _outlook(self, of_day: int) -> Outlook:
        if not OPENS <= of_day < CLOSES:
            return CLOSED
        return WE_DID if of_day >= 12 else NORMAL

    def _everybody_once(self) -> None:
        """Each language on each screen, by day and closed, in colours, large, in black and white: then all is known."""
        reception = self.kiosk.reception
        for outlook in (CLOSED, WE_DID, NORMAL):
            reception.expect(outlook)
            for language in reception.standing.survey.languages:
                for answers, special in (
                    (True, None),
                    (False, reception.enlarge),
                    (True, reception.contrast),
                ):
                    reception.touch()
                    reception.speak(language)
                    if special is not None:
                        special()
                    self.kiosk.wait(0.4, 0.2)
                    reception.press(Rating.GOOD, Source.TOUCH)
                    self.kiosk.wait(1.2, 0.2)
                    if answers:
                        reception.answer(1, Source.TOUCH)
                    self.kiosk.wait(6 if answers else 66, 2.0)

    def _customer(self) -> None:
        """One customer: a face or a button, now and then a language first, and an answer to what is asked then."""
        self.soaked.visits += 1
        if self.chance.random() < 0.1:
            survey = self.kiosk.reception.standing.survey
            self.kiosk.reception.speak(self.chance.choice(survey.languages))
            self.kiosk.wait(2, 0.5)
        if self.kiosk.reception.outlook.quiet:
            self._touch(0.5, 0.5)
            self.kiosk.wait(1, 0.25)
        if self.chance.random() < 0.5:
            seat = self.chance.choice(self.kiosk.app.layout.seats)
            self._touch(seat.x / SIZE[0], seat.y / SIZE[1])
        else:
            pins.press(
                self.kiosk.front.factory, self.kiosk.settings.buttons[self.chance.choice(tuple(Rating))]
            )
        self.kiosk.wait(0.4, 0.05)
        self.kiosk.wait(2, 0.5)
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            self._touch(self.chance.random(), self.chance.uniform(0.4, 1))
            self.kiosk.wait(2, 0.4)
        self.kiosk.wait(self.chance.choice((5, 60)), 2.0)
        if self._leak == "memory":
            self._leaked.append(bytes(os.urandom(LEAKED_BYTES)))
        elif self._leak == "files" and self.soaked.visits % 20 == 0:
            self._leaked.append(open("/dev/null", "rb"))  # noqa: SIM115, PTH123  that is the leak

    def _touch(self, x: float, y: float) -> None:
        number = self.soaked.visits + 1_000_000
        sdl.finger(sdl.FINGER_DOWN, number, x, min(y, 0.999))
        self.kiosk.tick()
        sdl.finger(sdl.FINGER_UP, number, x, min(y, 0.999))
        self.kiosk.tick()

    def _thank(self, _: Any) -> None:
        self.soaked.thanked += 1


def _rss_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def _files() -> tuple[int, int]:
    """Open files and those of fonts; the fewest of a few looks: the lookout's thread may just have one in its hand."""
    looks = []
    for _ in range(5):
        open_now = [_target(file) for file in Path("/proc/self/fd").iterdir()]
        fonts = sum(target.endswith((".ttf", ".otf")) for target in open_now)
        looks.append((len(open_now) - fonts, fonts))
        time.sleep(0.02)
    return min(looks)


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # the listing's own
        return ""


def soak(hours: int, seed: str, folder: Path, leak: str = "", tell: Any = lambda _: None) -> Soaked:
    """So many hours before a new kiosk in *folder*; one with a *leak*: ``memory`` or ``files``."""
    kiosk = Kiosk(folder, *SIZE)
    day = Day(kiosk, seed, leak)
    for hour in range(hours):
        day.hour(hour)
        tell(day.soaked.readings[-1])
    kiosk.close()
    return day.soaked


def caught(leak: str, seed: str) -> bool:
    """Whether a kiosk that leaks is found out; in a process of its own, as Kivy wants it."""
    words = [
        sys.executable,
        "-m",
        "tests.faults.soak",
        "--leak",
        leak,
        "--hours",
        str(CONTROL_HOURS),
        "--seed",
        seed,
    ]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=600)
    try:
        return any(leak in sentence for sentence in json.loads(done.stdout.splitlines()[-1]))
    except (IndexError, ValueError):
        print(done.stderr[-2_000:], file=sys.stderr)
        return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--hours", type=int, default=24, help="simulated hours, 4 at least (24)")
    parser.add_argument("--seed", default=str(int(time.time())), help="of the customers; default the time")
    parser.add_argument("--leak", choices=("memory", "files"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hours < CONTROL_HOURS:
        parser.error(
            f"--hours {options.hours}: expected {CONTROL_HOURS} or more, because hour {SETTLED_HOURS} is compared with"
        )
    folder = Path(tempfile.mkdtemp(prefix="afterword-soak-"))
    if options.leak:
        print(json.dumps(soak(options.hours, options.seed, folder, options.leak).wrong()), flush=True)
        os._exit(0)
    report = Report("soak", options.hours)
    for leak in ("memory", "files"):
        report.controls[leak] = caught(leak, options.seed)
        report.progress(f"control {leak}", always=True)

    def tell(reading: Reading) -> None:
        report.tried = reading.hour
        report.progress(f"{reading.rss_kib} KiB, {reading.files} files, {reading.fonts} fonts")

    soaked = soak(options.hours, options.seed, folder, tell=tell)
    report.wrong += soaked.wrong()
    settled, last = soaked.readings[SETTLED_HOURS - 1], soaked.readings[-1]
    report.more |= {
        "visits": soaked.visits,
        "thanked": soaked.thanked,
        "rss_kib_at_hour_2": settled.rss_kib,
        "rss_kib_at_the_end": last.rss_kib,
        "growth_percent": round(100 * (last.rss_kib / settled.rss_kib - 1), 2),
        "files": last.files,
        "fonts": last.fonts,
        "seed": options.seed,
    }
    code = report.end()
    sys.stdout.flush()
    os._exit(code)  # Kivy has ended, and what it left to the interpreter's end is not judged here


if __name__ == "__main__":
    sys.exit(main())
