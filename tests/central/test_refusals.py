"""What central refuses, it refuses signed, in one sentence, and stores nothing of it."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central import exchange
from central.ingest import sync
from central.store import tables
from feedback import wire
from feedback.wire import fields
from tests.central.device import Central, Device, Reply, delivery, rating

GOOD = wire.encode_request(delivery(rating(1)))
OTHER = wire.encode_request(delivery(rating(1), rating(2)))


def with_key_of_another(device: Device) -> Reply:
    return Device(device.central, device.kiosk, Ed25519PrivateKey.generate()).post(GOOD)


def changed(**keys: object) -> bytes:
    return fields.pack(fields.unpack(GOOD, frozenset()) | keys)


REFUSED: dict[str, tuple[Callable[[Device], Reply], tuple[int, str]]] = {
    "not signed over the body": (
        lambda device: device.post(GOOD, components=("@method", "@path", "content-type")),
        (401, "signature"),
    ),
    "not signed over the path": (
        lambda device: device.post(GOOD, components=("@method", "content-type", "content-digest")),
        (401, "signature"),
    ),
    "encoding not signed": (
        lambda device: device.post(
            GOOD, packed=True, components=("@method", "@path", "content-type", "content-digest")
        ),
        (401, "signature"),
    ),
    "signed by another key": (with_key_of_another, (401, "signature")),
    "another body than was signed": (lambda device: device.post(GOOD, sent=OTHER), (401, "signature")),
    "a cut body": (lambda device: device.post(GOOD, sent=GOOD[:-9]), (401, "signature")),
    "another digest than was signed": (
        lambda device: device.post(GOOD, late={"Content-Digest": f"sha-256=:{'A' * 43}=:"}),
        (401, "signature"),
    ),
    "a digest that is none": (
        lambda device: device.post(GOOD, late={"Content-Digest": "none"}),
        (401, "signature"),
    ),
    "a garbled signature": (lambda device: device.post(GOOD, late={"Signature": "x"}), (401, "signature")),
    "of an unknown kiosk": (lambda device: device.post(GOOD, kiosk="k-9"), (401, "unknown kiosk")),
    "another content type": (
        lambda device: device.post(GOOD, headers={"Content-Type": "text/plain"}),
        (415, "content-type"),
    ),
    "another encoding": (
        lambda device: device.post(GOOD, headers={"Content-Encoding": "br"}),
        (415, "encoding"),
    ),
    "gzip that is none": (
        lambda device: device.post(GOOD, headers={"Content-Encoding": "gzip"}),
        (400, "gzip"),
    ),
    "gzip cut short": (
        lambda device: device.post(gzip.compress(GOOD)[:-4], headers={"Content-Encoding": "gzip"}),
        (400, "gzip"),
    ),
    "a gzip bomb": (
        lambda device: device.post(bytes(64 << 20), packed=True),
        (413, "too large"),
    ),
    "over the bound": (
        lambda device: device.post(b" " * (wire.MOST_REQUEST_BYTES + 1)),
        (413, "too large"),
    ),
    "far over the bound": (lambda device: device.post(bytes(7 << 20)), (413, "too large")),
    "no JSON": (lambda device: device.post(b"{"), (400, "not version 1")),
    "deep JSON": (lambda device: device.post(b"[" * 200_000), (400, "not version 1")),
    "a number too long": (lambda device: device.post(changed(cursor=10**4000)), (400, "not version 1")),
    "another version": (lambda device: device.post(changed(v=2)), (400, "not version 1")),
    "nothing": (lambda device: device.post(b""), (400, "not version 1")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_signed_and_nothing_is_stored(central: Central, device: Device, name: str) -> None:
    """A kiosk can tell central's own no, for this very request, from a proxy's."""
    send, expected = REFUSED[name]

    reply = send(device)

    assert expected == reply.refusal
    assert [] == central.rows(tables.answers)


def test_a_kiosk_that_has_not_enrolled_is_refused(central: Central) -> None:
    """It is expected, and has no key yet."""
    central.code("k-7")

    assert (403, "not accepted") == Device(central, "k-7").post(GOOD).refusal


def test_a_request_without_a_signature_is_refused_with_no_nonce(central: Central, device: Device) -> None:
    url = f"{central.url}/v1/kiosks/k-1/sync"
    reply = requests.post(url, GOOD, headers={"Content-Type": wire.CONTENT_TYPE}, timeout=20)

    assert (401, "signature") == device._believed(reply, "").refusal


def test_a_path_that_is_none_is_refused_signed(central: Central, device: Device) -> None:
    reply = requests.get(f"{central.url}/v1/time?nonce=", timeout=20)

    assert (422, "query") == device._believed(reply, "").refusal


def test_a_body_that_does_not_come_is_not_waited_for(
    central: Central, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that went dead in the middle of a request."""
    monkeypatch.setattr(exchange, "READ_S", 0.2)

    def begun() -> Iterator[bytes]:
        yield GOOD[:9]
        time.sleep(1)
        yield GOOD[9:]

    url = f"{central.url}/v1/kiosks/k-1/sync"
    reply = requests.post(url, begun(), headers={"Content-Type": wire.CONTENT_TYPE}, timeout=20)

    assert (408, "too slow") == device._believed(reply, "").refusal


def test_a_fault_of_centrals_own_is_a_signed_500(
    central: Central, device: Device, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The kiosk keeps its answers; the log says where, and nothing of what was sent."""

    def break_down(*_: object) -> None:
        raise OSError("no space left, with secrets")

    monkeypatch.setattr(sync.documents, "all_for", break_down)

    reply = device.sync(delivery(rating(1)))

    assert (500, "central") == reply.refusal
    assert [] == central.rows(tables.answers)
    assert "OSError at " in caplog.text
    assert "secrets" not in caplog.text


def test_a_bomb_is_not_unfolded(device: Device) -> None:
    """The bound holds while unpacking, not after it."""
    assert len(zlib.compress(bytes(64 << 20))) < wire.MOST_REQUEST_BYTES
