"""What central learns late moves answers that were counted already, and their counts with them."""

from __future__ import annotations

import shutil
import sqlite3
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
from central.store.database import FILE, open_store, reading, writing
from feedback.answers import Anchor, Answer, Moment, Place
from feedback.ratings import Rating
from feedback.timeline import UNKNOWN_MS
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
from tests.central.older import made_older

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


HALF_HOUR_MS = HOUR_MS // 2


def test_a_boot_that_never_learned_the_time_is_placed_between_its_neighbours(
    central: Central, device: Device
) -> None:
    """The network was gone while it ran. Its presses count on their day once the boots around it are known."""
    lost = [
        replace(rating(2), moment=Moment("lost", 60_000, 5)),
        replace(rating(4), moment=Moment("lost", 90_000, 6)),
    ]
    before, after = (
        replace(rating(seq), moment=Moment(boot, 60_000, 0)) for seq, boot in ((1, "before"), (5, "after"))
    )
    device.sync(delivery(lost[0]))
    device.sync(delivery(after, anchors=(Anchor("after", 0, NOON_MS + HALF_HOUR_MS, "ntp", 40),)))
    assert {0: 1, BAKU_DAY: 1} == by_day(central)

    device.sync(delivery(before, anchors=(Anchor("before", 0, NOON_MS, "ntp", 40),)))

    # The boot before was alive at its press; each of the two ran for a minute, or 30 ms less.
    earliest, latest = NOON_MS + 60_000 - 70 + 60_000 - 30, NOON_MS + HALF_HOUR_MS + 40
    (row,) = central.rows(tables.answers, tables.answers.c.seq == 2)
    assert ("estimated", BAKU_DAY) == (row.quality, row.day)
    assert between(earliest, latest) == known(row)
    assert {BAKU_DAY: 3} == by_day(central)

    device.sync(delivery(lost[1]))  # a row that was thought lost: the boot ran on

    (row,) = central.rows(tables.answers, tables.answers.c.seq == 2)
    assert between(earliest, latest - 30_000 + 15) == known(row)


def test_a_window_goes_when_the_boot_learns_the_time_after_all(central: Central, device: Device) -> None:
    """The sync agent still had the anchor: what was reckoned gives way to what was known, next door too."""
    rows = [replace(rating(at), moment=Moment(f"boot-{at}", 60_000, 0)) for at in (1, 2, 3, 4)]
    ends = (Anchor("boot-1", 0, NOON_MS, "ntp", 40), Anchor("boot-4", 0, NOON_MS + HOUR_MS, "ntp", 40))
    device.sync(delivery(*rows, anchors=ends))
    wide = {row.seq: row.uncertainty_ms for row in central.rows(tables.answers)}

    device.sync(delivery(anchors=(Anchor("boot-2", 60_000, NOON_MS + 20 * 60_000, "central", 40),)))

    second, third = (central.rows(tables.answers, tables.answers.c.seq == seq)[0] for seq in (2, 3))
    assert (NOON_MS + 20 * 60_000, "exact") == (second.utc_ms, second.quality)
    assert wide[3] // 2 < third.uncertainty_ms < wide[3]
    assert between(NOON_MS + 21 * 60_000 - 70, NOON_MS + HOUR_MS + 40) == known(third)


def test_an_anchor_bounds_boots_in_every_store_that_shows_its_boot(central: Central, device: Device) -> None:
    """A card was changed while a boot ran: that boot is the last of one store and the first of another."""
    other = bytes(reversed(STORE))
    rows = [replace(rating(at), moment=Moment(f"boot-{at}", 60_000, 0)) for at in (1, 2, 3)]
    device.sync(delivery(*rows, anchors=(Anchor("boot-1", 0, NOON_MS, "ntp", 40),)))
    again = [replace(rating(1), moment=Moment("boot-3", 90_000, 0))]

    device.sync(delivery(*again, store=other, anchors=(Anchor("boot-3", 0, NOON_MS + HOUR_MS, "ntp", 40),)))

    (row,) = central.rows(tables.answers, tables.answers.c.seq == 2)
    assert between(NOON_MS + 60_000 - 70 + 59_970, NOON_MS + HOUR_MS + 40) == known(row)


def test_boots_that_change_places_leave_a_rebuild_nothing_to_do(central: Central, device: Device) -> None:
    """No kiosk numbers its answers so. What central has computed depends on what it has, and on nothing else."""
    rows = [replace(rating(at), moment=Moment(f"boot-{at}", 60_000, at)) for at in (2, 3, 4)]
    ends = (Anchor("boot-2", 0, NOON_MS, "ntp", 40), Anchor("boot-4", 0, NOON_MS + HOUR_MS, "ntp", 40))
    device.sync(delivery(*rows, anchors=ends))
    device.sync(delivery(replace(rating(1), moment=Moment("boot-4", 90_000, 0))))

    (row,) = central.rows(tables.answers, tables.answers.c.seq == 3)
    assert (3, UNKNOWN_MS) == known(row)
    with writing(central.store) as connection:
        rebuilt = rebuild(connection)
    assert (0, 0) == (rebuilt.changed, rebuilt.counts)


