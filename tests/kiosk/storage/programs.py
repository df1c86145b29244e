"""Other processes of a test: ``python programs.py <what> <answers.db> ...``."""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
from pathlib import Path

from feedback.errors import StoreError
from feedback.ratings import Rating
from feedback.settings_document import NONE_YET
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.ballast import Ballast
from kiosk.storage.database import leave, open_reader, open_writer
from kiosk.storage.link_state import Progress
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.salvage import unsalvaged
from tests.kiosk.storage.presses import Customer, FakeClock, press


def say(*words: object) -> None:
    print(*words, flush=True)


def record(path: Path, presses: str = "", seed: str = "0") -> None:
    """Press, wait, and print each thanked answer as one line, until killed or *presses* are done."""
    ballast = Ballast(path.parent, 0).held
    clock = FakeClock(boot=f"boot-{seed}")
    recorder = Recorder(path, clock, ballast_bytes=ballast, branch=lambda: NONE_YET, idle_s=0.05)
    say("ready")
    customer = Customer()
    for turn in range(int(presses)) if presses else itertools.count():
        clock = FakeClock(f"boot-{seed}", turn)
        numbered = customer.puts(recorder, press(Rating(turn % 5 + 1), clock.moment()))
        for answer in numbered:
            say(json.dumps([answer.seq, answer.response, answer.value, answer.moment.boot, turn]))
        if not numbered:
            say("refused", customer.refused[-1])
            break
    recorder.stop()


def prepare(path: Path) -> None:
    place = KioskPlace("k-1", "b12", "exit-1", "Exit")
    central = CentralAddress("http://127.0.0.1:1", "ab" * 32)
    prepared = prepare_answers(Settings(place, central, Files(path.parents[1])))
    say(prepared.last_seq, *prepared.notes)


def close(path: Path) -> None:
    """Close as SQLite does by default: the WAL is copied and removed."""
    open_writer(path).close()


def mirror(path: Path, folder: str, presses: str) -> None:
    """Record so many presses with a second copy in *folder*, until it has them all."""
    files = Files(path.parents[1], Path(folder), 0)
    central = CentralAddress("http://127.0.0.1:1", "ab" * 32)
    settings = Settings(KioskPlace("k-1", "b12", "exit-1", "Exit"), central, files)
    recorder, customer = open_recorder(settings, FakeClock(), idle_s=5), Customer()
    for turn in range(int(presses)):
        customer.puts(recorder, press(Rating(turn % 5 + 1), FakeClock(boot_ms=turn).moment()))
    recorder.stop()


def end(path: Path) -> None:
    """Write, and leave as a careless program does: the interpreter ends by itself."""
    record(path, "3")


def fill(path: Path, answers: str) -> None:
    """Many answers at once, as months leave them."""
    recorder, customer, made = Recorder(path, FakeClock(), idle_s=5), Customer(), 0
    while made < int(answers):
        many = [
            one
            for turn in range(250)
            for one in press(Rating(turn % 5 + 1), FakeClock(boot_ms=made).moment())
        ]
        made += len(customer.puts(recorder, many))
    recorder.stop()


def recover(path: Path) -> None:
    """A recorder with nobody about, until every damaged set has been dealt with."""
    recorder = Recorder(path, FakeClock(), idle_s=0.01)
    while unsalvaged(path.parent):
        time.sleep(0.01)
    recorder.stop()
    say("recovered")


def prune(path: Path, delivered: str, now_ms: str) -> None:
    """A night in which all up to *delivered* is known to central, and old."""
    clock = FakeClock(boot_ms=int(now_ms), known=True)
    recorder = Recorder(path, clock, progress_of=lambda store: Progress(store, int(delivered)), idle_s=0.01)
    time.sleep(1)
    recorder.stop()


def copying(path: Path, copy: str, presses: str) -> None:
    """Press with a second copy; print the longest wait for a thank-you, then wait for the copy."""
    recorder, customer, longest = Recorder(path, FakeClock(), copy=Path(copy), idle_s=60), Customer(), 0.0
    for _ in range(int(presses)):
        began = time.monotonic()
        customer.puts(recorder, press(Rating.GOOD))
        longest = max(longest, time.monotonic() - began)
    say(longest)
    recorder.stop()


def hold(path: Path) -> None:
    open_writer(path)
    say("holding")
    time.sleep(60)


def small_files(path: Path, limit: str) -> None:
    """Record under a limit on the size of files: a real error of the operating system, in the middle."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    record(path, "2000")


def read(path: Path, seconds: str) -> None:
    """Read as the sync agent does, again and again; every run must be whole, and never shorter than before."""
    reader, last, reads, until = AnswersReader(path), 0, 0, time.monotonic() + float(seconds)
    say("reading")
    while time.monotonic() < until:
        batch = reader.answers(1, 100_000)
        seqs = [answer.seq for answer in batch.answers]
        if seqs != list(range(1, batch.last + 1)) or batch.last < last or batch.spoiled:
            say("wrong", seqs[:5], batch.last, last, batch.spoiled)
            leave(1)
        last, reads = batch.last, reads + 1
    say(json.dumps([reads, last]))


def look(path: Path) -> None:
    """Try to read once."""
    try:
        connection = open_reader(path)
        say("read", connection.execute("SELECT count(*) FROM answers").fetchone()[0])
    except StoreError as error:
        say("later", error)
    sys.stdin.readline()


if __name__ == "__main__":
    what, path, *rest = sys.argv[1:]
    globals()[what](Path(path), *rest)
    if what != "end":
        leave()
