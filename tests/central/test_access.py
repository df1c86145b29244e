"""Who may read: nobody without credentials, whatever is added later."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from fastapi.routing import APIRoute
from sqlalchemy import update
from starlette.routing import BaseRoute, Route

from central import guard
from central.access import COOKIE, FAILURES_MS, MOST_FAILURES, SESSION_MS, set_password
from central.app import create_app
from central.store import tables
from central.store.database import writing
from tests.central.device import NOON_MS, Central

CLOSED = "/v1/kiosks"


def ask(central: Central, path: str = CLOSED, method: str = "GET", **how: Any) -> int:
    reply = requests.request(method, central.url + path, timeout=20, allow_redirects=False, **how)
    return reply.status_code


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def paths(routes: list[BaseRoute]) -> list[tuple[str, str]]:
    """Every method and path of an app, its included routers' too."""
    found: list[tuple[str, str]] = []
    for route in routes:
        if isinstance(route, Route | APIRoute):
            found += [(method, route.path) for method in route.methods or ()]
        else:
            inner: Any = getattr(route, "original_router", None) or getattr(route, "app", None)
            found += paths(inner.routes)
    return found


def test_every_route_is_refused_without_credentials_unless_it_is_on_the_open_list(central: Central) -> None:
    """The walk goes over the routes that there are, so that a new one is walked too."""
    found = paths(create_app(central.folder).routes)
    closed = [
        (method, path) for method, path in found if (method, path) not in guard.OPEN and method != "HEAD"
    ]

    assert {"/", "/openapi.json", "/v1/kiosks", "/v1/scores"} <= {path for _, path in closed}
    assert set(guard.OPEN) <= set(found)
    for method, path in closed:
        assert ask(central, re.sub(r"\{[^}]*\}", "x", path), method) == 401, (method, path)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1/kiosks/k-1", "/static", "//", "/v1/kiosks/a/b/sync", "/V1/health"]
)
def test_what_is_no_route_is_refused_like_one(central: Central, path: str) -> None:
    """A stranger does not learn which paths there are."""
    assert 401 == ask(central, path)


def test_a_browser_is_sent_to_the_form(central: Central) -> None:
    """Still a refusal, that a person can do something with."""
    reply = requests.get(central.url, headers={"Accept": "text/html"}, timeout=20)

    assert 401 == reply.status_code
    assert "/login" in reply.text
    assert 200 == ask(central, "/login")


def test_a_read_key_opens_and_another_does_not(central: Central, read_key: str) -> None:
    assert 200 == ask(central, headers=bearer(read_key))
    assert 401 == ask(central, headers=bearer(read_key + "x"))
    assert 401 == ask(central, headers=bearer(""))


def test_the_contract_is_published_to_readers(central: Central, read_key: str) -> None:
    """The OpenAPI document has the sync call in it, request and acknowledgement."""
    reply = requests.get(f"{central.url}/openapi.json", headers=bearer(read_key), timeout=20)
    paths = reply.json()["paths"]
    sync = paths["/v1/kiosks/{kiosk_id}/sync"]["post"]

    body = sync["requestBody"]["content"]["application/json"]["schema"]
    assert {"store", "answers", "anchors", "closed"} <= body["properties"].keys()
    said = sync["responses"]["200"]["content"]["application/json"]["schema"]
    assert {"verdicts", "accounted_upto", "missing"} <= said["properties"].keys()
    assert ([], 2) == (sync["security"], len(paths[CLOSED]["get"]["security"]))


def test_the_owners_password_opens_by_basic(central: Central, password: str) -> None:
    assert 200 == ask(central, auth=("owner", password))
    assert 200 == ask(central, auth=("owner", password))
    assert 401 == ask(central, auth=("owner", password + "x"))
    assert 401 == ask(central, headers={"Authorization": "Basic ?"})


def test_a_password_that_was_replaced_is_refused_at_once(central: Central, password: str) -> None:
    ask(central, auth=("owner", password))
    with writing(central.store) as connection:
        new = set_password(connection)

    assert 401 == ask(central, auth=("owner", password))
    assert 200 == ask(central, auth=("owner", new))


def test_many_wrong_passwords_make_everybody_wait_a_minute(central: Central, password: str) -> None:
    """Read keys and sessions go on; the password is asked for again a minute later."""
    for _ in range(MOST_FAILURES):
        ask(central, auth=("owner", "wrong"))

    assert 429 == ask(central, auth=("owner", password))
    assert 429 == ask(central, "/login", "POST", data={"password": password})
    central.clock[0] += FAILURES_MS
    assert 200 == ask(central, auth=("owner", password))


def test_a_session_begins_with_the_password_and_ends(central: Central, password: str) -> None:
    """A cookie that no script reads and no other site sends; it ends after twelve hours, or when told to."""
    with requests.Session() as browser:
        wrong = browser.post(f"{central.url}/login", {"password": "wrong"}, timeout=20)
        right = browser.post(
            f"{central.url}/login", {"password": password}, timeout=20, allow_redirects=False
        )
        assert (401, 303) == (wrong.status_code, right.status_code)
        assert "not right" in wrong.text
        said = right.headers["Set-Cookie"].lower()
        assert "httponly" in said
        assert "samesite=lax" in said
        assert 200 == browser.get(central.url, timeout=20).status_code

        central.clock[0] = NOON_MS + SESSION_MS
        assert 401 == browser.get(central.url, timeout=20).status_code
        central.clock[0] = NOON_MS
        browser.post(f"{central.url}/logout", timeout=20)
        assert [] == central.rows(tables.sessions)


def test_another_sites_form_does_not_act_for_the_owner(central: Central, password: str) -> None:
    with requests.Session() as browser:
        browser.post(f"{central.url}/login", {"password": password}, timeout=20)
        foreign = {"Origin": "https://elsewhere.example"}

        assert 401 == browser.post(f"{central.url}/logout", headers=foreign, timeout=20).status_code
        assert 1 == len(central.rows(tables.sessions))


def test_no_secret_is_kept_as_it_is(central: Central, password: str, read_key: str) -> None:
    """Password, read keys and sessions are there only as what they are recognised by."""
    cookie = requests.post(
        f"{central.url}/login", {"password": password}, timeout=20, allow_redirects=False
    ).cookies[COOKIE]
    with writing(central.store) as connection:
        connection.exec_driver_sql("PRAGMA user_version")
    kept = b"".join(path.read_bytes() for path in central.folder.glob("central.db*"))

    for secret in (password, read_key, cookie):
        assert secret.encode() not in kept


def test_kiosks_are_shown_to_readers_with_what_they_said_last(central: Central, read_key: str) -> None:
    device = central.enrolled()
    central.code("k-2")
    with writing(central.store) as connection:
        connection.execute(
            update(tables.kiosks)
            .where(tables.kiosks.c.id == device.kiosk)
            .values(contact_ms=NOON_MS, status='{"pending": 320, "oldest_s": 86400}')
        )

    shown = requests.get(central.url + CLOSED, headers=bearer(read_key), timeout=20).json()

    assert [
        ("k-1", "accepted", NOON_MS, 320, 86_400),
        ("k-2", "expected", None, None, None),
    ] == [(one["id"], one["state"], one["contact_ms"], one["pending"], one["oldest_s"]) for one in shown]
