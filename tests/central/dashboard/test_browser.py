"""The pages in Chromium: drawn, without a complaint, and kept as pictures in build/pictures/dashboard/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from sqlalchemy import Engine

from central.dashboard import routes as dashboard
from central.scores import routes as scores
from tests.central.dashboard.bank import fill
from tests.central.scores.served import NOW_MS, served, store_at

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[3] / "build" / "pictures" / "dashboard"
PAGES = {
    "all": "/",
    "branch": "/?branch=nizami",
    "few": "/?branch=new&days=7",
    "too-few": "/?branch=airport&days=7",
    "divided": "/?branch=ganja&days=90",
    "login": "/login",
}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store: Engine = store_at(tmp_path_factory.mktemp("bank") / "central.db")
    fill(store)
    app = FastAPI()
    app.include_router(scores.router(store, lambda: NOW_MS))
    app.include_router(dashboard.router(store, lambda: NOW_MS))
    with served(app) as address:
        yield address
    store.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_without_a_complaint(
    chromium: Browser, address: str, name: str, width: int, height: int, scheme: str
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda said: _note(complaints, said))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))

    page.goto(address + PAGES[name])
    if name != "login":
        page.wait_for_selector("#trend[data-drawn] canvas")
        assert _is_drawn(page)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{width}x{height}-{scheme}.png")
    page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}-whole.png", full_page=True)
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.close()

    assert complaints == []
    assert too_wide <= 0


def test_the_trend_tells_a_day_under_the_pointer(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address + "/?branch=nizami")
    page.wait_for_selector("#trend[data-drawn] canvas")
    over = page.locator("#trend .u-over")
    box = over.bounding_box()
    assert box

    over.hover(position={"x": box["width"] - 30, "y": 60})
    said = page.locator("#trend-said").inner_text()
    page.close()

    assert said.startswith("Thu 19 Nov: ")
    assert ", interval " in said
    assert ", n " in said


def test_the_figures_are_there_without_javascript(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/?branch=nizami")
    page.get_by_text("The days in figures").click()
    rows = page.locator("details[open] tbody tr").count()
    context.close()

    assert rows == 22


def _note(complaints: list[str], said: ConsoleMessage) -> None:
    if said.type in ("error", "warning"):
        complaints.append(said.text)


def _is_drawn(page: Page) -> bool:
    """Whether the canvas holds more than one colour."""
    drawn = page.evaluate(
        """() => {
            const canvas = document.querySelector("#trend canvas");
            const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return new Set(new Uint32Array(dots.buffer)).size;
        }"""
    )
    return bool(drawn > 1)
