"""
Plan, wire and ingest together, over a link that loses, doubles and reorders: ledgers close, each press counts once.

Real SQLite at both ends, the agent's own loop, the messages as they are encoded; only sockets and signatures are left
out, which ``tests/faults/network.py`` has.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from central.ingest.sync import acknowledged
from central.keys import make_keys
from central.store import tables
from central.store.database import make_store, open_store, reading, writing
from central.store.generations import begun
from feedback import wire
from feedback.answers import Anchor, Moment
from feedback.errors import LinkError
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.ballast import Ballast
from kiosk.storage.closed import stores
from kiosk.storage.database import open_writer
from kiosk.storage.link import prepare_link, read_link
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.pruning import Pruning
from kiosk.storage.recorder import Recorder
from kiosk.storage.recovery import Recovery
from kiosk.storage.schema import read_about
from kiosk.sync import trip
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from kiosk.sync.line import Reply
from kiosk.sync.steps import NoNetwork, Refused, Result
from tests.central.device import NOON_MS, serving
from tests.kiosk.sync.kit import ToldClock, rating

EXAMPLES, STEPS = 8, 20
MEMORY = Path("/dev/shm")  # noqa: S108  where a flush costs nothing
BEFORE_CENTRAL: dict[str, Result] = {
    "request lost": NoNetwork("no route"),
    "late": NoNetwork("time-out"),
    "portal": NoNetwork("a portal", 200),
    "413": NoNetwork("a proxy", 413),
    "503": Refused(503, wire.Refusal("busy", "later")),
}
FATES = ("well", "answer lost", "twice", "killed", *BEFORE_CENTRAL)
Press = tuple[str, int]
"""Boot and boot clock: no two presses share it."""


class Cut(Exception):  # noqa: N818  it is no error
    """The agent's process ended here."""


