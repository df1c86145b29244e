"""Central in a process of its own, which is killed at any instant and begun again on the same files."""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import uvicorn

from central.app import create_app
from central.serving import listening

BEGIN, END = b"b", b"e"
PID = struct.Struct("i")
MS = struct.Struct("q")


class Served:
    """
    Serves central over *folder* on a port of its own, at the time it is told.

    The processes are forked from one that was forked before there were threads: made anew, each would first import
    everything for two seconds.
    """

    def __init__(self, folder: Path, now_ms: int) -> None:
        self._folder = folder
        self._clock = mmap.mmap(-1, MS.size)
        self.tell(now_ms)
        self._door = listening("127.0.0.1", 0)
        self.port: int = self._door.getsockname()[1]
        hear, self._say = os.pipe()
        self._heard, say = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._keeper = os.fork()
        if self._keeper == 0:
            os.close(self._say)
            self._keep(hear, say)
        os.close(hear)
        os.close(say)
        self._pid = 0

    def tell(self, now_ms: int) -> None:
        """What central takes for the time."""
        self._clock[:] = MS.pack(now_ms)

    def begin(self) -> None:
        """Central begins; one that still runs is killed before."""
        self._pid = self._ask(BEGIN)

    def kill(self) -> None:
        """Central dies at this instant."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def end(self) -> None:
        """Central ends as it is told to, with what is under way."""
        self._pid = self._ask(END)

    def close(self) -> None:
        os.close(self._say)
        os.close(self._heard)
        os.waitpid(self._keeper, 0)
        self._door.close()
        self._clock.close()

    def _ask(self, what: bytes) -> int:
        os.write(self._say, what)
        pid: int = PID.unpack(os.read(self._heard, PID.size))[0]
        return pid

    def _keep(self, hear: int, say: int) -> NoReturn:
        """The process between, until its own parent is gone."""
        child = 0
        while what := os.read(hear, 1):
            _end(child, signal.SIGTERM if what == END else signal.SIGKILL)
            child = os.fork() if what == BEGIN else 0
            if what == BEGIN and child == 0:
                os.close(hear)
                self._serve()
            os.write(say, PID.pack(child))
        _end(child, signal.SIGKILL)
        os._exit(0)

    def _serve(self) -> NoReturn:
        try:
            app = create_app(self._folder, lambda: int(MS.unpack(self._clock[:])[0]))
            config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
            uvicorn.Server(config).run(sockets=[self._door])
        except BaseException:  # noqa: BLE001  the forking program's own code must not go on in here
            traceback.print_exc()
        os._exit(0)


def _end(child: int, how: signal.Signals) -> None:
    if child:
        os.kill(child, how)
        os.waitpid(child, 0)
