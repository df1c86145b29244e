"""The pages for phones, filled and ready to send. All text is escaped, nothing runs, nothing comes from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central.touchpoints.wording import Wording
from feedback import scores
from feedback.day_counts import DayCounts

FOLDER = Path(__file__).parent
STYLE = FOLDER / "static" / "phone.css"
LONGEST_COMMENT = 1_000
LONGEST_CONTACT = 200
MINUTES_IN_QUARTER = 15

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    # The address is the code: no other site is to learn it, and no cache or search engine to keep it.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def said(say: Wording, title: str, line: str, *, status: int = 200, branch: str = "") -> Response:
    """A page that says one thing."""
    return _page("said.html", say, status, branch=branch, title=title, line=line)


def add_form(say: Wording, branch: str, *, wrong: str = "") -> Response:
    """The form for a comment; *wrong*: what is to be mended in what was sent."""
    return _page(
        "add.html",
        say,
        422 if wrong else 200,
        branch=branch,
        wrong=wrong,
        longest_comment=LONGEST_COMMENT,
        longest_contact=LONGEST_CONTACT,
    )


def day_page(say: Wording, branch: str, counts: DayCounts) -> Response:
    """A day's *counts* with the key that hands them in."""
    sli = scores.sli(counts.counted)
    # What too few answers do not carry is left out, as everywhere.
    shown = sli if sli is not None and sli.reliability != "counts_only" else None
    day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=counts.day)
    minutes = counts.before * MINUTES_IN_QUARTER
    return _page(
        "day.html",
        say,
        200,
        branch=branch,
        day=f"{day:%Y-%m-%d}",
        as_of=say.as_of.format(time=f"{minutes // 60:02}:{minutes % 60:02}"),
        value=f"{shown.value:.1f}" if shown else "",
        few=shown is not None and shown.reliability == "few_answers",
        between=say.between.format(low=f"{shown.low:.1f}", high=f"{shown.high:.1f}") if shown else "",
        counted=counts.n,
        set_aside=counts.set_aside,
    )


def _page(template: str, say: Wording, status: int, **filled: object) -> Response:
    return HTMLResponse(_TEMPLATES.get_template(template).render(say=say, **filled), status, HEADERS)