@dataclass
class Office:
    """Central without a socket: one request, one transaction, one answer."""

    folder: Path
    late: list[bytes] = field(default_factory=list)

    def answer(self, body: bytes) -> bytes:
        request = wire.decode_request(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return wire.encode_acknowledgement(
            replace(acknowledged(self.store, self.mark, "k-1", request, NOON_MS), documents={})
        )

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.store = open_store(self.folder)
        self.mark, _ = begun(self.store, self.folder, lambda: NOON_MS)

    def saved(self, to: Path) -> None:
        self.store.dispose()
        shutil.copytree(self.folder, to)

    def restored(self, of: Path) -> None:
        self.store.dispose()
        shutil.rmtree(self.folder)
        shutil.copytree(of, self.folder)
        self.begin()

    def rows(self, query: Any) -> list[Any]:
        with reading(self.store) as connection:
            return list(connection.execute(query))

    def presses(self) -> Counter[Press]:
        joined = tables.answers.join(tables.boots, tables.answers.c.boot_id == tables.boots.c.id)
        return Counter(
            (row.name, row.ms)
            for row in self.rows(
                select(tables.boots.c.boot.label("name"), tables.answers.c.boot_ms.label("ms")).select_from(
                    joined
                )
            )
        )


@dataclass
class Link:
    """In the place of ``Trips``: what becomes of the next requests is said beforehand."""

    office: Office
    fates: list[str] = field(default_factory=list)

    def sync(self, body: bytes, first: int, count: int, *, packed: bool) -> Result:  # noqa: ARG002
        fate = self.fates.pop(0) if self.fates else "well"
        if fate == "late":
            self.office.late.append(body)
        if fate in BEFORE_CENTRAL:
            return BEFORE_CENTRAL[fate]
        answer = self.office.answer(body)
        if fate == "twice":
            answer = self.office.answer(body)
        if fate == "answer lost":
            return NoNetwork("reset")
        if fate == "killed":
            raise Cut
        return trip.result_of(Reply(200, {}, answer), first, count)

    def document(self, name: str, held_sha256: str) -> trip.Fetched:
        raise LinkError(f"no document {name} {held_sha256} here")


@dataclass
class Card:
    """A kiosk: its files, the board they are in, and what runs on it."""

    settings: Settings
    board: Path
    clock: ToldClock
    office: Office
    pressed: set[Press] = field(default_factory=set)
    agent: Agent | None = None
    recorder: Recorder | None = None

    @property
    def folder(self) -> Path:
        return self.settings.files.folder

    def press(self, count: int) -> None:
        if self.recorder is None:
            prepare_answers(self.settings, {"board": self.board})
            recovery = Recovery(self.settings.answers_folder)
            while recovery.step():
                pass
            self.recorder = Recorder(self.settings.answers_db, self.clock)
        faults: list[Exception] = []
        for _ in range(count):
            self.clock.boot_ms += 7
            self.pressed.add((self.clock.boot, self.clock.boot_ms))
            answer = rating(1 + self.clock.boot_ms % 5, self.clock.boot_ms, self.clock.boot)
            self.recorder.put([answer], lambda _: None, faults.append)
        self.recorder.drain()
        assert not faults

    def sync(self, steps: int, fates: list[str]) -> None:
        if self.agent is None:
            self.press(0)
            self.agent = Agent(self.settings, self.clock, chance=lambda: 0.5, splay_ms=0)
        self.agent._trips = Link(self.office, list(fates))  # type: ignore[assignment]
        try:
            for _ in range(steps):
                self.clock.boot_ms += 1 + int(self.agent.step() * 1_000)
        except Cut:
            self.stop_agent()

    def stop_agent(self) -> None:
        if self.agent is not None:
            self.agent.close()
            self.agent = None

    def stop(self) -> None:
        self.stop_agent()
        if self.recorder is not None:
            self.recorder.stop()
            self.recorder = None

    def rot(self, count: int) -> set[Press]:
        """The newest rows are not as they were written; whose they are."""
        self.stop()
        with closing(sqlite3.connect(self.settings.answers_db)) as file, file:
            last = file.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0]
            spoiled = "FROM answers a JOIN boots b ON b.id = a.boot WHERE seq > ?"
            gone = set(file.execute(f"SELECT b.boot, a.boot_ms {spoiled}", (last - count,)).fetchall())
            file.execute("UPDATE answers SET value = 9 WHERE seq > ?", (last - count,))
        with closing(sqlite3.connect(self.settings.answers_db)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def prune(self) -> set[Press]:
        """Let go of what central has in a final state, but the last; what that was."""
        self.stop()
        prepare_link(self.settings.sync_db)
        link = read_link(self.settings.sync_db)
        connection = open_writer(self.settings.answers_db)
        store = read_about(connection, self.settings.answers_db).store
        before = self._rows(connection)
        pruning = Pruning(
            connection, store, OldClock(), Ballast(self.settings.answers_folder, 0), link.progress
        )
        last = connection.execute("SELECT coalesce(max(seq), 0) FROM answers").fetchone()[0]
        while pruning.step(last):
            pass
        gone = before - self._rows(connection)
        connection.leave_open()
        return gone

    def _rows(self, connection: sqlite3.Connection) -> set[Press]:
        rows = "SELECT b.boot, a.boot_ms FROM answers a JOIN boots b ON b.id = a.boot"
        return set(connection.execute(rows).fetchall())


class OldClock:
    """So late that every answer is old."""

    def moment(self) -> Moment:
        return Moment("late", 0, 0)

    def anchor(self) -> Anchor | None:
        return Anchor("late", 0, 4_000_000_000_000, "ntp", 1)


@dataclass(frozen=True)
class Made:
    """A central and a kiosk enrolled with it, to be copied."""

    central: Path
    kiosk: Path
    address: CentralAddress


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    root = Path(tempfile.mkdtemp(prefix="ledgers-", dir=MEMORY if MEMORY.is_dir() else None))
    store = make_store(root / "central")
    make_keys(root / "central")
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    with serving(root / "central") as central:
        fingerprint = wire.fingerprint(central.keys.signing.public_key().public_bytes_raw())
        address = CentralAddress(central.url, fingerprint)
        enrol(place(root / "kiosk", address), central.code("k-1"))
    yield Made(root / "central", root / "kiosk", address)
    shutil.rmtree(root)


def place(folder: Path, address: CentralAddress) -> Settings:
    return Settings(KioskPlace("k-1", "b12", "exit-1", "Exit"), address, Files(folder, ballast_mb=0))


fates = st.lists(st.sampled_from(FATES), max_size=6)
which = st.integers(0, 1)


class Ledgers(RuleBasedStateMachine):
    """
    One or two kiosks and central.

    A press is *owed* when it must count exactly once. It is in *doubt*, and may count once or not at all, when the only
    copy of it was spoiled, put back to an older state or pruned before central lost it.

    Left out is a copied or restored card together with a restored central: central may then have the other's answers up
    to the very number this one had delivered, and nothing on the wire could tell.
    """

    made: Made

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=self.made.central.parent))
        shutil.copytree(self.made.central, self.root / "central")
        shutil.copytree(self.made.kiosk, self.root / "card 0")
        self.office = Office(self.root / "central")
        board = self.root / "board 0"
        board.write_text("0")
        card = Card(place(self.root / "card 0", self.made.address), board, ToldClock("boot 0"), self.office)
        self.cards = [card]
        self.boots = 0
        self.doubt: set[Press] = set()
        self.pruned: set[Press] = set()
        self.central_saved = self.central_restored = self.copied = self.sync_saved = False
        self.backup: set[Press] | None = None
        self.forgot = False

    def card(self, at: int) -> Card:
        return self.cards[at % len(self.cards)]

    @rule(at=which, count=st.integers(1, 4))
    def press(self, at: int, count: int) -> None:
        self.card(at).press(count)

    @rule(at=which, steps=st.integers(1, 6), fates=fates)
    def sync(self, at: int, steps: int, fates: list[str]) -> None:
        self.card(at).sync(steps, fates)

    @rule(at=which)
    def sync_well(self, at: int) -> None:
        self.card(at).sync(8, [])

    @precondition(lambda self: self.office.late)
    @rule()
    def arrive_late(self) -> None:
        self.office.answer(self.office.late.pop())

    @rule(at=which)
    def restart(self, at: int) -> None:
        card = self.card(at)
        card.stop()
        self.boots += 1
        card.clock = ToldClock(f"boot {self.boots}", 1_000)

    @precondition(lambda self: not self.central_restored)
    @rule(at=which)
    def forget_sync(self, at: int) -> None:
        card = self.card(at)
        card.stop()
        self.forgot = True
        for part in card.settings.sync_folder.glob("sync.db*"):
            part.unlink()

    @rule(at=which)
    def save_card(self, at: int) -> None:
        card = self.card(at)
        if self.backup is None and at % len(self.cards) == 0:
            card.stop()
            shutil.copytree(card.folder, self.root / "backup")
            self.backup = set(card.pressed)

    @precondition(lambda self: self.backup is not None and not self.central_restored)
    @rule(sync_only=st.booleans())
    def restore_card(self, sync_only: bool) -> None:
        """The whole card as it was, or sync.db alone."""
        card = self.cards[0]
        card.stop()
        self.forgot = True
        name = "sync" if sync_only else ""
        shutil.rmtree(card.folder / name)
        shutil.copytree(self.root / "backup" / name, card.folder / name)
        if not sync_only:
            assert self.backup is not None
            self.doubt |= card.pressed - self.backup
            self.boots += 1
            card.clock = ToldClock(f"boot {self.boots}", 1_000)

    @precondition(lambda self: len(self.cards) == 1 and not self.central_restored)
    @rule(same_board=st.booleans())
    def copy_card(self, same_board: bool) -> None:
        card = self.cards[0]
        card.stop()
        shutil.copytree(card.folder, self.root / "card 1")
        board = self.root / "board 1"
        board.write_text("0" if same_board else "1")
        self.boots += 1
        clock = ToldClock(f"boot {self.boots}", 1_000)
        self.cards.append(Card(place(self.root / "card 1", self.made.address), board, clock, self.office))
        self.copied = True

    @rule(at=which, count=st.integers(1, 3))
    def rot(self, at: int, count: int) -> None:
        self.card(at).press(0)
        self.doubt |= self.card(at).rot(count)

    @rule(at=which)
    def prune(self, at: int) -> None:
        self.card(at).press(0)
        self.pruned |= self.card(at).prune()

    @precondition(lambda self: not self.central_saved)
    @rule()
    def save_central(self) -> None:
        self.office.saved(self.root / "saved central")
        self.central_saved = True

    @precondition(lambda self: self.central_saved and not self.copied and not self.forgot)
    @rule()
    def restore_central(self) -> None:
        self.office.restored(self.root / "saved central")
        self.central_restored = True
        self.doubt |= self.pruned - set(self.office.presses())

    def teardown(self) -> None:
        try:
            self.drain()
            self.check()
        finally:
            for card in self.cards:
                card.stop()
            self.office.store.dispose()
            shutil.rmtree(self.root)

    def drain(self) -> None:
        """Everything is well from here on, and each kiosk is started anew now and then."""
        while self.office.late:
            self.office.answer(self.office.late.pop())
        for _ in range(3):
            for card in self.cards:
                card.stop()
                card.press(0)
                card.sync(3 * len(stores(card.settings.answers_folder)) + 8, [])

    def check(self) -> None:
        found = self.office.presses()
        everybody = set().union(*(card.pressed for card in self.cards))
        assert {} == {press: n for press, n in found.items() if n > 1}
        assert set() == everybody - self.doubt - set(found)
        assert set(found) <= everybody
        for ledger in self.office.rows(select(tables.ledgers)):
            assert ledger.accounted_upto == ledger.last_seq
        counted = sum(row.n for row in self.office.rows(select(tables.counts)))
        assert counted == len(found)


