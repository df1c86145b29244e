"""The branch's settings on the kiosk: as fetched, or none."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback.settings_document import NONE_YET
from kiosk.branch import branch_settings
from kiosk.settings import Settings, load
from tests.test_wrong_input import SETTINGS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk"))
    found = load(path)
    found.documents.mkdir(parents=True)
    return found


def test_a_kiosk_that_has_heard_nothing_yet_counts_days_of_utc_and_is_always_open(settings: Settings) -> None:
    found = branch_settings(settings)

    assert (0, ZoneInfo("UTC"), ()) == (found.version, found.zone, found.hours.schedules)


def test_the_document_the_agent_put_there_is_read(settings: Settings) -> None:
    (settings.documents / "settings.json").write_bytes(b'{"version": 3, "zone": "Asia/Baku", "hours": []}')

    found = branch_settings(settings)

    assert (3, ZoneInfo("Asia/Baku")) == (found.version, found.zone)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\x00", b'{"version": 3}', b'{"version": 3, "zone": "Nowhere/At_all"}']
)
def test_a_spoiled_document_is_as_good_as_none_and_the_log_says_why(
    settings: Settings, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The kiosk goes on taking answers."""
    path = settings.documents / "settings.json"
    path.write_bytes(body)

    assert NONE_YET == branch_settings(settings)
    assert str(path) in caplog.text


def test_a_document_that_cannot_be_read_is_as_good_as_none(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.documents / "settings.json").mkdir()

    assert NONE_YET == branch_settings(settings)
    assert "cannot be read" in caplog.text
