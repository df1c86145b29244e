"""The pages for phones in Chromium: drawn, without a complaint, and kept as pictures in build/pictures/phone/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from feedback import continuation, day_counts
from feedback.continuation import Continuation
from feedback.day_counts import DayCounts
from feedback.ratings import Rating
from tests.central.dashboard.test_browser import ARGUMENTS
from tests.central.device import BAKU_DAY, STORE, Central, serving

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[3] / "build" / "pictures" / "phone"
SECRET = bytes(range(32))
COUNTED = dict(zip(Rating, (12, 27, 4, 26, 181), strict=True))
DAY = DayCounts("b12", "k-1", BAKU_DAY, 66, COUNTED, 9, ((STORE, 512),))


@pytest.fixture
def central(folder: Path) -> Iterator[Central]:
    with serving(folder) as central:
        central.enrolled(secret=SECRET)
        yield central


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("az", "dark"), ("ar", "light")])
def test_a_customer_adds_a_word_and_staff_hand_in_a_day(
    chromium: Browser, central: Central, language: str, scheme: str
) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=language,
        java_script_enabled=False,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    PICTURES.mkdir(parents=True, exist_ok=True)

    def picture(name: str) -> None:
        page.screenshot(path=PICTURES / f"{name}-{language}-{scheme}.png", full_page=True)

    named = continuation.encoded(Continuation("b12", "k-1", STORE, 1), SECRET)
    page.goto(f"{central.url}/c/{named}")
    picture("add")
    page.fill("#comment", "Növbə uzun idi.")
    page.click("button")
    assert page.locator("form").count() == 0
    picture("thanks")
    page.goto(f"{central.url}/d/{day_counts.encoded(DAY, SECRET)}")
    picture("day")
    assert page.locator(".headline strong").first.inner_text() == "67.4"
    page.click("button")
    picture("handed-in")
    context.close()

    assert complaints == []