def test_a_database_of_before_knows_its_stays_from_its_answers(central: Central, device: Device) -> None:
    """The second schema is filled from what is there; a rebuild then places what has neighbours."""
    rows = [replace(rating(at), moment=Moment(f"boot-{at}", 60_000, 0)) for at in (1, 2, 3)]
    ends = (Anchor("boot-1", 0, NOON_MS, "ntp", 40), Anchor("boot-3", 0, NOON_MS + HOUR_MS, "ntp", 40))
    device.sync(delivery(*rows, anchors=ends))
    kept, times = central.rows(tables.stays), central.rows(tables.answers)
    with sqlite3.connect(central.folder / FILE) as connection:
        made_older(connection, "0001")
        connection.execute("UPDATE answers SET utc_ms = 5, day = 0, hour = 4 WHERE seq = 2")
    connection.close()

    with ExitStack() as stack:
        store = open_store(central.folder)
        stack.callback(store.dispose)
        assert kept == central.rows(tables.stays)
        with writing(store) as connection:
            assert 1 == rebuild(connection).changed
    assert times == central.rows(tables.answers)


def known(row: Any) -> tuple[int, int]:
    """What central says of when the answer was given: a moment, and how far off it may be."""
    return row.utc_ms, row.uncertainty_ms


def between(earliest_ms: int, latest_ms: int) -> tuple[int, int]:
    """The middle, and half the width, which reaches the end."""
    middle_ms = (earliest_ms + latest_ms) // 2
    return middle_ms, latest_ms - middle_ms


def by_day(central: Central) -> dict[int, int]:
    found: dict[int, int] = {}
    for key, n in central.counts().items():
        found[key[0]] = found.get(key[0], 0) + n
    return found


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


def recorded(presses: Sequence[tuple[Any, ...]], card_changed: int) -> list[tuple[bytes, Answer]]:
    """The rows a kiosk has of *presses*: each with its outcome; those from *card_changed* on in a second store."""
    rows: list[tuple[bytes, Answer]] = []
    boot, at_ms, seq, store = 0, 0, 1, STORE
    for number, (value, apart_ms, restarts, branch, chance) in enumerate(presses):
        boot, at_ms = (boot + 1, 0) if restarts else (boot, at_ms + apart_ms)
        if number == card_changed:
            store, seq = bytes(reversed(STORE)), 1
        moment = Moment(f"boot-{boot}", at_ms, NOON_MS + at_ms)
        there = {"place": Place(branch, "exit-1"), "moment": moment, "test": chance == 0}
        rows.append((store, replace(rating(seq, value), **there)))
        rows.append((store, replace(outcome(seq + 1, of=seq), **there)))
        seq += 2
    return rows


@st.composite
def delivered(draw: st.DrawFn) -> tuple[list[SyncRequest], list[SyncRequest]]:
    """One history of a kiosk as two lines of requests: cut, ordered and repeated in two ways."""
    rows = recorded(draw(st.lists(PRESS, max_size=14)), draw(st.integers(1, 14)))
    anchors = tuple(
        Anchor(f"boot-{boot}", at_ms, NOON_MS + at_ms + off_ms, "ntp", error_ms)
        for boot, at_ms, off_ms, error_ms in draw(
            st.lists(ANCHOR, max_size=5, unique_by=lambda anchor: anchor[:2])
        )
    )
    changed = next((at for at, (store, _) in enumerate(rows) if store != STORE), len(rows))
    lines = []
    for _ in range(2):
        cuts = sorted([changed, *draw(st.lists(st.integers(0, len(rows)), max_size=5))])
        parts = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True) if a < b]
        requests = [delivery(*(answer for _, answer in part), store=part[0][0]) for part in parts]
        requests += [delivery(anchors=(one,)) for one in anchors]
        order = draw(st.permutations(requests))
        lines.append([*order, *draw(st.lists(st.sampled_from(requests), max_size=3))] if requests else [])
    return lines[0], lines[1]


def everything(store: Engine) -> tuple[list[Any], ...]:
    """Every answer, every count and every stay, without the numbers that depend on who came first."""
    columns = [column for column in tables.answers.c if column.name not in ("ask_id", "boot_id")]
    stays = [column for column in tables.stays.c if column.name != "boot_id"]
    queries = (
        select(*columns).order_by(tables.answers.c.store_id, tables.answers.c.seq),
        select(tables.counts).order_by(*tables.counts.primary_key),
        select(*stays).order_by(tables.stays.c.store_id, tables.stays.c.first_seq),
    )
    with reading(store) as connection:
        return tuple([tuple(row) for row in connection.execute(query)] for query in queries)


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
