"""A branch's settings: completed, numbered and handed to its own kiosks."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from central.cli import main
from central.fleet import branch_settings
from central.store import tables
from central.store.database import writing
from feedback import settings_document
from feedback.errors import SettingsError
from tests.central.device import NOON_MS, Central, Device, delivery

HOURS = {"hours": [{"from": "2026-11-01", "week": {"mon": ["09:00-18:00"]}}]}


def publish(central: Central, branch: str, decided: object = HOURS) -> tuple[int, int | None]:
    raw = json.dumps(decided).encode()
    with writing(central.store) as connection:
        return branch_settings.publish(connection, branch, raw, "hours.json", NOON_MS)


def fetched(device: Device) -> dict[str, Any]:
    """The settings the kiosk is handed, as its own reader takes them."""
    named = device.sync(delivery()).acknowledgement.documents["settings"]
    body = device.document("settings").body
    found = settings_document.parse(body, "settings")
    assert (found.version, hashlib.sha256(body).hexdigest()) == named
    found_document: dict[str, Any] = json.loads(body)
    return found_document


def test_a_kiosk_is_handed_the_settings_of_its_own_branch(central: Central) -> None:
    """Under one name; zone and version are put in by central."""
    publish(central, "b12")
    publish(central, "b13", {"hours": []})

    baku, new_york = central.enrolled("k-1", "b12"), central.enrolled("k-2", "b13")

    assert {"version": 1, "zone": "Asia/Baku", **HOURS} == fetched(baku)
    assert {"version": 2, "zone": "America/New_York", "hours": []} == fetched(new_york)
    assert ["settings"] == [*baku.sync(delivery()).acknowledgement.documents]


def test_a_kiosk_learns_its_zone_before_there_are_any_hours(central: Central) -> None:
    """A new branch has settings from its first day, and one from before there were any gets them with its next code."""
    with writing(central.store) as connection:
        branch_settings.follow(connection, "k-1", "b12", NOON_MS)

    assert {"version": 1, "zone": "Asia/Baku"} == fetched(central.enrolled())


def test_nothing_but_its_own_settings_can_be_fetched(central: Central, device: Device) -> None:
    publish(central, "b13")

    for name in ("settings", "b13"):
        assert 404 == device.document(name).status


def test_a_kiosk_that_moves_takes_the_other_branchs_settings(central: Central) -> None:
    """It holds a higher version than that branch has: so the same is published under the next."""
    publish(central, "b13")
    for closing in ("17:00", "16:00", "15:00"):
        publish(central, "b12", {"hours": [{"from": "2026-11-01", "week": {"mon": [f"09:00-{closing}"]}}]})
    held = fetched(central.enrolled("k-1", "b12"))["version"]

    assert 0 == main(
        ["--data", str(central.folder), "code", "b13", "--touchpoint", "exit-1", "--kiosk", "k-1"]
    )
    moved = fetched(central.enrolled("k-1", "b13"))

    assert moved["version"] > held
    assert ("America/New_York", HOURS["hours"]) == (moved["zone"], moved["hours"])


def test_a_code_for_a_kiosk_that_stays_publishes_nothing(central: Central) -> None:
    publish(central, "b12")
    central.enrolled()

    assert 0 == main(
        ["--data", str(central.folder), "code", "b12", "--touchpoint", "exit-1", "--kiosk", "k-1"]
    )
    assert 1 == len(central.rows(tables.documents))


def test_the_same_again_is_no_new_version_and_the_first_difference_is_told(central: Central) -> None:
    november, new_year = 20_758, 20_819
    assert (1, november) == publish(central, "b12")
    assert (1, None) == publish(central, "b12")
    assert (1, None) == publish(central, "b12", {"version": 9, "zone": "Asia/Baku", **HOURS})

    holiday = {"hours": [{**HOURS["hours"][0], "except": {"2027-01-01": []}}]}
    assert (2, new_year) == publish(central, "b12", holiday)


@pytest.mark.parametrize(
    ("decided", "said"),
    [
        ([], "hours.json: the document: expected an object"),
        ({"zone": "Asia/Tokyo"}, "hours.json: zone = 'Asia/Tokyo': expected 'Asia/Baku', the branch's own"),
        ({"huors": []}, "hours.json: the document: unknown key 'huors'"),
        ({"hours": [{"from": "2026-11-01", "week": {"mo": []}}]}, "hours.json: hours[0].week: expected"),
        ({"hours": [{"from": "2026-11-01", "week": {}, "exept": {}}]}, "unknown key 'exept'"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_before_any_kiosk_sees_it(
    central: Central, decided: object, said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        publish(central, "b12", decided)

    assert said in str(refused.value)
    assert [] == central.rows(tables.documents)


def test_a_new_branch_has_settings_at_once_and_they_can_be_shown_edited_and_published(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is shown is a file to edit: the round trip that a person makes."""
    here = ("--data", str(folder))
    assert 0 == main([*here, "branch", "add", "b14", "--name", "Port", "--zone", "Europe/Berlin"])
    capfd.readouterr()
    assert 0 == main([*here, "settings", "b14", "--show"])
    shown = json.loads(capfd.readouterr().out)
    assert {"version": 1, "zone": "Europe/Berlin"} == shown

    path = tmp_path / "b14.json"
    path.write_text(json.dumps(shown | HOURS))
    assert 0 == main([*here, "settings", "b14", str(path)])
    assert "Published settings of branch b14, version 2." in capfd.readouterr().out
    assert 0 == main([*here, "settings", "b14", str(path)])
    assert "Already published: settings of branch b14, version 2." in capfd.readouterr().out
    assert 0 == main([*here, "settings", "b14", "--show"])
    assert {"version": 2, "zone": "Europe/Berlin", **HOURS} == json.loads(capfd.readouterr().out)
