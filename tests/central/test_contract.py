"""The OpenAPI document is the wire: whole, and true of every message that ever was."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from central import guard
from central.app import FOR_KIOSKS, create_app, store_of
from feedback.wire.request import KEYS
from tests.wire.messages import FOLDER

SYNC = ("/v1/kiosks/{kiosk_id}/sync", "post")
ENROL = ("/v1/enrol", "post")


@pytest.fixture(scope="module")
def document(made: Any) -> Any:
    app = create_app(made[0])
    yield app.openapi()
    store_of(app).dispose()


def schema(document: Any, path: str, method: str, status: str = "") -> Any:
    operation = document["paths"][path][method]
    body = operation["responses"][status] if status else operation["requestBody"]
    return body["content"]["application/json"]["schema"]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ((*SYNC, ""), ["sync-request-full", "sync-request-heartbeat", "sync-request-bare"]),
        ((*SYNC, "200"), ["acknowledgement-full", "acknowledgement-empty"]),
        ((*SYNC, "400"), ["refusal"]),
        (("/v1/enrol", "get", "200"), ["challenge-keys"]),
        ((*ENROL, ""), ["enrol-request"]),
        ((*ENROL, "200"), ["enrol-reply-accepted", "enrol-reply-pending"]),
        (("/v1/time", "get", "200"), ["time"]),
    ],
)
def test_every_golden_message_is_as_the_document_says(
    document: Any, where: tuple[str, str, str], names: list[str]
) -> None:
    """Kiosks in the field send these bytes; who reads only the document must get them right."""
    said = schema(document, *where)
    for name in names:
        message = json.loads((FOLDER / f"{name}.json").read_bytes())

        jsonschema_rs.validate(said, message)
        for key in message:
            # Each key is asked for: what the document leaves out, nobody would send.
            assert not jsonschema_rs.is_valid(said, {k: v for k, v in message.items() if k != key}), (
                name,
                key,
            )
            assert key in said["properties"]


def test_the_document_asks_for_every_key_that_central_wants(document: Any) -> None:
    said = schema(document, *SYNC)

    assert {"v", *KEYS} == set(said["required"])
    assert set(said["required"]) <= set(said["properties"])


def test_every_call_of_a_kiosk_is_in_the_document_with_its_refusals(document: Any) -> None:
    for method, path in guard.OPEN:
        if not path.startswith(FOR_KIOSKS):
            continue
        operation = document["paths"][path][method.lower()]
        refusals = {status for status in operation["responses"] if status >= "400"}
        assert operation["security"] == []
        for status in refusals:
            assert ["v", "error", "sentence"] == schema(document, path, method.lower(), status)["required"]
        if path.startswith("/v1/kiosks/"):
            headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
            assert {"Signature", "Signature-Input"} <= headers
            assert {"401", "403", "500"} <= refusals


def test_what_readers_call_says_that_a_key_is_needed(document: Any) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            is_open = (method.upper(), path) in guard.OPEN
            assert is_open is ("401" not in operation["responses"] or path.startswith(FOR_KIOSKS)), path
            assert is_open is (operation["security"] == []), path
