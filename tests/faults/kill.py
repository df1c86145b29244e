"""
SIGKILL, as ``python -m tests.faults.kill --count N``: the kiosk's process dies at a random instant, N times.

Each life is killed in its prepare, while it opens its files, or while presses stream in; then the same files are
prepared again, judged, and lived on with, for hundreds of lives. One in a hundred is the whole ``kiosk demo`` with
its window. A kill leaves what the system calls wrote, so it shows the process's order of doing things; what a power
cut does to unflushed writes, ``tests.faults.powercut`` shows.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from feedback.errors import StoreError
from feedback.ratings import Rating
from kiosk.clock import KernelClock
from kiosk.storage.closed import stores
from kiosk.storage.prepare import UNCLEAR
from kiosk.storage.recorder import Recorder
from scripts.demonstration.processes import command
from tests.faults.life import Forked, PutsTwice, ThanksFirst, live, prepare, settings
from tests.faults.oracle import Ledger, Verdict, judge, rows_of
from tests.faults.report import Report
from tests.stage import OFF_SCREEN

LIVES = 300
"""Of one set of files: its database grows to some ten thousand rows."""
LONGEST_S = 0.08
OPENING_S = 0.012
"""About how long a recorder takes to open its files: one life in five ends within it."""
WINDOW_EVERY = 100
CONTROL_KILLS = 60
"""A control that is not caught by then is not caught."""
SETTINGS = """\
[kiosk]
id = "k-1"
branch = "b12"
touchpoint = "exit-1"
name = "Exit"
[central]
url = "http://127.0.0.1:1"
fingerprint = "{fingerprint}"
[files]
folder = "{folder}"
[screen]
width_px = 640
height_px = 400
fullscreen = false
[pins]
factory = "mock"
"""


@dataclass
class Card:
    """One set of files, with what customers did and saw since they were made."""

    folder: Path
    chance: random.Random
    wrong: Callable[[Recorder], object] | None = None
    lives: int = 0
    judged: dict[bytes, int] = field(default_factory=dict)
    preparations_killed: int = 0
    stores_ended: int = 0
    whole: Ledger = field(default_factory=Ledger)

    @property
    def answers_db(self) -> Path:
        return settings(self.folder).answers_db

    def life(self) -> Ledger:
        """The windowless process, killed; its ledger."""
        self.lives += 1
        longest = OPENING_S if self.chance.random() < 0.2 else LONGEST_S
        seed = f"{self.folder.name}-{self.lives}"
        forked = Forked(partial(live, self.folder, seed, None, self.wrong))
        time.sleep(self.chance.uniform(0, longest))
        forked.kill()
        return self._heard(forked)

    def window(self) -> Ledger:
        """The real ``kiosk demo``, killed while fingers touch its faces."""
        self.lives += 1
        config, said = self.folder / "kiosk.toml", self.folder / "said"
        config.write_text(SETTINGS.format(fingerprint="ab" * 32, folder=self.folder))
        ledger = Ledger(windows={KernelClock().moment().boot})
        script = []
        for _ in range(200):
            rating = self.chance.choice(tuple(Rating))
            ledger.touched[rating.value] += 1
            script.append(f"touch {rating.word}\nwait {self.chance.choice((0, 0.02, 0.2))}\n")
        with said.open("wb") as sink, (self.folder / "window.log").open("ab") as log:
            process = subprocess.Popen(
                command("kiosk", "--config", str(config), "demo"),
                env=os.environ | OFF_SCREEN,
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=log,
            )
            with suppress(BrokenPipeError), process.stdin as fingers:  # type: ignore[union-attr]
                fingers.write("".join(script).encode())
            self._let_it_run(process, said)
            process.kill()
            process.wait()
        self.whole.windows |= ledger.windows
        self.whole.touched += ledger.touched
        for each in (ledger, self.whole):
            each.take_window(said.read_text())
        return ledger

    def prepare(self) -> list[str]:
        """Prepares the files, now and then killed over it first; what it noted or why it refused."""
        while self.chance.random() < 0.1:
            forked = Forked(partial(prepare, self.folder))
            time.sleep(self.chance.uniform(0, OPENING_S))
            forked.kill()
            forked.end()
            self.preparations_killed += 1
        code, said = Forked(partial(prepare, self.folder)).end()
        notes = json.loads(said)[3:] if code == 0 else [said.decode()]
        # A commit that a kill cuts may look like an answer that has rotted.
        unexpected = [note for note in notes if not note.startswith(UNCLEAR)]
        self.stores_ended += len(notes) - len(unexpected)
        return [f"prepare ended with {code}: {note}" for note in unexpected]

    def verdict(self, ledger: Ledger) -> Verdict:
        """The rows that came since the last judgement, against the *ledger* of the life between."""
        readers = {reader.store_id(): reader for reader in stores(self.answers_db.parent)}
        new = (rows_of([reader], self.judged.get(store, 0) + 1) for store, reader in readers.items())
        verdict = judge(ledger, chain.from_iterable(new))
        self.judged = {store: reader.last_seq() for store, reader in readers.items()}
        return verdict

    def last_verdict(self) -> Verdict:
        """Every row, against everything that was ever thanked for."""
        readers = stores(self.answers_db.parent)
        verdict = judge(self.whole, rows_of(readers))
        spoiled = {reader.path: reader.answers(1, 1 << 40).spoiled for reader in readers}
        verdict.lost += [f"seq {seq} of {path} is spoiled" for path, seqs in spoiled.items() for seq in seqs]
        return verdict

    def _let_it_run(self, process: subprocess.Popen[bytes], said: Path) -> None:
        """Until it has opened its window and something more, or, one time in four, not as long."""
        if self.chance.random() < 0.25:
            time.sleep(self.chance.uniform(0, 1))
            return
        until = time.monotonic() + 60
        while b"ready" not in said.read_bytes() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(self.chance.uniform(0, 1.5))

    def _heard(self, forked: Forked) -> Ledger:
        _, said = forked.end()
        ledger = Ledger()
        for each in (ledger, self.whole):
            each.take(said)
        return ledger


def kill(count: int, seed: int, folder: Path, window_every: int, minutes: float) -> Report:
    """*count* kills, or as many as *minutes* allow, after the controls."""
    until = time.monotonic() + 60 * minutes
    report = Report("kill", count)
    for wrong in (ThanksFirst, PutsTwice):
        report.controls[wrong.__name__] = _caught(wrong, folder / wrong.__name__, seed)
        report.progress(f"control {wrong.__name__}", always=True)
    windows = preparations = thanked = ended = cards = 0
    while report.tried < count and time.monotonic() < until:
        cards += 1
        card = Card(folder / f"card-{cards}", random.Random(f"{seed} {cards}"))
        _note(report, card.prepare(), card.folder)
        while card.lives < LIVES and report.tried < count and time.monotonic() < until:
            windowed = window_every and report.tried % window_every == window_every // 2
            ledger = card.window() if windowed else card.life()
            windows += bool(windowed)
            _note(report, card.prepare(), card.folder)
            _count(report, card, ledger, last=False)
            report.tried += 1
            report.progress(f"card {cards}, {sum(card.judged.values()):,} rows")
        _count(report, card, card.whole, last=True)
        preparations += card.preparations_killed
        thanked += len(card.whole.thanked)
        ended += card.stores_ended
        if not (report.lost or report.invented or report.duplicated or report.corrupt):
            shutil.rmtree(card.folder)
    report.more |= {
        "windows": windows,
        "preparations_killed": preparations,
        "stores_ended": ended,
        "cards": cards,
        "thanked_answers": thanked,
        "seconds_for_100000": round(100_000 * report.seconds / max(1, report.tried)),
        "seed": seed,
    }
    return report


def _note(report: Report, faults: list[str], folder: Path) -> None:
    report.corrupt += len(faults)
    report.wrong += [f"{fault} ({folder})" for fault in faults]


def _count(report: Report, card: Card, ledger: Ledger, *, last: bool) -> None:
    try:
        verdict = card.last_verdict() if last else card.verdict(ledger)
    except StoreError as error:
        _note(report, [str(error)], card.folder)
        return
    report.lost += bool(verdict.lost)
    report.invented += bool(verdict.invented)
    report.duplicated += bool(verdict.duplicated)
    if not verdict.sound:
        report.wrong.append(f"life {card.lives} of {card.folder}: {verdict.first()}")


def _caught(wrong: Callable[[Recorder], object], folder: Path, seed: int) -> bool:
    """Whether a kiosk that is wrong on purpose is found out."""
    card = Card(folder, random.Random(seed), wrong)
    card.prepare()
    for _ in range(CONTROL_KILLS):
        ledger = card.life()
        card.prepare()
        if not card.verdict(ledger).sound:
            return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="kills (200; the long form is 10,000 or more)")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="of the instants; default the time"
    )
    parser.add_argument(
        "--window-every", type=int, default=WINDOW_EVERY, help="one kill in so many has a window"
    )
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="kill no longer than this, then report"
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="afterword-kill-"))
    report = kill(options.count, options.seed, folder, options.window_every, options.minutes)
    code = report.end()
    if code == 0:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
