"""What kiosks are handed: documents, time, and nothing that is not theirs."""

from __future__ import annotations

import hashlib
import json

import pytest
import requests

from central.fleet.publishing import publish_survey
from central.store import tables
from central.store.database import writing
from feedback import surveys, wire
from feedback.errors import SurveyError
from tests.central.device import NOON_MS, Central, Device, delivery


def survey(version: int, text: str = "How was your visit?") -> bytes:
    return json.dumps(
        {
            "survey": "exit",
            "version": version,
            "languages": ["en"],
            "default_language": "en",
            "questions": [{"id": "visit", "kind": "rating", "texts": {"en": text}}],
        }
    ).encode()


def publish(central: Central, body: bytes) -> bool:
    with writing(central.store) as connection:
        return publish_survey(connection, surveys.parse(body, "test"), body, "exit.json", NOON_MS)


def test_a_kiosk_hears_of_the_newest_survey_and_fetches_it(central: Central, device: Device) -> None:
    """The acknowledgement names version and digest; the document has that digest, signed."""
    publish(central, survey(1))
    publish(central, survey(4))

    named = device.sync(delivery()).acknowledgement.documents
    fetched = device.document("survey")

    assert {"survey": (4, hashlib.sha256(fetched.body).hexdigest())} == named
    assert survey(4) == fetched.body


def test_a_document_that_has_not_changed_is_not_sent_again(central: Central, device: Device) -> None:
    publish(central, survey(1))
    first = device.document("survey")

    again = device.document("survey", **{"If-None-Match": first.headers["ETag"]})

    assert (304, b"") == (again.status, again.body)


def test_a_document_that_is_none_is_a_signed_404(device: Device) -> None:
    assert (404, "no document") == device.document("nothing").refusal


def test_only_the_kiosk_itself_may_fetch(central: Central, device: Device) -> None:
    """Its key is asked for, not its name."""
    assert (401, "signature") == Device(central, device.kiosk).document("survey").refusal


def test_a_survey_whose_version_does_not_grow_is_refused(central: Central) -> None:
    """Kiosks would never fetch it; the same file again is no fault."""
    publish(central, survey(4))

    assert not publish(central, survey(4))
    with pytest.raises(SurveyError, match="version = 4: expected 5 or more"):
        publish(central, survey(4, "How did we do?"))
    assert 1 == len(central.rows(tables.documents))


def test_the_time_is_told_signed_for_the_nonce_asked_with(central: Central, device: Device) -> None:
    """A kiosk that knows nothing may believe it over plain HTTP."""
    reply = requests.get(f"{central.url}/v1/time?nonce=abc123", timeout=20)

    assert NOON_MS == wire.decode_time(device._believed(reply, "abc123").body).server_utc_ms


def test_health_says_ok_and_the_version_and_no_figures(central: Central) -> None:
    assert {"ok", "version"} == requests.get(f"{central.url}/v1/health", timeout=20).json().keys()
