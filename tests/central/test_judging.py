"""Rules against misuse at central: what follows a press, technicians' holds and service hours, in any order."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from central.fleet import branch_settings, codes
from central.ingest.judging import judge_again
from central.ingest.merging import Merge
from central.ingest.rebuilding import rebuild
from central.store import tables
from central.store.database import open_store, reading, writing
from central.store.documents import hours_of
from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place
from feedback.hours import Hours
from feedback.misuse import set_aside
from feedback.presses import SPAN, opening_presses
from feedback.presses import given as as_given
from feedback.ratings import Kind, Rating
from feedback.timeline import Quality, When
from feedback.wire import SyncRequest
from tests.central.device import BOOT, NOON_MS, Central, Device, delivery, outcome, rating
from tests.central.test_late_truths import ANCHOR, by_rule, everything

HOUR_MS = 3_600_000
WHY = Ask("exit", 4, "why", Kind.CHOICE, "az")
SPEED = Ask("exit", 4, "speed", Kind.RATING, "az")
ALWAYS = {name: ["00:00-24:00"] for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
LEARNT = (Anchor(BOOT, 0, NOON_MS, "ntp", 40),)
"""Monday 21 September 2026, 18:13 in Baku."""


def further(seq: int, of: int, ask: Ask = WHY, boot_ms: int | None = None) -> Answer:
    """The answer to a further question of the response *of*."""
    return replace(rating(seq, Rating.BAD, boot_ms), response=of, ask=ask)


def held(seq: int, of: int) -> Answer:
    """What a kiosk stores when the press *of* turned out to have begun a technician's hold."""
    return replace(outcome(seq, of=of), value=Outcome.HELD.value)


def until(closing: str) -> dict[str, list[str]]:
    """A week that is open from eight until *closing*."""
    return {name: [f"08:00-{closing}"] for name in ALWAYS}


def publish(store: Engine, branch: str, *schedules: dict[str, Any]) -> int:
    """Publish hours as the command does; how many stored answers are judged otherwise."""
    with writing(store) as connection:
        raw = json.dumps({"hours": schedules}).encode()
        _, since = branch_settings.publish(connection, branch, raw, "hours.json", NOON_MS)
        return 0 if since is None else judge_again(connection, branch, since)


def rules(central: Central) -> dict[int, str]:
    return {row.seq: row.rule for row in central.rows(tables.answers)}


def agrees(central: Central) -> bool:
    """Whether a rebuild finds nothing to do."""
    with writing(central.store) as connection:
        done = rebuild(connection)
    return (done.changed, done.counts) == (0, 0)


def test_a_further_answer_that_comes_late_lets_the_first_face_count(central: Central, device: Device) -> None:
    """Two customers: the first said why before the second pressed. The why is sent again after it was missing."""
    first, second = rating(1, Rating.BAD, 60_000), rating(3, Rating.GOOD, 64_000)
    device.sync(delivery(first))
    device.sync(delivery(second))
    assert {1: "corrected", 3: ""} == rules(central)

    device.sync(delivery(further(2, of=1)))

    assert {1: "", 2: "", 3: ""} == rules(central)
    assert {"": 3} == by_rule(central)
    assert agrees(central)


def test_a_rating_asked_later_in_a_visit_is_no_press(central: Central, device: Device) -> None:
    """It is neither a repeat of the opening one nor a correction of it; a technician's is a test like any other."""
    opening = rating(1, Rating.BAD, 60_000)
    device.sync(delivery(opening, further(2, 1, SPEED, 61_000), replace(further(3, 1, SPEED), test=True)))

    assert {1: "", 2: "", 3: "test"} == rules(central)


@pytest.mark.parametrize("first", ["press", "hold"])
def test_a_hold_sets_its_press_aside_whichever_comes_first(
    central: Central, device: Device, first: str
) -> None:
    """The press is stored at once, the hold five seconds later, and a request may lose its turn."""
    press = delivery(rating(1, Rating.EXCELLENT, 60_000), outcome(2, of=1))
    hold = delivery(held(3, of=1))
    for request in (press, hold) if first == "press" else (hold, press):
        device.sync(request)

    assert {1: "service", 2: "", 3: ""} == rules(central)
    assert {"": 2, "service": 1} == by_rule(central)
    assert agrees(central)


def test_both_presses_of_a_hold_are_service_and_the_customer_after_it_counts(
    central: Central, device: Device
) -> None:
    both = (rating(1, Rating.EXCELLENT, 60_000), rating(2, Rating.UNACCEPTABLE, 60_200))
    device.sync(delivery(*both, held(3, of=1), held(4, of=2), rating(5, Rating.EXCELLENT, 70_000)))

    assert {1: "service", 2: "service", 3: "", 4: "", 5: ""} == rules(central)


