"""The scores as a program on the network reads them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from sqlalchemy import Engine, insert

from central.scores.routes import router
from central.store import tables
from tests.central.scores.served import (
    GOLDEN,
    NOW_MS,
    TODAY,
    add_branch,
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


def read(address: str, path: str, status: int = 200, **asked: object) -> Any:
    answered = requests.get(address + path, params=asked, timeout=10)  # type: ignore[arg-type]
    assert answered.status_code == status, answered.text
    return answered.json()


def test_the_golden_example_comes_back_as_67_4(store: Engine, address: str) -> None:
    add_branch(store, "b12", "Nizami street")
    put_counts(store, "b12", GOLDEN)
    put_counts(store, "b12", {5: 6}, rule="repeat")

    found = read(address, "/v1/branches/b12/scores")

    assert found["branch"] == {"id": "b12", "name": "Nizami street", "zone": "Asia/Baku"}
    assert (found["from"], found["to"], found["by"]) == ("2026-10-22", "2026-11-20", "total")
    (total,) = found["groups"]
    sli = total["sli"]
    assert (sli["value"], sli["n"], sli["reliability"]) == (67.4, 250, "enough")
    assert (sli["low"], sli["high"]) == (58.73, 74.03)
    assert (sli["measures"], sli["set_aside"]) == ("experience", {"repeat": 6})
    assert (total["csat"]["value"], total["csat"]["n"], total["csat"]["measures"]) == (None, 0, "service")


def test_the_faces_of_a_further_question_are_not_the_branchs_sli(store: Engine, address: str) -> None:
    add_branch(store, "b12")
    put_counts(store, "b12", GOLDEN)
    put_counts(store, "b12", {1: 90}, question="speed", opens=False)
    put_counts(store, "b12", {10: 40}, kind="nps", question="recommend", opens=False)

    (total,) = read(address, "/v1/branches/b12/scores")["groups"]
    (listed,) = read(address, "/v1/branches")["branches"]

    assert (total["sli"]["value"], total["sli"]["n"]) == (67.4, 250)
    assert total["nps"]["n"] == 40
    assert listed["sli"]["n"] == 250


def test_every_day_of_the_period_is_listed(store: Engine, address: str) -> None:
    add_branch(store, "b12")
    put_counts(store, "b12", {5: 3}, day=TODAY - 2)
    put_counts(store, "b12", {1: 40}, day=TODAY - 90)  # outside

    found = read(address, "/v1/branches/b12/scores", by="day", **{"from": "2026-11-17", "to": "2026-11-20"})

    shown = [(group["key"], group["sli"]["n"], group["sli"]["value"]) for group in found["groups"]]
    assert shown == [
        ("2026-11-17", 0, None),
        ("2026-11-18", 3, 100),
        ("2026-11-19", 0, None),
        ("2026-11-20", 0, None),
    ]
    assert found["groups"][1]["sli"]["reliability"] == "counts_only"


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("total", ["total"]),
        ("hour", [str(hour) for hour in range(24)]),
        ("stage", ["arrival", "exit"]),
        ("touchpoint", ["desk", "exit-1"]),
    ],
)
def test_every_grouping_holds_the_same_answers(store: Engine, address: str, by: str, keys: list[str]) -> None:
    add_branch(store, "b12")
    put_counts(store, "b12", {5: 7, 1: 2}, hour=9)
    put_counts(store, "b12", {4: 5}, hour=17, touchpoint="desk", stage="arrival", day=TODAY - 1)

    groups = read(address, "/v1/branches/b12/scores", by=by)["groups"]

    assert [group["key"] for group in groups] == keys
    assert sum(group["sli"]["n"] for group in groups) == 14


def test_all_branches_together_add_their_counts(store: Engine, address: str) -> None:
    """A branch of ten answers weighs ten answers, not half."""
    add_branch(store, "big")
    add_branch(store, "small", zone="America/New_York")
    put_counts(store, "big", {5: 90})
    put_counts(store, "small", {1: 10})

    (total,) = read(address, "/v1/scores")["groups"]

    assert (total["sli"]["value"], total["sli"]["n"]) == (80, 100)


def test_branches_come_in_pages(store: Engine, address: str) -> None:
    for name in ("a", "b", "c"):
        add_branch(store, name)
    put_counts(store, "b", {5: 12})

    first = read(address, "/v1/branches", limit=2)
    second = read(address, "/v1/branches", limit=2, after=first["next"])

    assert [branch["id"] for branch in first["branches"] + second["branches"]] == ["a", "b", "c"]
    assert [branch["sli"]["n"] for branch in first["branches"]] == [0, 12]
    assert second["next"] is None


def test_a_day_is_the_branchs_own(store: Engine, address: str) -> None:
    """At 16:40 in Baku it is already the next day in Kiritimati."""
    add_branch(store, "far", zone="Pacific/Kiritimati")

    assert read(address, "/v1/branches/far/scores")["to"] == "2026-11-21"
    assert read(address, "/v1/scores")["to"] == "2026-11-21"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"by": "week"}, "by = 'week': expected one of total, day, hour, stage, touchpoint."),
        ({"from": "yesterday"}, "from = 'yesterday': expected a day such as 2026-11-20."),
        (
            {"from": "2026-11-20", "to": "2026-11-01"},
            "from = 2026-11-20 is after to = 2026-11-01: give the earlier day as from.",
        ),
        (
            {"from": "2020-01-01", "to": "2026-11-01"},
            "2020-01-01 to 2026-11-01 is more than 366 days: ask for a shorter period.",
        ),
        ({"form": "2026-11-01"}, "There is no query value called form."),
        (
            {"from": "0001-01-01", "to": "0001-01-02"},
            "from and to are days between 1970-01-01 and 9998-12-31.",
        ),
        ({"to": "0001-01-02"}, "from and to are days between 1970-01-01 and 9998-12-31."),
    ],
)
def test_a_wrong_query_gets_one_plain_sentence(
    store: Engine, address: str, asked: dict[str, str], sentence: str
) -> None:
    add_branch(store, "b12")

    assert read(address, "/v1/branches/b12/scores", 422, **asked) == {"detail": sentence}


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": 1001}, {"limit": "many"}, {"after": "x"}, {"after": "~~"}]
)
def test_a_page_is_bounded(store: Engine, address: str, asked: dict[str, str]) -> None:
    add_branch(store, "b12")

    (name,) = asked
    assert read(address, "/v1/branches/b12/answers", 422, **asked)["detail"].startswith(f"{name} = ")


def test_an_unknown_branch_is_said_so(address: str) -> None:
    assert read(address, "/v1/branches/b99/scores", 404) == {"detail": "There is no branch 'b99'."}
    assert read(address, "/v1/branches/b99/answers", 404) == {"detail": "There is no branch 'b99'."}


def test_the_same_answers_come_back_page_by_page(store: Engine, address: str) -> None:
    add_branch(store, "b12")
    add_branch(store, "b13")
    stores = [bytes(16), b"\xff" * 16]
    for at in range(7):
        add_answer(store, "b12", stores[at % 2], seq=at + 1, value=at % 5 + 1)
    add_answer(store, "b13", stores[0], seq=99, value=5)

    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = read(address, "/v1/branches/b12/answers", limit=3, after=after)
        found += page["answers"]
        after = page["next"]

    assert [(base64.b64decode(one["store"]), one["seq"]) for one in found] == [
        *((stores[0], seq) for seq in (1, 3, 5, 7)),
        *((stores[1], seq) for seq in (2, 4, 6)),
    ]
    assert found[0] == {
        "kiosk": "k1",
        "store": "AAAAAAAAAAAAAAAAAAAAAA==",
        "seq": 1,
        "response": 1,
        "touchpoint": "exit-1",
        "stage": "exit",
        "survey": "exit",
        "version": 4,
        "question": "visit",
        "kind": "rating",
        "language": "az",
        "value": 1,
        "rating": "unacceptable",
        "source": "b",
        "boot_ms": 81300,
        "wall_ms": 5,
        "utc_ms": NOW_MS,
        "quality": "repaired",
        "uncertainty_ms": 1500,
        "day": "2026-11-20",
        "hour": 16,
        "test": False,
        "rule": "repeat",
    }


def test_the_openapi_document_says_every_unit(address: str) -> None:
    document = read(address, "/openapi.json")

    fields = document["components"]["schemas"]["ScoreShape"]["properties"]
    assert all("description" in fields[name] for name in ("unit", "value", "low", "high", "n", "set_aside"))
    route = document["paths"]["/v1/branches/{branch_id}/scores"]["get"]
    assert {one["name"] for one in route["parameters"]} == {"branch_id", "by", "from", "to"}


def add_answer(store: Engine, branch_id: str, store_id: bytes, seq: int, value: int) -> None:
    answer = {
        "branch_id": branch_id,
        "kiosk_id": "k1",
        "store_id": store_id,
        "seq": seq,
        "response": seq,
        "touchpoint_id": "exit-1",
        "ask_id": 1,
        "value": value,
        "source": "b",
        "boot_id": 1,
        "boot_ms": 81_300,
        "wall_ms": 5,
        "test": False,
        "text_digest": b"",
        "content": b"c" * 16,
        "utc_ms": NOW_MS,
        "quality": "repaired",
        "uncertainty_ms": 1500,
        "stage": "exit",
        "day": TODAY,
        "hour": 16,
        "rule": "repeat",
    }
    ask = {"id": 1, "survey": "exit", "version": 4, "question": "visit", "kind": "rating", "language": "az"}
    with store.begin() as connection:
        connection.execute(insert(tables.asks).prefix_with("OR IGNORE").values(**ask))
        connection.execute(insert(tables.answers).values(**answer))
