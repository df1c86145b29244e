"""The screen's secret: made at enrolment, the screen's own, told to central under seal."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from central import rotation
from central.fleet.enrolment import screen_secret as at_central
from central.keys import load_keys, make_keys
from central.store import tables
from central.store.database import make_store, reading, writing
from feedback import wire
from kiosk.sealing import seal
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.checkup import Check, Verdict, checkup
from kiosk.storage.prepare import prepare_answers
from kiosk.sync.enrolment import enrol, screen_secret
from tests.central.device import NOON_MS, Central, Device, serving
from tests.kiosk.sync.standin import NONCE, StandIn
from tests.kiosk.sync.standin import serving as standing_in


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    with serving(folder) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, central: Central) -> Settings:
    return Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress(central.url, central.keys.fingerprint),
        Files(tmp_path / "card"),
    )


def told(central: Central, kiosk: str = "k-1") -> bytes | None:
    with reading(central.store) as connection:
        return at_central(connection, load_keys(central.folder), kiosk)


def of_doctor(settings: Settings) -> Check:
    return next(check for check in checkup(settings) if check.name == "screen secret")


def test_an_enrolment_makes_the_secret_and_tells_central_alone(central: Central, settings: Settings) -> None:
    found = enrol(settings, central.code("k-1"))

    secret = screen_secret(settings)
    assert "" == found.without_secret
    assert 32 == len(secret)
    assert secret == told(central)
    assert 0o600 == stat.S_IMODE(settings.screen_secret.stat().st_mode)
    everything = [path for path in central.folder.rglob("*") if path.is_file()]
    everything += [path for path in settings.sync_folder.rglob("*") if path.is_file()]
    for path in everything:
        assert secret not in path.read_bytes(), path
        assert secret.hex().encode() not in path.read_bytes(), path


def test_enrolling_again_keeps_the_secret(central: Central, settings: Settings) -> None:
    """
    Links that the screen has signed stay good.
    """
    code = central.code("k-1")
    enrol(settings, code)
    before = screen_secret(settings)

    enrol(settings, code)
    enrol(settings, central.code("k-1"))

    assert before == screen_secret(settings) == told(central)


def test_a_new_card_has_a_secret_of_its_own(central: Central, settings: Settings, tmp_path: Path) -> None:
    enrol(settings, central.code("k-1"))
    before = told(central)
    new = replace(settings, files=Files(tmp_path / "new card"))

    enrol(new, central.code("k-1"))

    assert before != screen_secret(new) == told(central)


def test_a_new_sealing_key_still_opens_the_secret(central: Central, settings: Settings) -> None:
    enrol(settings, central.code("k-1"))
    rotation.rotate(central.folder, NOON_MS, sealing=True)

    assert screen_secret(settings) == told(central)


def test_a_kiosk_of_an_older_release_enrols_without(central: Central) -> None:
    assert 200 == Device(central, "k-2").enrol(central.code("k-2")).status
    assert told(central, "k-2") is None


@pytest.mark.parametrize(
    ("clear", "kiosk", "words"),
    [(b"x" * 32, "k-3", "no screen-secret"), (b"x" * 31, "k-2", "expected 32 bytes")],
)
def test_a_secret_that_is_none_is_refused_and_the_code_stays_good(
    central: Central, clear: bytes, kiosk: str, words: str
) -> None:
    code = central.code("k-2")
    sealed = seal(clear, central.keys.public.sealing, wire.Purpose.SCREEN_SECRET, kiosk)

    refused = Device(central, "k-2").enrol(code, screen_secret=sealed)

    assert 400 == refused.status
    assert words in wire.decode_refusal(refused.body).sentence
    assert 200 == Device(central, "k-2").enrol(code).status


def test_with_an_older_central_a_kiosk_enrols_and_says_what_is_missing(tmp_path: Path) -> None:
    class Older(StandIn):
        def _enrol(self, asked):  # type: ignore[no-untyped-def]
            if asked.method == "GET":
                return self.signed(200, wire.encode_challenge(wire.Challenge(NONCE)), "")
            return super()._enrol(asked)

    with standing_in(Older()) as central:
        settings = Settings(
            KioskPlace("k-1", "b12", "exit-1", "Exit"),
            CentralAddress(central.url, central.fingerprint),
            Files(tmp_path / "card"),
        )
        found = enrol(settings, central.code)

    assert "older version" in found.without_secret
    assert not settings.screen_secret.exists()


def test_a_spoiled_secret_is_said_and_left_alone(central: Central, settings: Settings) -> None:
    settings.answers_folder.mkdir(parents=True)
    settings.screen_secret.write_text("zz\n")

    found = enrol(settings, central.code("k-1"))

    assert "cannot be made or read" in found.without_secret
    assert "zz\n" == settings.screen_secret.read_text()
    assert told(central) is None


def test_what_root_writes_belongs_to_the_owner_of_the_folder(central: Central, settings: Settings) -> None:
    """
    Whoever enrols, the screen's unit must be able to read its secret, and the agent's its key.
    """
    settings.answers_folder.mkdir(parents=True)
    settings.sync_folder.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(settings.answers_folder, 4001, 4000)
        os.chown(settings.sync_folder, 4002, 4000)

    enrol(settings, central.code("k-1"))

    for path in (settings.screen_secret, settings.device_key, settings.sync_folder / "pinned.json"):
        assert path.stat().st_uid == path.parent.stat().st_uid


def test_doctor_says_whether_the_secret_is_there_and_the_screens_own(
    central: Central, settings: Settings
) -> None:
    prepare_answers(settings)
    assert Verdict.WARNING is of_doctor(settings).verdict
    assert "enrol again" in of_doctor(settings).sentence

    enrol(settings, central.code("k-1"))
    assert Verdict.OK is of_doctor(settings).verdict

    settings.screen_secret.chmod(0o640)
    assert "chmod 600" in of_doctor(settings).sentence


def test_central_keeps_it_sealed(central: Central, settings: Settings) -> None:
    enrol(settings, central.code("k-1"))

    with reading(central.store) as connection:
        kept = connection.execute(select(tables.kiosks.c.screen_secret)).scalar_one()
    assert screen_secret(settings) not in kept
