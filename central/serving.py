"""How ``central serve`` listens, and what it logs: each request's path and status, never a query or a header."""

from __future__ import annotations

import logging
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from feedback.errors import SettingsError

BACKLOG = 1_024
MOST_AT_ONCE = 500
"""Requests under way; more are answered 503 at once, and kiosks come again later."""
ENDING_S = 10


def listening(host: str, port: int) -> socket.socket:
    """
    A socket that listens; what knocks before ``run`` waits.

    Raises:
        SettingsError: The address is not this machine's, or is taken.
    """
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SettingsError(f"--host {host}: is no address of this machine ({error.strerror})") from None
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(where)
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise SettingsError(
            f"{host} port {port}: cannot be served on ({error.strerror}); choose others with --host and --port"
        ) from None
    return door


def address(door: socket.socket) -> str:
    """The address of *door* as a browser takes it."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: ASGIApp, door: socket.socket) -> None:
    """
    Serve *app* on *door* until the process is told to end.

    One process: the throttle, the challenges and the turn to write live in its memory.
    """
    config = uvicorn.Config(
        app,
        log_config=LOGS,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=ENDING_S,
    )
    uvicorn.Server(config).run(sockets=[door])


class WithoutQuery(logging.Filter):
    """Cuts the query off the path of an access line: a nonce or a cursor may be in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, shortened."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, version, status = record.args
            record.args = (client, method, str(path).partition("?")[0], version, status)
        return True


LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_query": {"()": "central.serving.WithoutQuery"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {
        "plain": {"class": "logging.StreamHandler", "formatter": "line"},
        "access": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_query"]},
    },
    "loggers": {
        "uvicorn": {"handlers": ["plain"], "level": "INFO", "propagate": False},
        "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        "central": {"handlers": ["plain"], "level": "INFO", "propagate": False},
    },
}
