"""A kiosk as central meets it: its key, its signature, its bytes; and a central served on loopback."""

from __future__ import annotations

import gzip
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from sqlalchemy import Engine, select

from central.app import create_app, store_of
from central.fleet import codes
from central.keys import Keys, load_keys
from central.serving import address, listening
from central.store import tables
from central.store.database import reading, writing
from feedback import wire
from feedback.answers import Answer, Ask, Moment, Outcome, Place, Source
from feedback.ratings import Kind, Rating
from feedback.wire import fields
from kiosk.sealing import seal

NOON_MS = 1_790_000_000_000
"""21 September 2026, 14:13 UTC: 18:13 in Baku."""
BAKU_DAY, BAKU_HOUR = 20_717, 18
BOOT = "9fe6"
EXIT = Place("b12", "exit-1")
VISIT = Ask("exit", 4, "visit", Kind.RATING, "az")
ENDED = Ask("exit", 4, "", Kind.OUTCOME, "az")
WHY = Ask("exit", 4, "words", Kind.TEXT, "az")
STORE = bytes(range(16))
DEADLINE_S = 20


def rating(seq: int, value: Rating = Rating.GOOD, boot_ms: int | None = None, **changed: Any) -> Answer:
    """A press of its own response, a minute after the one before unless it says when."""
    at_ms = seq * 60_000 if boot_ms is None else boot_ms
    moment = Moment(changed.pop("boot", BOOT), at_ms, NOON_MS + at_ms)
    return replace(Answer(seq, seq, EXIT, VISIT, value.value, Source.TOUCH, moment), **changed)


def outcome(seq: int, of: int) -> Answer:
    """The outcome of the response that began with the answer *of*."""
    return replace(rating(seq), response=of, ask=ENDED, value=Outcome.ANSWERED.value)


def delivery(*answers: Answer, **rest: Any) -> wire.SyncRequest:
    """A request with *answers*, which follow each other, and nothing else unless it is said."""
    first = answers[0].seq if answers else 1
    return wire.SyncRequest(**{"store": STORE, "cursor": 0, "first": first, "answers": answers, **rest})


@dataclass
class Reply:
    """What central said, its signature checked."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    nonce: str

    @property
    def acknowledgement(self) -> wire.Acknowledgement:
        assert self.status == 200, self.body
        return wire.decode_acknowledgement(self.body)

    @property
    def verdicts(self) -> list[tuple[int, int, str]]:
        return [(one.first, one.last, one.state.value) for one in self.acknowledgement.verdicts]

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of a refusal that answers this very request."""
        return self.status, wire.decode_refusal(self.body).code


@dataclass
class Central:
    """A central that is being served; its clock stands where it is put."""

    folder: Path
    url: str
    store: Engine
    keys: Keys
    clock: list[int]

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with reading(self.store) as connection:
            return list(connection.execute(select(table).where(*where)).all())

    def counts(self) -> dict[tuple[Any, ...], int]:
        """(day, hour, kind, value, rule) -> how many, over everything."""
        found: dict[tuple[Any, ...], int] = {}
        for row in self.rows(tables.counts):
            key = (row.day, row.hour, row.kind, row.value, row.rule)
            found[key] = found.get(key, 0) + row.n
        return found

    def code(self, kiosk: str, branch: str = "b12", touchpoint: str = "exit-1", stage: str = "exit") -> str:
        with writing(self.store) as connection:
            return codes.expect(connection, kiosk, branch, touchpoint, stage, self.clock[0])

    def enrolled(self, kiosk: str = "k-1", branch: str = "b12", secret: bytes = b"") -> Device:
        device = Device(self, kiosk, screen_secret=secret)
        reply = device.enrol(self.code(kiosk, branch))
        assert reply.status == 200, reply.body
        return device


