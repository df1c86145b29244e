"""A small size of ``python -m tests.faults.fuzz``, and a judge who notices."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from central.store import tables
from central.store.database import writing
from tests.faults.fuzz.__main__ import MOST_MB, fuzzed
from tests.faults.fuzz.callers import Callers
from tests.faults.fuzz.door import KIOSK, Door, opened
from tests.faults.fuzz.judge import judge
from tests.faults.report import Report

REQUESTS = 40


@pytest.fixture(scope="module")
def knocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Door, Callers, int]]:
    with opened(tmp_path_factory.mktemp("fuzz") / "central") as door:
        callers = fuzzed(door, REQUESTS, math.inf, 11, lambda _: None, by_document=False)
        peak_mb = door.peak_mb
    yield door, callers, peak_mb
    door.store.dispose()


def judged(door: Door, callers: Callers) -> Report:
    report = Report("fuzz", callers.tried, callers.tried)
    judge(door.store, KIOSK, callers.told, report)
    return report


def test_whoever_knocks_central_stands(knocked: tuple[Door, Callers, int]) -> None:
    door, callers, peak_mb = knocked

    assert not callers.wrong, callers.examples
    assert max(callers.statuses) < 500
    assert callers.statuses[413] >= 2  # bodies that unfold without end were among them
    assert peak_mb < MOST_MB
    assert len(callers.told.stored) > 10
    assert judged(door, callers).passed


def test_the_judge_misses_a_row_and_a_value_that_means_nothing(knocked: tuple[Door, Callers, int]) -> None:
    """Each of them alone: what passed above could have failed."""
    door, callers, _ = knocked
    table = tables.answers
    stored = sorted(callers.told.stored)
    with writing(door.store) as connection:
        connection.execute(update(table).where(table.c.seq == stored[0][1]).values(value=99))
    spoiled = judged(door, callers)
    with writing(door.store) as connection:
        connection.execute(delete(table).where(table.c.seq == stored[-1][1]))
    gone = judged(door, callers)

    assert spoiled.corrupt
    assert not spoiled.lost
    assert gone.lost


def test_an_answer_that_is_not_as_documented_is_noticed(knocked: tuple[Door, Callers, int]) -> None:
    _, callers, _ = knocked
    path = "/v1/kiosks/{kiosk_id}/sync"
    limits = {"max_answers": 5, "max_bytes": 5, "encodings": [], "min_interval_s": 0}
    reply = {"v": 1, "server_utc_ms": 1, "verdicts": [], "accounted_upto": 0, "missing": [], "limits": limits}
    reply |= {"documents": {"survey": [4, "a"]}, "commands": []}

    assert callers.documented.fault("POST", path, 200, reply) == ""
    assert callers.documented.fault("POST", path, 200, reply | {"documents": {"survey": ["a", 4]}})
    assert callers.documented.fault("POST", path, 200, reply | {"accounted_upto": None})
