"""What central says through its API, asked with the read key."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from feedback.ratings import Kind, Rating
from scripts.demonstration.processes import ProgramError
from scripts.demonstration.reckoning import Pressed
from scripts.demonstration.stage import BRANCH, Stage

Row = dict[str, Any]
"""One stored answer, as the API's document describes it."""

PAGE = 1_000
DEADLINE_S = 10


def rows(stage: Stage) -> list[Row]:
    """Every row that central holds of the branch, by kiosk, store and seq."""
    found: list[Row] = []
    after: str | None = None
    while True:
        page = _get(stage, f"/v1/branches/{BRANCH}/answers", limit=PAGE, after=after)
        found += page["answers"]
        after = page["next"]
        if after is None:
            return found


def rating_rows(stage: Stage) -> list[Pressed]:
    """The presses among them."""
    return [
        Pressed(base64.b64decode(row["store"]).hex(), row["seq"], Rating(row["value"]))
        for row in rows(stage)
        if row["kind"] == Kind.RATING.value
    ]


def seqs(stage: Stage) -> set[tuple[str, int]]:
    """Store, as hex, and seq of every row."""
    return {(base64.b64decode(row["store"]).hex(), row["seq"]) for row in rows(stage)}


def branch_sli(stage: Stage) -> tuple[float | None, int]:
    """The branch's SLI over every day, and how many answers it counts."""
    today = datetime.now(UTC).date()
    period = {"from": str(today - timedelta(days=60)), "to": str(today + timedelta(days=1))}
    page = _get(stage, f"/v1/branches/{BRANCH}/scores", by="total", **period)
    (group,) = page["groups"]
    return group["sli"]["value"], group["sli"]["n"]


def _get(stage: Stage, path: str, **query: str | int | None) -> Any:
    headers = {"Authorization": f"Bearer {stage.read_key}"}
    found = requests.get(stage.central_url + path, params=query, headers=headers, timeout=DEADLINE_S)
    if found.status_code != requests.codes.ok:
        raise ProgramError(f"central answered {found.status_code} to {path}: {found.text[:200]}")
    return found.json()
