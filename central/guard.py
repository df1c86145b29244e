"""
The door: a request without credentials is refused unless its route is on the open list.

Stands before every route, so that one added later is closed until somebody opens it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from central.access import COOKIE, SESSION_MS, Access, Reader

OPEN = (
    ("GET", "/v1/enrol"),
    ("POST", "/v1/enrol"),
    ("POST", "/v1/kiosks/{kiosk_id}/sync"),
    ("GET", "/v1/kiosks/{kiosk_id}/documents/{name}"),
    ("GET", "/v1/time"),
    ("GET", "/v1/health"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/static/{name:path}"),
    ("GET", "/c/{code}"),
    ("POST", "/c/{code}"),
    ("GET", "/d/{code}"),
    ("POST", "/d/{code}"),
    ("GET", "/by-phone/phone.css"),
)
"""
Routes that need no login. Those of kiosks ask for a kiosk's signature instead, those for phones for a code that a
kiosk's screen has vouched for.
"""

_OPEN = [(method, compile_path(path)[0]) for method, path in OPEN]
_SAFE = ("GET", "HEAD", "OPTIONS")
_TO_LOGIN = '<!doctype html><title>Log in</title><meta http-equiv="refresh" content="0;url=/login">'


class Guard:
    """ASGI middleware that lets in readers, and everybody to what is open."""

    def __init__(self, app: ASGIApp, access: Access, now_ms: Callable[[], int]) -> None:
        self._app, self._access, self._now_ms = app, access, now_ms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_open(scope["method"], scope["path"]):
            request = Request(scope)
            found = await run_in_threadpool(self._reader, request)
            if found is None:
                await self._refused(request)(scope, receive, send)
                return
            request.state.reader = found
        elif scope["type"] == "websocket":
            raise RuntimeError("central has no websockets: the guard does not know them")
        await self._app(scope, receive, send)

    def _reader(self, request: Request) -> Reader | None:
        authorization = request.headers.get("authorization", "")
        cookie = "" if authorization else request.cookies.get(COOKIE, "")
        # A browser sends the cookie whoever wrote the form; what only reads may come from anywhere.
        if cookie and request.method not in _SAFE and _is_foreign(request):
            return None
        return self._access.reader(authorization, cookie, self._now_ms())

    def _refused(self, request: Request) -> Response:
        headers = {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(_TO_LOGIN, 401, headers)
        if self._access.is_throttled(self._now_ms()):
            return JSONResponse(
                {"detail": "too many wrong passwords: wait a minute"}, 429, headers | {"Retry-After": "60"}
            )
        sentence = "expected the owner's password or a read key: send `Authorization: Bearer <read key>`"
        return JSONResponse({"detail": sentence}, 401, headers)


def is_open(method: str, path: str) -> bool:
    """
    Whether anybody may ask for *path*.

    >>> is_open("GET", "/v1/health"), is_open("GET", "/v1/kiosks"), is_open("GET", "/v1/kiosks/k-1/sync")
    (True, False, False)
    """
    method = "GET" if method == "HEAD" else method
    return any(method == allowed and pattern.fullmatch(path) for allowed, pattern in _OPEN)


def reader(request: Request) -> Reader:
    """Who reads, for a route that wants to know. Refuses if the guard did not let anybody in by name."""
    found = getattr(request.state, "reader", None)
    if not isinstance(found, Reader):
        raise HTTPException(401, "expected the owner's password or a read key")
    return found


def router(access: Access, now_ms: Callable[[], int], page: Callable[[bool], str]) -> APIRouter:
    """The routes by which the owner gets and ends a session; *page* is the form, told whether the last one failed."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/login")
    def log_in(request: Request, password: Annotated[str, Form(max_length=200)] = "") -> Response:
        now = now_ms()
        cookie = access.log_in(password, now)
        if cookie is None:
            status = 429 if access.is_throttled(now) else 401
            return HTMLResponse(page(True), status, {"Cache-Control": "no-store"})
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE,
            cookie,
            max_age=SESSION_MS // 1000,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        access.log_out(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return routes


def _is_foreign(request: Request) -> bool:
    """Whether a page of another site sent this."""
    origin = request.headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] != request.headers.get("host", "")
