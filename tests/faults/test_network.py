"""A small size of ``python -m tests.faults.network``, and its judge by itself."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from central.store import tables
from central.store.database import writing
from kiosk.storage.link_state import Fate, Span
from tests.faults.network.judge import Verdict, check_cursor, judge
from tests.faults.network.portals import PORTALS
from tests.faults.network.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Thirty responses, all handed over."""
    made = Scene(tmp_path, random.Random(1))
    made.press(30)
    for _ in range(500):
        made.pass_time(int(made.agent.step() * 1_000) + 1)
        if made.is_drained():
            break
    yield made
    made.close()


def verdict_of(scene: Scene) -> Verdict:
    verdict = Verdict()
    judge(scene, verdict)
    return verdict


def a_seq(scene: Scene) -> int:
    """Of an answer that central has."""
    return int(next(row.seq for row in scene.central.rows(tables.answers)))


def test_what_was_handed_over_is_sound(scene: Scene) -> None:
    assert verdict_of(scene).sound
    assert scene.is_at_rest()


def test_the_judge_sees_what_central_lost(scene: Scene) -> None:
    with writing(scene.central.store) as connection:
        connection.execute(delete(tables.answers).where(tables.answers.c.seq == a_seq(scene)))

    assert "lost" in verdict_of(scene).kinds


def test_the_judge_sees_what_is_counted_twice(scene: Scene) -> None:
    with writing(scene.central.store) as connection:
        connection.execute(update(tables.counts).values(n=tables.counts.c.n + 1))

    assert {"duplicated", "corrupt"} == set(verdict_of(scene).kinds)


def test_the_judge_sees_what_nobody_answered(scene: Scene) -> None:
    with writing(scene.central.store) as connection:
        connection.execute(
            update(tables.answers).where(tables.answers.c.seq == a_seq(scene)).values(seq=100_000)
        )

    assert {"lost", "invented"} <= set(verdict_of(scene).kinds)


def test_the_judge_sees_what_was_given_up_without_central_s_word(scene: Scene) -> None:
    seq = a_seq(scene)
    with writing(scene.central.store) as connection:
        connection.execute(delete(tables.answers).where(tables.answers.c.seq == seq))
    (progress,) = scene.link.stores
    given_up = replace(progress, spans=(*progress.spans, Span(seq, seq, Fate.VOID, "too large")))
    scene.agent._file.save(scene.link.advanced(given_up))

    assert any("never refused it by itself" in found for found in verdict_of(scene).lost)


def test_a_cursor_ahead_of_central_is_a_loss(scene: Scene) -> None:
    scene.press(1)
    before = scene.link
    (progress,) = before.stores
    scene.agent._file.save(scene.link.advanced(replace(progress, delivered=progress.delivered + 2)))
    verdict = Verdict()

    check_cursor(scene, verdict, before)

    assert ["lost"] == verdict.kinds


def test_there_are_thirty_portals() -> None:
    assert 30 == len({portal.raw for portal in PORTALS})


def test_through_any_network_every_answer_comes_once() -> None:
    words = [sys.executable, "-m", "tests.faults.network", "--requests", "120", "--each", "60", "--seed", "1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    last = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, done.stderr
    assert last["requests"] >= 120
    assert (0, 0, 0, 0) == (last["lost"], last["duplicated"], last["invented"], last["blocked"])
    assert last["controls"] == last["controls_caught"] == 7
