"""One exchange with a kiosk: a bounded body in, a signed reply or a signed refusal out."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, Sequence

from fastapi import Request, Response
from sqlalchemy import Engine, select

from central.keys import Keys
from central.signing import BadSignatureError, Signed, claimed_nonce, signed_headers, verified_nonce
from central.store.database import reading
from central.store.tables import kiosks
from feedback import wire

READ_S = 60
"""A body that takes longer than a kiosk's own total deadline is nobody's any more."""
DRAINED_BYTES = 8 << 20
"""Read and dropped of a body that is too large, so that its sender hears the refusal before the line is cut."""


class RefusedRequest(Exception):  # noqa: N818  # not an error: central's answer, signed by the app's handler
    """
    Central says no to a request as a whole.

    Attributes:
        status: Of the reply.
        code: A short name for programs.
        sentence: For people.
        nonce: Of the request; empty: whatever its signature claims.
    """

    def __init__(self, status: int, code: str, sentence: str, nonce: str = "") -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence, self.nonce = status, code, sentence, nonce


async def received(request: Request, most: int = wire.MOST_REQUEST_BYTES) -> Signed:
    """
    *request* with its whole body as sent, before unpacking.

    Raises:
        RefusedRequest: 413 if the body is over *most* bytes, 408 if it takes over a minute.
    """
    body = bytearray()
    size = 0
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= most:
                    body += chunk
                elif size > DRAINED_BYTES:
                    break
    except TimeoutError:
        raise RefusedRequest(408, "too slow", f"the body did not arrive within {READ_S} s") from None
    if size > most:
        raise RefusedRequest(413, "too large", f"the body is over {most} bytes: send fewer answers")
    return Signed(request.method, _url(request), _lines(request), bytes(body))


def unpacked(body: bytes, encoding: str) -> bytes:
    """
    *body* without its content *encoding*, within bounds.

    Raises:
        RefusedRequest: 415 for an encoding central does not unpack, 400 for a damaged body, 413 for one that unfolds to
            too much.
    """
    if not encoding:
        return body
    if encoding != "gzip":
        raise RefusedRequest(415, "encoding", f"content-encoding {encoding[:40]!r}: expected gzip or none")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        # A bomb stops here: no more than the bound is ever unfolded.
        plain = unpacker.decompress(body, wire.MOST_UNPACKED_BYTES + 1)
    except zlib.error:
        raise RefusedRequest(400, "gzip", "the body is not gzip, as its content-encoding says") from None
    if len(plain) > wire.MOST_UNPACKED_BYTES:
        raise RefusedRequest(
            413, "too large", f"the body unfolds to over {wire.MOST_UNPACKED_BYTES} bytes: send fewer answers"
        )
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedRequest(400, "gzip", "the gzip body is cut short or followed by something else")
    return plain


def believed(store: Engine, kiosk: str, signed: Signed, components: Sequence[str]) -> str:
    """
    The nonce of *signed*, once it is *kiosk* that sent it and its signature covers *components*.

    Raises:
        RefusedRequest: 401 for a kiosk or a signature that is not known, 403 for one that has not enrolled.
    """
    with reading(store) as connection:
        row = connection.execute(
            select(kiosks.c.state, kiosks.c.public_key).where(kiosks.c.id == kiosk)
        ).one_or_none()
    if row is None:
        raise RefusedRequest(401, "unknown kiosk", "no kiosk of that name is known here: enrol it")
    if row.state != "accepted" or row.public_key is None:
        raise RefusedRequest(403, "not accepted", "this kiosk is expected and has not enrolled yet")
    try:
        return verified_nonce(signed, row.public_key, components)
    except BadSignatureError as error:
        raise RefusedRequest(401, "signature", str(error)) from None


def reply(
    keys: Keys, status: int, body: bytes, nonce: str, extra: Mapping[str, str] | None = None
) -> Response:
    """A signed reply with *body* to the request that had *nonce*."""
    return Response(body, status, headers={**signed_headers(keys, status, body, nonce), **(extra or {})})


def refusal(keys: Keys, refused: RefusedRequest, request: Request) -> Response:
    """The signed reply that says no to *request*."""
    body = wire.encode_refusal(wire.Refusal(refused.code, refused.sentence))
    return reply(keys, refused.status, body, refused.nonce or claimed_nonce(_lines(request)))


def _lines(request: Request) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]


def _url(request: Request) -> str:
    # The path as sent: decoded and encoded again it might be another one. The host is not signed (behind a proxy it is
    # the proxy's), so any will do.
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    return "http://central" + path.decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
