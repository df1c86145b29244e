"""The golden messages: kiosks in the field run old versions, so what these bytes mean never changes."""

from __future__ import annotations

import hashlib
import json

import pytest

from feedback import wire
from feedback.answers import Source
from feedback.errors import DocumentError, WireError
from feedback.ratings import Kind
from kiosk.documents import check
from tests.kiosk.signed import FINGERPRINT
from tests.wire.messages import ANSWERS, FOLDER, MESSAGES

# Added to, never edited: a kiosk that sends the old bytes is still out there.
SHA256 = {
    "sync-request-full": "2bb12066b2ee23f4a2a09c0a75398d7f1346b63cbd5df19847dac2b61c8d2882",
    "sync-request-heartbeat": "6b97784c1d513797a0298c589329b4f901ae9a573ff3c67315a2a3f8912b78c7",
    "sync-request-bare": "a8a32fc9933f0a024c987caafb0540387d5fc178f2440f952408b6dc259b5958",
    "acknowledgement-full": "2df3b81b68c1a0155b2fa4db42c5fa2510cf14814ed50f398e12c69a77162b64",
    "acknowledgement-empty": "985c1f2daea1d81eff57860226d21618925fdf4b61c12eb1aea4ca58f2d51417",
    "sync-request-generation": "1a8a34e6395158af1bac12e2b754828cce235943d2e18b2d976877003b377f26",
    "acknowledgement-generation": "9cb4a12a91c99f46d26daa8873f9da66424ace1613fdcf067ab9508261ccf150",
    "refusal": "ad399cdf281f62e0e94b68d7665aec650406fa025ae161198a28a10f6576a91c",
    "challenge": "db6290524dd1b332b456a03ba33e4772be8e669989c7c2403dc1ff7a05e572d0",
    "enrol-request": "a1f72f012c8464e0d068e74a1a57d2a762e6c47619580b711d4f02cdd45ee311",
    "enrol-reply-accepted": "fe4ef32da13cb367a71cbe6aedee465d33fe2daafcab6641e09a013301b20046",
    "enrol-reply-pending": "46f686c88b00fd89f34df8efa55c9b52e4593ec3ce1ec9a5e84587bf4540cae7",
    "key-document": "cf28cc5afd9fecd15ecc6a1a7a94884e51f6248fea1738cd9090c29181cad520",
    "challenge-keys": "aa072ab274bd3a7a4ed8f4a29a3f173c53befc1ae9f290a62eebe315039a8505",
    "enrol-request-secret": "fbf15acff113fd8ee86a962b8bc39df70c0d40983794a08fdcc9ad98562f5db6",
    "time": "9b7d72b9dec434b526e211c5a7e52c6f878c5b000a5d6f3bdc2a589e21fb971b",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_means_what_it_always_meant(name: str) -> None:
    golden = MESSAGES[name]

    assert golden.meaning == golden.decode((FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_is_written_byte_for_byte(name: str) -> None:
    golden = MESSAGES[name]
    raw = (FOLDER / f"{name}.json").read_bytes()

    assert raw == golden.encode(golden.decode(raw))


def test_no_golden_message_was_edited_or_taken_away() -> None:
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.json")}

    assert found == SHA256
    assert set(MESSAGES) == set(SHA256)


@pytest.mark.parametrize("name", MESSAGES)
def test_what_a_later_release_adds_is_let_through(name: str) -> None:
    golden = MESSAGES[name]
    document = json.loads((FOLDER / f"{name}.json").read_bytes()) | {"added_later": {"deep": [1, None]}}

    assert golden.meaning == golden.decode(json.dumps(document).encode())


def test_the_full_request_has_every_kind_and_every_source() -> None:
    assert set(Kind) == {answer.ask.kind for answer in ANSWERS}
    assert set(Source) == {answer.source for answer in ANSWERS}


DOCUMENT = "75c2979c649b7346b8552ff3fbf79ba0cd107dfba9b08b75f8368ae5c643a400"


def test_the_golden_document_is_believed_and_written_byte_for_byte() -> None:
    """As on a card or a stick: a head of one line, then the body as published."""
    raw = (FOLDER / "settings.kdoc").read_bytes()
    document = wire.decode_document(raw)

    check(document, "settings", lambda key: wire.fingerprint(key) == FINGERPRINT)
    assert DOCUMENT == hashlib.sha256(raw).hexdigest()
    assert (7, b"Asia/Baku") == (document.version, document.body[24:33])
    assert raw == wire.encode_document(document)


def test_no_byte_of_a_document_can_be_another() -> None:
    """Altered anywhere, or cut anywhere, it is not believed: or it says the same all the same."""
    raw = (FOLDER / "settings.kdoc").read_bytes()
    good = wire.decode_document(raw)
    for at in range(len(raw)):
        for spoiled in (raw[:at], raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]):
            try:
                document = wire.decode_document(spoiled)
                check(document, "settings", lambda key: wire.fingerprint(key) == FINGERPRINT)
            except (WireError, DocumentError):
                continue
            assert good == document, spoiled
