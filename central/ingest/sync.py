"""`POST /v1/kiosks/{kiosk_id}/sync`: verified, stored once, acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool

from central import exchange
from central.exchange import RefusedRequest
from central.ingest.contract import SYNC
from central.ingest.merging import Merge, Merged
from central.keys import Keys
from central.signing import Headers, Signed
from central.store import documents, generations
from central.store.database import writing
from central.store.generations import Generation, HighWater
from feedback import wire
from feedback.errors import WireError

log = logging.getLogger("central")

MOST_MISSING = 1_000
"""Ranges of missing seqs told at once: the rest is told when these have come."""


def router(store: Engine, keys: Keys, mark: HighWater, now_ms: Callable[[], int]) -> APIRouter:
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
        return await run_in_threadpool(_answered, store, keys, mark, kiosk_id, signed, now_ms)

    return routes


def _answered(
    store: Engine, keys: Keys, mark: HighWater, kiosk: str, signed: Signed, now_ms: Callable[[], int]
) -> Response:
    received_ms = now_ms()
    request, nonce = opened(store, kiosk, signed)
    # Only behind this line: what is acknowledged is on disk.
    acknowledgement = acknowledged(store, mark, kiosk, request, received_ms)
    named = {**acknowledgement.documents, **keys.named}
    body = wire.encode_acknowledgement(replace(acknowledgement, server_utc_ms=now_ms(), documents=named))
    return exchange.reply(keys, 200, body, nonce)


def acknowledged(
    store: Engine, mark: HighWater, kiosk: str, request: wire.SyncRequest, received_ms: int
) -> wire.Acknowledgement:
    """What is to be said to *request* of *kiosk*, once all of it is on disk."""
    with writing(store) as connection:
        merged = Merge(connection, kiosk, request, received_ms).run()
        newest = documents.all_for(connection, kiosk)
        generation, told = _generation(connection, kiosk, request, merged, received_ms)
    mark.note(generation)
    return wire.Acknowledgement(
        server_utc_ms=received_ms,
        verdicts=merged.verdicts,
        accounted_upto=merged.ledger.accounted_upto,
        missing=merged.ledger.missing[:MOST_MISSING],
        documents=newest,
        generation=told,
    )


def _generation(
    connection: Connection, kiosk: str, request: wire.SyncRequest, merged: Merged, now_ms: int
) -> tuple[Generation, wire.Generation]:
    """The generation this request was stored in, and what the kiosk is told of it."""
    now = generations.newest(connection)
    if now is None:
        raise LookupError("the database was never begun")  # begun() is called before anybody is heard
    if request.generation == now.number and request.cursor > merged.before.seen:
        # It was told so in this very generation: there has been another since, and nothing else shows it.
        now = generations.contradicted(connection, now, now_ms)
        if now.number != request.generation:
            log.warning("%s knows of answers that were forgotten: every kiosk is asked for its own", kiosk)
    if request.count or request.void:
        now = generations.committed(connection, now)
    if request.generation in (0, now.number):
        return now, wire.Generation(now.number)
    upto = generations.holds_upto(connection, kiosk, request.store, request.generation)
    return now, wire.Generation(now.number, upto)


def opened(store: Engine, kiosk: str, signed: Signed) -> tuple[wire.SyncRequest, str]:
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