def test_a_hold_too_far_behind_its_press_says_nothing(central: Central, device: Device) -> None:
    """The kiosk looks no further either."""
    device.sync(delivery(rating(1), rating(2), rating(3)))
    device.sync(delivery(held(1 + SPAN, of=1)))
    device.sync(delivery(held(3 + SPAN, of=2)))

    assert ["service", "", ""] == [rules(central)[seq] for seq in (1, 2, 3)]
    assert agrees(central)


def test_a_neighbour_that_comes_late_leaves_a_hold_a_hold(central: Central, device: Device) -> None:
    """What is stored far behind the press is read again when the press is judged again."""
    device.sync(delivery(rating(1, boot_ms=60_000)))
    device.sync(delivery(held(1 + SPAN, of=1)))

    device.sync(delivery(rating(2, boot_ms=61_000)))

    assert {1: "service", 2: "repeat", 1 + SPAN: ""} == rules(central)


def test_new_hours_judge_what_is_stored_from_their_day_on(central: Central, device: Device) -> None:
    """A press at 18:14; hours until 18:00 set it aside, and longer ones bring it back, with its count."""
    device.sync(delivery(rating(1), anchors=LEARNT))

    assert 1 == publish(central.store, "b12", {"from": "2026-09-01", "week": until("18:00")})
    assert {"closed": 1} == by_rule(central)
    assert agrees(central)
    assert 0 == publish(central.store, "b12", {"from": "2026-09-01", "week": until("18:05")})
    assert 1 == publish(central.store, "b12", {"from": "2026-09-01", "week": until("19:00")})
    assert {"": 1} == by_rule(central)
    assert agrees(central)


def test_new_hours_leave_the_days_before_them_alone(central: Central, device: Device) -> None:
    device.sync(delivery(rating(1), anchors=LEARNT))

    assert 0 == publish(central.store, "b12", {"from": "2026-09-22", "week": {}})
    assert 0 == publish(central.store, "b13", {"from": "2026-09-01", "week": {}})  # another branch
    assert {"": 1} == by_rule(central)
    assert agrees(central)


def test_a_press_that_comes_after_the_hours_is_judged_by_them(central: Central, device: Device) -> None:
    publish(central.store, "b12", {"from": "2026-09-01", "week": until("18:00")})

    device.sync(delivery(rating(1), anchors=LEARNT))

    assert {"closed": 1} == by_rule(central)


def test_a_late_anchor_tells_that_the_branch_was_closed(central: Central, device: Device) -> None:
    """As long as nobody knows the time the press counts."""
    publish(central.store, "b12", {"from": "2026-09-01", "week": until("18:00")})
    press = replace(rating(1), moment=Moment(BOOT, 60_000, 60_000))
    device.sync(delivery(press))
    assert {"": 1} == by_rule(central)

    device.sync(delivery(anchors=LEARNT))
    assert {"closed": 1} == by_rule(central)

    # A better one, by which it was five minutes to six.
    device.sync(delivery(anchors=(Anchor(BOOT, 60_000, NOON_MS - 18 * 60_000, "ntp", 1),)))
    assert {"": 1} == by_rule(central)
    assert agrees(central)


def test_when_the_doors_open_again_neighbours_are_still_neighbours(central: Central, device: Device) -> None:
    """A press that is no longer outside the hours may be a repeat all the same."""
    publish(central.store, "b12", {"from": "2026-09-01", "week": until("18:00")})
    device.sync(delivery(rating(1, boot_ms=60_000), rating(2, boot_ms=62_000), anchors=LEARNT))
    assert {"closed": 2} == by_rule(central)

    assert 2 == publish(central.store, "b12", {"from": "2026-09-01", "week": ALWAYS})
    assert {1: "", 2: "repeat"} == rules(central)
    assert agrees(central)


PRESS = st.tuples(
    st.sampled_from([Rating.BAD, Rating.GOOD, Rating.EXCELLENT]),
    st.integers(0, 6_000),  # since the one before
    st.sampled_from([False] * 5 + [True]),  # a restart in between
    st.sampled_from(["b12", "b12", "b12", "b13"]),
    st.sampled_from(["", "", "why", "speed", "test"]),
    st.sampled_from([None] * 6 + [0, 1, 2, 3]),  # a hold, told after so many more presses
    st.sampled_from([0] * 7 + [30, SPAN, 300]),  # seqs lost before it
)


