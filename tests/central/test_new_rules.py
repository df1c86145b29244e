"""A new version of central judges what the old one left, before it serves."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from central.cli import main
from central.ingest.rebuilding import Rebuilt, renew
from central.store import tables
from central.store.database import FILE, make_store, open_store, writing
from feedback import misuse
from feedback.answers import Anchor, Moment
from feedback.errors import StoreError
from tests.central.device import NOON_MS, Central, Device, delivery, rating
from tests.central.older import made_older
from tests.central.test_late_truths import HOUR_MS, everything


def started(folder: Path) -> list[str]:
    """What ``central serve`` logs on its way to the first request."""
    words = [sys.executable, "-m", "central.cli", "--data", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert program.stdout.readline().startswith("serving on ")
        program.send_signal(signal.SIGTERM)
        _, logged = program.communicate(timeout=20)
    return [line for line in logged.splitlines() if "Computed" in line]


@pytest.fixture
def of_old_rules(central: Central, device: Device, monkeypatch: pytest.MonkeyPatch) -> Central:
    """A central whose version before this one let the second of two quick presses count."""
    with monkeypatch.context() as before:
        before.setattr(misuse, "QUICK_MS", 0)
        before.setattr(misuse, "VERSION", misuse.VERSION - 1)
        with writing(central.store) as connection:
            connection.execute(tables.made_by.update().values(version=misuse.VERSION))
        device.sync(delivery(rating(1, boot_ms=60_000), rating(2, boot_ms=61_000)))
        assert renew(central.store) is None
    assert {"": 2} == by_rule(central)
    return central


def by_rule(central: Central) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in central.rows(tables.counts):
        found[row.rule] = found.get(row.rule, 0) + row.n
    return found


def test_serve_judges_anew_what_older_rules_judged_and_the_next_start_has_nothing_to_do(
    of_old_rules: Central,
) -> None:
    (line,) = started(of_old_rules.folder)

    assert line.endswith(
        "The rules have changed. Computed 2 answers again: 1 of them and 2 counts were different before."
    )
    assert {"": 1, "repeat": 1} == by_rule(of_old_rules)
    assert [] == started(of_old_rules.folder)


def test_rules_that_were_put_back_judge_anew_as_well(
    of_old_rules: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Rebuilt(2, 1, 2) == renew(of_old_rules.store)
    monkeypatch.setattr(misuse, "QUICK_MS", 0)
    monkeypatch.setattr(misuse, "VERSION", misuse.VERSION - 1)

    assert Rebuilt(2, 1, 2) == renew(of_old_rules.store)
    assert {"": 2} == by_rule(of_old_rules)


def test_a_rebuild_by_hand_is_noted_too(of_old_rules: Central) -> None:
    assert 0 == main(["--data", str(of_old_rules.folder), "rebuild"])

    assert {"": 1, "repeat": 1} == by_rule(of_old_rules)
    assert renew(of_old_rules.store) is None


def test_a_rebuild_that_fails_is_made_at_the_next_start(of_old_rules: Central) -> None:
    """All of it or nothing: what is computed, and by which rules."""
    before = everything(of_old_rules.store)
    trigger = "CREATE TRIGGER full BEFORE INSERT ON counts BEGIN SELECT RAISE(ABORT, 'no room'); END"
    with writing(of_old_rules.store) as connection:
        connection.exec_driver_sql(trigger)

    with pytest.raises(StoreError, match=r"computed again \(no room\); nothing is changed"):
        renew(of_old_rules.store)
    assert before == everything(of_old_rules.store)

    with writing(of_old_rules.store) as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert Rebuilt(2, 1, 2) == renew(of_old_rules.store)


def test_a_new_central_has_nothing_to_do(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    assert renew(store) is None
    store.dispose()


@pytest.mark.parametrize("schema", ["0001", "0002"])
def test_a_database_of_an_older_schema_is_computed_again(
    central: Central, device: Device, schema: str
) -> None:
    """The first one also knew no windows: a boot that never learned the time stood where its wall clock said."""
    rows = [replace(rating(at), moment=Moment(f"boot-{at}", 60_000, at)) for at in (1, 2, 3)]
    ends = (Anchor("boot-1", 0, NOON_MS, "ntp", 40), Anchor("boot-3", 0, NOON_MS + HOUR_MS, "ntp", 40))
    device.sync(delivery(*rows, anchors=ends))
    right = everything(central.store)
    with sqlite3.connect(central.folder / FILE) as connection:
        connection.execute("UPDATE answers SET day = 0, hour = 4, utc_ms = wall_ms WHERE seq = 2")
        connection.execute("UPDATE counts SET n = n - 1")
        made_older(connection, schema)
    connection.close()

    store = open_store(central.folder)
    rebuilt = renew(store)

    assert rebuilt is not None
    assert (3, 1) == (rebuilt.answers, rebuilt.changed)
    assert right == everything(store)
    assert renew(store) is None
    store.dispose()
