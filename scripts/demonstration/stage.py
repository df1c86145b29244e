"""Sets the stage: an empty central with one branch, a kiosk enrolled with it, and thirty earlier days."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    """

    folder: Path
    environment: Mapping[str, str]
    password: str
    read_key: str
    port: int
    central: Program
    relay: Relay
    settings: Path

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
        words_ = command("kiosk", "--config", str(self.settings), *words)
        return Program(name, words_, self.folder / f"{name}.log", dict(self.environment))

    def ask_kiosk(self, *words: str) -> str:
        """Runs a command of the kiosk's to its end and returns what it printed."""
        return ask("kiosk", "--config", str(self.settings), *words, environment=self.environment)


def set_stage(folder: Path, environment: Mapping[str, str]) -> Stage:
    """Central with one branch, and a kiosk that is prepared and enrolled."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = ["--data", str(folder / "central")]
    made = ask("central", *data, "init")
    password, read_key = _after("password", made), _after("read key", made)
    ask("central", *data, "branch", "add", BRANCH, "--name", BRANCH_NAME, "--zone", ZONE)
    serve = command("central", *data, "serve", "--host", "127.0.0.1", "--port", "0")
    central = Program("central", serve, folder / "central.log", {})
    port = int(central.until("serving")[-1].rpartition(":")[2])
    relay = Relay(port)
    settings = folder / "kiosk.toml"
    url = f"http://127.0.0.1:{relay.port}"
    coded = ask(
        "central", *data, "code", BRANCH, "--touchpoint", "exit-1", "--url", url, "--write", str(settings)
    )
    _complete(settings, folder / "kiosk")
    stage = Stage(folder, environment, password, read_key, port, central, relay, settings)
    stage.ask_kiosk("prepare", "--own", "answers")
    stage.ask_kiosk("prepare", "--own", "sync")
    stage.ask_kiosk("enrol", _after("code", coded))
    return stage


def record_earlier_days(stage: Stage, days: int, tell: Callable[[str], None]) -> set[Pressed]:
    """Thirty days through the real recorder; returns the ledger of their thank-yous."""
    recording = stage.kiosk("history", "demo", "--earlier-days", str(days), "--zone", ZONE)
    ledger: set[Pressed] = set()
    for line in recording.every_line():
        ledger |= thanked([line])
        if line.startswith("day "):
            tell(line)
    return ledger


def thanked(lines: list[str]) -> set[Pressed]:
    """The thank-yous among a kiosk's *lines*: ``thanked STORE SEQ RATING``."""
    found = [line.split() for line in lines if line.startswith("thanked ")]
    return {Pressed(store, int(seq), Rating.named(rating)) for _, store, seq, rating in found}


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