@dataclass
class Device:
    """A kiosk's board: signs what it is told, as it is told."""

    central: Central
    kiosk: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    screen_secret: bytes = b""

    def enrol(self, code: str, **changed: Any) -> Reply:
        url = f"{self.central.url}/v1/enrol"
        challenge = wire.decode_challenge(requests.get(url, timeout=DEADLINE_S).content)
        public = self.key.public_key().public_bytes_raw()
        nonce = changed.pop("nonce", challenge.nonce)
        proof = self.key.sign(wire.proof_text(nonce, public, code))
        if self.screen_secret:
            # As a kiosk does: no other part of the board knows it.
            key, purpose = self.central.keys.public.sealing, wire.Purpose.SCREEN_SECRET
            changed.setdefault("screen_secret", seal(self.screen_secret, key, purpose, self.kiosk))
        request = replace(wire.EnrolRequest(code, public, nonce, proof, "Pi 5", "1000"), **changed)
        reply = requests.post(url, wire.encode_enrol_request(request), timeout=DEADLINE_S)
        return self._believed(reply, fields.text(request.nonce))

    def sync(self, request: wire.SyncRequest, **how: Any) -> Reply:
        return self.post(wire.encode_request(request), **how)

    def post(
        self,
        body: bytes,
        *,
        packed: bool = False,
        components: Sequence[str] | None = None,
        wall_s: int = NOON_MS // 1000,
        headers: Mapping[str, str] | None = None,
        late: Mapping[str, str] | None = None,
        sent: bytes | None = None,
        kiosk: str | None = None,
    ) -> Reply:
        """Sign *body* with *headers* and send it; *late* headers and the body *sent* instead are put in unsigned."""
        extra = {"Content-Type": wire.CONTENT_TYPE, **(headers or {})}
        if packed:
            body, extra = gzip.compress(body), extra | {"Content-Encoding": "gzip"}
        covered = components or wire.request_components(packed="Content-Encoding" in extra)
        url = f"{self.central.url}/v1/kiosks/{kiosk or self.kiosk}/sync"
        prepared, nonce = self._signed("POST", url, extra, body, covered, wall_s)
        prepared.headers.update(late or {})
        if sent is not None:
            prepared.prepare_body(sent, None)
        return self._sent(prepared, nonce)

    def document(self, name: str, **headers: str) -> Reply:
        url = f"{self.central.url}/v1/kiosks/{self.kiosk}/documents/{name}"
        prepared, nonce = self._signed("GET", url, headers, b"", ("@method", "@path"), NOON_MS // 1000)
        return self._sent(prepared, nonce)

    def _signed(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        covered: Sequence[str],
        wall_s: int,
    ) -> tuple[requests.PreparedRequest, str]:
        prepared = requests.Request(method, url, headers=dict(headers), data=body or None).prepare()
        nonce = secrets.token_hex(16)
        signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=OneKey(self.key))
        whole = "content-digest" in covered
        created = datetime.fromtimestamp(wall_s, UTC)
        signer.sign(
            prepared,
            key_id=self.kiosk,
            created=created,
            nonce=nonce,
            covered_component_ids=covered,
            body=body if whole else None,
        )
        return prepared, nonce

    def _sent(self, prepared: requests.PreparedRequest, nonce: str) -> Reply:
        with requests.Session() as session:
            return self._believed(session.send(prepared, timeout=DEADLINE_S), nonce)

    def _believed(self, reply: requests.Response, nonce: str) -> Reply:
        """*reply*, if it is signed by central for the request with *nonce*, as the contract has it."""
        assert reply.headers["Content-Type"] == wire.CONTENT_TYPE
        assert reply.headers["Cache-Control"] == "no-store"
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519,
            key_resolver=OneKey(public=self.central.keys.signing.public_key()),
        )
        verifier.max_clock_skew = wire.ALLOWED_SKEW
        (result,) = verifier.verify(
            reply, max_age=None, require_components=wire.REPLY_COMPONENTS, body=reply.content
        )
        assert nonce == result.nonce
        return Reply(reply.status_code, reply.content, reply.headers, result.nonce or "")


class OneKey(HTTPSignatureKeyResolver):
    """One key, whatever it is called."""

    def __init__(
        self, private: Ed25519PrivateKey | None = None, public: Ed25519PublicKey | None = None
    ) -> None:
        self._private, self._public = private, public

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self._public

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self._private


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Central]:
    """Central over *folder*, by uvicorn in a thread, at noon; on any port, or the one it had before."""
    clock = [NOON_MS]
    app = create_app(folder, lambda: clock[0])
    with listening("127.0.0.1", port) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield Central(folder, address(door), store_of(app), load_keys(folder), clock)
        finally:
            server.should_exit = True
            thread.join(DEADLINE_S)
            store_of(app).dispose()
