"""One card, copied into two kiosks, and a real central: every press counted once, nothing merged into one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from central.keys import make_keys
from central.store import tables
from central.store.database import FILE, make_store, writing
from central.store.generations import MARK, Generation, HighWater
from feedback import wire
from feedback.again import again
from feedback.answers import Place
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.closed import stores
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
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

    def press(self, count: int, value: int, branch: str = "b12") -> None:
        """So many customers, after a start."""
        place = Place(branch, "exit-1")
        self.start()
        recorder = Recorder(self.settings.answers_db, self.clock)
        faults: list[Exception] = []
        for _ in range(count):
            self.clock.boot_ms += 60_000
            one = replace(rating(value, self.clock.boot_ms, self.clock.boot), place=place)
            recorder.put([one], lambda _: None, faults.append)
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
def made(tmp_path: Path) -> Path:
    """A central with one branch, not served."""
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    return folder


@pytest.fixture
def central(made: Path) -> Iterator[Central]:
    with serving(made) as running:
        yield running


@pytest.fixture
def card(tmp_path: Path, central: Central) -> Card:
    return enrolled_card(central, tmp_path)


def enrolled_card(central: Central, root: Path) -> Card:
    fingerprint = wire.fingerprint(central.keys.signing.public_key().public_bytes_raw())
    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress(central.url, fingerprint),
        Files(root / "card"),
    )
    enrol(settings, central.code("k-1"))
    board = root / "board"
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


# A copy, and a central that was restored ------------------------------------------------------------------------

Restore = Callable[[Path, Path], None]


def the_database_alone(backup: Path, folder: Path) -> None:
    for part in folder.glob(f"{FILE}-*"):
        part.unlink()
    shutil.copyfile(backup / FILE, folder / FILE)


def the_whole_folder(backup: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)


def the_whole_machine(backup: Path, folder: Path) -> None:
    """As a snapshot does it: the high-water mark is back with the rest, and no file says it was written since."""
    the_whole_folder(backup, folder)
    number, commits = (folder / MARK).read_text().split()
    HighWater(folder).note(Generation(int(number), int(commits), 0))


@dataclass
class Restorable:
    """A central that can be put back to what it was."""

    folder: Path
    backup: Path
    stack: ExitStack
    running: Central

    def back_up(self) -> None:
        """As it is between two runs: all of the folder."""
        port = int(self.running.url.rpartition(":")[2])
        self.stack.close()
        shutil.copytree(self.folder, self.backup)
        self.running = self.stack.enter_context(serving(self.folder, port))

    def put_back(self, restore: Restore) -> None:
        port = int(self.running.url.rpartition(":")[2])
        self.stack.close()
        restore(self.backup, self.folder)
        self.running = self.stack.enter_context(serving(self.folder, port))


@pytest.fixture
def restorable(tmp_path: Path, made: Path) -> Iterator[Restorable]:
    with ExitStack() as stack:
        yield Restorable(made, tmp_path / "backup", stack, stack.enter_context(serving(made)))


def forgotten_and_filled(restorable: Restorable, root: Path, restore: Restore, by_the_copy: int) -> None:
    """
    Central forgets what a card has handed over, and its copy gives the same numbers to other customers.

    The card has nothing to send: whatever it hears of its numbers, central has them all.
    """
    card = enrolled_card(restorable.running, root)
    card.press(5, value=5)
    card.sync()
    other = card.copied_to(root / "other", card.board, "0b0b")
    restorable.back_up()
    card.press(5, value=4)
    card.sync()
    assert {5: 5, 4: 5} == counted(restorable.running)

    restorable.put_back(restore)
    other.press(by_the_copy, value=1)
    for _ in range(2):
        for one in (other, card):
            one.clock.boot_ms += 300_000
            one.sync()


@pytest.mark.parametrize(
    ("restore", "by_the_copy"), [(the_database_alone, 5), (the_whole_folder, 5), (the_whole_machine, 4)]
)
def test_numbers_that_a_copy_filled_after_a_restore_lose_no_press(
    tmp_path: Path, restorable: Restorable, restore: Restore, by_the_copy: int
) -> None:
    forgotten_and_filled(restorable, tmp_path, restore, by_the_copy)

    assert {5: 5, 4: 5, 1: by_the_copy} == counted(restorable.running)
    assert all_accounted(restorable.running)


def test_without_generations_they_would(
    tmp_path: Path, restorable: Restorable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a kiosk that does not listen to them."""
    monkeypatch.setattr("kiosk.sync.progress.in_generation", lambda progress, *_: progress)

    forgotten_and_filled(restorable, tmp_path, the_database_alone, 5)

    assert {5: 5, 1: 5} == counted(restorable.running)


def test_what_overrode_a_rejected_answer_is_handed_over_again_to_a_restored_central(
    tmp_path: Path, restorable: Restorable
) -> None:
    """
    A card's numbers were rejected, its copy's under the same numbers stored: after a restore they are rejected ones.
    """
    card = enrolled_card(restorable.running, tmp_path)
    card.press(5, value=5)
    card.sync()
    other = card.copied_to(tmp_path / "other", card.board, "0b0b")
    card.press(3, value=4, branch="b99")
    card.sync()
    restorable.back_up()
    other.press(3, value=1)
    other.sync()
    assert {5: 5, 1: 3} == counted(restorable.running)

    restorable.put_back(the_database_alone)
    other.clock.boot_ms += 300_000
    other.sync()

    assert {5: 5, 1: 3} == counted(restorable.running)


def test_a_restart_begins_no_generation(restorable: Restorable) -> None:
    before = restorable.running.rows(tables.generations)
    restorable.back_up()

    assert before == restorable.running.rows(tables.generations)
    assert 1 == len(before)
