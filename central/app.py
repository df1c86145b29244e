"""The whole server, wired."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from sqlalchemy import Connection, Engine
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central import exchange, guard
from central.access import Access
from central.dashboard.pages import login_page
from central.dashboard.routes import router as dashboard
from central.exchange import RefusedRequest
from central.fleet import enrolment, kiosks, publishing, utc
from central.fleet.refusals import Refusals, Refused
from central.ingest import sync
from central.keys import Keys, load_keys
from central.scores.routes import router as scores
from central.sealing import sealed
from central.store import generations
from central.store.database import open_store
from central.touchpoints import continuing, handing_in
from feedback import wire
from feedback.errors import WireError

log = logging.getLogger("central")

DESCRIPTION = """
The central scoring server of Afterword: keeps every answer once, scores each branch, looks after the kiosks.

**Readers** send `Authorization: Bearer <read key>`, or Basic with the owner's password. **Kiosks** sign every request
(RFC 9421, Ed25519) and believe only signed replies, refusals included.
"""

FOR_KIOSKS = ("/v1/kiosks/", "/v1/enrol", "/v1/time")
"""What is answered here is signed, whatever the answer is."""
SIGNED = "/v1/kiosks/"
_DETAIL = {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}
CLOSED: dict[str, Any] = {
    str(status): {"description": said, "content": {"application/json": {"schema": _DETAIL}}}
    for status, said in (
        (401, "No read key and no password"),
        (429, "Too many wrong passwords: wait a minute"),
    )
}
"""What the guard answers, for every route that is not open."""


def wall_ms() -> int:
    """UTC milliseconds since 1970, by this machine's clock."""
    return time.time_ns() // 1_000_000


def create_app(folder: Path, now_ms: Callable[[], int] = wall_ms) -> FastAPI:
    """
    Central over the data in *folder*.

    Raises:
        StoreError: The folder holds no database or no keys that this version can use.
    """
    store = open_store(folder)
    keys = load_keys(folder)

    def secret_of(connection: Connection, kiosk: str) -> bytes | None:
        with suppress(WireError):  # sealed to a key that is gone: as good as never told
            return enrolment.screen_secret(connection, keys, kiosk)
        return None

    def seal(clear: bytes, kiosk: str) -> bytes:
        return sealed(clear, keys.sealing.public_key(), wire.Purpose.BY_PHONE, kiosk)

    mark, restored = generations.begun(store, folder, now_ms)
    if restored:
        log.warning("The database was restored (%s): kiosks hand over again what it may lack.", restored)
    access, refusals = Access(store), Refusals()
    app = FastAPI(
        title="Afterword central",
        version=utc.release(),
        description=DESCRIPTION,
        # The pages that FastAPI offers load scripts from elsewhere; the document itself is behind the guard.
        docs_url=None,
        redoc_url=None,
    )
    for routes in (
        guard.router(access, now_ms, lambda wrong: login_page(wrong=wrong)),
        utc.router(keys, now_ms),
        enrolment.router(store, keys, now_ms),
        publishing.router(store, keys),
        kiosks.router(store, now_ms, refusals.since),
        sync.router(store, keys, mark, now_ms),
        scores(store, now_ms),
        continuing.router(store, secret_of, seal, now_ms),
        handing_in.router(store, secret_of, now_ms),
        dashboard(store, now_ms, refusals.since),
    ):
        app.include_router(routes)
    _answer_errors(app, keys, lambda kiosk, status, why: refusals.note(kiosk, Refused(now_ms(), status, why)))
    app.add_middleware(guard.Guard, access=access, now_ms=now_ms)
    app.add_middleware(Survive, keys=keys)
    app.state.store = store
    app.openapi = lambda: _published(app)  # type: ignore[method-assign]
    return app


def store_of(app: FastAPI) -> Engine:
    """The database that *app* works on."""
    store: Engine = app.state.store
    return store


def _published(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with who may call what: the guard stands before the routes, where FastAPI sees it not."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        document.setdefault("components", {})["securitySchemes"] = {
            "read_key": {"type": "http", "scheme": "bearer"},
            "password": {"type": "http", "scheme": "basic"},
        }
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                is_open = (method.upper(), path) in guard.OPEN
                operation["security"] = [] if is_open else [{"read_key": []}, {"password": []}]
                if not is_open:
                    operation["responses"] |= CLOSED
                if path.startswith(SIGNED):
                    # FastAPI names it for every route with a part in its path; any text is one.
                    operation["responses"].pop("422", None)
        app.openapi_schema = document
    return app.openapi_schema


def _answer_errors(app: FastAPI, keys: Keys, note: Callable[[str, int, str], None]) -> None:
    """
    Every way a request can fail, as an answer: signed for kiosks, plain for others, a traceback for nobody.

    *note* is told of every refused delivery: the kiosk, the status, and why.
    """

    @app.exception_handler(RefusedRequest)
    def refused(request: Request, error: RefusedRequest) -> Response:
        if request.url.path.endswith("/sync"):
            note(request.path_params.get("kiosk_id", ""), error.status, error.sentence)
        return exchange.refusal(keys, error, request)

    @app.exception_handler(StarletteHTTPException)
    async def failed(request: Request, error: StarletteHTTPException) -> Response:
        if not _is_kiosks(request):
            return await http_exception_handler(
                request, HTTPException(error.status_code, error.detail, error.headers)
            )
        return exchange.refusal(keys, RefusedRequest(error.status_code, "http", str(error.detail)), request)

    @app.exception_handler(RequestValidationError)
    async def misread(request: Request, error: RequestValidationError) -> Response:
        if not _is_kiosks(request):
            return await request_validation_exception_handler(request, error)
        return exchange.refusal(keys, RefusedRequest(422, "query", "the query is not as described"), request)


class Survive:
    """ASGI middleware: a fault of central's own is one line in the log and an answer, never a traceback to anybody."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app, self._keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            # The place and the kind, not the words: they may quote what was sent.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            log.error("%s failed: %s at %s:%s", scope["path"], kind, frame.filename, frame.lineno)  # noqa: TRY400
            await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if not _is_kiosks(request):
            return JSONResponse({"detail": "central is at fault: its log says where"}, 500)
        sentence = "central is at fault: keep the answers and try again later"
        return exchange.refusal(self._keys, RefusedRequest(500, "central", sentence), request)


def _is_kiosks(request: Request) -> bool:
    return request.url.path.startswith(FOR_KIOSKS)
