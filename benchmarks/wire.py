"""What the way to central costs: bytes on the socket, requests, and the agent's processor time."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from benchmarks.branch import Kiosk, Meter, answers, kiosk, served
from feedback.answers import Answer
from feedback.ratings import Rating
from kiosk.clock import KernelClock

BACKLOGS = (100, 1_000)
MOST_BACKLOG_BYTES, MOST_LIVE_BYTES, MOST_TRIP_BYTES = 6.0, 1_000, 2_000
CPU_ROUNDS = 10


@dataclass(frozen=True)
class Found:
    """
    What was on the socket for *count* answers.

    Attributes:
        up: Bytes to central, headers and signature included.
        down: Bytes of its acknowledgement.
        plain: Bytes of the same answers as rows of JSON, packed, without a header.
    """

    name: str
    count: int
    requests: int
    up: int
    down: int
    plain: int


def main() -> int:
    """Prints the table; 0, whatever it says: the counts are tests."""
    found, cpu_ms = measured(CPU_ROUNDS)
    print("bytes on the socket between a real agent and a real central, headers and signatures included\n")
    print(f"{'':<24}{'requests':>9}{'B up':>8}{'B down':>8}{'B up each':>11}{'gzip of JSON rows, each':>25}")
    for one in found:
        each, plain = one.up / one.count, one.plain / one.count
        print(f"{one.name:<24}{one.requests:>9}{one.up:>8}{one.down:>8}{each:>11.2f}{plain:>25.1f}")
    print(
        f"\nthe agent's processor time for 1,000 answers, from answers.db to the acknowledgement: {cpu_ms:.0f} ms"
    )
    print(
        f"wanted: <= {MOST_BACKLOG_BYTES:g} B each in 1,000; one live request <= {MOST_LIVE_BYTES} B, "
        f"the whole trip <= {MOST_TRIP_BYTES} B"
    )
    return 0


def measured(cpu_rounds: int = 0) -> tuple[list[Found], float]:
    """Backlogs and one live press; and the median milliseconds of processor time for 1,000 answers."""
    with served() as stage:
        with closing(Meter(stage.port)) as meter, kiosk(stage, meter.url) as device:
            found = [_backlog(device, meter, count) for count in BACKLOGS]
            found.append(_live(device, meter))
        with kiosk(stage, stage.central_url) as device:
            took = sorted(_cpu_ms(device) for _ in range(cpu_rounds))
    return found, took[len(took) // 2] if took else 0.0


def _backlog(device: Kiosk, meter: Meter, count: int) -> Found:
    more = list(answers(device.delivered + 1, count))
    return _handed_over(f"a backlog of {count:,}", device, meter, more)


def _live(device: Kiosk, meter: Meter) -> Found:
    """A bad rating and how its visit ended, as one commit makes them: sent at once."""
    now = KernelClock().moment()
    pair = [replace(one, moment=now) for one in answers(device.delivered + 1, 2)]
    return _handed_over("one press, live", device, meter, [replace(pair[0], value=Rating.BAD.value), pair[1]])


def _handed_over(name: str, device: Kiosk, meter: Meter, more: Sequence[Answer]) -> Found:
    device.record(iter(more))
    meter.clear()
    device.hand_over()
    if device.delivered != more[-1].seq:
        raise RuntimeError(f"{name}: handed over up to {device.delivered} of {more[-1].seq}")
    return Found(name, len(more), meter.requests, meter.up, meter.down, len(packed_rows(more)))


def _cpu_ms(device: Kiosk) -> float:
    device.record(answers(device.delivered + 1, 1_000))
    began = time.thread_time()
    device.hand_over()
    return 1_000 * (time.thread_time() - began)


def packed_rows(more: Sequence[Answer]) -> bytes:
    """*more* as somebody would send them who has no format of his own."""
    return gzip.compress(json.dumps(list(rows(more))).encode(), 6, mtime=0)


def rows(more: Sequence[Answer]) -> Iterator[dict[str, object]]:
    """Each of *more* with the names of its fields."""
    for one in more:
        yield {
            "seq": one.seq,
            "response": one.response,
            "branch": one.place.branch,
            "touchpoint": one.place.touchpoint,
            "survey": one.ask.survey,
            "version": one.ask.version,
            "question": one.ask.question,
            "kind": one.ask.kind.value,
            "language": one.ask.language,
            "value": one.value,
            "source": one.source.value,
            "boot": one.moment.boot,
            "boot_ms": one.moment.boot_ms,
            "wall_ms": one.moment.wall_ms,
        }


if __name__ == "__main__":
    sys.exit(main())
