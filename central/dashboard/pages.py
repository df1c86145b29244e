"""The templates, and the functions that fill them. All text is escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central.dashboard.view import PERIODS, Page

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def dashboard_page(page: Page) -> str:
    """The dashboard."""
    return _TEMPLATES.get_template("dashboard.html").render(page=page, periods=PERIODS)


def login_page(wrong: bool) -> str:  # noqa: FBT001  # all it has to say
    """The form that asks for the password and posts it to ``/login``; *wrong* says the last one was not right."""
    return _TEMPLATES.get_template("login.html").render(wrong=wrong)


def sorry_page(sentence: str) -> str:
    """A page that says in one sentence why there is no other."""
    return _TEMPLATES.get_template("sorry.html").render(sentence=sentence)
