"""The staff PIN, from the owner's command to the document a kiosk follows; never in clear on the way."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from central.cli import main
from central.fleet import branch_settings
from central.store.database import open_store, writing
from feedback import settings_document
from feedback.errors import SettingsError
from feedback.staff_pin import opens
from tests.central.device import NOON_MS

PIN = "271828"


def pin(folder: Path, monkeypatch: pytest.MonkeyPatch, typed: str, *more: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    return main(["--data", str(folder), "pin", "b12", *more])


def published(folder: Path) -> settings_document.BranchSettings:
    store = open_store(folder)
    with writing(store) as connection:
        body = branch_settings.show(connection, "b12").encode()
    store.dispose()
    assert PIN.encode() not in body
    return settings_document.parse(body, "settings")


def test_the_pin_a_kiosk_follows_is_the_one_that_was_typed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pin(folder, monkeypatch, PIN) == 0

    assert opens(PIN, published(folder).pin)


def test_publishing_the_hours_leaves_the_pin_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin(folder, monkeypatch, PIN)
    store = open_store(folder)
    with writing(store) as connection:
        hours = json.dumps({"hours": [{"from": "2026-11-01", "week": {"mon": ["09:00-18:00"]}}]}).encode()
        branch_settings.publish(connection, "b12", hours, "hours.json", NOON_MS)
    store.dispose()

    assert opens(PIN, published(folder).pin)
    assert published(folder).hours.schedules


def test_a_pin_can_be_removed_and_then_nothing_opens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin(folder, monkeypatch, PIN)
    assert pin(folder, monkeypatch, "", "--remove") == 0

    assert published(folder).pin == ""


@pytest.mark.parametrize("typed", ["", "1234", "123456", "letters", "000000"])
def test_a_bad_pin_is_one_sentence_and_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    pin(folder, monkeypatch, PIN)

    assert pin(folder, monkeypatch, typed) == 2
    assert capsys.readouterr().err.startswith("the PIN: expected ")
    assert opens(PIN, published(folder).pin)


def test_a_pin_in_clear_has_no_place_in_a_document() -> None:
    body = json.dumps({"version": 1, "zone": "Asia/Baku", "pin": PIN}).encode()

    with pytest.raises(SettingsError, match="expected what `central pin` has made"):
        settings_document.parse(body, "settings.json")
