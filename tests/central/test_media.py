"""Pictures and sounds: published for a branch, handed to its kiosks and to no others."""

from __future__ import annotations

import hashlib
import json

import pytest

from central.fleet import branch_media
from central.store.database import writing
from feedback import media
from feedback.errors import SettingsError
from tests.central.device import NOON_MS, Central, delivery

LOGO = b"\x89PNG\r\n\x1a\n" + bytes(2_000)


def publish(central: Central, branch: str, name: str, content: bytes) -> int | None:
    with writing(central.store) as connection:
        return branch_media.publish(connection, branch, name, content, f"{name}.png", NOON_MS)


def test_a_branchs_kiosk_hears_of_its_files_and_is_handed_them(central: Central) -> None:
    here, elsewhere = central.enrolled("k-1", "b12"), central.enrolled("k-2", "b13")
    assert publish(central, "b12", "logo", LOGO)
    assert publish(central, "b12", "logo", LOGO) is None

    digest = hashlib.sha256(LOGO).hexdigest()
    listed = here.document("media")

    assert (
        hashlib.sha256(listed.body).hexdigest() == here.sync(delivery()).acknowledgement.documents["media"][1]
    )
    assert {"logo"} == json.loads(listed.body)["files"].keys()
    assert LOGO == here.document(f"media.{digest}").body
    assert "media" not in elsewhere.sync(delivery()).acknowledgement.documents
    for name in ("media", f"media.{digest}"):
        assert (404, "no document") == elsewhere.document(name).refusal
    assert (404, "no document") == here.document(f"media.{'ab' * 32}").refusal


def test_a_kiosk_that_moves_takes_the_files_of_its_new_branch(central: Central) -> None:
    """Kiosks take nothing but a higher version: the list of the new branch, also an empty one, is published again."""
    device = central.enrolled("k-1", "b12")
    before = publish(central, "b12", "logo", LOGO)
    assert before
    with writing(central.store) as connection:
        branch_media.follow(connection, "k-1", "b13", NOON_MS)
    central.code("k-1", "b13")

    assert (before + 1, {}) == tuple(json.loads(device.document("media").body).values())


@pytest.mark.parametrize(
    ("branch", "name", "content", "words"),
    [
        ("b12", "logo", b"<svg>", "is neither PNG, JPEG nor WAV"),
        ("b12", "logo", LOGO + bytes(media.MOST_FILE_BYTES), "expected at most 524288"),
        ("b12", "The Logo", LOGO, "small letters, digits"),
        ("b99", "logo", LOGO, "there is no such branch"),
    ],
)
def test_what_no_kiosk_could_show_is_refused_in_a_sentence(
    central: Central, branch: str, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        publish(central, branch, name, content)


def test_one_file_too_many_is_refused_and_one_taken_away_makes_room(central: Central) -> None:
    for at in range(media.MOST_FILES):
        publish(central, "b12", f"f{at}", LOGO)
    with pytest.raises(SettingsError, match="take one away"):
        publish(central, "b12", "one-more", LOGO)

    with writing(central.store) as connection:
        branch_media.remove(connection, "b12", "f0", NOON_MS)
        with pytest.raises(SettingsError, match="has no file called f0; its files are: f1, "):
            branch_media.remove(connection, "b12", "f0", NOON_MS)
    assert publish(central, "b12", "one-more", LOGO)
