"""
The other end of a plain outbox, for ``benchmarks --only drain``: ``python -m benchmarks.row_server FOLDER``.

Answers as rows of JSON, one or many in a request, in one commit before they are thanked for; a second delivery changes
nothing.
It says its port on its standard output.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from threading import Lock

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from central.serving import address, listening


class Row(BaseModel):
    """An answer with the names of its fields."""

    seq: int
    response: int
    branch: str
    touchpoint: str
    survey: str
    version: int
    question: str
    kind: str
    language: str
    value: int
    source: str
    boot: str
    boot_ms: int
    wall_ms: int


def made(folder: Path) -> FastAPI:
    """The server, with its file in *folder*."""
    names = ", ".join(Row.model_fields)
    connection = sqlite3.connect(folder / "rows.db", check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"CREATE TABLE IF NOT EXISTS rows ({names}, PRIMARY KEY (boot, seq))")
    insert = f"INSERT OR IGNORE INTO rows ({names}) VALUES ({', '.join('?' * len(Row.model_fields))})"  # noqa: S608
    turn = Lock()
    app = FastAPI()

    @app.post("/answers")
    def stored(rows: list[Row]) -> dict[str, str]:
        with turn, connection:
            connection.executemany(insert, [tuple(row.model_dump().values()) for row in rows])
        return {"status": "stored"}

    return app


def main() -> None:
    """Serve until told to end."""
    with listening("127.0.0.1", 0) as door:
        print(address(door), flush=True)
        config = uvicorn.Config(made(Path(sys.argv[1])), log_level="critical")
        uvicorn.Server(config).run(sockets=[door])


if __name__ == "__main__":
    main()
