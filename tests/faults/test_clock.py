"""A small size of ``python -m tests.faults.clock``, and the same histories through a real central."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from central.ingest.rebuilding import rebuild
from central.keys import make_keys
from central.store import tables
from central.store.database import make_store, writing
from feedback.answers import Answer
from feedback.timeline import Quality, When, windows
from feedback.wire import SyncRequest
from tests.central.device import Central, delivery, rating, serving
from tests.faults.clock import History, Repairer, histories

HISTORIES = 6
"""With boots that are known by their neighbours. Each is sent by two kiosks: cut and ordered in another way."""


def test_the_true_time_is_always_inside_and_every_wrong_repair_is_found_out() -> None:
    command = [sys.executable, "-m", "tests.faults.clock", "--histories", "1000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, done.stderr
    assert (last["tried"], last["outside"], last["far"]) == (1000, 0, 0)
    assert last["controls"] == last["controls_caught"] == 5
    assert min(last[kind] for kind in ("anchored", "near", "between", "unknown")) > 1000


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    """Central with one branch, being served."""
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(insert(tables.branches).values(id="b12", name="Nizami", zone="Asia/Baku"))
    store.dispose()
    with serving(folder) as running:
        yield running


def test_central_states_the_same_times_in_whatever_order_rows_and_anchors_come(central: Central) -> None:
    """Cut, shuffled and repeated: what is stored is what the pure function says, and a rebuild agrees."""
    chance = random.Random(4)
    qualities: Counter[Quality] = Counter()
    between = (one for one in histories(4) if windows(one.stays, one.anchors))
    for number, history in enumerate(islice(between, HISTORIES)):
        given = _given(history)
        true = {answer.seq: (when.utc_ms, when.quality.value, when.uncertainty_ms) for answer, when in given}
        qualities.update(when.quality for _, when in given)
        for kiosk in (f"k-{number}-a", f"k-{number}-b"):
            device = central.enrolled(kiosk)
            for request in _requests(chance, history, [answer for answer, _ in given]):
                assert device.sync(request).status == 200
            stored = central.rows(tables.answers, tables.answers.c.kiosk_id == kiosk)
            assert true == {row.seq: (row.utc_ms, row.quality, row.uncertainty_ms) for row in stored}
    with writing(central.store) as connection:
        rebuilt = rebuild(connection)

    assert (0, 0) == (rebuilt.changed, rebuilt.counts)
    assert set(Quality) == set(qualities)


def _given(history: History) -> list[tuple[Answer, When]]:
    """The presses of *history* as answers, and when they were by the pure function."""
    times = Repairer().times(history)
    return [(rating(seq, moment=moment), when) for seq, (_, moment, when) in enumerate(times, 1)]


def _requests(chance: random.Random, history: History, answers: list[Answer]) -> list[SyncRequest]:
    """Everything the kiosk has to tell, cut and ordered by *chance*, a third of it twice."""
    cuts = sorted(chance.sample(range(len(answers) + 1), min(len(answers), 6)))
    parts = [answers[a:b] for a, b in pairwise([0, *cuts, len(answers)]) if a < b]
    told = [delivery(*part) for part in parts]
    told += [delivery(anchors=(anchor,)) for boot in history.boots for anchor in boot.anchors]
    told += chance.sample(told, len(told) // 3)
    chance.shuffle(told)
    return told
