"""Enrolment: a kiosk gets its identity once, from the right central, and says in one sentence what is wrong."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from feedback import wire
from feedback.errors import AfterwordError, LinkError, RefusedError, StoreError
from kiosk.settings import CentralAddress, KioskPlace
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import device_key, enrol, enrolled
from tests.kiosk.sync.kit import Kiosk, ToldClock, settings_for
from tests.kiosk.sync.standin import StandIn, serving


@pytest.fixture
def fresh(tmp_path: Path, central: StandIn) -> Kiosk:
    """A kiosk that has never enrolled."""
    return Kiosk(settings_for(tmp_path, central), central)


def test_a_kiosk_enrols_and_pins_central_s_keys(fresh: Kiosk, central: StandIn) -> None:
    found = enrol(fresh.settings, f" {central.code}\n")

    assert ("k-1", "b12", "exit-1", False) == (found.kiosk, found.branch, found.touchpoint, found.pending)
    identity, keys = enrolled(fresh.settings)
    assert central.device == identity.key.public_key().public_bytes_raw()
    assert (
        central.key.public_key().public_bytes_raw(),
        central.spare.public_key().public_bytes_raw(),
    ) == keys
    assert 0o600 == stat.S_IMODE(fresh.settings.device_key.stat().st_mode)
    assert {"device.key", "pinned.json"} == {path.name for path in fresh.settings.sync_folder.iterdir()}


def test_enrolling_again_is_harmless_and_keeps_the_key(fresh: Kiosk, central: StandIn) -> None:
    enrol(fresh.settings, central.code)
    before = fresh.settings.device_key.read_bytes()

    enrol(fresh.settings, central.code)

    assert before == fresh.settings.device_key.read_bytes()


def test_an_enrolment_that_is_pending_pins_nothing(fresh: Kiosk, central: StandIn) -> None:
    central.state = "pending"

    assert enrol(fresh.settings, central.code).pending
    with pytest.raises(LinkError, match="not enrolled"):
        enrolled(fresh.settings)

    central.state = "accepted"
    assert not enrol(fresh.settings, central.code).pending


def refused(fresh: Kiosk, kind: type[AfterwordError], words: str, code: str = "CODE-1") -> None:
    """Enrolment fails with one sentence that has those *words*, and pins nothing."""
    with pytest.raises(kind) as raised:
        enrol(fresh.settings, code)

    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (fresh.settings.sync_folder / "pinned.json").exists()


def test_a_wrong_code_is_said_so(fresh: Kiosk) -> None:
    refused(fresh, RefusedError, "not known here", "WRONG")


def test_a_code_used_by_another_kiosk_is_said_so(fresh: Kiosk, central: StandIn) -> None:
    central.device = b"x" * 32

    refused(fresh, RefusedError, "was used")


def test_another_server_is_told_by_its_fingerprint(fresh: Kiosk) -> None:
    with serving(StandIn()) as other:
        fresh.settings = replace(
            fresh.settings, central=CentralAddress(other.url, fresh.settings.central.fingerprint)
        )
        refused(fresh, LinkError, "fingerprint in kiosk.toml")


def test_a_server_that_only_shows_central_s_key_is_not_believed(fresh: Kiosk, central: StandIn) -> None:
    """
    The public key is no secret: whoever shows it must also have signed with it.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    honest = central.signed
    central.signed = lambda status, body, nonce, *_: honest(  # type: ignore[assignment]
        status, body, nonce, Ed25519PrivateKey.generate()
    )

    refused(fresh, LinkError, "signature")


def test_a_captive_portal_is_not_central(fresh: Kiosk, central: StandIn) -> None:
    from tests.kiosk.sync.standin import Given

    central.reply = lambda _: Given(200, b"<html>", {"Content-Type": "text/html"})  # type: ignore[method-assign]

    refused(fresh, LinkError, "is not central")


def test_no_network_is_said_so(fresh: Kiosk, central: StandIn) -> None:
    fresh.settings = replace(
        fresh.settings, central=CentralAddress("http://127.0.0.1:9", central.fingerprint)
    )

    refused(fresh, LinkError, "nothing listens")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("k-2", "b12", "exit-1"), "this code is for kiosk k-2, but kiosk.toml says k-1"),
        (("k-1", "b13", "exit-1"), "this code is for branch b13, but kiosk.toml says b12"),
        (("k-1", "b12", "exit-2"), "this code is for touchpoint exit-2, but kiosk.toml says exit-1"),
    ],
)
def test_a_code_for_another_place_is_said_so(
    fresh: Kiosk, central: StandIn, place: tuple[str, str, str], words: str
) -> None:
    central.place = place

    refused(fresh, RefusedError, words)


def test_an_agent_without_enrolment_says_what_to_do(fresh: Kiosk) -> None:
    with pytest.raises(LinkError, match="run `kiosk enrol`"):
        Agent(fresh.settings, ToldClock())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"not a key"),
        lambda path: path.write_bytes(b""),
    ],
)
def test_a_spoiled_device_key_is_not_replaced(fresh: Kiosk, spoil: Callable[[Path], object]) -> None:
    """
    A new key would make central refuse this kiosk: a person decides.
    """
    enrol(fresh.settings, fresh.central.code)
    spoil(fresh.settings.device_key)
    before = fresh.settings.device_key.read_bytes()

    with pytest.raises(StoreError, match="enrol the kiosk again"):
        device_key(fresh.settings.device_key)
    assert before == fresh.settings.device_key.read_bytes()


def test_a_folder_of_another_user_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="as the user that owns its folder"):
        device_key(tmp_path / "file" / "device.key")


@pytest.mark.parametrize(
    "text", ["", "{}", '{"current": "zz", "spare": ""}', '{"current": "00", "spare": "00"}']
)
def test_spoiled_pins_ask_for_a_new_enrolment(kiosk: Kiosk, text: str) -> None:
    (kiosk.settings.sync_folder / "pinned.json").write_text(text)

    with pytest.raises(StoreError, match="enrol this kiosk again"):
        enrolled(kiosk.settings)


def test_pins_are_plain_to_read(kiosk: Kiosk, central: StandIn) -> None:
    pinned = json.loads((kiosk.settings.sync_folder / "pinned.json").read_text())

    assert wire.fingerprint(bytes.fromhex(pinned["current"])) == central.fingerprint
    assert {"v", "current", "spare", "sealing"} == set(pinned)


def test_a_kiosk_moved_in_its_settings_is_another_kiosk(kiosk: Kiosk) -> None:
    settings = replace(kiosk.settings, kiosk=KioskPlace("k-9", "b12", "exit-1", "Exit"))

    assert "k-9" == enrolled(settings)[0].kiosk
