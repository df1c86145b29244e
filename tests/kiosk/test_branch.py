"""The branch's settings on the kiosk: as fetched, or none."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from feedback.settings_document import NONE_YET
from feedback.wire import encode_document
from kiosk.branch import branch_settings
from kiosk.documents import file_of, own_folder
from kiosk.settings import Settings, load
from tests.kiosk.signed import put, signed, trusting
from tests.test_wrong_input import SETTINGS

BAKU = b'{"version": 3, "zone": "Asia/Baku", "hours": []}'
LATER = b'{"version": 4, "zone": "Europe/Berlin", "hours": []}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk"))
    found = trusting(load(path))
    found.documents.mkdir(parents=True)
    return found


def test_a_kiosk_that_has_heard_nothing_yet_counts_days_of_utc_and_is_always_open(settings: Settings) -> None:
    found = branch_settings(settings)

    assert (0, ZoneInfo("UTC"), ()) == (found.version, found.zone, found.hours.schedules)


def test_the_document_the_agent_put_there_is_read(settings: Settings) -> None:
    put(settings, "settings", BAKU)

    found = branch_settings(settings)

    assert (3, ZoneInfo("Asia/Baku")) == (found.version, found.zone)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(BAKU, id="not signed"),
        pytest.param(b"\xff\x00\n", id="no text"),
        pytest.param(encode_document(signed("settings", BAKU))[:-9], id="cut"),
        pytest.param(encode_document(signed("settings", BAKU)).replace(b"Baku", b"Aden"), id="altered"),
        pytest.param(encode_document(signed("survey", BAKU)), id="another document"),
        pytest.param(
            encode_document(signed("settings", BAKU, key=Ed25519PrivateKey.generate())), id="somebody else's"
        ),
        pytest.param(
            encode_document(signed("settings", BAKU)).replace(b'"version":3', b'"version":9'), id="raised"
        ),
        pytest.param(encode_document(signed("settings", b'{"version": 3}')), id="no zone"),
        pytest.param(
            encode_document(signed("settings", b'{"version": 3, "zone": "Nowhere/At_all"}')), id="nowhere"
        ),
    ],
)
def test_a_spoiled_document_is_as_good_as_none_and_the_log_says_why(
    settings: Settings, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The kiosk goes on taking answers. Whatever the process with the network was made to write is not followed."""
    path = file_of(settings.documents, "settings")
    path.write_bytes(raw)

    assert NONE_YET == branch_settings(settings)
    assert str(path) in caplog.text


def test_the_last_good_one_stays_when_the_one_fetched_is_spoiled(settings: Settings) -> None:
    """The screen keeps a copy of what it followed last, where only it can write."""
    own_folder(settings).mkdir(parents=True)
    file_of(own_folder(settings), "settings").write_bytes(encode_document(signed("settings", BAKU)))
    put(settings, "settings", LATER).write_bytes(b"spoiled")

    assert 3 == branch_settings(settings).version

    put(settings, "settings", LATER)
    assert 4 == branch_settings(settings).version


def test_a_document_that_cannot_be_read_is_as_good_as_none(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    file_of(settings.documents, "settings").mkdir()

    assert NONE_YET == branch_settings(settings)
    assert "cannot be read" in caplog.text
