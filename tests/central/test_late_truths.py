"""What central learns late moves answers that were counted already, and their counts with them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from central.fleet import codes
from central.ingest.merging import Merge
from central.ingest.rebuilding import rebuild
from central.store import tables
from central.store.database import open_store, reading, writing
from feedback.answers import Anchor, Answer, Moment, Place
from feedback.ratings import Rating
from feedback.wire import SyncRequest
from tests.central.device import (
    BAKU_DAY,
    BAKU_HOUR,
    BOOT,
    NOON_MS,
    STORE,
    Central,
    Device,
    delivery,
    outcome,
    rating,
)

HOUR_MS = 3_600_000


def test_a_late_anchor_moves_answers_to_their_true_hour(central: Central, device: Device) -> None:
    """The kiosk thought it was 1970; a day later it learns the time, and the counts move."""
    press = replace(rating(1), moment=Moment(BOOT, 60_000, 60_000))
    device.sync(delivery(press))
    assert {(0, 4, "rating", 4, ""): 1} == central.counts()

    device.sync(delivery(anchors=(Anchor(BOOT, 86_400_000, NOON_MS + 86_400_000, "ntp", 40),)))

    (row,) = central.rows(tables.answers)
    assert (NOON_MS + 60_000, "repaired", BAKU_DAY, BAKU_HOUR) == (row.utc_ms, row.quality, row.day, row.hour)
    assert {(BAKU_DAY, BAKU_HOUR, "rating", 4, ""): 1} == central.counts()


def test_a_late_row_sets_its_neighbour_aside(central: Central, device: Device) -> None:
    """The same face again within five seconds: the first of the two came last."""
    device.sync(delivery(rating(2, boot_ms=63_000)))
    assert {"": 1} == by_rule(central)

    device.sync(delivery(rating(1, boot_ms=60_000)))

    assert ["", "repeat"] == [row.rule for row in central.rows(tables.answers)]
    assert {"": 1, "repeat": 1} == by_rule(central)


def test_a_burst_is_seen_across_requests(central: Central, device: Device) -> None:
    """Five presses within five seconds, one request each: all are set aside in the end."""
    for seq in range(1, 6):
        device.sync(delivery(rating(seq, Rating(1 + seq % 5), boot_ms=60_000 + seq * 500)))

    assert ["burst"] * 5 == [row.rule for row in central.rows(tables.answers)]
    assert {"burst": 5} == by_rule(central)


def test_a_neighbour_at_another_branch_is_a_neighbour(central: Central, device: Device) -> None:
    """The rules look at a store's presses, wherever the kiosk stood: so does the kiosk."""
    central.code("k-1", "b13")
    device.sync(delivery(rating(1, boot_ms=60_000)))

    device.sync(delivery(rating(2, boot_ms=61_000, place=Place("b13", "exit-1"))))

    assert {"": 1, "repeat": 1} == by_rule(central)


def by_rule(central: Central) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, n in central.counts().items():
        found[key[-1]] = found.get(key[-1], 0) + n
    return found


PRESS = st.tuples(
    st.sampled_from(list(Rating)),
    st.integers(0, 6_000),  # since the one before
    st.booleans(),  # a restart in between
    st.sampled_from(["b12", "b12", "b12", "b13"]),
    st.integers(0, 9),  # a test at 0
)
ANCHOR = st.tuples(
    st.integers(0, 3),
    st.integers(0, 60_000),
    st.integers(-3 * HOUR_MS, 3 * HOUR_MS),
    st.integers(0, 40),
)


def recorded(presses: Sequence[tuple[Any, ...]]) -> list[Answer]:
    """The rows a kiosk has of *presses*: each with its outcome."""
    rows: list[Answer] = []
    boot, at_ms = 0, 0
    for value, apart_ms, restarts, branch, chance in presses:
        boot, at_ms = (boot + 1, 0) if restarts else (boot, at_ms + apart_ms)
        seq = len(rows) + 1
        moment = Moment(f"boot-{boot}", at_ms, NOON_MS + at_ms)
        there = {"place": Place(branch, "exit-1"), "moment": moment, "test": chance == 0}
        rows += [replace(rating(seq, value), **there), replace(outcome(seq + 1, of=seq), **there)]
    return rows


@st.composite
def delivered(draw: st.DrawFn) -> tuple[list[SyncRequest], list[SyncRequest]]:
    """One history of a kiosk as two lines of requests: cut, ordered and repeated in two ways."""
    rows = recorded(draw(st.lists(PRESS, max_size=14)))
    anchors = tuple(
        Anchor(f"boot-{boot}", at_ms, NOON_MS + at_ms + off_ms, "ntp", error_ms)
        for boot, at_ms, off_ms, error_ms in draw(
            st.lists(ANCHOR, max_size=5, unique_by=lambda anchor: anchor[:2])
        )
    )
    lines = []
    for _ in range(2):
        cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=5)))
        parts = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True) if a < b]
        requests = [delivery(*part) for part in parts] + [delivery(anchors=(one,)) for one in anchors]
        order = draw(st.permutations(requests))
        lines.append([*order, *draw(st.lists(st.sampled_from(requests), max_size=3))] if requests else [])
    return lines[0], lines[1]


def everything(store: Engine) -> tuple[list[Any], list[Any]]:
    """Every answer and every count, without the numbers that depend on who came first."""
    columns = [column for column in tables.answers.c if column.name not in ("ask_id", "boot_id")]
    with reading(store) as connection:
        answers = connection.execute(select(*columns).order_by(tables.answers.c.seq)).all()
        counts = connection.execute(select(tables.counts).order_by(*tables.counts.primary_key)).all()
    return [tuple(row) for row in answers], [tuple(row) for row in counts]


@given(delivered())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_in_whatever_order_things_come_central_knows_the_same_and_a_rebuild_agrees(
    folder: Path, lines: tuple[list[SyncRequest], list[SyncRequest]]
) -> None:
    """Cut, late, repeated, out of order: the same answers, the same counts, and nothing for a rebuild to do."""
    found = []
    for line in lines:
        with ExitStack() as stack:
            copy = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "central"
            shutil.copytree(folder, copy)
            store = open_store(copy)
            stack.callback(store.dispose)
            with writing(store) as connection:
                for branch in ("b12", "b13"):
                    codes.expect(connection, "k-1", branch, "exit-1", "exit", NOON_MS)
            for request in line:
                with writing(store) as connection:
                    Merge(connection, "k-1", request, NOON_MS).run()
            found.append(everything(store))
            with writing(store) as connection:
                rebuilt = rebuild(connection)
            assert (0, 0) == (rebuilt.changed, rebuilt.counts)
            assert found[-1] == everything(store)

    assert found[0] == found[1]
    assert len(found[0][0]) == sum(row[-1] for row in found[0][1])


def test_a_rebuild_repairs_counts_that_were_damaged(central: Central, device: Device) -> None:
    """It says how many were different, and then they are right."""
    device.sync(delivery(rating(1), outcome(2, of=1)))
    right = central.counts()
    with writing(central.store) as connection:
        connection.execute(tables.counts.update().values(n=7))
        connection.execute(tables.answers.update().where(tables.answers.c.seq == 1).values(hour=3))

    with writing(central.store) as connection:
        rebuilt = rebuild(connection)

    assert (2, 1, 2) == (rebuilt.answers, rebuilt.changed, rebuilt.counts)
    assert right == central.counts()
    assert STORE == central.rows(tables.answers)[0].store_id
