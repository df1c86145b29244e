"""Sets the stage: an empty central with one branch, a kiosk enrolled with it, and thirty earlier days."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from feedback.ratings import Rating
from scripts.demonstration.day import BUTTON_PINS, LAMP_PINS
from scripts.demonstration.processes import Program, ProgramError, ask, command
from scripts.demonstration.reckoning import Pressed
from scripts.demonstration.relay import Relay

BRANCH = "b12"
BRANCH_NAME = "Nizami Street branch"
ORGANISATION = "Harbour Bank"
ZONE = "Asia/Baku"


@dataclass
class Stage:
    """
    Everything a demonstration needs.

    Attributes:
        folder: Where its files live; made anew.
        environment: For the programs: how the window is drawn.
        password: The owner's, for the dashboard.
        read_key: For the comparison.
        port: Central's.
        central: Its process.
        relay: The network between kiosk and central.
        settings: The kiosk's ``kiosk.toml``.
        programs: What was started of the kiosk.
    """

    folder: Path
    environment: Mapping[str, str]
    password: str
    read_key: str
    port: int
    central: Program
    relay: Relay
    settings: Path
    programs: list[Program] = field(default_factory=list)

    @property
    def central_url(self) -> str:
        """Central's own address, for people and for the comparison."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def answers_db(self) -> Path:
        """The kiosk's answers."""
        return self.folder / "kiosk" / "answers" / "answers.db"

    def kiosk(self, name: str, *words: str) -> Program:
        """Starts a program of the kiosk's."""
        line = command("kiosk", "--config", str(self.settings), *words)
        program = Program(name, line, self.folder / f"{name}.log", dict(self.environment))
        self.programs.append(program)
        return program

    def clear(self) -> None:
        """Kills what of the kiosk is still running."""
        for program in self.programs:
            if program.running:
                program.kill()

    def ask_kiosk(self, *words: str) -> str:
        """Runs a command of the kiosk's to its end and returns what it printed."""
        return ask("kiosk", "--config", str(self.settings), *words, environment=self.environment)


@contextmanager
def staged(folder: Path, environment: Mapping[str, str]) -> Iterator[Stage]:
    """
    Central with one branch, and a kiosk that is prepared and enrolled; nothing of it runs on afterwards.

    *environment* is the kiosk's alone. A program that is still running in the end is killed, unless it is central.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = ["--data", str(folder / "central")]
    made = ask("central", *data, "init")
    ask("central", *data, "branch", "add", BRANCH, "--name", BRANCH_NAME, "--zone", ZONE)
    serve = command("central", *data, "serve", "--host", "127.0.0.1", "--port", "0")
    central = Program("central", serve, folder / "central.log", {})
    with ExitStack() as ending:
        ending.callback(central.end)
        port = int(central.until("serving")[-1].rpartition(":")[2])
        relay = Relay(port)
        ending.callback(relay.close)
        keys = _after("password", made), _after("read key", made)
        stage = Stage(folder, environment, *keys, port, central, relay, folder / "kiosk.toml")
        ending.callback(stage.clear)
        stage.ask_kiosk("enrol", _kiosk_made(stage, data))
        yield stage


def _kiosk_made(stage: Stage, data: Sequence[str]) -> str:
    """Makes the kiosk's settings and databases; returns its enrolment code."""
    url = f"http://127.0.0.1:{stage.relay.port}"
    kiosk = ["--touchpoint", "exit-1", "--url", url, "--write", str(stage.settings)]
    coded = ask("central", *data, "code", BRANCH, *kiosk)
    _complete(stage.settings, stage.folder / "kiosk")
    stage.ask_kiosk("prepare", "--own", "answers")
    stage.ask_kiosk("prepare", "--own", "sync")
    return _after("code", coded)


def record_earlier_days(stage: Stage, days: int, tell: Callable[[str], None]) -> list[str]:
    """Thirty days through the real recorder; returns the lines that say what was stored."""
    recording = stage.kiosk("history", "demo", "--earlier-days", str(days), "--zone", ZONE)
    ledger: list[str] = []
    for line in recording.every_line():
        ledger.append(line)
        if line.startswith("day "):
            tell(line)
    return ledger


def thanked(lines: list[str]) -> set[Pressed]:
    """The thank-yous among a kiosk's *lines*: ``thanked STORE SEQ RATING``."""
    found = [line.split() for line in lines if line.startswith("thanked ")]
    return {Pressed(store, int(seq), Rating.named(rating)) for _, store, seq, rating in found}


def further(lines: list[str]) -> set[tuple[str, int]]:
    """What was stored besides ratings, among a kiosk's *lines*: ``answered`` and ``ended STORE SEQ ...``."""
    found = [line.split() for line in lines if line.startswith(("answered ", "ended "))]
    return {(words[1], int(words[2])) for words in found}


def accepted(lines: list[str]) -> list[Rating]:
    """The presses among a kiosk's *lines*: ``pressed RATING SOURCE``."""
    return [Rating.named(line.split()[1]) for line in lines if line.startswith("pressed ")]


def _complete(settings: Path, folder: Path) -> None:
    """Central writes what it knows; what hangs on the board is the technician's to say."""
    text = settings.read_text()
    text = re.sub(r'^folder = ".*"$', f"folder = {json.dumps(str(folder))}", text, flags=re.MULTILINE)
    text = text.replace("[kiosk]\n", f"[kiosk]\norganisation = {json.dumps(ORGANISATION)}\n", 1)
    text += "\n[screen]\nwidth_px = 1280\nheight_px = 800\nfullscreen = false\n"
    for section, pins in (("buttons", BUTTON_PINS), ("lamps", LAMP_PINS)):
        text += f"\n[{section}]\n" + "".join(f"{rating.word} = {pin}\n" for rating, pin in pins.items())
    text += '\n[pins]\nfactory = "mock"\n'
    settings.write_text(text)


def _after(label: str, printed: str) -> str:
    """What a command printed behind ``LABEL:``."""
    found = re.search(rf"{label}[^:\n]*:\s*(\S+)", printed, re.IGNORECASE)
    if found is None:
        raise ProgramError(f"expected {label!r} in what central printed")
    return found.group(1)
