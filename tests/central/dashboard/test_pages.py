"""The dashboard as a browser without JavaScript gets it: the words and figures on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI
from sqlalchemy import Engine

from central.dashboard.pages import login_page
from central.dashboard.routes import router
from central.dashboard.trend import LONG_GAP_DAYS
from tests.central.dashboard.bank import fill
from tests.central.scores.served import (
    GOLDEN,
    NOW_MS,
    TODAY,
    add_branch,
    add_kiosk,
    put_counts,
    served,
    store_at,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    store = store_at(tmp_path / "central.db")
    yield store
    store.dispose()


@pytest.fixture
def address(store: Engine) -> Iterator[str]:
    app = FastAPI()
    app.include_router(router(store, lambda: NOW_MS))
    with served(app) as address:
        yield address


class Words(HTMLParser):
    """The text of a page as a reader meets it, and the tags it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._seen: list[str] = []
        self._inside: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.text = re.sub(r"\s+", " ", " ".join(self._seen))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_data(self, data: str) -> None:  # the parser's name
        if "script" not in self._inside[-1:]:
            self._seen.append(data)


def read(address: str, path: str, status: int = 200) -> str:
    answered = requests.get(address + path, timeout=10)
    assert answered.status_code == status, answered.text
    return answered.text


def figures(page: str) -> list[dict[str, object]]:
    block = re.search(r'id="trend-figures">(.*?)</script>', page)
    assert block
    points: list[dict[str, object]] = json.loads(block[1])["points"]
    return points


def test_the_golden_example_is_shown_with_its_band_interval_and_n(store: Engine, address: str) -> None:
    add_branch(store, "b12", "Nizami street")
    put_counts(store, "b12", GOLDEN)
    put_counts(store, "b12", {5: 6}, rule="repeat")
    put_counts(store, "b12", {1: 1}, rule="burst")

    text = Words(read(address, "/?branch=b12")).text

    assert "67.4 Excellent band" in text
    assert "95 % interval 58.7 to 74.0 from 250 answers" in text
    assert "7 set aside 6 repeats, 1 in a burst" in text
    assert "22 October to 20 November 2026, today until 16:40. Still counting." in text
    assert "Most people who answered were satisfied: 83 % of 250 answers are Excellent or Good." in text
    assert "Chance alone can move this score by about 7.7 points" in text


def test_nine_answers_show_counts_and_no_score_anywhere(store: Engine, address: str) -> None:
    add_branch(store, "b12", "Nizami street")
    put_counts(store, "b12", {5: 9})

    page = read(address, "/?branch=b12")

    assert "9 answers too few answers for an SLI" in Words(page).text
    assert "100.0" not in Words(page).text
    assert [point["value"] for point in figures(page)] == [None]


def test_twenty_answers_are_marked_as_few(store: Engine, address: str) -> None:
    add_branch(store, "b12")
    put_counts(store, "b12", {5: 20})

    assert "100.0 Excellent band few answers" in Words(read(address, "/?branch=b12")).text


def test_a_branch_without_answers_has_no_score_of_nought(store: Engine, address: str) -> None:
    add_branch(store, "b12")

    text = Words(read(address, "/?branch=b12")).text

    assert "0 answers" in text
    assert "0.0" not in text
    assert "30 days without answers are left out." in text
    assert "Nobody answered in these days." in text


def test_a_service_is_never_mixed_with_the_experience(store: Engine, address: str) -> None:
    add_branch(store, "b12")
    put_counts(store, "b12", {5: 207, 1: 43}, kind="csat", question="service")
    put_counts(store, "b12", {10: 50, 8: 30, 3: 20}, kind="nps", question="recommend")

    text = Words(read(address, "/?branch=b12")).text

    assert "(CSAT) service: one interaction 82.8 % 95 % interval 77.6 to 87.0" in text
    assert "(NPS) experience: the relationship 30.0 95 % interval" in text
    assert "0 answers" in text  # the SLI has none


def test_branches_are_ranked_by_the_lower_end_and_the_smallest_not_at_all(
    store: Engine, address: str
) -> None:
    for name in ("sure", "lucky", "tiny"):
        add_branch(store, name, f"The {name} one")
    put_counts(store, "sure", {5: 700, 4: 300})
    put_counts(store, "lucky", {5: 12})
    put_counts(store, "tiny", {5: 9})

    text = Words(read(address, "/")).text.partition("by the lower end")[2]

    assert re.search(
        r"1 The sure one 85\.0 .* 2 The lucky one 100\.0 .* few answers 12 – The tiny one – too few", text
    )


