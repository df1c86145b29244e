"""
Plan, wire and ingest together, over a link that loses, doubles and reorders: ledgers close, each press counts once.

Real SQLite at both ends, the agent's own loop, the messages as they are encoded; only sockets and signatures are left
out, which ``tests/faults/network`` has.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from central.keys import make_keys
from central.store import tables
from central.store.database import make_store, writing
from feedback import wire
from kiosk.settings import CentralAddress
from kiosk.sync.enrolment import enrol
from tests.central.device import serving
from tests.ledgers.card import place
from tests.ledgers.machine import Ledgers, Made

EXAMPLES, STEPS = 8, 20
MEMORY = Path("/dev/shm")  # noqa: S108  where a flush costs nothing


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


def filled(machine: Ledgers) -> None:
    """Central loses what a card handed over, and the card's copy gives the same numbers to others."""
    machine.press(0, 2)
    machine.sync_well(0)
    machine.copy_card(same_board=True)
    machine.save_central()
    machine.press(0, 3)
    machine.sync_well(0)
    machine.restore_central()
    machine.press(1, 3)
    machine.sync_well(1)


@pytest.mark.parametrize("scene", [parted, moved, filled])
def test_the_scenes_come_out_well(made: Made, scene: Callable[[Ledgers], None]) -> None:
    Ledgers.made = made
    machine = Ledgers()
    scene(machine)
    machine.teardown()


def test_a_conflict_that_is_not_sent_again_is_caught(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.sync.agent.with_again", lambda _, readers: readers)
    with pytest.raises(AssertionError):
        test_the_scenes_come_out_well(made, parted)


def test_a_closed_store_that_nobody_asks_about_is_caught(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "kiosk.sync.plan._longest_unheard", lambda link, waiting, _: link.progress(waiting[-1].store)
    )
    monkeypatch.setattr("kiosk.sync.plan._spoken_of_before", lambda *_: False)
    with pytest.raises(AssertionError):
        test_the_scenes_come_out_well(made, moved)


def test_a_restore_that_nobody_is_told_of_is_caught(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.sync.progress.in_generation", lambda progress, *_: progress)
    with pytest.raises(AssertionError):
        test_the_scenes_come_out_well(made, filled)
