"""How quickly a backlog drains, durable at both ends: beside a plain outbox, in turns."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import requests

from benchmarks.branch import Kiosk, answers, kiosk, served
from benchmarks.wire import rows
from benchmarks.worker import ROOT
from feedback.answers import Answer

ROUNDS, BACKLOG = 5, 10_000
OUTBOXES = ((1, 300), (100, 10_000))
"""Rows in a request, and answers in a round."""
LEAST_RATIO = 50


@dataclass
class Line:
    """One way to central: answers a second in each round, and what it asked."""

    name: str
    count: int
    rates: list[float] = field(default_factory=list)
    requests: int = 0


def main() -> int:
    """Prints the table; 0, whatever it says: times are for people."""
    ours = Line("Afterword", BACKLOG)
    outboxes = {most: Line(f"an outbox, {most} in each request", count) for most, count in OUTBOXES}
    with (
        tempfile.TemporaryDirectory(prefix="afterword-drain-") as name,
        served() as stage,
        _row_server() as url,
        kiosk(stage, stage.central_url) as device,
        requests.Session() as session,
    ):
        for turn in range(ROUNDS):
            ours.rates.append(_drained(device, ours))
            for most, line in outboxes.items():
                outbox = Path(name) / f"{most}-{turn}.db"
                line.rates.append(_outbox_drained(outbox, session, url, line, most))
            print(f"drain: round {turn + 1} of {ROUNDS}", file=sys.stderr)
    _print([ours, *outboxes.values()])
    return 0


def _drained(device: Kiosk, line: Line) -> float:
    device.record(answers(device.delivered + 1, BACKLOG))
    last = device.delivered + BACKLOG
    trips: list[float] = []
    began = time.perf_counter()
    while device.delivered < last:
        trips.append(device.agent.step())
        if trips[-1]:
            raise RuntimeError(f"the agent got nowhere: {device.agent.words()}")
    took = time.perf_counter() - began
    line.requests = len(trips)
    return BACKLOG / took


def _outbox_drained(path: Path, session: requests.Session, url: str, line: Line, most: int) -> float:
    """What store and forward commonly is: the oldest rows go out, and are struck off when they were thanked for."""
    more = list(answers(1 + line.count * len(line.rates), line.count))
    line.requests = 0
    with closing(_outbox(path, more)) as connection:
        began = time.perf_counter()
        while found := connection.execute(
            "SELECT seq, body FROM outbox ORDER BY seq LIMIT ?", (most,)
        ).fetchall():
            body = f"[{','.join(body for _, body in found)}]"
            told = {"Content-Type": "application/json"}
            session.post(f"{url}/answers", body, headers=told, timeout=20).raise_for_status()
            line.requests += 1
            with connection:
                connection.execute("DELETE FROM outbox WHERE seq <= ?", (found[-1][0],))
        took = time.perf_counter() - began
    return len(more) / took


def _outbox(path: Path, more: Sequence[Answer]) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    with connection:
        connection.execute("CREATE TABLE outbox (seq INTEGER PRIMARY KEY, body TEXT)")
        bodies = ((one["seq"], json.dumps(one)) for one in rows(more))
        connection.executemany("INSERT INTO outbox VALUES (?, ?)", bodies)
    return connection


@contextmanager
def _row_server() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="afterword-rows-") as folder:
        words = [sys.executable, "-m", "benchmarks.row_server", folder]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        try:
            assert process.stdout  # noqa: S101  it is a pipe
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(20)


def _print(lines: Sequence[Line]) -> None:
    print(f"{ROUNDS} rounds in turns; an answer counts once it is durable at both ends\n")
    print(f"{'':<36}{'answers':>9}{'requests':>10}{'answers/s':>11}{'Afterword is x':>16}")
    ours = lines[0]
    for line in lines:
        ratio = median(mine / its for mine, its in zip(ours.rates, line.rates, strict=True))
        print(f"{line.name:<36}{line.count:>9}{line.requests:>10}{median(line.rates):>11.0f}{ratio:>16.1f}")
    print(f"\nwanted: >= {LEAST_RATIO} x PouchDB, which takes Node.js and CouchDB and is not measured here")


if __name__ == "__main__":
    sys.exit(main())
