"""Sets the stage, records thirty days, plays today, and holds what was pressed against what central has."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from feedback.errors import AfterwordError
from feedback.ratings import Kind, Rating
from kiosk.storage.reading import AnswersReader
from scripts.demonstration import central_view, pictures
from scripts.demonstration import stage as stages
from scripts.demonstration.day import Cut, Happening, Kiosk, Mend, PullPlug, Rest, seconds, today
from scripts.demonstration.processes import Program, ProgramError
from scripts.demonstration.reckoning import Pressed, reckon
from scripts.demonstration.stage import Stage

BUILD = Path("build")
PAGE = 5_000
ARRIVAL_S = 180
"""How long the last answers may take to arrive: the agent's own pace after a network that was cut."""
OFF_SCREEN = {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"}


@dataclass
class Play:
    """One demonstration under way."""

    stage: Stage
    thanked: set[Pressed] = field(default_factory=set)
    further: set[tuple[str, int]] = field(default_factory=set)
    in_flight: list[Rating] = field(default_factory=list)
    pressed: list[Rating] = field(default_factory=list)
    network: str = "up"

    def note(self, lines: list[str]) -> None:
        """Takes down what the kiosk said."""
        self.thanked |= stages.thanked(lines)
        self.further |= stages.further(lines)
        self.pressed += stages.accepted(lines)


class Scored(NamedTuple):
    """A branch's SLI as one side has it, to two places, and of how many answers."""

    value: float | None
    n: int

    def __str__(self) -> str:
        return "no score" if self.value is None else f"{self.value:.1f}"


def main() -> int:
    """Plays the demonstration; 0 only if nothing was lost, nothing was stored twice and the scores agree."""
    options = _options()
    try:
        return _demonstrate(options)
    except (ProgramError, AfterwordError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped before its end, so there is no result", file=sys.stderr)
        return 130


def _demonstrate(options: argparse.Namespace) -> int:
    shown = _has_display() and not options.headless
    environment: Mapping[str, str] = {} if shown else OFF_SCREEN
    _progress("setting the stage: central, a branch, an enrolled kiosk")
    with stages.staged((BUILD / "demo").resolve(), environment) as stage:
        play = Play(stage)
        play.note(stages.record_earlier_days(stage, options.days, _progress))
        agent = stage.kiosk("agent", "sync", "--splay", "0")
        kiosk = _play_today(play, shown=shown)
        if shown:
            _invite(stage)
            for line in kiosk.every_line():
                play.note([line])
        play.note(kiosk.end())
        _await_arrival(play)
        agent.end()
        return _judge(play)


def _play_today(play: Play, *, shown: bool) -> Program:
    """The day; returns the kiosk's running process."""
    kiosk = _switch_on(play, shown=shown)
    happenings = today()
    whole_s, spent_s = seconds(happenings), 0.0
    for happening in happenings:
        kiosk = _happen(play, kiosk, happening, shown=shown)
        if isinstance(happening, Rest):
            spent_s += happening.seconds
            play.note(kiosk.lines())
            _progress(
                f"today {100 * spent_s / whole_s:3.0f} %: {len(play.pressed)} presses, "
                f"{len(play.thanked)} thanked in all, network {play.network}"
            )
    return kiosk


def _happen(play: Play, kiosk: Program, happening: Happening, *, shown: bool) -> Program:
    match happening:
        case Kiosk(lines):
            for line in lines:
                kiosk.say(line)
        case Rest(seconds_):
            time.sleep(seconds_)
        case Cut():
            play.stage.relay.cut()
            play.network = "cut"
        case Mend():
            play.stage.relay.mend()
            play.network = "up"
        case PullPlug(rating):
            return _pull_plug(play, kiosk, rating, shown=shown)
    return kiosk


def _pull_plug(play: Play, kiosk: Program, rating: Rating, *, shown: bool) -> Program:
    """Kills the kiosk as soon as it has taken a press, and starts it again."""
    play.note(kiosk.lines())
    kiosk.say(f"touch {rating.word}")
    play.note(kiosk.until("pressed", 10))
    thanked_before = len(play.thanked)
    play.note(kiosk.kill())
    if len(play.thanked) == thanked_before:
        play.in_flight.append(rating)
    return _switch_on(play, shown=shown)


def _switch_on(play: Play, *, shown: bool) -> Program:
    words = ["--closable"] if shown else []
    kiosk = play.stage.kiosk("kiosk", "demo", "--pictures", str(BUILD / "pictures"), *words)
    play.note(kiosk.until("ready"))
    return kiosk


def _await_arrival(play: Play) -> None:
    """Waits until central holds as many answers as the kiosk's disk, or says in the end that it does not."""
    wanted = AnswersReader(play.stage.answers_db).last_seq()
    deadline = time.monotonic() + ARRIVAL_S
    while time.monotonic() < deadline:
        arrived = len(central_view.rows(play.stage))
        _progress(f"arriving: {arrived} of {wanted} answers at central")
        if arrived >= wanted:
            return
        time.sleep(1)


def _judge(play: Play) -> int:
    stage = play.stage
    reckoning = reckon(play.thanked, play.in_flight, _on_disk(stage), central_view.rating_rows(stage))
    summary = json.loads(stage.ask_kiosk("summary", "--all", "--json"))
    kiosk = Scored(summary["sli"]["value"], summary["sli"]["n"])
    central = Scored(*central_view.branch_sli(stage))
    _say(f"pictures of every screen: {BUILD / 'pictures'}{_without_dashboard(stage)}")
    held = central_view.seqs(stage)
    missing = len(play.further - held)
    _say(
        f"{len(play.further)} further answers and outcomes stored at the kiosk, {missing} of them not at central"
    )
    _say(f"counted {kiosk.n}, set aside {reckoning.pressed - kiosk.n}; central counts {central.n}")
    _say(
        f"demo: {reckoning.pressed} pressed, {reckoning.stored} stored once, {reckoning.lost} lost, "
        f"{reckoning.twice} twice; SLI kiosk {kiosk} {'=' if kiosk == central else 'is not'} central {central}"
    )
    return 0 if reckoning.is_whole and not missing and kiosk == central else 1


def _without_dashboard(stage: Stage) -> str:
    """Takes the dashboard's picture; says why there is none, or nothing."""
    browser = pictures.chromium()
    if browser is None:
        return " (not of the dashboard: no Chromium; scripts/demo --pictures installs it)"
    missed = pictures.dashboard(stage, browser, BUILD / "pictures" / "dashboard.png")
    return f" (not of the dashboard: {missed})" if missed else ""


def _on_disk(stage: Stage) -> list[Pressed]:
    """Every rating row in the kiosk's file, read as the agent reads it."""
    reader = AnswersReader(stage.answers_db)
    rows: list[Pressed] = []
    first = 1
    while (batch := reader.answers(first, PAGE)).last:
        rows += [
            Pressed(batch.store.hex(), answer.seq, Rating(answer.value))
            for answer in batch.answers
            if answer.ask.kind is Kind.RATING
        ]
        first = batch.last + 1
    return rows


def _invite(stage: Stage) -> None:
    _say("The day is played. The kiosk is yours: touch a face. Close its window to end.")
    _say(f"The dashboard: {stage.central_url}/ (password: {stage.password})")


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _progress(text: str) -> None:
    """One line that renews itself on a terminal, and a line each time in a log."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end="", flush=True)
    else:
        print(text, flush=True)


def _say(text: str) -> None:
    print(f"\r\x1b[K{text}" if sys.stdout.isatty() else text, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="draw off screen although there is a display")
    parser.add_argument(
        "--pictures", action="store_true", help="install Chromium if missing, for the dashboard"
    )
    parser.add_argument("--days", type=int, default=30, help="earlier days to record first (30)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
