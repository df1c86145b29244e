"""One kiosk, one central, and the middle between them: real files, real HTTP, and a clock that is told the time."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import insert

from central.fleet.publishing import publish_survey
from central.ingest import ledgers
from central.ingest.ledger import Ledger
from central.keys import make_keys
from central.store import documents, tables
from central.store.database import FILE, make_store, open_store, reading, writing
from central.store.generations import newest
from feedback import surveys
from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.documents import opened, trusted
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.closed import stores
from kiosk.storage.link_state import Link
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.salvage import unsalvaged
from kiosk.sync.again import with_again
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from kiosk.sync.line import Line, Patience
from tests.central.device import NOON_MS, Central
from tests.faults.network.middle import Middle
from tests.faults.network.served import Served

KIOSK = "k-1"
HERE, STRANGE = Place("b12", "exit-1"), Place("b99", "exit-1")
"""The kiosk was never at the second: central rejects what is said to come from there."""
ASKS = (
    (Ask("exit", 4, "why", Kind.CHOICE, "az"), 3),
    (Ask("exit", 4, "again", Kind.NPS, "ru"), 9),
    (Ask("exit", 4, "visit", Kind.RATING, "en"), 1),
)
VISIT = Ask("exit", 4, "visit", Kind.RATING, "az")
WORDS = Ask("exit", 4, "words", Kind.TEXT, "az")
ENDED = Ask("exit", 4, "", Kind.OUTCOME, "az")
WALLS_MS = (0, 946_684_800_000, NOON_MS, NOON_MS, 4_102_444_799_000)
"""1970, 2000, today, 2099."""
PATIENCE = Patience(5, 5, 20)
IDLE_S = 0.05
"""After so long without a press the recorder does what it does when nobody comes."""
RECOVERED_S = 120.0


@dataclass
class Clock:
    """The kiosk's clocks; *wall_ms* is what the wall clock said when this boot began, right or wrong."""

    boot: str
    boot_ms: int = 20_000
    wall_ms: int = NOON_MS

    def moment(self) -> Moment:
        return Moment(self.boot, self.boot_ms, self.wall_ms + self.boot_ms)

    def anchor(self) -> Anchor | None:
        return None


class KilledError(Exception):
    """The agent's process ends here."""


