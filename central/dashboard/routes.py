"""The dashboard's pages and what they are drawn with. Who may see them is decided by the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy import Engine

from central.dashboard.pages import dashboard_page, login_page, sorry_page
from central.dashboard.view import PERIODS, page
from central.fleet.refusals import Since, none_known
from central.store.database import reading

_FOLDER = Path(__file__).parent / "static"
_FILES = {path.relative_to(_FOLDER).as_posix(): path for path in _FOLDER.rglob("*") if path.is_file()}
"""Only these are served: a path asked for is looked up, never opened."""

HEADERS = {
    # Nothing inline runs and nothing comes from elsewhere: a branch's name can hold no script that matters.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def router(store: Engine, now_ms: Callable[[], int], refused: Since = none_known) -> APIRouter:
    """The pages over *store*; *now_ms* tells UTC milliseconds since 1970, *refused* whom central refused lately."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def dashboard(
        branch: Annotated[str, Query(max_length=200)] = "", days: Annotated[str, Query(max_length=10)] = "30"
    ) -> HTMLResponse:
        if days not in map(str, PERIODS):
            return _html(sorry_page("A period here is 7, 30 or 90 days."), 422)
        with reading(store) as connection:
            shown = page(connection, branch, int(days), now_ms(), refused)
        if shown is None:
            return _html(sorry_page("There is no such branch."), 404)
        return _html(dashboard_page(shown))

    @routes.get("/login")
    def login() -> HTMLResponse:
        return _html(login_page(wrong=False))

    @routes.get("/static/{name:path}")
    def static(name: str) -> FileResponse:
        if name not in _FILES:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(_FILES[name], headers={"X-Content-Type-Options": "nosniff"})

    return routes


def _html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, HEADERS)
