"""A small size of ``python -m tests.faults.fleet``."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from kiosk.sync import plan
from tests.faults.fleet import HOUR, MOST_RATIO, POWER, RETURNS, Return, simulated


def test_a_fleet_comes_back_gently_and_without_jitter_it_does_not() -> None:
    command = [sys.executable, "-m", "tests.faults.fleet", "--kiosks", "800"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, done.stderr
    assert (last["tried"], last["lost"], last["controls_caught"]) == (800 * len(RETURNS), 0, 4)
    assert 1 < last["ratio"] == max(one["ratio"] for one in last["returns"].values()) <= 3


def test_nobody_is_away_longer_than_the_longest_wait() -> None:
    """After an hour the first waits are as long as any: each kiosk is drained within one of them."""
    assert simulated(300, HOUR, 2).drained_s <= plan.MOST_WAIT_MS / 1_000 + 60


@pytest.mark.parametrize("late_s", [30, 60, 120, 200])
def test_however_late_the_network_follows_the_power(late_s: int) -> None:
    """With short waits in the first minutes after a boot, the ratio was over 7."""
    assert simulated(1_500, Return("late", late_s, boots=True), 1).ratio <= MOST_RATIO


def test_a_fleet_without_chance_overwhelms_central() -> None:
    alike = simulated(300, POWER, 1, jitter=False, splay=False)
    gentle = simulated(300, POWER, 1)

    assert (gentle.refused, gentle.left) == (0, 0)
    assert alike.refused > 300
    assert alike.peak > 3 * gentle.peak
