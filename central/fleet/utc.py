"""`GET /v1/time` and `GET /v1/health`: what anybody may ask."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

from fastapi import APIRouter, Query, Response

from central import exchange
from central.fleet.contract import TIME
from central.keys import Keys
from central.signing import LONGEST_NONCE
from feedback import wire

Nonce = Annotated[
    str,
    Query(
        description="Fresh and random; comes back in the signature",
        min_length=1,
        max_length=LONGEST_NONCE,
        pattern="^[A-Za-z0-9+/=_.:-]+$",
    ),
]


def router(keys: Keys, now_ms: Callable[[], int]) -> APIRouter:
    """The routes that need neither a login nor a kiosk's key."""
    routes = APIRouter()

    @routes.get("/v1/time", tags=["kiosks"], **TIME)
    def time(nonce: Nonce) -> Response:
        """Tell the time, signed, so that a kiosk that knows nothing may believe it over plain HTTP."""
        return exchange.reply(keys, 200, wire.encode_time(wire.SignedTime(now_ms())), nonce)

    @routes.get("/v1/health", tags=["operation"])
    def health() -> dict[str, str | bool]:
        """Say that central answers, and which version it is. No figures."""
        return {"ok": True, "version": release()}

    return routes


def release() -> str:
    """The version of this installation; ``unknown`` when run from an unpacked tree."""
    try:
        return version("afterword")
    except PackageNotFoundError:
        return "unknown"
