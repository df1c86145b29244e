"""A kiosk whose clock is wrong still enrols and drains, and its answers are placed in the hour they were given."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from scripts.demonstration.stage import staged
from tests.stage import OFF_SCREEN, arrived, press, running

pytestmark = [pytest.mark.screen, pytest.mark.wrong_clock]

WITHIN_MS = 120_000
"""Central knows a boot's time from the arrival of its request, to within the kiosk's deadline of 60 s."""


def wrong_clock(reads: str) -> dict[str, str]:
    """The environment of a process whose wall clock *reads* something else; its boot clock runs as ever."""
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": reads, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.parametrize(
    "reads",
    ["@1970-01-01 00:00:10", "-1h", "+1d", "@2099-06-15 12:00:00"],
    ids=["1970", "an hour back", "a day ahead", "2099"],
)
def test_a_kiosk_with_a_wrong_clock_enrols_and_drains(tmp_path: Path, reads: str) -> None:
    """Whatever the wall clock says, nothing is refused and the press is placed when it was made."""
    before_ms = time.time() * 1000
    with staged(tmp_path / "stage", OFF_SCREEN | wrong_clock(reads)) as stage:
        press(stage, "touch bad")
        with running(stage.kiosk("agent", "sync", "--splay", "0")):
            rows = arrived(stage)

    assert {"bad"} == {row["rating"] for row in rows if row["kind"] == "rating"}
    for row in rows:
        assert abs(row["utc_ms"] - before_ms) < WITHIN_MS
