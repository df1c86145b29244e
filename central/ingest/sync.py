"""`POST /v1/kiosks/{kiosk_id}/sync`: verified, stored once, acknowledged."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from central import exchange
from central.exchange import RefusedRequest
from central.ingest.contract import SYNC
from central.ingest.merging import Merge, Merged
from central.keys import Keys
from central.signing import Headers, Signed
from central.store import documents
from central.store.database import writing
from feedback import wire
from feedback.errors import WireError

MOST_MISSING = 1_000
"""Ranges of missing seqs told at once: the rest is told when these have come."""


def router(store: Engine, keys: Keys, now_ms: Callable[[], int]) -> APIRouter:
    """The route that kiosks hand their answers to."""
    routes = APIRouter()

    @routes.post("/v1/kiosks/{kiosk_id}/sync", tags=["kiosks"], **SYNC)
    async def sync(kiosk_id: str, request: Request) -> Response:
        """
        Store a kiosk's answers, each once, and acknowledge every one of them.

        The request is signed by the kiosk's key (RFC 9421); only a signed acknowledgement counts.
        """
        signed = await exchange.received(request)
        # Everything below computes or waits for the disk: never on the event loop.
        return await run_in_threadpool(_answered, store, keys, kiosk_id, signed, now_ms)

    return routes


def _answered(store: Engine, keys: Keys, kiosk: str, signed: Signed, now_ms: Callable[[], int]) -> Response:
    received_ms = now_ms()
    request, nonce = _opened(store, kiosk, signed)
    with writing(store) as connection:
        merged = Merge(connection, kiosk, request, received_ms).run()
        newest = documents.all_for(connection, kiosk)
    # Only now: what is acknowledged is on disk.
    body = wire.encode_acknowledgement(_acknowledgement(merged, newest, now_ms()))
    return exchange.reply(keys, 200, body, nonce)


def _opened(store: Engine, kiosk: str, signed: Signed) -> tuple[wire.SyncRequest, str]:
    """
    The request that *kiosk* signed, and its nonce.

    Raises:
        RefusedRequest: It is not JSON, not by that kiosk, or not version 1.
    """
    _check_type(signed.headers)
    encoding = _field(signed.headers, "content-encoding")
    nonce = exchange.believed(store, kiosk, signed, wire.request_components(packed=bool(encoding)))
    plain = exchange.unpacked(signed.body, encoding)
    try:
        return wire.decode_request(plain), nonce
    except WireError as error:
        raise RefusedRequest(400, "not version 1", str(error)) from None


def _check_type(headers: Headers) -> None:
    found = _field(headers, "content-type")
    if found != wire.CONTENT_TYPE:
        raise RefusedRequest(
            415, "content-type", f"content-type {found[:60]!r}: expected {wire.CONTENT_TYPE}"
        )


def _field(headers: Headers, wanted: str) -> str:
    return ", ".join(value for name, value in headers if name.lower() == wanted).strip().lower()


def _acknowledgement(
    merged: Merged, newest: dict[str, tuple[int, str]], server_utc_ms: int
) -> wire.Acknowledgement:
    return wire.Acknowledgement(
        server_utc_ms=server_utc_ms,
        verdicts=merged.verdicts,
        accounted_upto=merged.ledger.accounted_upto,
        missing=merged.ledger.missing[:MOST_MISSING],
        documents=newest,
    )