def test_every_ledger_closes_and_each_press_counts_once(made: Made) -> None:
    Ledgers.made = made
    run_state_machine_as_test(
        Ledgers,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# Controls: what the machine must catch ----------------------------------------------------------------------------


def parted(machine: Ledgers) -> None:
    """A card and its copy press and send under one name."""
    machine.press(0, 2)
    machine.sync_well(0)
    machine.copy_card(same_board=True)
    for at in (0, 1):
        machine.press(at, 3)
        machine.sync_well(at)


def moved(machine: Ledgers) -> None:
    """A store is closed, all of it handed over, and then central loses it."""
    machine.save_central()
    machine.press(0, 2)
    machine.sync_well(0)
    machine.cards[0].board.write_text("9")
    machine.restart(0)
    machine.sync_well(0)
    machine.restore_central()


@pytest.mark.parametrize("scene", [parted, moved])
def test_both_scenes_come_out_well(made: Made, scene: Callable[[Ledgers], None]) -> None:
    Ledgers.made = made
    machine = Ledgers()
    scene(machine)
    machine.teardown()


def test_a_conflict_that_is_not_sent_again_is_caught(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.sync.agent.with_again", lambda _, readers: readers)
    with pytest.raises(AssertionError):
        test_both_scenes_come_out_well(made, parted)


def test_a_closed_store_that_nobody_asks_about_is_caught(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "kiosk.sync.plan._longest_unheard", lambda link, waiting, _: link.progress(waiting[-1].store)
    )
    with pytest.raises(AssertionError):
        test_both_scenes_come_out_well(made, moved)
