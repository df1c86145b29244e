"""The counts of ``python -m benchmarks --only press`` that are limits; its times are not tested."""

from __future__ import annotations

import pytest

from benchmarks.counts import cost
from benchmarks.press import FLOOR_BYTES, MOST_BLOCKS, OURS

PRESSES = 1_000


@pytest.mark.strace
def test_a_press_costs_one_flush_and_at_most_2_6_blocks() -> None:
    """Each press with its outcome; the checkpoints, also those made when idle, are in it."""
    found = cost([*OURS, "afterword"], PRESSES)
    print(found)

    assert 1 <= found.flushes <= 1.05
    assert found.written <= MOST_BLOCKS * FLOOR_BYTES
    if found.device is not None:  # a block device of one's own takes root
        assert found.device <= MOST_BLOCKS * FLOOR_BYTES
