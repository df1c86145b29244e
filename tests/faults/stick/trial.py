"""One kiosk, one central, a few sticks, a technician who does what technicians do; then good trips, and the account."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

from central.keys import Keys, make_keys
from central.signing import signed_headers
from feedback import wire
from feedback.errors import AfterwordError
from kiosk.storage.recorder import Recorder
from kiosk.sync import desk
from tests.carrying import KIOSK, Carrier
from tests.central.device import serving
from tests.faults.network.judge import Verdict
from tests.faults.network.scene import Clock
from tests.faults.stick.controls import Control, Request
from tests.faults.stick.doom import Doom, PowerCutError
from tests.faults.stick.judge import Watch, judge

STICKS = 3
MOST_KEPT = 60
GOOD_TRIPS = 8
NEIGHBOUR = "k-2"
FILE_SIZES = (3, 20, 200, 5_000)


@dataclass
class Trial:
    """What came of one trial."""

    seed: str
    trips: int = 0
    answers: int = 0
    good_trips: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    events: Counter[str] = field(default_factory=Counter)


def run(folder: Path, seed: str, trips: int, control: Control | None = None) -> Trial:
    """One trial in *folder* with *trips* trips before the good ones; with a *control*, something in it is wrong."""
    logging.disable()
    trial = Trial(seed)
    walk = _Walk(folder, random.Random(seed), trial, control)
    try:
        with walk.doom.over(), patch.object(desk, "LIMITS", walk.limits):
            walk.go(trips)
    finally:
        walk.carrier.close()
    trial.events.update(walk.doom.done)
    return trial


class _Walk:
    def __init__(self, folder: Path, chance: random.Random, trial: Trial, control: Control | None) -> None:
        self.chance, self.trial, self.control = chance, trial, control
        self.carrier = Carrier(folder)
        self.sticks = [folder / f"stick-{at}" for at in range(STICKS)]
        for stick in self.sticks:
            stick.mkdir()
        self.doom = Doom(chance)
        self.carrier.opened = self.doom.folder
        self.limits = replace(desk.LIMITS, max_answers=chance.choice(FILE_SIZES))
        self.neighbour = self.carrier.kiosk(NEIGHBOUR)
        self.others = _other_keys(folder / "other")
        self.kept: list[tuple[str, bytes]] = []
        self.boots = 0
        self.watch = Watch(self.carrier, trial.verdict)
        self.events: tuple[tuple[Callable[[], None], float], ...] = (
            (self.press, 0.5), (self.damage, 0.15), (self.replay, 0.15), (self.forge, 0.2), (self.exchange, 0.1),
            (self.foreign, 0.05), (self.online, 0.04), (self.back_up, 0.03), (self.restore, 0.02),
            (self.reboot, 0.03), (self.lose, 0.05),
        )  # fmt: skip

    def go(self, trips: int) -> None:
        self.press()
        for _ in range(trips):
            self.trip()
            if self.control and not self.trial.verdict.sound:
                return
        self.doom.clear()
        self._good_trips()
        self.trial.answers = judge(self.carrier, self.trial.verdict)

    def trip(self) -> None:
        """To central and back, with what happens on the way; some of it may never be done."""
        self.carrier.stick = self.chance.choice(self.sticks)
        for errand, likely in ((self.export, 0.9), (self.central, 0.75), (self.take, 0.9)):
            if self.chance.random() < likely:
                self.errand(errand)
            for event, how_likely in self.events:
                if self.chance.random() < how_likely:
                    self.trial.events[event.__name__] += 1
                    event()
                    self.watch.look()
        self.trial.trips += 1

    def errand(self, do: Callable[[], object]) -> None:
        """*do*, which may be cut short at any of its steps."""
        if self.chance.random() < 0.2:
            self.doom.set(self.chance.choice(("cut", "cut", "pulled", "full")))
        try:
            do()
        except PowerCutError:
            pass  # the same files are used again, as they are
        except AfterwordError:
            self.trial.events["refused in a sentence"] += 1
        self.doom.clear()
        self._keep()
        self.watch.look()

    # What a technician does --------------------------------------------------------------------------------------

    def export(self) -> None:
        self.carrier.export()
        if self.control and self.control.after_export:
            self.control.after_export(self.carrier)

    def central(self) -> None:
        torn = {path.name for path in self.carrier.files(".kexp")}
        outcomes = self.carrier.central()
        if self.control and self.control.after_import:
            done = {one.sentence.split(":")[0] for one in outcomes if one.done}
            self.control.after_import(self.carrier, torn - done)

    def take(self) -> None:
        self.carrier.take()

    # What happens ------------------------------------------------------------------------------------------------

    def press(self) -> None:
        self.carrier.press(self.chance.choice((1, 1, 3, 10, 25)), self.chance)

    def damage(self) -> None:
        """To any file on the stick: cut, a bit, a block of nothing, gone."""
        if not (files := self.carrier.files()):
            return
        path = self.chance.choice(files)
        raw = bytearray(path.read_bytes())
        at = self.chance.randrange(len(raw) + 1)
        what = self.chance.randrange(4)
        if what == 0:
            path.write_bytes(raw[:at])
        elif what == 1 and at < len(raw):
            raw[at] ^= 1 << self.chance.randrange(8)
            path.write_bytes(raw)
        elif what == 2:
            raw[at : at + 512] = bytes(len(raw[at : at + 512]))
            path.write_bytes(raw)
        else:
            path.unlink()

    def replay(self) -> None:
        """Something that was on a stick before is on this one again, under its own name or another."""
        if self.kept:
            name, raw = self.chance.choice(self.kept)
            renamed = f"copy of {name}" if self.chance.random() < 0.3 else name
            (self.carrier.stick / renamed).write_bytes(raw)

    def forge(self) -> None:
        """Somebody answers a request on the stick: everything is stored."""
        waiting = self._requests()
        if not waiting:
            return
        request = self.chance.choice(waiting)
        # By another central under the right nonce, or by ours to a neighbour: a true signature under another nonce.
        keys, nonce = self.chance.choice(((self.others, request.nonce), (self.carrier.keys, "0" * 32)))
        content = _everything_stored(keys, nonce, request)
        file = wire.StickFile(wire.StickKind.ACKNOWLEDGEMENT, KIOSK, content, request.nonce)
        (self.carrier.stick / f"{request.stem}.kack").write_bytes(wire.encode_stick_file(file))

    def exchange(self) -> None:
        """Another stick is in the hand."""
        self.carrier.stick = self.chance.choice(self.sticks)

    def foreign(self) -> None:
        """Another kiosk uses the same stick."""
        self.carrier.export(self.neighbour)

    def online(self) -> None:
        """For once there is a network."""
        carrier = self.carrier
        with serving(carrier.folder / "central") as served:
            carrier.served = served
            address = replace(carrier.settings.central, url=served.url)
            carrier.settings = replace(carrier.settings, central=address)
            carrier.hand_over()
        carrier.served = None

    def back_up(self) -> None:
        self.carrier.back_up()

    def restore(self) -> None:
        """Central's disk is lost."""
        if not self.control and (self.carrier.folder / "backup.db").exists():
            self.carrier.restore()
            self.watch.forgotten = True

    def reboot(self) -> None:
        self.carrier.recorder.stop()
        self.boots += 1
        self.carrier.clock = Clock(f"b{self.boots:07}", self.chance.randrange(5_000, 60_000))
        self.carrier.recorder = Recorder(self.carrier.settings.answers_db, self.carrier.clock)

    def lose(self) -> None:
        """A stick is lost, and an empty one takes its place."""
        for path in self.carrier.files():
            path.unlink()

    # ---------------------------------------------------------------------------------------------------------------

    def _good_trips(self) -> None:
        """All goes well on a new stick: within a few trips everything has to be there."""
        self.carrier.stick = self.carrier.folder / "good"
        self.carrier.stick.mkdir()
        for _ in range(GOOD_TRIPS):
            self.trial.good_trips += 1
            self.carrier.export()
            self.carrier.central()
            self.carrier.take()
            self.watch.look()
            progress = self.carrier.progress
            if self.carrier.reader.last_seq() == progress.delivered == progress.accounted_upto:
                return

    def _keep(self) -> None:
        files = self.carrier.files(".kexp") + self.carrier.files(".kack")
        self.kept += [(path.name, path.read_bytes()) for path in files if self.chance.random() < 0.3]
        while len(self.kept) > MOST_KEPT:
            self.kept.pop(self.chance.randrange(len(self.kept)))

    def _requests(self) -> list[Request]:
        """Those of this kiosk that lie on the stick."""
        remembered = self.carrier.remembered()
        stems = [path.stem for path in self.carrier.files(".kexp")]
        found = [(stem, remembered[stem]) for stem in stems if stem in remembered]
        return [Request(stem, one.nonce, one.first, one.count) for stem, one in found]


def _everything_stored(keys: Keys, nonce: str, request: Request) -> bytes:
    last = request.first + request.count - 1
    verdicts = (wire.Verdict(request.first, last, wire.State.STORED),) if request.count else ()
    body = wire.encode_acknowledgement(wire.Acknowledgement(1_900_000_000_000, verdicts, last))
    headers = signed_headers(keys, 200, body, nonce)
    return wire.encode_message(wire.Message(tuple(headers.items()), body, 200))


def _other_keys(folder: Path) -> Keys:
    folder.mkdir()
    return make_keys(folder)
