"""`/d/CODE`: somebody of the branch carries a day's counts to central on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import Connection, Engine

from central.scores import carried
from central.scores.carried import Taken
from central.store.database import reading, writing
from central.touchpoints import pages, visitors, wording
from central.touchpoints.visitors import SecretOf
from central.touchpoints.wording import Wording
from feedback import day_counts
from feedback.day_counts import DayCounts
from feedback.errors import WireError

AHEAD_DAYS = 2
"""A kiosk that does not know the time may be a little ahead; one in another year is not believed for the day."""
DAY_MS = 86_400_000


def router(store: Engine, secret_of: SecretOf, now_ms: Callable[[], int]) -> APIRouter:
    """The two routes of a day's counts, and the style of every page for phones."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/d/{code}")
    def shown(code: str, request: Request, lang: Annotated[str, Query(max_length=20)] = "") -> Response:
        """The counts, to be looked at. Nothing is handed in by looking: cameras look by themselves."""
        say = wording.chosen(lang, request.headers.get("accept-language", ""))
        with reading(store) as connection:
            found = _vouched(connection, code, secret_of, now_ms())
        return _wrong(say) if found is None else pages.day_page(say, found[1], found[0])

    @routes.post("/d/{code}")
    def handed_in(code: str, request: Request, lang: Annotated[str, Query(max_length=20)] = "") -> Response:
        """Keep the counts as provisional ones."""
        say = wording.chosen(lang, request.headers.get("accept-language", ""))
        with writing(store) as connection:
            found = _vouched(connection, code, secret_of, now_ms())
            if found is None:
                return _wrong(say)
            counts, branch = found
            taken = carried.take(connection, counts, now_ms())
        title, line = {
            Taken.KEPT: (say.kept_title, say.kept),
            Taken.OLDER: (say.older_title, say.older),
            Taken.ARRIVED: (say.here_title, say.here),
        }[taken]
        return pages.said(say, title, line, branch=branch)

    @routes.get("/by-phone/phone.css")
    def style() -> FileResponse:
        return FileResponse(pages.STYLE, headers={"X-Content-Type-Options": "nosniff"})

    return routes


def _vouched(
    connection: Connection, code: str, secret_of: SecretOf, now_ms: int
) -> tuple[DayCounts, str] | None:
    """The counts in *code* and the branch's name; None if no screen of a kiosk of that branch has vouched for them."""
    try:
        found = day_counts.decoded(code)
    except WireError:
        return None
    counts = found.counts
    secret = secret_of(connection, counts.kiosk)
    if secret is None or not found.vouched(secret) or counts.day > now_ms // DAY_MS + AHEAD_DAYS:
        return None
    branch = visitors.branch_of(connection, counts.kiosk, counts.branch)
    return None if branch is None else (counts, branch)


def _wrong(say: Wording) -> Response:
    return pages.said(say, say.wrong_title, say.wrong, status=404)
