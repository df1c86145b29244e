"""A picture of the dashboard, as a manager sees it in Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.demonstration.stage import BRANCH, Stage

ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses its sandbox to root; the page is our own, on loopback
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where Debian's Chromium is; None if it is not installed."""
    return shutil.which("chromium")


def dashboard(stage: Stage, browser: str, picture: Path) -> str:
    """Logs in as the owner and saves the branch's page as *picture*; says why if it could not, empty if it could."""
    try:
        _photographed(stage, browser, picture)
    except Exception as error:  # noqa: BLE001  Playwright raises bare ones; without its picture a day has a result all the same
        return str(error).splitlines()[0]
    return ""


def _photographed(stage: Stage, browser: str, picture: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        page = running.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{stage.central_url}/login")
        page.fill("input[name=password]", stage.password)
        page.click("button[type=submit]")
        page.goto(f"{stage.central_url}/?branch={BRANCH}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(picture), full_page=True)
        running.close()
