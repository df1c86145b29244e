"""The counts of ``python -m benchmarks --only wire`` that are limits; its times are not tested."""

from __future__ import annotations

from benchmarks.wire import (
    BACKLOGS,
    MOST_BACKLOG_BYTES,
    MOST_LIVE_BYTES,
    MOST_TRIP_BYTES,
    measured,
)


def test_a_backlog_takes_6_bytes_an_answer_and_a_live_press_one_small_request() -> None:
    """On the socket between the real agent and the real central, headers and signatures included."""
    found, _ = measured()
    hundred, thousand, live = found
    print(found)

    assert (hundred.count, thousand.count, live.count) == (*BACKLOGS, 2)
    assert [1, 1, 1] == [one.requests for one in found]
    assert thousand.up <= MOST_BACKLOG_BYTES * thousand.count
    assert 500 < live.up <= MOST_LIVE_BYTES
    assert live.up + live.down <= MOST_TRIP_BYTES
