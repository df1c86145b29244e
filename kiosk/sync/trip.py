"""One signed round trip to central, turned into a result the plan understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from feedback.answers import Anchor, Moment
from feedback.errors import DocumentError, LinkError, WireError
from feedback.wire import (
    CONTENT_TYPE,
    SIGNATURE_HEADER,
    VERSION_HEADER,
    SignedDocument,
    covers,
    decode_acknowledgement,
    decode_refusal,
    decode_signature,
    decode_time,
)
from kiosk.clock import Clock
from kiosk.documents import check
from kiosk.sync.line import Line, Reply
from kiosk.sync.signatures import Identity, StrangerError, believe, fresh_nonce, sign
from kiosk.sync.steps import Acknowledged, NoNetwork, Refused, Result

LONGEST_VERSION = 10


@dataclass(frozen=True, slots=True)
class Central:
    """
    Where central is, and the keys by which its answers are believed.

    Attributes:
        port: Where it is heard without TLS, for its signed time.
    """

    url: str
    keys: Sequence[bytes]
    port: int = 80

    @property
    def plain(self) -> str:
        """Its address without TLS."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"http://{host}:{self.port}{parts.path}"


class Trips:
    """
    Every signed question this kiosk asks central.

    Attributes:
        signer: The key that signed the last answer that was believed.
        met_stranger: The last answer was signed, and by no key that is believed.
    """

    signer = b""
    met_stranger = False

    def __init__(self, central: Central, identity: Identity, clock: Clock, line: Line) -> None:
        self._central = central
        self._identity = identity
        self._clock = clock
        self._line = line
        self._root = f"{central.url}/v1/kiosks/{quote(identity.kiosk, safe='')}"

    def over(self, line: Line) -> Trips:
        """The same questions over another *line*, for another thread."""
        return Trips(self._central, self._identity, self._clock, line)

    def is_central(self, key: bytes) -> bool:
        """Whether *key* is one by which central is believed."""
        return key in self._central.keys

    def believe_by(self, keys: Sequence[bytes]) -> None:
        """From now on believe answers by *keys*."""
        self._central = replace(self._central, keys=keys)

    def sync(self, body: bytes, first: int, count: int, *, packed: bool) -> Result:
        """Hand over *body*, which carries *count* answers from *first*. Raises nothing: all is a result."""
        headers = {"Content-Encoding": "gzip"} if packed else {}
        try:
            reply = self._signed("POST", f"{self._root}/sync", headers, body)
        except LinkError as error:
            return NoNetwork(str(error))
        return result_of(reply, first, count)

    @property
    def needs_time(self) -> bool:
        """Whether central is reached by TLS, which asks what time it is."""
        return self._central.url.startswith("https:")

    def time(self) -> Anchor:
        """
        The true time by central's signature, right to within half the trip.

        By TLS without a look at dates, and if that fails by plain HTTP: the signature over a fresh nonce counts.

        Raises:
            LinkError: No answer that counts.
        """
        try:
            return self._time(self._central.url)
        except LinkError:
            if not self.needs_time:
                raise
            return self._time(self._central.plain)

    def _time(self, url: str) -> Anchor:
        before, nonce = self._clock.moment(), fresh_nonce()
        reply = self._line.call_undated(self._line.prepared("GET", f"{url}/v1/time?nonce={nonce}", {}, None))
        believe(reply, nonce, self._central.keys)
        if reply.status != 200:
            raise LinkError(f"central tells no time ({reply.status})")
        try:
            return learned(before, self._clock.moment(), decode_time(reply.body).server_utc_ms)
        except WireError as error:
            raise LinkError(f"central tells no time ({error})") from error

    def document(self, name: str, held_sha256: str) -> SignedDocument | None:
        """
        The document *name*, its own signature checked; None while it is still the one held, or there is none.

        Raises:
            LinkError: No answer that counts, or a refusal.
            DocumentError: The document is not central's.
        """
        headers = {"If-None-Match": f'"{held_sha256}"'} if held_sha256 else {}
        answer = self._signed("GET", f"{self._root}/documents/{quote(name, safe='')}", headers, b"")
        if isinstance(answer, NoNetwork):
            if answer.status == 304 and held_sha256:
                return None  # unsigned or not: it changes nothing
            raise LinkError(answer.reason)
        if answer.status == 304 or (answer.status == 404 and not held_sha256):
            return None
        if answer.status != 200:
            raise LinkError(f"central does not hand out the document {name} ({answer.status})")
        return self._document(name, answer)

    def _document(self, name: str, reply: Reply) -> SignedDocument:
        """The document in *reply*, under the key it is signed with; the reply's own signature does not last."""
        version = reply.headers.get(VERSION_HEADER, "")
        if not version.isascii() or not version.isdigit() or len(version) > LONGEST_VERSION:
            raise DocumentError(f"the {name} that came says no version")
        try:
            signature = decode_signature(reply.headers.get(SIGNATURE_HEADER))
        except WireError:
            raise DocumentError(f"the {name} that came carries no signature of its own") from None
        for key in self._central.keys:
            document = SignedDocument(name, int(version), reply.body, key, signature)
            try:
                check(document, name, self.is_central)
            except DocumentError:
                continue
            return document
        raise DocumentError(f"the {name} that came does not carry central's signature")

    def key_document(self, held_sha256: str) -> bytes | None:
        """
        The key document, unless it is still the one held. Anybody may have handed it over: it proves itself.

        Raises:
            LinkError: No answer, or a refusal.
        """
        headers = {"If-None-Match": f'"{held_sha256}"'} if held_sha256 else {}
        reply = self._asked("GET", f"{self._root}/documents/keys", headers, b"", fresh_nonce())
        if reply.status == 304 and held_sha256:
            return None
        if reply.status != 200:
            raise LinkError(f"central does not hand out its key document ({reply.status})")
        return reply.body

    def _signed(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply | NoNetwork:
        """The reply if it is central's; NoNetwork with what it says of itself if it is not."""
        nonce = fresh_nonce()
        reply = self._asked(method, url, headers, body, nonce)
        self.met_stranger = False
        try:
            self.signer = believe(reply, nonce, self._central.keys)
        except LinkError as error:
            self.met_stranger = isinstance(error, StrangerError)
            return NoNetwork(str(error), reply.status, reply.retry_after_s)
        return reply

    def _asked(self, method: str, url: str, headers: dict[str, str], body: bytes, nonce: str) -> Reply:
        """Whatever answers the signed request."""
        request = self._line.prepared(method, url, {"Content-Type": CONTENT_TYPE, **headers}, body)
        sign(request, body, self._identity, nonce, self._clock.moment().wall_ms)
        return self._line.call(request)


def learned(before: Moment, after: Moment, utc_ms: int) -> Anchor:
    """The time as told between *before* and *after*: at the middle, give or take half the trip."""
    half_ms = (after.boot_ms - before.boot_ms + 1) // 2
    return Anchor(before.boot, before.boot_ms + half_ms, utc_ms, "central", half_ms + 1)


def result_of(reply: Reply | NoNetwork, first: int, count: int) -> Result:
    """What *reply* means to a request with *count* answers from *first*; believed already, if it is one."""
    if isinstance(reply, NoNetwork):
        return reply
    try:
        if reply.status != 200:
            return Refused(reply.status, decode_refusal(reply.body), reply.retry_after_s)
        acknowledgement = decode_acknowledgement(reply.body)
    except WireError as error:
        return NoNetwork(f"central's answer cannot be read ({error})", reply.status, reply.retry_after_s)
    if not covers(acknowledgement.verdicts, first, count):
        return NoNetwork("central's answer does not speak of what was sent", reply.status)
    return Acknowledged(acknowledgement)
