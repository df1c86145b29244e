"""Who knocks, and what must be true of every answer."""

from __future__ import annotations

import gzip
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    algorithms,
)
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
)

from central.app import FOR_KIOSKS
from central.guard import is_open
from feedback import wire
from feedback.errors import WireError
from feedback.wire import fields
from tests.central.device import NOON_MS, OneKey
from tests.faults.fuzz.documented import Documented
from tests.faults.fuzz.door import DEADLINE_S, KIOSK, Door
from tests.faults.fuzz.judge import Told

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
NOT_HTTP = b"Invalid HTTP request received."
"""The HTTP server's own answer to what no HTTP library of a kiosk or reader sends: central never sees it."""
SYNC = "/v1/kiosks/{kiosk_id}/sync"
SIGNED = ("signature", "signature-input", "content-digest")


class Callers:
    """
    Everybody who knocks at one door.

    Attributes:
        tried: Requests sent.
        statuses: How often each came.
        wrong: What must not be, with how often it was, and one example each.
    """

    def __init__(self, door: Door) -> None:
        self.door = door
        self.told = Told()
        self.tried = 0
        self.statuses: Counter[int] = Counter()
        self.wrong: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self._session = requests.Session()
        self.documented = Documented(door.document())
        self._stranger = Ed25519PrivateKey.generate()
        self._verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519,
            key_resolver=OneKey(public=door.keys.signing.public_key()),
        )
        self._verifier.max_clock_skew = wire.ALLOWED_SKEW

    def close(self) -> None:
        self._session.close()

    # What schemathesis made of the OpenAPI document ------------------------------------------------------------

    def case(self, case: schemathesis.Case, *, proves: bool) -> None:
        """Send *case*: as a reader if it is for readers, signed or proved after it was made if it is a kiosk's."""
        kwargs = case.as_transport_kwargs(base_url=self.door.url)
        path = case.operation.path
        if not path.startswith(FOR_KIOSKS):
            kwargs["headers"]["Authorization"] = f"Bearer {self.door.read_key}"
        elif path == "/v1/enrol" and case.method == "POST" and proves:
            kwargs = self._proved(kwargs)
        try:
            prepared = self._session.prepare_request(requests.Request(**kwargs))
        except (requests.RequestException, ValueError, UnicodeError):
            return  # not even a request
        if path.startswith("/v1/kiosks/"):
            self._sign(prepared, self.door.kiosk, whole=case.method == "POST")
        reply = self._sent(prepared)
        if reply is None:
            return
        self._note(reply, prepared.body)
        try:
            case.validate_response(reply, checks=CHECKS)
        except FailureGroup as group:
            for one in group.exceptions:
                self._failed(f"{case.method} {path}: {_title(one)}", f"{prepared.url} -> {one}")
        except Failure as one:
            self._failed(f"{case.method} {path}: {_title(one)}", f"{prepared.url} -> {one}")
        self._compare(path, reply)

    def _proved(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """*kwargs* with a code that is good, central's challenge, and the proof that goes with it."""
        body = kwargs.get("json")
        if not isinstance(body, dict):
            return kwargs
        challenge = wire.decode_challenge(
            self._session.get(f"{self.door.url}/v1/enrol", timeout=DEADLINE_S).content
        )
        key = Ed25519PrivateKey.generate()
        public, code = key.public_key().public_bytes_raw(), self.door.code(f"k-{secrets.token_hex(3)}")
        proof = key.sign(wire.proof_text(challenge.nonce, public, code))
        proved = {"code": code, "public_key": public, "nonce": challenge.nonce, "proof": proof}
        return kwargs | {"json": body | {name: _text(value) for name, value in proved.items()}}

    # What Hypothesis made of a kiosk's requests ----------------------------------------------------------------

    def kiosk(self, body: bytes, encoding: str = "", *, stranger: bool = False) -> None:
        """Hand over *body* (``folded``: gzip already) as the kiosk does, or as somebody who only knows its name."""
        headers = {"Content-Type": wire.CONTENT_TYPE}
        sent = body
        if encoding:
            headers["Content-Encoding"] = "gzip" if encoding == "folded" else encoding
            sent = gzip.compress(body, 1) if encoding == "gzip" else body
        request = requests.Request("POST", f"{self.door.url}/v1/kiosks/{KIOSK}/sync", headers, data=sent)
        prepared = self._session.prepare_request(request)
        self._sign(prepared, self._stranger if stranger else self.door.kiosk, whole=True)
        reply = self._sent(prepared)
        if reply is None:
            return
        if stranger and reply.status_code != 401:
            self._failed("a stranger is believed", f"{reply.status_code} {body[:300]!r}")
        self._note(reply, body)
        self._compare(SYNC, reply)

    def anybody(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        """Ask for *path* as nobody, or as somebody with odd headers."""
        try:
            request = requests.Request(method, self.door.url + path, headers, data=body)
            prepared = self._session.prepare_request(request)
        except (requests.RequestException, ValueError, UnicodeError):
            return
        reply = self._sent(prepared)
        if reply is not None:
            self._note(reply, None)

    # Every answer ---------------------------------------------------------------------------------------------

    def _sign(self, prepared: requests.PreparedRequest, key: Ed25519PrivateKey, *, whole: bool) -> None:
        for name in [one for one in prepared.headers if one.lower() in SIGNED]:
            del prepared.headers[name]
        body = prepared.body or b""
        if isinstance(body, str):
            body = prepared.body = body.encode("utf-8", "surrogatepass")
        components: Sequence[str] = ("@method", "@path")
        if whole:
            prepared.headers.setdefault("Content-Type", wire.CONTENT_TYPE)
            components = wire.request_components(packed="Content-Encoding" in prepared.headers)
        signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=OneKey(key))
        try:
            signer.sign(
                prepared,
                key_id=KIOSK,
                created=datetime.fromtimestamp(NOON_MS / 1000, UTC),
                nonce=secrets.token_hex(8),
                covered_component_ids=components,
                body=body if whole else None,
            )
        except (HTTPMessageSignaturesException, ValueError):
            return  # it goes out unsigned

    def _sent(self, prepared: requests.PreparedRequest) -> requests.Response | None:
        try:
            reply = self._session.send(prepared, timeout=DEADLINE_S, allow_redirects=False)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, ValueError, UnicodeError):
            return None
        except requests.RequestException as error:
            self._failed("no answer came", f"{prepared.method} {prepared.url}: {error}")
            return None
        self.tried += 1
        self.statuses[reply.status_code] += 1
        if reply.status_code == 400 and reply.content == NOT_HTTP:
            return None
        if reply.status_code >= 500:
            self._failed(
                f"{reply.status_code}", f"{prepared.method} {prepared.url} {str(prepared.body)[:600]}"
            )
        return reply

    def _note(self, reply: requests.Response, body: Any) -> None:
        path = requests.utils.unquote(requests.utils.urlparse(reply.request.url or "").path)
        method = reply.request.method or ""
        # Whatever else begins like a kiosk's call is a reader's, and the guard answers it.
        if method == "HEAD" or not (path.startswith(FOR_KIOSKS) and is_open(method, path)):
            return
        if not self._is_signed(reply):
            self._failed(
                "a reply to a kiosk is not signed for its request", f"{reply.request.url} {reply.headers}"
            )
        if reply.status_code >= 400 and not _is_refusal(reply.content):
            self._failed("a refusal is no sentence", f"{reply.request.url} {reply.content[:300]!r}")
        if reply.status_code == 200 and path.endswith("/sync"):
            self.told.acknowledged(body, wire.decode_acknowledgement(reply.content))

    def _compare(self, path: str, reply: requests.Response) -> None:
        """The JSON of *reply* with what the document says of *path*."""
        method = reply.request.method or ""
        if method == "HEAD" or not reply.headers.get("Content-Type", "").startswith("application/json"):
            return
        fault = self.documented.fault(method, path, reply.status_code, reply.json())
        if fault:
            self._failed(f"{method} {path}: not as documented", f"{reply.content[:300]!r} -> {fault}")

    def _is_signed(self, reply: requests.Response) -> bool:
        try:
            self._verifier.verify(
                reply, max_age=None, require_components=wire.REPLY_COMPONENTS, body=reply.content
            )
        except (HTTPMessageSignaturesException, ValueError):
            return False
        return reply.headers.get("Cache-Control") == "no-store"

    def _failed(self, what: str, example: str) -> None:
        self.wrong[what] += 1
        self.examples.setdefault(what, example[:1_500])


def _is_refusal(content: bytes) -> bool:
    try:
        return bool(wire.decode_refusal(content).sentence)
    except WireError:
        return False


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else fields.text(value)


def _title(error: BaseException) -> str:
    return str(getattr(error, "title", type(error).__name__))
