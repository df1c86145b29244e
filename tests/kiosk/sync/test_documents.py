"""Documents: the newest one is taken if it can be shown; the last good one stays; answers never wait for them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.documents import file_of, opened, trusted
from kiosk.sync.agent import DOCUMENTS_AGAIN_MS, SILENT_MS
from tests.kiosk.signed import put
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import Asked, Given, StandIn, says


def survey(version: int, **more: Any) -> bytes:
    question = {"id": "visit", "kind": "rating", "texts": {"en": f"How was it, {version}?"}}
    document = {
        "survey": "exit",
        "version": version,
        "languages": ["en"],
        "default_language": "en",
        "questions": [question],
    }
    return json.dumps(document | more).encode()


SETTINGS = b'{"version": 1, "zone": "Asia/Baku", "hours": []}'


def held(kiosk: Kiosk, name: str = "survey") -> bytes:
    document = opened(kiosk.settings.documents, name, trusted(kiosk.settings))
    return document.body if document else b""


def beat(kiosk: Kiosk) -> None:
    """One heartbeat and what follows from it."""
    kiosk.clock.boot_ms += 300_000
    kiosk.agents[-1].step()


@pytest.fixture
def running(kiosk: Kiosk) -> Kiosk:
    kiosk.record([])
    kiosk.agent().step()
    return kiosk


def test_a_newer_survey_is_fetched_and_put_in_place(running: Kiosk, central: StandIn) -> None:
    for version in (4, 5):
        central.documents["survey"] = (version, survey(version))
        beat(running)

        assert survey(version) == held(running)
    assert {"survey.kdoc"} == {path.name for path in running.settings.documents.iterdir()}


def test_what_is_held_is_not_fetched_again(running: Kiosk, central: StandIn) -> None:
    central.documents = {"survey": (4, survey(4)), "settings": (1, SETTINGS)}
    for _ in range(4):
        beat(running)

    assert 2 == len([one for one in central.asked if "/documents/" in one.path])
    assert SETTINGS == held(running, "settings")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (survey(5, languages=["en", "az"], default_language="az"), "az"),
        (b"not json", "is not JSON"),
        (survey(5, questions=[]), "questions"),
    ],
)
def test_a_survey_that_cannot_be_shown_leaves_the_last_good_one(
    running: Kiosk, central: StandIn, body: bytes, words: str
) -> None:
    central.documents = {"survey": (4, survey(4))}
    beat(running)
    central.documents = {"survey": (5, body), "settings": (1, SETTINGS)}
    beat(running)

    link = running.agents[-1].link
    assert survey(4) == held(running)
    assert words in link.document("survey").trouble
    assert SETTINGS == held(running, "settings")  # one failure does not block the other

    central.documents["survey"] = (6, survey(6))
    running.clock.boot_ms += DOCUMENTS_AGAIN_MS
    beat(running)
    assert survey(6) == held(running)
    assert "" == running.agents[-1].link.document("survey").trouble


def test_a_document_that_is_not_the_one_named_is_not_taken(running: Kiosk, central: StandIn) -> None:
    honest = central._document

    def other(asked: Asked, name: str) -> Given:
        return central.handed_out(asked, name, 5, survey(5, survey="another"))

    central.documents = {"survey": (5, survey(5))}
    central._document = other  # type: ignore[method-assign]
    beat(running)
    assert b"" == held(running)
    assert "another under its version" in running.agents[-1].link.document("survey").trouble

    central._document = honest  # type: ignore[method-assign]
    running.clock.boot_ms += DOCUMENTS_AGAIN_MS
    beat(running)
    assert survey(5) == held(running)


@pytest.mark.parametrize(
    ("version", "key", "words"),
    [
        (5, Ed25519PrivateKey.generate(), "does not carry central's signature"),
        (6, None, "states another version than the 6"),
        (4, None, "expected version 5 or newer"),
        (-1, None, "says no version"),
    ],
)
def test_a_document_is_believed_for_its_own_signature_and_version(
    running: Kiosk, central: StandIn, version: int, key: Ed25519PrivateKey | None, words: str
) -> None:
    """Whoever could sign replies and not documents would still put nothing on the screen."""
    central.documents = {"survey": (4, survey(4))}
    beat(running)
    central.documents = {"survey": (5, survey(5))}
    central._document = lambda asked, name: central.handed_out(  # type: ignore[method-assign]
        asked, name, version, survey(5), key
    )
    beat(running)

    assert survey(4) == held(running)
    assert words in running.agents[-1].link.document("survey").trouble


def test_a_document_put_in_place_just_before_the_power_went_counts(running: Kiosk, central: StandIn) -> None:
    """sync.db does not know of it yet; a central restored from a backup must not take it back."""
    central.documents = {"survey": (4, survey(4))}
    beat(running)
    put(running.settings, "survey", survey(6), key=central.key)

    running.agent()
    central.documents = {"survey": (5, survey(5))}
    beat(running)

    assert survey(6) == held(running)
    assert 6 == running.agents[-1].link.document("survey").held_version


def test_an_older_version_is_never_taken(running: Kiosk, central: StandIn) -> None:
    for version in (4, 3):
        central.documents = {"survey": (version, survey(version))}
        beat(running)

    assert survey(4) == held(running)


def test_a_document_that_cannot_be_had_is_asked_for_again_later_and_answers_go_on(
    running: Kiosk, central: StandIn
) -> None:
    central._document = lambda asked, _: central.refused(500, "down", asked.nonce)  # type: ignore[method-assign]
    central.documents = {"survey": (5, survey(5))}
    running.record_ratings(100)

    beat(running)
    running.drained(running.agents[-1])

    assert 100 == len(central.stored)
    assert len([one for one in central.asked if "/documents/" in one.path]) <= 2


def test_uploads_that_fail_for_ever_do_not_keep_documents_away(running: Kiosk, central: StandIn) -> None:
    """
    Nobody names new versions then: the agent asks by itself, now and then.
    """
    central.always = says(500)
    central.documents = {"survey": (9, survey(9))}
    agent = running.agents[-1]
    running.record_ratings(3)

    for _ in range(30):
        running.clock.boot_ms += max(int(agent.step() * 1_000), 1) + SILENT_MS // 10

    assert survey(9) == held(running)
    assert (9, hashlib.sha256(survey(9)).hexdigest()) == (
        agent.link.document("survey").held_version,
        agent.link.document("survey").sha256,
    )
    asked = [one for one in central.asked if "/documents/survey" in one.path]
    assert len(asked) < 15
    assert "if-none-match" in asked[-1].headers


def test_a_document_lost_or_altered_on_the_card_is_fetched_again(running: Kiosk, central: StandIn) -> None:
    central.documents = {"survey": (4, survey(4))}
    beat(running)
    file_of(running.settings.documents, "survey").write_bytes(b"altered")

    running.agent()
    beat(running)

    assert survey(4) == held(running)


def test_a_name_this_release_does_not_know_is_left_alone(running: Kiosk, central: StandIn) -> None:
    central.documents = {"../../evil": (1, SETTINGS), "media": (3, b"x"), "survey": (4, survey(4))}
    beat(running)

    assert {"survey.kdoc"} == {path.name for path in running.settings.documents.iterdir()}
