"""A branch's pictures and sounds: put in place together with the list that names them, or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from feedback import media
from feedback.media import Media
from kiosk.media import found, media_folder
from kiosk.sync.agent import DOCUMENTS_AGAIN_MS
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import Asked, Given, StandIn

LOGO = b"\x89PNG\r\n\x1a\n" + b"the branch's own sign" * 500
OTHER = b"\x89PNG\r\n\x1a\n" + b"another sign" * 700
CHIME = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"ding" * 200


def publish(central: StandIn, version: int, **files: bytes) -> None:
    described = {name: media.described(name, content) for name, content in files.items()}
    central.documents["media"] = (version, media.encode(Media(version, described)))
    for content in files.values():
        central.documents[f"media.{hashlib.sha256(content).hexdigest()}"] = (1, content)


@pytest.fixture
def running(kiosk: Kiosk) -> Kiosk:
    kiosk.record([])
    kiosk.agent().step()
    return kiosk


def beat(kiosk: Kiosk, ms: int = DOCUMENTS_AGAIN_MS) -> None:
    kiosk.clock.boot_ms += ms
    kiosk.agents[-1].step()


def content(kiosk: Kiosk, name: str) -> bytes:
    held = found(kiosk.settings, name)
    return held[1] if held else b""


def files(kiosk: Kiosk) -> list[Path]:
    return list(media_folder(kiosk.settings.documents).iterdir())


def trouble(kiosk: Kiosk) -> str:
    return kiosk.agents[-1].link.document("media").trouble


def test_a_branchs_files_arrive_and_are_found_by_name(running: Kiosk, central: StandIn) -> None:
    publish(central, 1, logo=LOGO, chime=CHIME)
    beat(running)

    assert (LOGO, CHIME, b"") == tuple(content(running, name) for name in ("logo", "chime", "nothing"))
    assert "" == trouble(running)


def test_a_new_list_replaces_the_old_one_and_lets_go_of_its_files(running: Kiosk, central: StandIn) -> None:
    publish(central, 1, logo=LOGO, chime=CHIME)
    beat(running)
    asked = len(central.asked)
    publish(central, 2, logo=OTHER, chime=CHIME)
    beat(running)

    assert (OTHER, CHIME) == (content(running, "logo"), content(running, "chime"))
    assert 2 == len(files(running))
    # The chime was there already.
    assert 2 == len([one for one in central.asked[asked:] if "/documents/" in one.path])


def test_a_file_that_does_not_come_leaves_the_old_ones_in_place_and_is_asked_for_again(
    running: Kiosk, central: StandIn
) -> None:
    publish(central, 1, logo=LOGO)
    beat(running)
    publish(central, 2, logo=OTHER, chime=CHIME)
    late = central.documents.pop(f"media.{hashlib.sha256(CHIME).hexdigest()}")
    beat(running)
    assert (LOGO, b"") == (content(running, "logo"), content(running, "chime"))
    assert "chime" in trouble(running)

    central.documents[f"media.{hashlib.sha256(CHIME).hexdigest()}"] = late
    beat(running)
    assert (OTHER, CHIME) == (content(running, "logo"), content(running, "chime"))
    logos = [one for one in central.asked if one.path.endswith(hashlib.sha256(OTHER).hexdigest())]
    assert 1 == len(logos)


def test_a_file_that_is_another_than_the_list_names_is_not_taken(running: Kiosk, central: StandIn) -> None:
    publish(central, 1, logo=LOGO)
    honest = central._document

    def swapped(asked: Asked, name: str) -> Given:
        return central.handed_out(asked, name, 1, OTHER) if name.startswith("media.") else honest(asked, name)

    central._document = swapped  # type: ignore[method-assign]
    beat(running)

    assert b"" == content(running, "logo")
    assert "not the one the list names" in trouble(running)


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(OTHER), lambda path: path.unlink()])
def test_a_file_lost_or_altered_on_the_card_is_not_shown_and_is_fetched_again(
    running: Kiosk, central: StandIn, spoil: object
) -> None:
    publish(central, 1, logo=LOGO)
    beat(running)
    assert callable(spoil)
    spoil(files(running)[0])
    assert b"" == content(running, "logo")

    running.agent()
    beat(running)

    assert LOGO == content(running, "logo")


@pytest.mark.parametrize(
    "files_named",
    [
        {"logo": {"sha256": "ab" * 32, "bytes": 1 << 30, "type": "image/png"}},
        {"logo": {"sha256": "../../evil", "bytes": 10, "type": "image/png"}},
        {"logo": {"sha256": "ab" * 32, "bytes": 10, "type": "text/html"}},
        {"../logo": {"sha256": "ab" * 32, "bytes": 10, "type": "image/png"}},
        {f"f{at}": {"sha256": "ab" * 32, "bytes": 10, "type": "image/png"} for at in range(17)},
        {"logo": 3},
        [],
    ],
)
def test_a_list_that_is_none_is_not_followed(running: Kiosk, central: StandIn, files_named: object) -> None:
    publish(central, 1, logo=LOGO)
    beat(running)
    central.documents["media"] = (2, json.dumps({"version": 2, "files": files_named}).encode())
    beat(running)

    assert LOGO == content(running, "logo")
    assert "media" in trouble(running)


def test_where_a_branch_has_no_files_nothing_is_wrong(running: Kiosk, central: StandIn) -> None:
    beat(running)

    assert "" == trouble(running)