def test_many_branches_fold_the_middle(store: Engine, address: str) -> None:
    for at in range(30):
        add_branch(store, f"b{at:02}")
        put_counts(store, f"b{at:02}", {5: 40 + at, 1: 20})

    page = read(address, "/")

    assert "10 more branches between" in page
    assert "Choose a branch" in page
    assert len(re.findall(r'<tr[^>]*><td class="number place">\d+<', page)) == 30


def test_a_day_with_few_answers_and_a_long_gap_break_the_line(store: Engine, address: str) -> None:
    add_branch(store, "b12")
    for back in (0, 1, 2, 2 + LONG_GAP_DAYS + 1):
        put_counts(store, "b12", {5: 7 if back == 1 else 40}, day=TODAY - back)

    points = figures(read(address, "/?branch=b12"))

    assert [(point["n"], point["value"], point["today"]) for point in points] == [
        (40, 100.0, False),
        (0, None, False),
        (40, 100.0, False),
        (7, None, False),
        (40, 100.0, True),
    ]


def test_what_users_write_is_text(store: Engine, address: str) -> None:
    evil = "</script><script>alert(1)</script><b>\"'"
    add_branch(store, "b12", evil)
    put_counts(store, "b12", {5: 40}, stage=evil)
    add_kiosk(store, "<i>k", "b12", NOW_MS, json.dumps({"app": evil, "pending": 3, "oldest_s": 7200}))

    page = read(address, "/?branch=b12")

    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "<i>k" not in page
    assert evil in Words(page).text


def test_nothing_inline_runs(store: Engine, address: str) -> None:
    fill(store)
    answered = requests.get(address + "/", timeout=10)

    policy = answered.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag, attributes in Words(answered.text).tags:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert tag != "script" or "src" in attributes or attributes["type"] == "application/json"


def test_every_table_has_a_caption_and_every_heading_its_place(store: Engine, address: str) -> None:
    fill(store)
    tags = [tag for tag, _ in Words(read(address, "/")).tags]

    assert tags.count("table") == tags.count("caption")
    assert (tags.count("h1"), "h3" in tags) == (1, False)


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/?branch=b99", 404, "There is no such branch."),
        ("/?days=8", 422, "A period here is 7, 30 or 90 days."),
        ("/?days=many", 422, "A period here is 7, 30 or 90 days."),
    ],
)
def test_what_is_not_there_is_said(address: str, path: str, status: int, sentence: str) -> None:
    assert sentence in read(address, path, status)


def test_an_empty_server_has_a_page(address: str) -> None:
    assert "There is no kiosk here yet." in read(address, "/")


def test_only_the_pages_own_files_are_served(address: str) -> None:
    assert "uPlot" in read(address, "/static/vendor/uplot-1.6.32/uPlot.iife.min.js")
    for path in ("/static/", "/static/nothing.css", "/static/..%2froutes.py", "/static/%2e%2e/routes.py"):
        read(address, path, 404)


def test_kiosks_tell_their_last_contact_in_the_branchs_time(store: Engine, address: str) -> None:
    add_branch(store, "b12", zone="Asia/Baku")
    add_kiosk(store, "k1", "b12", NOW_MS - 3 * 86_400_000, json.dumps({"pending": 320, "oldest_s": 90_000}))
    add_kiosk(store, "k2", "b12", None)

    text = Words(read(address, "/?branch=b12")).text

    assert "k1 exit 1 3 days ago 17 Nov, 16:40 320 oldest 25 hours" in text
    assert "k2 exit 1 never not said" in text
    assert (
        "320 not here yet on 1 kiosk when last heard, the oldest for 25 hours; 1 kiosk has not said" in text
    )
    assert "0 of 2 kiosks" in text


def test_the_login_page_asks_and_says_when_it_was_wrong() -> None:
    asked, wrong = Words(login_page(wrong=False)), Words(login_page(wrong=True))

    form = dict(asked.tags)["form"]
    assert (form["method"], form["action"]) == ("post", "/login")
    assert "That password is not right." not in asked.text
    assert "That password is not right." in wrong.text
