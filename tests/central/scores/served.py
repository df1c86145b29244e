"""A small store to read scores from, and an app served on loopback, as a bank's browser meets it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, insert

from central.store import tables

NOW_MS = 1_795_178_400_000  # Friday 20 November 2026, 16:40 in Baku
TODAY = 20_777
GOLDEN = {5: 181, 4: 26, 3: 4, 2: 27, 1: 12}


def store_at(path: Path) -> Engine:
    store = create_engine(f"sqlite:///{path}")
    tables.metadata.create_all(store)
    return store


def add_branch(store: Engine, branch_id: str, name: str = "", zone: str = "Asia/Baku") -> None:
    with store.begin() as connection:
        connection.execute(insert(tables.branches).values(id=branch_id, name=name or branch_id, zone=zone))


def add_kiosk(
    store: Engine, kiosk_id: str, branch_id: str, contact_ms: int | None, status: str = "{}"
) -> None:
    row = {"id": kiosk_id, "branch_id": branch_id, "touchpoint_id": "exit-1", "state": "accepted"}
    with store.begin() as connection:
        connection.execute(insert(tables.kiosks).values(**row, contact_ms=contact_ms, status=status))


class Counting:
    """Collects counts as ingest would write them, then writes them in one go."""

    def __init__(self) -> None:
        self._cells: Counter[tuple[object, ...]] = Counter()

    def put(
        self,
        branch_id: str,
        value: int,
        n: int,
        *,
        kind: str = "rating",
        question: str = "visit",
        opens: bool = True,
        rule: str = "",
        day: int = TODAY,
        hour: int = 10,
        touchpoint: str = "exit-1",
        stage: str = "exit",
    ) -> None:
        cell = (branch_id, day, hour, touchpoint, stage, "exit", question, kind, value, opens, rule)
        self._cells[cell] += n

    def write(self, store: Engine) -> None:
        names = [column.name for column in tables.counts.c]
        rows = [dict(zip(names, (*cell, n), strict=True)) for cell, n in self._cells.items() if n]
        with store.begin() as connection:
            connection.execute(insert(tables.counts), rows)


def put_counts(store: Engine, branch_id: str, by_value: dict[int, int], **where: object) -> None:
    counting = Counting()
    for value, n in by_value.items():
        counting.put(branch_id, value, n, **where)  # type: ignore[arg-type]
    counting.write(store)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address *app* is served at, by uvicorn in a thread."""
    with closing(socket(AF_INET, SOCK_STREAM)) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # from here on a caller waits; before, it would be refused
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
