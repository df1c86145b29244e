"""Central's keys change, are stolen, recovered, restored: real agents follow over real HTTP, never locked out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central import rotation
from central.fleet.holders import ahead, versions_held
from central.fleet.publishing import publish_survey
from central.keys import DOCUMENT, Keys, load_keys, make_keys
from central.store import tables
from central.store.database import writing
from feedback import surveys, wire
from feedback.pins import GRACE_MS, Pins
from kiosk import documents
from kiosk.pinned import pinned_path, read_pins, screen_pinned_path, screen_pins, written
from kiosk.settings import Files, Settings
from kiosk.sync.agent import DOCUMENTS_AGAIN_MS, Agent
from kiosk.sync.trust import Trust
from tests.central.device import NOON_MS, Central
from tests.key_scene import Scene, made


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return made(tmp_path)


def current(keys: Keys) -> bytes:
    return keys.public.current


def test_a_kiosk_follows_a_new_signing_key_and_loses_nothing(scene: Scene) -> None:
    old = current(load_keys(scene.folder))
    scene.press()
    new = scene.rotate()

    with scene.served() as central:
        scene.steps()

        assert read_pins(pinned_path(scene.settings)).keys == new.public
        assert old in scene.believed, "until the new key has signed for a month"
        assert 1 == len(central.rows(tables.answers))
        assert {"k-1": new.version} == versions_held(central.store)


def test_the_old_key_is_over_a_month_after_the_new_one_has_signed(scene: Scene) -> None:
    old = current(load_keys(scene.folder))
    scene.rotate()
    with scene.served():
        assert scene.delivered()
    scene.passed_ms += GRACE_MS

    with scene.served():
        assert scene.delivered()

    assert old not in scene.believed


def test_a_kiosk_that_was_off_for_years_catches_up(scene: Scene) -> None:
    scene.press()
    safe = scene.spare()
    scene.rotate(5)
    new_spare = scene.recover(safe).spare_file
    scene.rotate(3)
    scene.recover(new_spare)
    last = scene.rotate(2)

    with scene.served() as central:
        assert scene.delivered()
        assert 2 == len(central.rows(tables.answers))

    assert last.public == read_pins(pinned_path(scene.settings)).keys


def test_a_new_sealing_key_is_pinned_and_the_old_one_still_opens(scene: Scene) -> None:
    old = load_keys(scene.folder)
    new = scene.rotate(sealing=True)

    with scene.served():
        assert scene.delivered()

    assert new.public.sealing == read_pins(pinned_path(scene.settings)).keys.sealing
    assert current(old) == current(new)
    assert [key.public_key().public_bytes_raw() for key in new.opening] == [
        new.public.sealing,
        old.public.sealing,
    ]


def stolen(scene: Scene, thief: Ed25519PrivateKey, version: int = 2**53 - 1) -> None:
    """Somebody with a copy of the signing key makes the kiosks his: the highest version there can be."""
    keys = load_keys(scene.folder)
    public = keys.public
    taken = wire.CentralKeys(thief.public_key().public_bytes_raw(), public.spare, public.sealing)
    change = wire.KeyChange(
        version, taken, public.current, keys.signing.sign(wire.change_text(version, taken))
    )
    (scene.folder / DOCUMENT).write_bytes(wire.encode_key_document([change]))
    (scene.folder / "signing-key-thief.pem").write_bytes(rotation.pem(thief))


def test_a_thief_of_the_current_key_loses_once_the_spare_has_spoken(scene: Scene) -> None:
    """
    The kiosk already follows the thief. The owner's central, by the spare alone, gets it back; the thief does not.
    """
    thief = Ed25519PrivateKey.generate()
    safe = scene.spare()
    restore_owner = scene.backed_up()
    stolen(scene, thief)
    restore_thief = scene.backed_up()
    with scene.served():
        assert scene.delivered()
    assert thief.public_key().public_bytes_raw() in scene.believed

    restore_owner()
    recovered = scene.recover(safe)
    restore_recovered = scene.backed_up()
    with scene.served() as central:
        assert scene.delivered()
        assert 1 <= len(central.rows(tables.answers))
    assert (current(recovered.keys), recovered.keys.public.spare) == scene.believed

    restore_thief()
    before = scene.believed
    with scene.served():
        assert not scene.delivered()
    assert before == scene.believed

    restore_recovered()
    with scene.served():
        assert scene.delivered()


def test_a_stranger_s_document_moves_nothing(scene: Scene) -> None:
    """
    Another central, at the same address, with a key document of its own.
    """
    before = scene.believed
    restore = scene.backed_up()
    for path in scene.folder.glob("*.pem"):
        path.unlink()
    make_keys(scene.folder)
    scene.rotate()
    with scene.served():
        assert not scene.delivered()
        assert "restored from an old backup?" in scene.steps(2).link.document("keys").trouble
    assert before == scene.believed

    restore()
    with scene.served():
        assert scene.delivered()


def test_an_old_document_replayed_moves_nothing_back(scene: Scene) -> None:
    scene.rotate()
    old_document = (scene.folder / DOCUMENT).read_bytes()
    scene.recover(scene.spare())
    with scene.served():
        assert scene.delivered()
    pins = pinned_path(scene.settings).read_bytes()

    assert not Trust(pinned_path(scene.settings)).follow(old_document)
    assert pins == pinned_path(scene.settings).read_bytes()


def test_a_central_restored_to_its_old_key_still_reaches_its_kiosks(scene: Scene) -> None:
    """
    It says what has happened, and may change its keys once more.
    """
    restore = scene.backed_up()
    scene.rotate()
    with scene.served():
        assert scene.delivered()
    restore()

    with scene.served() as central:
        assert scene.delivered()
        assert "restored from a backup" in ahead(
            versions_held(central.store), load_keys(scene.folder).version
        )

    again = scene.rotate()
    with scene.served() as central:
        assert scene.delivered()
        assert not ahead(versions_held(central.store), again.version)
    assert again.public == read_pins(pinned_path(scene.settings)).keys


def test_a_central_restored_long_after_reaches_its_kiosks_by_the_spare(scene: Scene) -> None:
    restore = scene.backed_up()
    safe = scene.spare()
    scene.rotate()
    with scene.served():
        assert scene.delivered()
    scene.passed_ms += GRACE_MS
    with scene.served():
        assert scene.delivered()
    restore()
    with scene.served():
        assert not scene.delivered()

    scene.recover(safe)

    with scene.served():
        assert scene.delivered()


def test_a_central_restored_to_before_the_spare_was_used_recovers_by_the_newer_spare(scene: Scene) -> None:
    """
    The spare's file carries the way that leads to it: also a kiosk that never heard of it comes along.
    """
    unaware = scene.folder.parent / "unaware"
    restore = scene.backed_up()
    newer = scene.recover(scene.spare()).spare_file
    safe = scene.folder.parent / "newer.pem"
    shutil.move(newer, safe)
    shutil.copytree(scene.settings.files.folder, unaware)
    with scene.served():
        assert scene.delivered()
    restore()

    found = scene.recover(safe)

    with scene.served():
        assert scene.delivered()
        other = Scene(
            scene.folder,
            Settings(scene.settings.kiosk, scene.settings.central, Files(unaware)),
            passed_ms=scene.passed_ms,
        )
        assert other.delivered()
    assert found.keys.public == read_pins(pinned_path(scene.settings)).keys
    assert found.keys.public == read_pins(pinned_path(other.settings)).keys


@pytest.mark.parametrize("left", [b"", b'{"v": 1, "current": "00', None])
def test_a_kiosk_cut_while_it_follows_follows_after_the_next_start(scene: Scene, left: bytes | None) -> None:
    """
    What the cut may leave beside the pins: nothing, an empty or a torn file; and the document not fetched.
    """
    new = scene.rotate()
    path = pinned_path(scene.settings)
    if left is not None:
        path.with_name(path.name + ".new").write_bytes(left)
    (scene.settings.documents).mkdir(parents=True, exist_ok=True)
    (scene.settings.documents / "keys.json.new").write_bytes(left or b"")

    with scene.served():
        assert scene.delivered()

    assert new.public == read_pins(path).keys


def test_a_kiosk_cut_between_its_pins_and_its_memory_asks_again_and_is_well(scene: Scene) -> None:
    scene.rotate()
    sync_db = scene.settings.sync_db
    with scene.served():
        assert scene.delivered()
        for part in sync_db.parent.glob("sync.db*"):
            part.unlink()
        before = scene.believed

        assert scene.delivered()

    assert before == scene.believed


def test_a_lost_kiosk_asks_for_the_key_document_every_five_minutes_only(scene: Scene) -> None:
    scene.press()
    for path in scene.folder.glob("*.pem"):
        path.unlink()
    make_keys(scene.folder)
    with scene.served():
        agent = Agent(scene.settings, scene.clock, chance=lambda: 0.0, splay_ms=0)
        asked = 0
        original = agent._trips.key_document

        def counted(held: str) -> bytes | None:
            nonlocal asked
            asked += 1
            return original(held)

        agent._trips.key_document = counted  # type: ignore[method-assign]
        began_ms = scene.clock.boot_ms
        while scene.clock.boot_ms - began_ms < 3 * DOCUMENTS_AGAIN_MS:
            scene.clock.boot_ms += max(60_000, int(agent.step() * 1_000))
        agent.close()

    assert 2 <= asked <= 4


def published(central: Central, version: int) -> None:
    """A survey at central."""
    question = {"id": "visit", "kind": "rating", "texts": {"en": f"How was it, {version}?"}}
    document = {
        "survey": "exit",
        "version": version,
        "languages": ["en"],
        "default_language": "en",
        "questions": [question],
    }
    body = json.dumps(document).encode()
    with writing(central.store) as connection:
        publish_survey(connection, surveys.parse(body, "exit"), body, "exit", NOON_MS)


def shown(scene: Scene) -> int:
    """The version of the survey that the screen believes and shows."""
    found = documents.newest(scene.settings, "survey", surveys.parse)
    return found[0].version if found else 0


@pytest.mark.parametrize("by_spare", [False, True])
def test_the_screen_follows_the_keys_too_and_shows_what_the_new_one_signs(
    scene: Scene, *, by_spare: bool
) -> None:
    with scene.served() as central:
        published(central, 1)
        assert scene.delivered()
    assert 1 == shown(scene)
    screen_pinned_path(scene.settings).write_bytes(written(screen_pins(scene.settings)))  # type: ignore[arg-type]

    if by_spare:
        scene.recover(scene.spare())
    else:
        scene.rotate()
    with scene.served() as central:
        assert scene.delivered()
        assert 1 == shown(scene), "fetched again where no key that counts has signed it"
        published(central, 2)
        assert scene.delivered()

    assert 2 == shown(scene)


def test_whoever_has_the_agent_s_files_does_not_choose_what_the_screen_believes(scene: Scene) -> None:
    own = screen_pins(scene.settings)
    assert own is not None
    scene.press()
    screen_pinned_path(scene.settings).write_bytes(written(own))
    forged = wire.CentralKeys(*(bytes([n]) * 32 for n in range(3)))
    pinned_path(scene.settings).write_bytes(written(Pins(forged, version=9)))
    scene.settings.documents.mkdir()
    change = wire.KeyChange(9, forged, own.keys.current, bytes(64))
    (scene.settings.documents / "keys.json").write_bytes(wire.encode_key_document([change]))

    assert own == screen_pins(scene.settings)
