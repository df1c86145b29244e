"""One card, copied into two kiosks, and a real central: every press counted once, nothing merged into one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from central.keys import make_keys
from central.store import tables
from central.store.database import make_store, writing
from feedback import wire
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.closed import stores
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from kiosk.sync.again import again
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from tests.central.device import Central, serving
from tests.kiosk.sync.kit import ToldClock, rating


@dataclass
class Card:
    """A kiosk's card, and the board it is in."""

    settings: Settings
    board: Path
    clock: ToldClock

    def press(self, count: int, value: int) -> None:
        """So many customers, after a start."""
        self.start()
        recorder = Recorder(self.settings.answers_db, self.clock)
        faults: list[Exception] = []
        for _ in range(count):
            self.clock.boot_ms += 60_000
            recorder.put([rating(value, self.clock.boot_ms, self.clock.boot)], lambda _: None, faults.append)
        recorder.drain()
        recorder.stop()
        assert not faults

    def start(self) -> bytes:
        return prepare_answers(self.settings, {"board": self.board}).about.store

    def sync(self) -> None:
        agent = Agent(self.settings, self.clock, chance=lambda: 0.5, splay_ms=0)
        for _ in range(50):
            wait_s = agent.step()
            if wait_s > 60 and not agent.link.failures:
                break
            self.clock.boot_ms += int(wait_s * 1_000) + 1
        agent.close()

    def copied_to(self, folder: Path, board: Path, boot: str) -> Card:
        shutil.copytree(self.settings.files.folder, folder)
        other = Settings(self.settings.kiosk, self.settings.central, Files(folder))
        return Card(other, board, ToldClock(boot))


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    with serving(folder) as running:
        yield running


@pytest.fixture
def card(tmp_path: Path, central: Central) -> Card:
    fingerprint = wire.fingerprint(central.keys.signing.public_key().public_bytes_raw())
    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress(central.url, fingerprint),
        Files(tmp_path / "card"),
    )
    enrol(settings, central.code("k-1"))
    board = tmp_path / "board"
    board.write_text("1000")
    return Card(settings, board, ToldClock())


def counted(central: Central) -> dict[int, int]:
    """Rating -> how many count or are set aside."""
    found: dict[int, int] = {}
    for row in central.rows(tables.counts, tables.counts.c.kind == "rating"):
        found[row.value] = found.get(row.value, 0) + row.n
    return found


def all_accounted(central: Central) -> bool:
    return all(row.accounted_upto == row.last_seq for row in central.rows(tables.ledgers))


def test_a_copy_in_use_at_the_same_time_loses_no_press(tmp_path: Path, central: Central, card: Card) -> None:
    """
    The copy has no way to tell boards apart, so both go on with one store until central has seen both.
    """
    card.press(3, value=5)
    card.sync()
    store = card.start()
    other = card.copied_to(tmp_path / "other", card.board, "0b0b")
    card.press(4, value=4)
    card.sync()
    other.press(6, value=1)
    other.sync()  # 4 to 7 are in conflict, 8 and 9 are not
    kept = {
        (row.seq, row.store_id): row.content
        for row in central.rows(tables.answers, tables.answers.c.store_id == store)
    }

    other.press(2, value=2)
    other.sync()
    card.clock.boot_ms += 300_000
    card.sync()
    card.press(1, value=3)
    card.sync()

    assert {5: 3, 4: 4, 1: 6, 2: 2, 3: 1} == counted(central)
    assert [4, 5, 6, 7] == sorted(row.seq for row in central.rows(tables.conflicts))
    rows = central.rows(tables.answers)
    assert [4, 5, 6, 7] == sorted(row.seq for row in rows if row.store_id == again(store))
    assert {1} == {row.value for row in rows if row.store_id == again(store)}
    assert kept == {(row.seq, row.store_id): row.content for row in rows if row.store_id == store}
    current = {stores(one.settings.answers_folder)[-1].store_id() for one in (card, other)}
    assert 2 == len(current - {store})
    assert all_accounted(central)


def test_it_stays_so_when_the_copy_forgets_what_it_was_told(
    tmp_path: Path, central: Central, card: Card
) -> None:
    card.press(3, value=5)
    card.sync()
    other = card.copied_to(tmp_path / "other", card.board, "0b0b")
    card.press(4, value=4)
    card.sync()
    other.press(6, value=1)
    other.sync()
    before = counted(central)
    for part in other.settings.sync_folder.glob("sync.db*"):
        part.unlink()

    other.sync()

    assert {5: 3, 4: 4, 1: 6} == before == counted(central)
    assert all_accounted(central)


def test_a_copy_in_another_board_begins_with_a_store_of_its_own(
    tmp_path: Path, central: Central, card: Card
) -> None:
    card.press(3, value=5)
    board = tmp_path / "other board"
    board.write_text("2000")
    other = card.copied_to(tmp_path / "other", board, "0b0b")
    card.press(4, value=4)
    other.press(6, value=1)

    card.sync()
    other.sync()

    assert {5: 3, 4: 4, 1: 6} == counted(central)
    assert () == tuple(central.rows(tables.conflicts))
    assert all_accounted(central)