class Scene:
    """
    Everything of one trial.

    Attributes:
        poison: Moments (boot and boot clock) of the answers central cannot bear.
        pressed: Those of all answers ever given.
        gone: Those of the answers that went with a card put back to an older state: they may be at central or nowhere.
    """

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.poison: set[tuple[str, int]] = set()
        self.boots = self.restarts = self.central_restarts = 0
        self.restores = self.kiosk_restores = self.virtual_ms = self._versions = 0
        self.pressed: set[tuple[str, int]] = set()
        self.gone: set[tuple[str, int]] = set()
        self._kept: set[tuple[str, int]] | None = None
        self._is_backed_up = False
        self.clock = Clock(self._boot_name())
        self._made = make_central(folder / "central")
        # Before there is any thread: it forks.
        self._served = Served(folder / "central", NOON_MS)
        self.middle = Middle(self._made, make_keys_in(folder / "other"), chance)
        self.middle.too_slow = self._too_slow
        self.middle.poison = self._is_poison
        self.middle.kill_agent = self._kill_agent
        self.middle.kill_central = self._kill_central
        self.central_is_dead = False
        self._dies = ""
        self._up()
        port = self.middle.start()
        url = f"http://127.0.0.1:{port}"
        store = open_store(folder / "central")
        self.central = Central(folder / "central", url, store, self._made, [NOON_MS])
        self.settings = Settings(
            KioskPlace(KIOSK, HERE.branch, HERE.touchpoint, "Exit"),
            CentralAddress(url, self._made.fingerprint),
            Files(folder / "kiosk", ballast_mb=0),
        )
        enrol(self.settings, self.central.code(KIOSK))
        self.middle.asked = 0
        self._record_from_now()
        self.agent = self._agent()

    # Central ---------------------------------------------------------------------------------------------------

    def restart_central(self) -> None:
        """Central is killed or ends, and begins again on its files."""
        self._down()
        self._up()
        self.central_restarts += 1

    def back_up_central(self) -> None:
        """Keep central's database as it is now."""
        with closing(sqlite3.connect(self.folder / "central" / FILE)) as now, closing(self._backup()) as kept:
            now.backup(kept)
        self._is_backed_up = True

    def restore_central(self) -> None:
        """Central's disk is lost; it begins again with what was kept of it, if anything was."""
        if not self._is_backed_up:
            return
        self._down()
        self.central.store.dispose()
        for part in (self.folder / "central").glob(f"{FILE}*"):
            part.unlink()
        with closing(self._backup()) as kept, closing(sqlite3.connect(self.folder / "central" / FILE)) as now:
            kept.backup(now)
        self._up()
        self.restores += 1

    def publish(self) -> None:
        """Central has a newer survey for its kiosks."""
        self.survey = json.dumps(
            {
                "survey": "exit",
                "version": self._versions + 1,
                "languages": ["en"],
                "default_language": "en",
                "questions": [{"id": "visit", "kind": "rating", "texts": {"en": "How was your visit?"}}],
            }
        ).encode()
        self._versions += 1
        with writing(self.central.store) as connection:
            publish_survey(connection, surveys.parse(self.survey, "trial"), self.survey, "exit.json", NOON_MS)

    def holds_newest(self) -> bool:
        """Whether the kiosk shows the newest survey central has, or a newer one that a restored central has lost."""
        held = opened(self.settings.documents, documents.SURVEY, trusted(self.settings))
        with reading(self.central.store) as connection:
            published = documents.newest(connection, documents.SURVEY)
        if published is None or published.version < self.link.document("survey").held_version:
            return True
        return held is not None and held.body == published.body

    def ledger(self, store: bytes) -> Ledger:
        with reading(self.central.store) as connection:
            return ledgers.load(connection, KIOSK, store)[0]

    # The kiosk -------------------------------------------------------------------------------------------------

    @property
    def link(self) -> Link:
        return self.agent.link

    def readers(self) -> list[AnswersReader]:
        """Every store this kiosk has, the one in use last."""
        return stores(self.settings.answers_folder)

    def owed(self) -> dict[str, int]:
        """How many answers of each store are not accounted for yet, as far as the kiosk knows."""
        owed = {}
        for reader in with_again(self.link, self.readers()):
            progress = self.link.progress(reader.store_id())
            left = reader.last_seq() - min(progress.cursor, progress.accounted_upto)
            owed[reader.store_id().hex()] = max(left, 0)  # of a card put back central knows more
        return owed

    def is_drained(self) -> bool:
        """Whether the kiosk owes nothing, and knows that all is well: of each store, from central as it is now."""
        link = self.link
        with reading(self.central.store) as connection:
            now = newest(connection)
        quiet = all(not (one.missing or one.suspect) for one in link.stores)
        readers = with_again(link, self.readers())
        heard = all(now and link.progress(one.store_id()).generation == now.number for one in readers)
        return bool(link.stores) and quiet and heard and not link.failures and not any(self.owed().values())

    def is_at_rest(self) -> bool:
        """Whether neither answers nor documents are owed."""
        return self.is_drained() and self.holds_newest()

    def pass_time(self, ms: int) -> None:
        self.clock.boot_ms += ms
        self.virtual_ms += ms
        self._served.tell(NOON_MS + self.virtual_ms)

    def restart_agent(self) -> None:
        """The agent's process ends without a word, and another begins."""
        self.agent.close()
        self.restarts += 1
        self.agent = self._agent()

    def reboot(self) -> None:
        """The whole kiosk begins again, with a new boot clock and whatever its wall clock says."""
        self._stop()
        self._boot()

    def back_up_kiosk(self) -> None:
        """Somebody keeps a copy of the whole card, and starts the kiosk again."""
        self._stop()
        shutil.rmtree(self.folder / "card", ignore_errors=True)
        shutil.copytree(self.settings.files.folder, self.folder / "card")
        self._kept = set(self.pressed)
        self._boot()

    def restore_kiosk(self, *, whole: bool) -> None:
        """The card is put back to what was kept of it, if anything was; or what the agent remembers alone."""
        if self._kept is None:
            return
        self._stop()
        name = "" if whole else "sync"
        shutil.rmtree(self.settings.files.folder / name)
        shutil.copytree(self.folder / "card" / name, self.settings.files.folder / name)
        if whole:
            self.gone |= self.pressed - self._kept
        self.kiosk_restores += 1
        self._boot()

    def _stop(self) -> None:
        self.agent.close()
        self.recorder.stop()

    def _boot(self) -> None:
        self.pass_time(self.chance.randrange(5_000, 100_000))
        wall_ms = self.chance.choice(WALLS_MS) + self.chance.randrange(86_400_000)
        self.clock = Clock(self._boot_name(), self.chance.randrange(5_000, 60_000), wall_ms)
        self._record_from_now()
        self.agent = self._agent()

    def press(self, presses: int, *, spoiled: float = 0.0) -> None:
        """Customers answer: each a rating, perhaps more, and an outcome; some central cannot bear."""
        faults: list[Exception] = []
        for _ in range(presses):
            answers, texts = self._response()
            self.pressed |= {(one.moment.boot, one.moment.boot_ms) for one in answers}
            if self.chance.random() < spoiled:
                moment = answers[0].moment
                self.poison.add((moment.boot, moment.boot_ms))
            self.recorder.put(answers, lambda _: None, faults.append, texts=texts)
        self.recorder.drain()
        if faults:
            raise faults[0]

    def peace(self) -> None:
        """From now on everything passes, and nobody dies."""
        self.middle.fault = lambda _: None
        self._dies = ""
        if self.central_is_dead:
            self.restart_central()
        self._recover()

    def _recover(self) -> None:
        """
        Until the recorder has made readable what was moved aside.

        A card put back to an older state ends before what central has of it: prepare takes it for damaged, and its
        rows come back when nobody presses.
        """
        until = monotonic() + RECOVERED_S
        while unsalvaged(self.settings.answers_folder):
            if monotonic() > until:
                raise RuntimeError(f"an old store is not readable after {RECOVERED_S:.0f} s")
            sleep(0.01)

    def close(self) -> None:
        self.agent.close()
        self.recorder.stop()
        self.middle.stop()
        self._down()
        self.central.store.dispose()
        self._served.close()

    def _response(self) -> tuple[list[Answer], list[SealedText]]:
        chance = self.chance
        place = STRANGE if chance.random() < 0.01 else HERE
        source = chance.choice((Source.TOUCH, Source.BUTTON))
        answers = [self._answer(place, VISIT, chance.choice(tuple(Rating)).value, source)]
        for ask, value in ASKS:
            if chance.random() < 0.1:
                answers.append(self._answer(place, ask, value, source))
        texts = []
        if chance.random() < 0.1:
            text = SealedText(chance.randbytes(chance.randrange(80, 400)), chance.randbytes(32))
            answers.append(replace(self._answer(place, WORDS, 0, source), text_digest=text.digest))
            texts.append(text)
        return [*answers, self._answer(place, ENDED, Outcome.ANSWERED.value, source)], texts

    def _answer(self, place: Place, ask: Ask, value: int, source: Source) -> Answer:
        # No two at one moment: so that whoever is there twice is found by it.
        self.pass_time(self.chance.randrange(1, 400))
        return Answer(0, 0, place, ask, value, source, self.clock.moment(), test=self.chance.random() < 0.01)

    def _is_poison(self, sync: Any) -> bool:
        return any((one.moment.boot, one.moment.boot_ms) in self.poison for one in sync.answers)

    def _record_from_now(self) -> None:
        prepare_answers(self.settings)
        self.recorder = Recorder(self.settings.answers_db, self.clock, idle_s=IDLE_S)

    def _agent(self) -> Agent:
        self._line = Line(PATIENCE)
        agent = Agent(self.settings, self.clock, line=self._line, chance=self.chance.random)
        save = agent._file.save

        def save_or_die(*what: Any, **more: Any) -> None:
            dies, self._dies = self._dies, ""
            if dies == "before":
                raise KilledError
            save(*what, **more)
            if dies:
                raise KilledError

        agent._file.save = save_or_die  # type: ignore[method-assign]
        return agent

    def _too_slow(self) -> None:
        self._line.break_off()

    def _kill_agent(self, when: str) -> None:
        self._dies = when

    def _kill_central(self) -> None:
        self.central_is_dead = True
        self.middle.port = 0
        self._served.kill()

    def _up(self) -> None:
        self._served.begin()
        self.middle.port = self._served.port
        self.central_is_dead = False

    def _down(self) -> None:
        self.middle.port = 0
        if self.chance.random() < 0.5:
            self._served.kill()
        self._served.end()

    def _backup(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "backup.db")

    def _boot_name(self) -> str:
        self.boots += 1
        return f"{self.boots:08x}"


def make_central(folder: Path) -> Any:
    """An empty central with one branch; its keys."""
    store = make_store(folder)
    keys = make_keys(folder)
    with writing(store) as connection:
        connection.execute(insert(tables.branches).values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    return keys


def make_keys_in(folder: Path) -> Any:
    folder.mkdir()
    return make_keys(folder)
