"""A small central of the tests' own: real HTTP on loopback, real keys, and whatever goes wrong on the way."""

from __future__ import annotations

import gzip
import hashlib
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from feedback import wire
from feedback.answers import Anchor, Answer

NOW_MS = 1_790_000_000_000
NONCE = b"n" * 32


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    nonce: str = ""
    sync: wire.SyncRequest | None = None


@dataclass
class Given:
    """One reply as it will go out; a fault changes it on the way."""

    status: int
    body: bytes
    headers: dict[str, str]
    declared: int | None = None
    dropped: bool = False


Fault = Callable[[Asked, Given], None]


class _Key(HTTPSignatureKeyResolver):
    def __init__(self, key: Any) -> None:
        self.key = key

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self.key

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self.key


@dataclass
class _Signable:
    status_code: int
    headers: dict[str, str]


@dataclass
class _Seen:
    method: str
    url: str
    headers: Mapping[str, str]


@dataclass
class StandIn:
    """
    Keeps what a kiosk hands over, each seq of each store once, and answers as the contract says.

    Attributes:
        faults: What goes wrong with the next requests to ``sync``, one for each; then all is well.
        always: Goes wrong with every sync.
        judge: Gives the verdict of a new answer, and its reason.
    """

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    spare: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    device: bytes = b""
    code: str = "CODE-1"
    place: tuple[str, str, str] = ("k-1", "b12", "exit-1")
    state: str = "accepted"
    now_ms: int = NOW_MS
    limits: wire.Limits = field(default_factory=wire.Limits)
    documents: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    judge: Callable[[Answer], tuple[wire.State, str]] = lambda _: (wire.State.STORED, "")
    stored: dict[tuple[bytes, int], Answer] = field(default_factory=dict)
    void: dict[tuple[bytes, int], str] = field(default_factory=dict)
    final: dict[tuple[bytes, int], wire.State] = field(default_factory=dict)
    anchors: set[Anchor] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    covered: tuple[str, ...] = wire.REPLY_COMPONENTS
    twice: int = 0
    url: str = ""

    @property
    def keys(self) -> wire.CentralKeys:
        return wire.CentralKeys(
            self.key.public_key().public_bytes_raw(),
            self.spare.public_key().public_bytes_raw(),
            self.sealing.public_key().public_bytes_raw(),
        )

    @property
    def fingerprint(self) -> str:
        return wire.fingerprint(self.key.public_key().public_bytes_raw())

    @property
    def syncs(self) -> list[wire.SyncRequest]:
        return [one.sync for one in self.asked if one.sync is not None]

    def reply(self, asked: Asked) -> Given:
        path, _, query = asked.path.partition("?")
        if path == "/v1/time":
            body = wire.encode_time(wire.SignedTime(self.now_ms))
            return self.signed(200, body, query.removeprefix("nonce="))
        if path == "/v1/enrol":
            return self._enrol(asked)
        try:
            self._verify(asked)
        except (HTTPMessageSignaturesException, ValueError) as error:
            return self.refused(401, f"{error}", asked.nonce)
        if "/documents/" in path:
            return self._document(asked, path.rsplit("/", 1)[1])
        if path.endswith("/sync"):
            return self._sync(asked)
        return self.refused(404, "no such path", asked.nonce)

    def signed(
        self, status: int, body: bytes, nonce: str, key: Ed25519PrivateKey | None = None, **headers: str
    ) -> Given:
        kind = headers.pop("Content-Type", "application/json")
        message = _Signable(status, {"Content-Type": kind, "Cache-Control": "no-store"})
        signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Key(key or self.key))
        signer.sign(
            message,
            key_id="central",
            nonce=nonce,
            created=datetime.now(
                UTC
            ),  # central knows the time, whatever the test has done to the kiosk's library
            covered_component_ids=self.covered,
            body=body,
        )
        return Given(status, body, message.headers | headers)

    def refused(self, status: int, sentence: str, nonce: str, **headers: str) -> Given:
        return self.signed(status, wire.encode_refusal(wire.Refusal("no", sentence)), nonce, None, **headers)

    def _verify(self, asked: Asked) -> None:
        key = Ed25519PublicKey.from_public_bytes(self.device)
        verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Key(key))
        verifier.max_clock_skew = timedelta(days=200 * 365)
        packed = "content-encoding" in asked.headers
        (result,) = verifier.verify(
            _Seen(asked.method, self.url + asked.path, asked.headers),
            max_age=None,
            require_components=wire.request_components(packed=packed),
            body=asked.body,
        )
        asked.nonce = result.nonce or ""

    def _enrol(self, asked: Asked) -> Given:
        if asked.method == "GET":
            return self.signed(200, wire.encode_challenge(wire.Challenge(NONCE, self.keys)), "")
        request = wire.decode_enrol_request(asked.body)
        nonce = b64encode(request.nonce).decode()
        if request.code != self.code:
            return self.refused(403, "this code is not known here", nonce)
        if self.device not in (b"", request.public_key):
            return self.refused(403, "this code was used", nonce)
        proof = wire.proof_text(NONCE, request.public_key, request.code)
        Ed25519PublicKey.from_public_bytes(request.public_key).verify(request.proof, proof)
        self.device = request.public_key
        reply = wire.EnrolReply(self.state, *self.place, self.keys, self.now_ms)
        return self.signed(200, wire.encode_enrol_reply(reply), nonce)

    def _document(self, asked: Asked, name: str) -> Given:
        if name not in self.documents:
            return self.refused(404, "no such document", asked.nonce)
        version, body = self.documents[name]
        if asked.headers.get("if-none-match") == f'"{hashlib.sha256(body).hexdigest()}"':
            return self.signed(304, b"", asked.nonce)
        return self.handed_out(asked, name, version, body)

    def handed_out(
        self, asked: Asked, name: str, version: int, body: bytes, key: Ed25519PrivateKey | None = None
    ) -> Given:
        """*body* as *version* of the document *name*, itself signed by *key*."""
        text = wire.document_text(name, version, hashlib.sha256(body).hexdigest())
        own = {
            wire.VERSION_HEADER: str(version),
            wire.SIGNATURE_HEADER: b64encode((key or self.key).sign(text)).decode(),
        }
        return self.signed(200, body, asked.nonce, None, **own)

    def _sync(self, asked: Asked) -> Given:
        packed = asked.headers.get("content-encoding") == "gzip"
        asked.sync = wire.decode_request(gzip.decompress(asked.body) if packed else asked.body)
        fault = self.faults.pop(0) if self.faults else self.always
        given = Given(0, b"", {})
        if fault is not None:
            fault(asked, given)
        if given.status:
            return given
        answer = self.signed(200, wire.encode_acknowledgement(self.acknowledged(asked.sync)), asked.nonce)
        if fault is not None:
            fault(asked, answer)
        return answer

    def acknowledged(self, request: wire.SyncRequest) -> wire.Acknowledgement:
        """Store what is new and say what became of each."""
        for void in request.void:
            for seq in range(void.first, void.last + 1):
                if (request.store, seq) not in self.stored:
                    self.void[request.store, seq] = void.reason
        self.anchors |= set(request.anchors)
        return wire.Acknowledgement(
            server_utc_ms=self.now_ms,
            verdicts=tuple(self._verdict(request.store, answer) for answer in request.answers),
            accounted_upto=self.accounted(request.store),
            missing=self.missing(request.store),
            limits=self.limits,
            documents={
                name: (version, hashlib.sha256(body).hexdigest())
                for name, (version, body) in self.documents.items()
            },
        )

    def _verdict(self, store: bytes, answer: Answer) -> wire.Verdict:
        identity = (store, answer.seq)
        self.void.pop(identity, None)
        if identity in self.stored:
            self.twice += 1
            state = wire.State.DUPLICATE if self.stored[identity] == answer else wire.State.CONFLICT
            return wire.Verdict(answer.seq, answer.seq, state)
        state, reason = self.judge(answer)
        self.stored[identity] = answer
        self.final[identity] = state
        return wire.Verdict(answer.seq, answer.seq, state, reason)

    def accounted(self, store: bytes) -> int:
        upto = 0
        while (store, upto + 1) in self.void or self.final.get(
            (store, upto + 1), wire.State.HELD
        ) is not wire.State.HELD:
            upto += 1
        return upto

    def missing(self, store: bytes) -> tuple[tuple[int, int], ...]:
        seen = {seq for one, seq in [*self.stored, *self.void] if one == store}
        return tuple((seq, seq) for seq in range(1, max(seen, default=0)) if seq not in seen)

    def forget_after(self, store: bytes, upto: int) -> None:
        """Be restored from an old backup."""
        for kept in (self.stored, self.void, self.final):
            for identity in [one for one in kept if one[0] == store and one[1] > upto]:
                del kept[identity]  # type: ignore[attr-defined]


