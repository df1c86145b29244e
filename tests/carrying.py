"""One kiosk and one central with no network between them: real files on both sides, and a folder for a stick."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from central import rotation
from central.fleet import codes
from central.fleet.publishing import publish_survey
from central.keys import Keys
from central.stick.importing import Importer, Outcome
from central.store import generations, tables
from central.store.database import FILE, open_store, reading, writing
from feedback import surveys
from feedback.answers import Answer, Ask, SealedText, Source
from feedback.answers import Outcome as Ended
from feedback.ratings import Rating
from feedback.sticks import StickFolder
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.closed import stores
from kiosk.storage.link import LinkFile, prepare_link
from kiosk.storage.link_carried import Carried
from kiosk.storage.link_state import Link, Progress
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.sync import stick
from kiosk.sync.agent import Agent
from kiosk.sync.desk import stem_of
from kiosk.sync.enrolment import device_key, pin
from kiosk.sync.stick import Counter
from tests.central.device import ENDED, EXIT, NOON_MS, VISIT, WHY, Central, serving
from tests.faults.network.scene import Clock, make_central

KIOSK = "k-1"
MOST_STEPS = 50


class Carrier:
    """
    The technician between the two.

    Attributes:
        now_ms: Central's clock.
        stick: The stick's folder; the kiosk's port and central's are the same place.
        served: Central, where there is a network after all.
        opened: How the kiosk opens a stick.
    """

    opened: Callable[[Path], StickFolder] = StickFolder

    def __init__(self, folder: Path, url: str = "http://127.0.0.1:9", kiosk: str = KIOSK) -> None:
        self.folder = folder
        self.now_ms = NOON_MS
        self.served: Central | None = None
        self.stick = folder / "stick"
        self.stick.mkdir(parents=True)
        self.keys: Keys = make_central(folder / "central")
        self.store = open_store(folder / "central")
        self.clock = Clock("b0075")
        self.settings = self.kiosk(kiosk, url)
        self.recorder = Recorder(self.settings.answers_db, self.clock)

    def kiosk(self, kiosk: str, url: str = "http://127.0.0.1:9") -> Settings:
        """A new kiosk, enrolled at this central."""
        settings = Settings(
            KioskPlace(kiosk, EXIT.branch, EXIT.touchpoint, "Exit"),
            CentralAddress(url, self.keys.fingerprint),
            Files(self.folder / kiosk, ballast_mb=0),
        )
        prepare_answers(settings)
        prepare_link(settings.sync_db)
        public = device_key(settings.device_key).public_key().public_bytes_raw()
        pin(settings, self.keys.public)
        with writing(self.store) as connection:
            codes.expect(connection, kiosk, EXIT.branch, EXIT.touchpoint, "exit", self.now_ms)
            mine = tables.kiosks.c.id == kiosk
            connection.execute(update(tables.kiosks).where(mine).values(state="accepted", public_key=public))
        return settings

    def expected(self, kiosk: str) -> tuple[Settings, str]:
        """A kiosk that is not enrolled yet, and its code."""
        settings = Settings(
            KioskPlace(kiosk, EXIT.branch, EXIT.touchpoint, "Exit"),
            CentralAddress("http://127.0.0.1:9", self.keys.fingerprint, self.keys.public.sealing),
            Files(self.folder / kiosk, ballast_mb=0),
        )
        prepare_answers(settings)
        with writing(self.store) as connection:
            return settings, codes.expect(
                connection, kiosk, EXIT.branch, EXIT.touchpoint, "exit", self.now_ms
            )

    def close(self) -> None:
        self.recorder.stop()
        self.store.dispose()

    # The kiosk ---------------------------------------------------------------------------------------------------

    def press(self, presses: int, chance: random.Random | None = None) -> None:
        """So many customers, each with a rating and an outcome, and one in ten with words."""
        chance = chance or random.Random(presses)
        faults: list[Exception] = []
        for _ in range(presses):
            answers = [self._answer(VISIT, chance.choice(tuple(Rating)).value)]
            texts = []
            if chance.random() < 0.1:
                texts.append(SealedText(chance.randbytes(90), chance.randbytes(32)))
                answers.append(self._answer(WHY, 0, texts[0].digest))
            answers.append(self._answer(ENDED, Ended.ANSWERED.value))
            self.recorder.put(answers, lambda _: None, faults.append, texts=texts)
        self.recorder.drain()
        assert not faults

    @contextmanager
    def desk(self, settings: Settings | None = None) -> Iterator[Counter]:
        """The desk, as the command has it while no agent runs."""
        with stick.desk(settings or self.settings, self.clock) as counter:
            yield counter

    def export(self, settings: Settings | None = None) -> list[str]:
        """``kiosk export --stick``."""
        with self.desk(settings) as counter, self.opened(self.stick) as folder:
            return stick.export_to(counter, folder)

    def take(self, settings: Settings | None = None) -> list[str]:
        """``kiosk import --stick``."""
        with self.desk(settings) as counter, self.opened(self.stick) as folder:
            return stick.take_answers(counter, folder)

    @contextmanager
    def file(self) -> Iterator[LinkFile]:
        """sync.db, while no agent runs."""
        file = LinkFile(self.settings.sync_db)
        try:
            yield file
        finally:
            file.leave_open()

    def remembered(self) -> dict[str, Carried]:
        """What left on a stick, by the stem of its file."""
        with self.file() as file:
            found = [(number, nonce, file.carried(nonce)) for number, nonce in file.carried_numbers()]
        return {stem_of(self.settings.kiosk.id, number, nonce): one for number, nonce, one in found if one}

    @property
    def link(self) -> Link:
        with self.file() as file:
            return file.link

    @property
    def progress(self) -> Progress:
        return self.link.progress(self.reader.store_id())

    @property
    def reader(self) -> AnswersReader:
        return stores(self.settings.answers_folder)[-1]

    # Central -----------------------------------------------------------------------------------------------------

    def hand_over(self) -> None:
        """The network is there for as long as it takes."""
        assert self.served is not None
        self.now_ms += 60_000
        self.served.clock[0] = self.now_ms
        agent = Agent(self.settings, self.clock, splay_ms=0)
        try:
            for _ in range(MOST_STEPS):
                self.clock.boot_ms += int(agent.step() * 1_000) + 1
                if agent.link.progress(self.reader.store_id()).delivered == self.reader.last_seq():
                    return
            raise AssertionError(agent.words())
        finally:
            agent.close()

    def central(self, *paths: Path, answers: Path | None = None) -> list[Outcome]:
        """``central import``."""
        self.now_ms += 60_000
        mark, _ = generations.begun(self.store, self.folder / "central", lambda: self.now_ms)
        importer = Importer(self.store, self.keys, mark, lambda: self.now_ms, answers)
        return list(importer.run(paths or (self.stick,)))

    def rotate(self, *, sealing: bool) -> None:
        """Central gets a new key."""
        self.now_ms += 60_000
        self.keys = rotation.rotate(self.folder / "central", self.now_ms, sealing=sealing)

    def publish(self, body: bytes) -> None:
        """A newer survey."""
        with writing(self.store) as connection:
            publish_survey(connection, surveys.parse(body, "test"), body, "exit.json", self.now_ms)

    def stored(self, kiosk: str = KIOSK) -> list[tuple[bytes, int]]:
        """Every answer of *kiosk* at central, by store and seq."""
        with reading(self.store) as connection:
            columns = (tables.answers.c.store_id, tables.answers.c.seq)
            mine = tables.answers.c.kiosk_id == kiosk
            rows = connection.execute(tables.answers.select().with_only_columns(*columns).where(mine))
            return sorted((store, seq) for store, seq in rows)

    def back_up(self) -> None:
        """Keep central's database as it is now."""
        self._copy(self.folder / "central" / FILE, self.folder / "backup.db")

    def restore(self) -> None:
        """Central's disk is lost, and what was kept takes its place."""
        self.store.dispose()
        for part in (self.folder / "central").glob(f"{FILE}*"):
            part.unlink()
        self._copy(self.folder / "backup.db", self.folder / "central" / FILE)
        self.store = open_store(self.folder / "central")
        generations.begun(self.store, self.folder / "central", lambda: self.now_ms)

    @property
    def generation(self) -> int:
        """The life that central's database is in."""
        with reading(self.store) as connection:
            newest = generations.newest(connection)
        return newest.number if newest else 0

    # The stick ---------------------------------------------------------------------------------------------------

    def files(self, ending: str = "") -> list[Path]:
        return sorted(path for path in self.stick.iterdir() if path.name.endswith(ending))

    def _copy(self, source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)

    def _answer(self, ask: Ask, value: int, digest: bytes = b"") -> Answer:
        self.clock.boot_ms += 250
        return Answer(0, 0, EXIT, ask, value, Source.TOUCH, self.clock.moment(), text_digest=digest)


@contextmanager
def online(folder: Path) -> Iterator[Carrier]:
    """A carrier whose kiosk also reaches its central by network."""
    with ExitStack() as stack:
        carrier = Carrier(folder)
        stack.callback(carrier.close)
        served = stack.enter_context(serving(folder / "central"))
        carrier.served = served
        address = replace(carrier.settings.central, url=served.url)
        carrier.settings = replace(carrier.settings, central=address)
        yield carrier
