"""Whatever answers in central's place moves nothing: portals, proxies, replays, wrong servers, endless replies."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from feedback import wire
from kiosk.settings import CentralAddress
from kiosk.sync.agent import Agent
from kiosk.sync.line import Line, Patience
from kiosk.sync.plan import MOST_RETRY_AFTER_S
from kiosk.sync.steps import NoNetwork
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import Asked, Fault, Given, StandIn, rewrites, says, serving

JSON = {"Content-Type": "application/json"}
HTML = b"<html>Please accept the terms of our Wi-Fi</html>"


def with_header(name: str, value: str) -> Fault:
    return rewrites(lambda given: replace(given, headers=given.headers | {name: value}))


def without_header(name: str) -> Fault:
    return rewrites(
        lambda given: replace(
            given, headers={key: given.headers[key] for key in given.headers if key != name}
        )
    )


def resigned(change: Callable[[StandIn, Asked, Given], Given]) -> Callable[[StandIn], Fault]:
    """A fault that signs anew, as somebody with a key would."""

    def made(central: StandIn) -> Fault:
        def fault(asked: Asked, given: Given) -> None:
            if given.status:
                other = change(central, asked, given)
                given.status, given.body, given.headers = other.status, other.body, other.headers

        return fault

    return made


def ack(given: Given, **changes: object) -> bytes:
    return wire.encode_acknowledgement(replace(wire.decode_acknowledgement(given.body), **changes))  # type: ignore[arg-type]


SIGNED_AND_WRONG = {
    "another key": resigned(
        lambda central, asked, given: central.signed(
            200, given.body, asked.nonce, Ed25519PrivateKey.generate()
        )
    ),
    "another request's nonce": resigned(lambda central, _, given: central.signed(200, given.body, "0" * 32)),
    "no nonce": resigned(lambda central, _, given: central.signed(200, given.body, "")),
    "signed 201": resigned(lambda central, asked, given: central.signed(201, given.body, asked.nonce)),
    "signed 302": resigned(lambda central, asked, given: central.signed(302, given.body, asked.nonce)),
    "signed with another type": resigned(
        lambda central, asked, given: central.signed(
            200, given.body, asked.nonce, None, **{"Content-Type": "application/json; charset=utf-8"}
        )
    ),
    "a verdict too few": resigned(
        lambda central, asked, given: central.signed(200, ack(given, verdicts=()), asked.nonce)
    ),
    "another wire version": resigned(
        lambda central, asked, given: central.signed(200, given.body.replace(b'"v":1', b'"v":2'), asked.nonce)
    ),
    "signed html": resigned(lambda central, asked, _: central.signed(200, HTML, asked.nonce)),
}

ON_THE_WAY: dict[str, Fault] = {
    "200 html": says(200, HTML),
    "200 html that says it is JSON": says(200, HTML, **JSON),
    "200 {}": says(200, b"{}", **JSON),
    "204": says(204, b""),
    "302": says(302, b"", Location="http://portal.example/login"),
    "511": says(511, HTML),
    "an unsigned acknowledgement": says(
        200, wire.encode_acknowledgement(wire.Acknowledgement(1, accounted_upto=30)), **JSON
    ),
    "a type with a charset": with_header("Content-Type", "application/json; charset=utf-8"),
    "another type": with_header("Content-Type", "text/json"),
    "no signature": without_header("Signature"),
    "no signature input": without_header("Signature-Input"),
    "no digest": without_header("Content-Digest"),
    "a spoiled signature": with_header("Signature", "pyhms=:AAAA:"),
    "garbage in the signature": with_header(
        "Signature-Input", 'pyhms=("@status");created=99999999999999999999'
    ),
    "a changed status": rewrites(lambda given: replace(given, status=202)),
    "one byte changed": rewrites(lambda given: replace(given, body=given.body.replace(b"stored", b"stOred"))),
    "packed by a proxy": rewrites(
        lambda given: replace(
            given, body=gzip.compress(given.body), headers=given.headers | {"Content-Encoding": "gzip"}
        )
    ),
    "cut short": rewrites(lambda given: replace(given, body=given.body[:-9], declared=len(given.body))),
    "a body of 3 MB": rewrites(lambda given: replace(given, body=b" " * 3_000_000)),
}


def assert_nothing_moves(kiosk: Kiosk, central: StandIn, agent: Agent) -> None:
    agent.step()

    assert len(central.syncs) == 1
    assert [] == [one for one in agent.link.stores if one.delivered or one.accounted_upto or one.spans]
    assert 1 == agent.link.failures
    assert agent.link.trouble
    assert agent.link.heard_ms is None

    central.always = None
    kiosk.drained(agent)
    assert 30 == len(central.stored) == agent.link.stores[0].cursor


@pytest.mark.parametrize("name", ON_THE_WAY)
def test_what_is_not_central_moves_nothing(kiosk: Kiosk, central: StandIn, name: str) -> None:
    kiosk.record_ratings(30)
    agent = kiosk.agent()
    central.always = ON_THE_WAY[name]

    assert_nothing_moves(kiosk, central, agent)


@pytest.mark.parametrize("name", SIGNED_AND_WRONG)
def test_what_is_signed_and_wrong_moves_nothing(kiosk: Kiosk, central: StandIn, name: str) -> None:
    kiosk.record_ratings(30)
    agent = kiosk.agent()
    central.always = SIGNED_AND_WRONG[name](central)

    assert_nothing_moves(kiosk, central, agent)


def test_no_redirect_is_followed_not_even_to_central(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(30)
    agent = kiosk.agent()
    central.faults = [says(307, b"", Location=f"{central.url}/v1/kiosks/k-1/sync")]

    agent.step()

    assert (1, 1, ()) == (len(central.syncs), agent.link.failures, agent.link.stores)


@pytest.mark.parametrize("left_out", ["@status", "content-type"])
def test_a_signature_over_too_little_is_none(kiosk: Kiosk, central: StandIn, left_out: str) -> None:
    kiosk.record_ratings(30)
    agent = kiosk.agent()
    central.covered = tuple(one for one in wire.REPLY_COMPONENTS if one != left_out)

    agent.step()

    assert (1, ()) == (agent.link.failures, agent.link.stores)


def test_a_trip_believes_no_verdicts_about_something_else(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(1)
    body = wire.encode_request(wire.SyncRequest(b"s" * 16, 0))

    result = kiosk.agent()._trips.sync(body, 1, 7, packed=False)

    assert isinstance(result, NoNetwork)


def test_an_old_answer_played_again_moves_nothing(kiosk: Kiosk, central: StandIn) -> None:
    kept: list[Given] = []

    def replay(asked: Asked, given: Given) -> None:
        if given.status and not kept:
            kept.append(replace(given))
            given.dropped = True
        elif given.status:
            given.body, given.headers = kept[0].body, kept[0].headers

    kiosk.record_ratings(30)
    agent = kiosk.agent()
    central.always = replay
    agent.step()
    kiosk.clock.boot_ms = agent.link.not_before_ms

    agent.step()

    assert 2 == agent.link.failures
    assert () == agent.link.stores
    assert "another request" in agent.link.trouble


def test_the_spare_key_is_believed_as_well(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(30)
    agent = kiosk.agent()
    central.key, central.spare = central.spare, central.key

    kiosk.drained(agent)

    assert 30 == agent.link.stores[0].cursor


@pytest.mark.parametrize("year", [1970, 2099])
def test_a_wrong_machine_clock_is_no_reason_to_disbelieve(
    kiosk: Kiosk, central: StandIn, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    """
    The library that checks signatures reads the machine's clock by itself.
    """
    import http_message_signatures.signatures as library

    class Wrong(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(year, 1, 1, 5, tzinfo=UTC)

    class Calendar:
        datetime, timedelta, timezone = Wrong, timedelta, __import__("datetime").timezone

    kiosk.record_ratings(30)
    agent = kiosk.agent()
    monkeypatch.setattr(library, "datetime", Calendar)

    kiosk.drained(agent)

    assert 30 == agent.link.stores[0].cursor


# Servers that hold the line ---------------------------------------------------------------------------------------


@contextmanager
def answering(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that reads what comes and then talks as it likes."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                line, _ = listening.accept()
                with line, contextlib.suppress(OSError):
                    line.recv(1 << 20)
                    talk(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        with contextlib.suppress(OSError):
            socket.create_connection(listening.getsockname(), 1).close()
        thread.join(10)
        listening.close()


def drip(line: socket.socket) -> None:
    """Headers, one byte every 50 ms: each read succeeds in time."""
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000:
        line.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_body(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n")
    while True:
        line.sendall(b" ")
        time.sleep(0.05)


def endless(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        line.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")


def silence(line: socket.socket) -> None:
    line.settimeout(5)
    line.recv(1)


def not_http(line: socket.socket) -> None:
    line.sendall(b"220 mail.example ESMTP\r\n")


@pytest.mark.parametrize("talk", [drip, drip_body, endless, silence, not_http])
def test_no_server_holds_the_agent_for_longer_than_its_deadline(
    kiosk: Kiosk, talk: Callable[[socket.socket], None]
) -> None:
    kiosk.record_ratings(30)
    kiosk.patience = Patience(1, 0.6, 1)
    with answering(talk) as url:
        address = CentralAddress(url, kiosk.central.fingerprint)
        kiosk.settings = replace(kiosk.settings, central=address)
        agent = kiosk.agent()
        began = time.monotonic()

        agent.step()
        took_s = time.monotonic() - began

    assert took_s < 2.5
    assert (1, ()) == (agent.link.failures, agent.link.stores)
    assert "Error" not in agent.link.trouble


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9", "nothing listens"),
        ("http://no-such-host.invalid", "cannot be resolved"),
        ("https://127.0.0.1:{port}", "no secure connection"),
    ],
)
def test_what_is_wrong_with_the_network_is_said_in_plain_words(
    kiosk: Kiosk, central: StandIn, url: str, words: str
) -> None:
    kiosk.record_ratings(1)
    address = CentralAddress(url.format(port=central.url.rsplit(":", 1)[1]), central.fingerprint)
    kiosk.settings = replace(kiosk.settings, central=address)
    agent = kiosk.agent()

    agent.step()

    assert words in agent.link.trouble


def test_a_proxy_of_the_environment_is_not_used(
    kiosk: Kiosk, central: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    kiosk.record_ratings(3)

    kiosk.drained(kiosk.agent())

    assert 3 == len(central.stored)


def test_cookies_are_not_kept(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(3)
    agent = kiosk.agent()
    central.always = with_header("Set-Cookie", "portal=1; Path=/")
    kiosk.drained(agent)
    kiosk.clock.boot_ms += 300_000

    agent.step()

    assert not any("cookie" in one.headers for one in central.asked)


def test_the_time_is_told_and_a_stranger_s_is_not(kiosk: Kiosk, central: StandIn) -> None:
    trips = kiosk.agent()._trips
    assert central.now_ms == trips.time().utc_ms

    with serving(StandIn(device=central.device)) as other:
        kiosk.settings = replace(kiosk.settings, central=CentralAddress(other.url, central.fingerprint))
        with pytest.raises(wire_error(), match="signature"):
            kiosk.agent()._trips.time()


def wire_error() -> type[Exception]:
    from feedback.errors import LinkError

    return LinkError


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "9" * 400}, 999_999_999),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1e3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Thu, 01 Jan 2015 00:02:00 GMT"}, None),
        ({"Retry-After": "Thu, 01 Jan 2015 00:02:00 GMT", "Date": "Thu, 01 Jan 2015 00:00:30 GMT"}, 90),
        ({"Retry-After": "Thu, 01 Jan 2015 00:02:00 GMT", "Date": "Thu, 99 Jan 2015 00:00:30 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_with_care(headers: dict[str, str], expected: int | None) -> None:
    from kiosk.sync.line import Reply

    assert expected == Reply(503, headers, b"").retry_after_s
    assert MOST_RETRY_AFTER_S == 21_600


def test_a_line_can_be_broken_off_from_another_thread(kiosk: Kiosk) -> None:
    from feedback.errors import LinkError

    line = Line(Patience(5, 5, 30))
    with answering(silence) as url:
        threading.Timer(0.3, line.break_off).start()
        began = time.monotonic()

        with pytest.raises(LinkError):
            line.call(line.prepared("GET", url, {}, None))

    assert time.monotonic() - began < 2
