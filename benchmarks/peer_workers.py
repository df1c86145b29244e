"""
The peers at their defaults, as ``workers``: run by the Python of build/benchmarks/venv, which knows nothing of ours.

Each stores what a programmer would: the fields of one rating.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def peewee(folder: Path) -> Callable[[int], None]:
    """A model's ``create``."""
    import peewee as orm

    database = orm.SqliteDatabase(folder / "peewee.db")

    class Rating(orm.Model):  # type: ignore[misc]
        branch = orm.CharField()
        touchpoint = orm.CharField()
        question = orm.CharField()
        language = orm.CharField()
        value = orm.IntegerField()
        source = orm.CharField()
        at = orm.DateTimeField()

    database.bind([Rating])
    database.create_tables([Rating])

    def record(number: int) -> None:
        fields = {
            "branch": "b12",
            "touchpoint": "exit-1",
            "question": "visit",
            "language": "en",
            "source": "t",
        }
        Rating.create(value=number % 5 + 1, at=time.strftime("%Y-%m-%d %H:%M:%S"), **fields)

    return record


def persist_queue(folder: Path) -> Callable[[int], None]:
    """A queue's ``put``, of the kind that waits for an acknowledgement."""
    import persistqueue

    waiting = persistqueue.SQLiteAckQueue(str(folder / "queue"), auto_commit=True)

    def record(number: int) -> None:
        fields = {
            "branch": "b12",
            "touchpoint": "exit-1",
            "question": "visit",
            "language": "en",
            "source": "t",
        }
        waiting.put({"value": number % 5 + 1, "at": time.time(), **fields})

    return record


def main(what: str, folder: str) -> None:
    """Answers the numbers on the standard input."""
    record = {"peewee": peewee, "persist-queue": persist_queue}[what](Path(folder))
    print("ready", flush=True)
    done = 0
    for line in sys.stdin:
        took = []
        for number in range(done, done + int(line)):
            began = time.perf_counter()
            record(number)
            took.append(round((time.perf_counter() - began) * 1e6, 1))
            time.sleep(0.001)
        done += int(line)
        print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
