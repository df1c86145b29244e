"""A kiosk gets its identity with no network: the request out on a stick, and central's answer back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from central.fleet.enrolment import screen_secret as screen_secret_at_central
from central.store.database import reading
from feedback.errors import LinkError
from feedback.sticks import StickFolder
from kiosk.sync import stick, stick_enrolment
from kiosk.sync.enrolment import screen_secret
from tests.carrying import Carrier


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    made = Carrier(tmp_path)
    yield made
    made.close()


def test_a_kiosk_is_enrolled_with_no_network(carrier: Carrier) -> None:
    """Request out, answer back; from then on nothing on a stick can make it another kiosk."""
    settings, code = carrier.expected("k-3")
    with StickFolder(carrier.stick) as folder:
        stick_enrolment.ask(settings, code, folder)
        (outcome,) = carrier.central()
        (answer,) = [path.read_bytes() for path in carrier.files(".kres")]
        (said,) = stick_enrolment.take(settings, folder)
        (carrier.stick / "again.kres").write_bytes(answer)

        assert "kiosk k-3 is enrolled" in outcome.sentence
        assert said.endswith("enrolled: kiosk k-3 at exit-1 of branch b12")
        assert [] == stick_enrolment.take(settings, folder)
    assert "written to" in carrier.export(settings)[0]
    (outcome,) = carrier.central()
    assert outcome.done


def test_a_kiosk_enrolled_by_stick_tells_central_what_its_screen_signs_with(carrier: Carrier) -> None:
    settings, code = carrier.expected("k-3")
    with StickFolder(carrier.stick) as folder:
        (said,) = stick_enrolment.ask(settings, code, folder)
        (request,) = [path.read_bytes() for path in carrier.files(".kreq")]
        carrier.central()
    secret = screen_secret(settings)

    assert "keep the stick safe" in said
    with reading(carrier.store) as connection:
        assert secret == screen_secret_at_central(connection, carrier.keys, "k-3")
    assert secret not in request
    assert secret.hex().encode() not in request


def test_an_older_kiosk_toml_enrols_by_stick_and_says_what_is_missing(carrier: Carrier) -> None:
    settings, code = carrier.expected("k-3")
    older = replace(settings, central=replace(settings.central, sealing=b""))
    with StickFolder(carrier.stick) as folder:
        _, said = stick_enrolment.ask(older, code, folder)
        (outcome,) = carrier.central()

    assert "kiosk k-3 is enrolled" in outcome.sentence
    assert said.endswith("kiosk.toml has no [central] sealing: `central code` writes it")


def test_an_identity_from_another_central_or_for_another_request_is_not_taken(
    carrier: Carrier, tmp_path: Path
) -> None:
    settings, code = carrier.expected("k-3")
    other, _ = carrier.expected("k-4")
    wrong = replace(settings, central=replace(settings.central, fingerprint="ab" * 32))
    with StickFolder(carrier.stick) as folder:
        stick_enrolment.ask(settings, code, folder)
        carrier.central()

        (said,) = stick_enrolment.take(wrong, folder)
        assert "does not have the fingerprint" in said
        assert [] == stick_enrolment.take(other, folder)
        (tmp_path / "k-3" / "sync" / "sync.db").unlink()
        (said,) = stick_enrolment.take(settings, folder)
        assert "did not make" in said
    assert not stick_enrolment.is_enrolled(settings)


def test_a_kiosk_that_is_not_enrolled_exports_nothing_and_says_so(carrier: Carrier) -> None:
    settings, _ = carrier.expected("k-3")

    with pytest.raises(LinkError, match="is not enrolled"):
        list(stick.run(settings, carrier.clock, carrier.stick, take=True, export=True))
    assert [] == carrier.files()


def test_a_wrong_code_on_a_stick_enrols_nobody(carrier: Carrier) -> None:
    settings, _ = carrier.expected("k-3")
    with StickFolder(carrier.stick) as folder:
        stick_enrolment.ask(settings, "AAAAA-AAAAA-AAAAA-AAAAA", folder)

    (outcome,) = carrier.central()

    assert not outcome.done
    assert "this code is not known here" in outcome.sentence