def server(central: StandIn) -> ThreadingHTTPServer:
    class Asking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            central.asked.append(asked)
            given = central.reply(asked)
            if given.dropped:
                self.close_connection = True
                return
            self.send_response_only(given.status)  # without a date of its own
            for name, value in given.headers.items():
                self.send_header(name, value)
            if given.status != 304:
                self.send_header("Content-Length", str(given.declared or len(given.body)))
            self.end_headers()
            self.wfile.write(given.body)
            if given.declared:
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Asking)


@contextmanager
def serving(central: StandIn) -> Iterator[StandIn]:
    """*central*, reachable at its ``url``."""
    running = server(central)
    running.daemon_threads = True
    central.url = f"http://127.0.0.1:{running.server_address[1]}"
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield central
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


# What goes wrong: each changes the reply on its way, or makes one up before anything is stored. -----------------


def lost(asked: Asked, given: Given) -> None:
    """Stored, and the reply never arrives."""
    given.dropped = given.status != 0


def cut(asked: Asked, given: Given) -> None:
    """The reply ends in the middle."""
    if given.status:
        given.declared = len(given.body)
        given.body = given.body[: len(given.body) // 2]


def says(status: int, body: bytes = b"<html>Welcome to our Wi-Fi</html>", **headers: str) -> Fault:
    """Somebody else answers, unsigned, before central has seen anything."""

    def fault(asked: Asked, given: Given) -> None:
        if not given.status:
            given.status, given.body = status, body
            given.headers = {"Content-Type": "text/html"} | headers

    return fault


def refuses(central: StandIn, status: int, **headers: str) -> Fault:
    """Central itself refuses, signed."""

    def fault(asked: Asked, given: Given) -> None:
        if not given.status:
            no = central.refused(status, "not like this", asked.nonce, **headers)
            given.status, given.body, given.headers = no.status, no.body, no.headers

    return fault


def rewrites(change: Callable[[Given], Given]) -> Fault:
    """The reply is changed on its way."""

    def fault(asked: Asked, given: Given) -> None:
        if given.status:
            other = change(replace(given))
            given.status, given.body, given.headers = other.status, other.body, other.headers

    return fault
