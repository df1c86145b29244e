"""
The hatch in the agent's wall: through it the command that holds the stick speaks with the process that owns sync.db.

A socket in the agent's own folder, for its user alone. Bytes go through it, never the stick: a stick that hangs, hangs
the command. Where nobody listens no agent runs, and the command may own sync.db itself.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from feedback.errors import AfterwordError, StickError
from feedback.wire import MOST_STICK_BYTES
from kiosk.sync.desk import Desk, Export, Taken

NAME = "stick.socket"
MODE = 0o600
BACKLOG = 4
VISITOR_S = 5.0
"""How long a visitor may be silent in the middle of a word: nothing is handed over by network meanwhile."""
AGENT_S = 120.0
"""The agent may be on a trip of a minute."""
MOST_WORD_BYTES = 4 << 20

log = logging.getLogger(__name__)


class Hatch:
    """The agent's side. One visitor at a time, when the agent has nothing else in hand."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self._path, self._desk = folder / NAME, desk
        self._path.unlink(missing_ok=True)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _short(self._path) as short:
            self._door.bind(short)
        self._path.chmod(MODE)
        self._door.listen(BACKLOG)
        self._door.setblocking(False)

    def serve(self) -> bool:
        """Do what a visitor asks, if there is one; whether there was."""
        try:
            visitor, _ = self._door.accept()
        except BlockingIOError:
            return False
        visitor.setblocking(True)
        with Connection(visitor.detach()) as line:
            try:
                self._answer(line)
            except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
                log.warning("somebody at the hatch was not understood, or left (%s)", error)
        return True

    def close(self) -> None:
        self._door.close()
        self._path.unlink(missing_ok=True)

    def _answer(self, line: Connection) -> None:
        asked = json.loads(_heard(line, VISITOR_S))["ask"]
        try:
            if asked == "names":
                _say(line, {"kiosk": self._desk.kiosk, "names": self._desk.names()})
            elif asked == "export":
                for one in self._desk.export():
                    _say(line, {"name": one.name, "answers": one.answers})
                    line.send_bytes(one.content)
                _say(line, {"left": self._desk.left()})
            elif asked == "take":
                taken = self._desk.take(_files(line))
                _say(line, {"taken": [[one.name, one.sentence, one.done, one.answers] for one in taken]})
        except AfterwordError as error:
            _say(line, {"error": str(error)})


class Visit:
    """The command's side: a desk like any other, at which the agent works."""

    def __init__(self, folder: Path) -> None:
        """
        Find the agent whose *folder* it is.

        Raises:
            FileNotFoundError, ConnectionRefusedError: No agent runs.
            StickError: This user may not speak with the agent.
        """
        self._path = folder / NAME
        with self._line() as line:
            _say(line, {"ask": "names"})
            said = _answered(line)
        self.kiosk: str = said["kiosk"]
        self._names: list[str] = said["names"]
        self._left = 0

    def names(self) -> list[str]:
        return self._names

    def left(self) -> int:
        """As it was when the last export ended."""
        return self._left

    def export(self) -> Iterator[Export]:
        with self._line() as line:
            _say(line, {"ask": "export"})
            while "name" in (said := _answered(line)):
                yield Export(said["name"], line.recv_bytes(MOST_STICK_BYTES), said["answers"])
            self._left = said["left"]

    def take(self, files: Iterable[tuple[str, bytes]]) -> list[Taken]:
        # Read first: the agent waits for nobody who waits for a stick.
        ready = list(files)
        with self._line() as line:
            _say(line, {"ask": "take"})
            for name, content in ready:
                _say(line, {"name": name})
                line.send_bytes(content)
            _say(line, {"name": ""})
            return [Taken(*one) for one in _answered(line)["taken"]]

    @contextmanager
    def _line(self) -> Iterator[Connection]:
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short(self._path) as short:
                door.connect(short)
        except PermissionError:
            door.close()
            raise StickError(
                f"{self._path}: may not be used by this user; run this as the user of the sync service"
            ) from None
        except OSError:
            door.close()
            raise
        with Connection(door.detach()) as line:
            try:
                yield line
            except (OSError, EOFError):
                raise StickError("the sync service ended meanwhile: do the same once more") from None


def _files(line: Connection) -> Iterator[tuple[str, bytes]]:
    while name := json.loads(_heard(line, VISITOR_S))["name"]:
        yield str(name), _heard(line, VISITOR_S)


def _answered(line: Connection) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(_heard(line, AGENT_S))
    if "error" in said:
        raise StickError(said["error"])
    return said


def _say(line: Connection, said: dict[str, Any]) -> None:
    line.send_bytes(json.dumps(said).encode())


def _heard(line: Connection, patience_s: float) -> bytes:
    if not line.poll(patience_s):
        raise EOFError("nothing was said")
    return line.recv_bytes(MOST_WORD_BYTES)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """*path* in under 108 bytes, however deep it lies: a socket's name may not be longer."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        with suppress(OSError):
            os.close(folder)
