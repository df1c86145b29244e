"""How a kiosk gets its identity: `GET /v1/enrol` for a challenge, `POST /v1/enrol` with code, key and proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, Engine, Row, select, update
from starlette.concurrency import run_in_threadpool

from central import exchange
from central.exchange import RefusedRequest
from central.fleet import codes
from central.fleet.challenges import Challenges
from central.fleet.contract import CHALLENGE, ENROL
from central.keys import Keys
from central.sealing import opened_by_any
from central.signing import Signed
from central.store import tables
from central.store.database import writing
from feedback import wire
from feedback.errors import WireError
from feedback.wire import fields

MOST_BYTES = 16_384
SECRET_BYTES = 32


def router(store: Engine, keys: Keys, now_ms: Callable[[], int]) -> APIRouter:
    """The two routes of enrolment."""
    routes = APIRouter(tags=["kiosks"])
    challenges = Challenges()

    @routes.get("/v1/enrol", **CHALLENGE)
    def challenge() -> Response:
        """Give a nonce to prove a key with. Good for ten minutes."""
        body = wire.encode_challenge(wire.Challenge(challenges.new(now_ms()), keys.public))
        return exchange.reply(keys, 200, body, "")

    @routes.post("/v1/enrol", **ENROL)
    async def enrol(request: Request) -> Response:
        """Accept a kiosk that has a code, and tell it who it is and which keys are central's."""
        signed = await exchange.received(request, MOST_BYTES)
        return await run_in_threadpool(_answered, store, keys, challenges, signed, now_ms())

    return routes


def _answered(store: Engine, keys: Keys, challenges: Challenges, signed: Signed, now_ms: int) -> Response:
    nonce = ""
    try:
        request = _decoded(signed.body)
        nonce = fields.text(request.nonce)
        _prove(request, challenges, now_ms)
        with writing(store) as connection:
            kiosk = _accept(connection, request, now_ms)
            _keep_secret(connection, keys, kiosk.id, request.screen_secret)
    except RefusedRequest as refused:
        # This request is not signed: its nonce is central's own, in the body.
        refused.nonce = nonce
        raise
    answer = wire.EnrolReply("accepted", kiosk.id, kiosk.branch_id, kiosk.touchpoint_id, keys.public, now_ms)
    return exchange.reply(keys, 200, wire.encode_enrol_reply(answer), nonce)


def _decoded(body: bytes) -> wire.EnrolRequest:
    try:
        return wire.decode_enrol_request(body)
    except WireError as error:
        raise RefusedRequest(400, "not version 1", str(error)) from None


def _prove(request: wire.EnrolRequest, challenges: Challenges, now_ms: int) -> None:
    """Refuse a *request* that does not hold the key it names, or answers no challenge of ours."""
    if not challenges.holds(request.nonce, now_ms):
        raise RefusedRequest(401, "challenge", "the challenge is over: ask for a new one and enrol again")
    _prove_key(request)


def _prove_key(request: wire.EnrolRequest) -> None:
    text = wire.proof_text(request.nonce, request.public_key, request.code)
    try:
        Ed25519PublicKey.from_public_bytes(request.public_key).verify(request.proof, text)
    except (InvalidSignature, ValueError):
        raise RefusedRequest(401, "proof", "the proof is not by the key it comes with") from None


def carried(store: Engine, keys: Keys, body: bytes, now_ms: int) -> tuple[wire.EnrolReply, bytes]:
    """
    The reply to the enrolment request in *body*, which came on a stick, and that request's nonce.

    There was no challenge: the nonce is the kiosk's own. Whoever plays the request again enrols the same key again.

    Raises:
        RefusedRequest: As by network.
    """
    request = _decoded(body)
    _prove_key(request)
    with writing(store) as connection:
        kiosk = _accept(connection, request, now_ms)
        _keep_secret(connection, keys, kiosk.id, request.screen_secret)
    answer = wire.EnrolReply("accepted", kiosk.id, kiosk.branch_id, kiosk.touchpoint_id, keys.public, now_ms)
    return answer, request.nonce


def _accept(connection: Connection, request: wire.EnrolRequest, now_ms: int) -> Row[Any]:
    """The kiosk that *request*'s code stands for, accepted with its key."""
    digest = codes.digest(request.code)
    code = connection.execute(select(tables.codes).where(tables.codes.c.digest == digest)).one_or_none()
    if code is None:
        raise RefusedRequest(403, "unknown code", "this code is not known here: make one with `central code`")
    kiosks = tables.kiosks
    kiosk = connection.execute(select(kiosks).where(kiosks.c.id == code.kiosk_id)).one()
    if code.used_ms is not None:
        # The reply was lost on its way and the kiosk asks again: the same key gets the same answer.
        if kiosk.public_key == request.public_key:
            return kiosk
        raise RefusedRequest(
            403, "used code", "this code was used by another kiosk: make one with `central code`"
        )
    if now_ms >= code.expires_ms:
        raise RefusedRequest(403, "old code", "this code is over 7 days old: make one with `central code`")
    connection.execute(update(tables.codes).where(tables.codes.c.digest == digest).values(used_ms=now_ms))
    connection.execute(
        update(kiosks)
        .where(kiosks.c.id == kiosk.id)
        .values(
            state="accepted",
            public_key=request.public_key,
            model=request.model,
            serial=request.serial,
            app=request.app,
            enrolled_ms=now_ms,
        )
    )
    return kiosk


def _keep_secret(connection: Connection, keys: Keys, kiosk: str, sealed: bytes) -> None:
    """Keep what the screen of *kiosk* signs with; an older kiosk has none, and one of an older card is over."""
    if sealed:
        try:
            secret = opened_by_any(sealed, keys.opening, wire.Purpose.SCREEN_SECRET, kiosk)
        except WireError as error:
            raise RefusedRequest(400, "secret", str(error)) from None
        if len(secret) != SECRET_BYTES:
            raise RefusedRequest(400, "secret", f"screen_secret: expected {SECRET_BYTES} bytes, sealed")
    connection.execute(
        update(tables.kiosks).where(tables.kiosks.c.id == kiosk).values(screen_secret=sealed or None)
    )


def screen_secret(connection: Connection, keys: Keys, kiosk: str) -> bytes | None:
    """
    What the screen of *kiosk* signs its codes with; None: it never told.

    Raises:
        WireError: It was sealed to a key that central does not have any more.
    """
    sealed = connection.execute(
        select(tables.kiosks.c.screen_secret).where(tables.kiosks.c.id == kiosk)
    ).scalar_one_or_none()
    return sealed and opened_by_any(sealed, keys.opening, wire.Purpose.SCREEN_SECRET, kiosk)
