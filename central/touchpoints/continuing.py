"""`/c/CODE`: a customer adds words to the answer just given."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool

from central.comments import continuations
from central.comments.continuations import Words
from central.store.database import reading, writing
from central.touchpoints import pages, visitors, wording
from central.touchpoints.visitors import SecretOf
from central.touchpoints.wording import Wording
from feedback import continuation
from feedback.continuation import Continuation
from feedback.errors import WireError

COOKIE = "afterword-continuation"
COOKIE_S = 30 * 24 * 3_600
"""How long the phone that sent the words is told that they have arrived, and others that the code is used."""

Seal = Callable[[bytes, str], bytes]
"""Seals to central what belongs to a kiosk."""


def router(store: Engine, secret_of: SecretOf, seal: Seal, now_ms: Callable[[], int]) -> APIRouter:
    """The two routes of a continuation."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/c/{code}")
    def asked(code: str, request: Request, lang: Annotated[str, Query(max_length=20)] = "") -> Response:
        """The form, or why there is none."""
        say = wording.chosen(lang, request.headers.get("accept-language", ""))
        with reading(store) as connection:
            found = _named(connection, code, secret_of)
            if found is None:
                return _wrong(say)
            named, branch = found
            bound = continuations.bound_to(connection, named)
        return pages.add_form(say, branch) if bound is None else _bound(say, branch, bound, request)

    @routes.post("/c/{code}")
    async def sent(code: str, request: Request) -> Response:
        """Keep what was sent, unless somebody was first."""
        accepted = request.headers.get("accept-language", "")
        try:
            form = await visitors.form(request)
        except WireError:
            return _wrong(wording.chosen("", accepted))
        say = wording.chosen(form.get("language", ""), accepted)
        return await run_in_threadpool(_kept, code, form, say, request)

    def _kept(code: str, form: dict[str, str], say: Wording, request: Request) -> Response:
        words = Words(_line(form, "comment"), _line(form, "contact"), say.language)
        with writing(store) as connection:
            found = _named(connection, code, secret_of)
            if found is None:
                return _wrong(say)
            named, branch = found
            bound = continuations.bound_to(connection, named)
            if bound is not None:
                return _bound(say, branch, bound, request)
            if not words.comment or _too_long(words):
                return pages.add_form(say, branch, wrong=say.say_something)
            token = secrets.token_hex(16)
            sealed = seal(words.packed(), named.kiosk)
            continuations.keep(connection, named, sealed, _digest(token), now_ms())
        # Shown here, not by way of another address: a phone that refuses cookies is thanked as well.
        thanks = pages.said(say, say.thank_you, say.arrived, branch=branch)
        path = request.url.path
        secure = request.url.scheme == "https"
        thanks.set_cookie(
            COOKIE, token, max_age=COOKIE_S, path=path, httponly=True, samesite="strict", secure=secure
        )
        return thanks

    return routes


def _named(connection: Connection, code: str, secret_of: SecretOf) -> tuple[Continuation, str] | None:
    """What *code* names and the branch's name; None if no screen of a kiosk of that branch has vouched for it."""
    try:
        carried = continuation.decoded(code)
    except WireError:
        return None
    named = carried.named
    secret = secret_of(connection, named.kiosk)
    if secret is None or not carried.vouched(secret):
        return None
    branch = visitors.branch_of(connection, named.kiosk, named.branch)
    return None if branch is None else (named, branch)


def _bound(say: Wording, branch: str, bound: bytes, request: Request) -> Response:
    """For whoever comes after something was sent: the same phone, which only looks again, or another one."""
    own = secrets.compare_digest(_digest(request.cookies.get(COOKIE, "")), bound)
    if own:
        return pages.said(say, say.thank_you, say.arrived, branch=branch)
    return pages.said(say, say.used_title, say.used, status=409, branch=branch)


def _wrong(say: Wording) -> Response:
    return pages.said(say, say.wrong_title, say.wrong, status=404)


def _line(form: dict[str, str], name: str) -> str:
    # NUL and half characters are in no text a person typed, and no database is to meet them.
    return form.get(name, "").replace("\0", "").encode(errors="replace").decode().strip()


def _too_long(words: Words) -> bool:
    # A browser counts a line's end as one sign and sends two.
    comment = words.comment.replace("\r\n", "\n")
    return len(comment) > pages.LONGEST_COMMENT or len(words.contact) > pages.LONGEST_CONTACT


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
