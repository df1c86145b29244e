"""
One bounded HTTP request at a time. Knows nothing of what is sent; trusts nothing that comes back.

Certificates are checked by the time that the line is told, not by the wall clock: see ``kiosk.sync.tls``.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from time import monotonic, time_ns
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from feedback.errors import LinkError
from feedback.wire import MOST_REPLY_BYTES
from kiosk.sync import tls

CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection, for each read, and for the whole trip."""

    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the raw bytes as they were on the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after_s(self) -> int | None:
        """What the reply asks for, in seconds; a date counts from the reply's own date, our clock may be wrong."""
        raw = self.headers.get("Retry-After", "").strip()
        if raw.isascii() and raw.isdigit():
            return int(raw[:9])
        try:
            wait = parsedate_to_datetime(raw) - parsedate_to_datetime(self.headers.get("Date", ""))
            return int(wait.total_seconds())
        except (TypeError, ValueError, OverflowError):
            return None


class Line:
    """
    A connection to central, kept open between trips. For one thread.

    Args:
        authority: A file of certificates to believe beside the system's own.

    Attributes:
        utc_ms: Tells the time by which certificates are checked: the wall clock, until somebody knows better.
    """

    def __init__(self, patience: Patience | None = None, authority: Path | None = None) -> None:
        self.utc_ms: Callable[[], int] = _wall_ms
        self._patience = patience or Patience()
        self._adapter = _Adapter(lambda: self.utc_ms())  # noqa: PLW0108  asked anew each time
        self._session = requests.Session()
        # Proxies, certificates and passwords of the environment are not meant for a kiosk.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        if authority is not None:
            self._session.verify = str(authority)
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    def prepared(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> requests.PreparedRequest:
        """The request as it will go out, to be signed."""
        fixed = {"Accept-Encoding": "identity", "User-Agent": "afterword"}
        return self._session.prepare_request(
            requests.Request(method, url, headers={**headers, **fixed}, data=body)
        )

    def call(self, request: requests.PreparedRequest) -> Reply:
        """
        Send *request* and read the whole answer, whatever it is.

        Raises:
            LinkError: There was no answer, not a whole one, or too big a one; or it took too long.
        """
        patience = self._patience
        deadline = monotonic() + patience.total_s
        try:
            with self._cut_after(patience.total_s) as cut:
                try:
                    return self._read(request, deadline)
                except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                    if cut.is_set():
                        raise LinkError(_too_slow(patience)) from error
                    raise LinkError(_plain_words(error)) from error
        finally:
            if monotonic() > deadline:
                self.hang_up()

    def call_undated(self, request: requests.PreparedRequest) -> Reply:
        """
        As ``call``, but without a look at certificates' dates: for what proves itself, such as the signed time.

        Raises:
            LinkError: As there.
        """
        # On a connection of its own: whatever comes behind must not go out over one that was not checked.
        self.hang_up()
        self._adapter.dated = False
        try:
            return self.call(request)
        finally:
            self._adapter.dated = True
            self.hang_up()

    def hang_up(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        self._session.close()

    def break_off(self) -> None:
        """End the call under way, from any thread."""
        self._adapter.break_off()

    def _read(self, request: requests.PreparedRequest, deadline: float) -> Reply:
        patience = self._patience
        with self._session.send(
            request,
            stream=True,
            allow_redirects=False,
            timeout=(patience.connect_s, patience.read_s),
        ) as answer:
            body = bytearray()
            # decode_content=False: the digest is over the bytes as sent, and a packed body may unfold without end.
            while chunk := answer.raw.read(CHUNK, decode_content=False):
                body += chunk
                if len(body) > MOST_REPLY_BYTES:
                    raise LinkError("the answer is too big to be central's")
                if monotonic() > deadline:
                    raise LinkError(_too_slow(patience))
            return Reply(answer.status_code, CaseInsensitiveDict(answer.headers), bytes(body))

    @contextmanager
    def _cut_after(self, seconds: float) -> Iterator[threading.Event]:
        """The time limits of requests are for each read: one byte every nine seconds would hold it for ever."""
        cut = threading.Event()

        def break_off() -> None:
            cut.set()
            self._adapter.break_off()

        timer = threading.Timer(seconds, break_off)
        timer.daemon = True
        timer.start()
        try:
            yield cut
        finally:
            timer.cancel()


class _Breakable:
    """A connection whose socket can be shut down from another thread, even during its TLS handshake."""

    made: WeakSet[_Breakable]
    twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        own: socket.socket = super()._new_conn()  # type: ignore[misc]  # the connection this is mixed into
        # A twin, because TLS takes the socket away from whoever made it.
        self.twin = own.dup()
        self.made.add(self)
        return own

    def break_off(self) -> None:
        if self.twin is not None:
            try:
                self.twin.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is already gone
                return

    def close(self) -> None:
        if self.twin is not None:
            self.twin.close()
            self.twin = None
        super().close()  # type: ignore[misc]  # as above


class _Adapter(HTTPAdapter):
    """
    No retries of its own (the plan decides), one connection, breakable.

    Attributes:
        dated: Whether certificates' dates are checked, by *utc_ms*.
    """

    def __init__(self, utc_ms: Callable[[], int]) -> None:
        self.dated = True
        self._utc_ms = utc_ms
        self._made: WeakSet[_Breakable] = WeakSet()
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        made_here = self._made
        check = self._check

        class Connection(_Breakable, HTTPConnection):
            made = made_here

        class TLSConnection(_Breakable, HTTPSConnection):
            made = made_here

            def connect(self) -> None:
                super().connect()
                check(self.sock)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class TLSPool(HTTPSConnectionPool):
            ConnectionCls = TLSConnection

        super().init_poolmanager(*args, ssl_context=tls.context(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TLSPool}

    def _check(self, connection: socket.socket | None) -> None:
        if self.dated and isinstance(connection, ssl.SSLSocket):
            tls.check_dates(tls.verified_chain(connection), self._utc_ms())

    def break_off(self) -> None:
        for connection in list(self._made):
            connection.break_off()


def _wall_ms() -> int:
    return time_ns() // 1_000_000


def _too_slow(patience: Patience) -> str:
    return f"the answer was not complete after {patience.total_s:g} s"


def _plain_words(error: Exception) -> str:
    """What went wrong, for a technician on the phone; the library's own words name classes and addresses."""
    if isinstance(error, LinkError):
        return str(error)
    said = f"{type(error).__name__} {error}"
    for sign, words in WORDS:
        if sign in said:
            return words
    return "the connection to central failed"


WORDS = (
    ("NameResolution", "central's name cannot be resolved: no network, or a wrong address"),
    ("Hostname mismatch", "the server's certificate is for another name than central's: check [central] url"),
    (
        "IP address mismatch",
        "the server's certificate is for another name than central's: check [central] url",
    ),
    (
        "unable to get local issuer",
        "the server's certificate is by nobody this kiosk knows: somebody in between?",
    ),
    ("self-signed", "the server's certificate is by nobody this kiosk knows: somebody in between?"),
    ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not valid for central's address"),
    ("SSL", "no secure connection to central"),
    ("ConnectTimeout", "central does not answer: no network, or a firewall"),
    ("Connection refused", "nothing listens at central's address"),
    ("unreachable", "no network"),
    ("ReadTimeout", "central took the request and did not answer in time"),
    ("IncompleteRead", "the answer was cut short"),
    ("RemoteDisconnected", "the connection was cut before an answer came"),
    ("Connection reset", "the connection was cut"),
    ("BadStatusLine", "what answered does not speak HTTP"),
)