def recorded(presses: Sequence[tuple[Any, ...]]) -> list[Answer]:
    """The rows a kiosk has of *presses*."""
    rows: list[Answer] = []
    due: list[tuple[int, int]] = []  # after how many presses, of which
    boot, at_ms, last = 0, 0, 0
    for number, (value, apart_ms, restarts, branch, more, hold, lost) in enumerate(presses):
        boot, at_ms = (boot + 1, 0) if restarts else (boot, at_ms + apart_ms)
        last = seq = last + 1 + lost
        moment = Moment(f"boot-{boot}", at_ms, NOON_MS + at_ms)
        there = {"place": Place(branch, "exit-1"), "moment": moment, "test": more == "test"}
        rows.append(replace(rating(seq, value), **there))
        if more in ("why", "speed"):
            last += 1
            rows.append(replace(further(last, seq, WHY if more == "why" else SPEED), **there))
        last += 1
        rows.append(replace(outcome(last, of=seq), **there))
        if hold is not None:
            due.append((number + hold, seq))
        for _, of in [one for one in due if one[0] == number]:
            last += 1
            rows.append(replace(held(last, of), **there))
    return rows


SCHEDULE = st.builds(
    lambda week, except_: {"from": "2026-09-20", "week": week, "except": except_},
    st.sampled_from([ALWAYS, {}, until("18:00"), until("18:14"), until("20:00")]),
    st.sampled_from([{}, {"2026-09-21": []}, {"2026-09-21": ["00:00-24:00"]}]),
)
Line = list[SyncRequest | tuple[str, dict[str, Any]]]


@st.composite
def lived(draw: st.DrawFn) -> tuple[list[Answer], Line, Line]:
    """One history of a kiosk, and two ways in which it and the branches' hours come to central."""
    rows = recorded(draw(st.lists(PRESS, min_size=1, max_size=14)))
    anchors = draw(st.lists(ANCHOR, max_size=4, unique_by=lambda anchor: anchor[:2]))
    learnt = [
        delivery(anchors=(Anchor(f"boot-{boot}", at_ms, NOON_MS + off_ms + at_ms, "ntp", error_ms * 1_000),))
        for boot, at_ms, off_ms, error_ms in anchors
    ]
    hours = [(branch, draw(SCHEDULE)) for branch in ("b12", "b13")]
    lines: list[Line] = []
    for _ in range(2):
        cuts = draw(st.sets(st.integers(0, len(rows)), max_size=6))
        gaps = {at for at in range(1, len(rows)) if rows[at].seq != rows[at - 1].seq + 1}
        ends = sorted({0, *cuts, *gaps, len(rows)})
        come: Line = [*(delivery(*rows[a:b]) for a, b in pairwise(ends)), *learnt, *hours]
        lines.append(draw(st.permutations(come)))
    return rows, lines[0], lines[1]


@given(lived())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_in_whatever_order_things_come_central_judges_as_the_kiosk_does(
    folder: Path, history: tuple[list[Answer], Line, Line]
) -> None:
    """Follow-ups, holds, hours and anchors early or late: one result, which a rebuild and the kiosk agree with."""
    rows, *lines = history
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
            for step in line:
                if isinstance(step, tuple):
                    publish(store, *step)
                else:
                    with writing(store) as connection:
                        Merge(connection, "k-1", step, NOON_MS).run()
            found.append(everything(store))
            with writing(store) as connection:
                rebuilt = rebuild(connection)
            assert (0, 0) == (rebuilt.changed, rebuilt.counts)
            assert found[-1] == everything(store)
            assert judged_by_kiosk(rows, store) == judged_by_central(store)

    assert found[0] == found[1]


def judged_by_kiosk(rows: list[Answer], store: Engine) -> dict[int, str]:
    """The rule of every row by the shared functions alone, over all rows in order; only times are central's."""
    with reading(store) as connection:
        times = connection.execute(tables.answers.select()).all()
        hours = hours_of(connection, ["b12", "b13"])
    shut = {one.seq for one in times if is_closed(one, hours)}
    aside = set_aside(opening_presses(map(as_given, rows), shut))
    return {row.seq: "test" if row.test else aside[row.seq].value if row.seq in aside else "" for row in rows}


def is_closed(row: Any, hours: Mapping[str, Hours]) -> bool:
    zone = ZoneInfo({"b12": "Asia/Baku", "b13": "America/New_York"}[row.branch_id])
    return hours[row.branch_id].is_closed(When(row.utc_ms, Quality(row.quality), row.uncertainty_ms), zone)


def judged_by_central(store: Engine) -> dict[int, str]:
    with reading(store) as connection:
        return {row.seq: row.rule for row in connection.execute(tables.answers.select())}
