"""The three programs of the demonstration, each a process of its own."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

START_S = 60.0
"""The first window ever drawn by a software renderer compiles its shaders."""
END_S = 20.0


class ProgramError(Exception):
    """A program of the demonstration did not do its part; the sentence says where its log is."""


def command(module: str, *words: str) -> list[str]:
    """The command line of ``kiosk`` or ``central``, run by this Python."""
    return [sys.executable, "-m", f"{module}.cli", *words]


def ask(module: str, *words: str, environment: Mapping[str, str] | None = None) -> str:
    """Runs a command to its end and returns what it printed."""
    surroundings = os.environ | (environment or {})
    done = subprocess.run(
        command(module, *words), env=surroundings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProgramError(
            f"{module} {' '.join(words[:3])} ended with {done.returncode}: {done.stderr.strip()}"
        )
    return done.stdout


class Program:
    """A program that keeps running: its lines can be read, it can be written to, ended and killed."""

    def __init__(self, name: str, words: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        self.name = name
        self._log = log
        self._seen: queue.Queue[str | None] = queue.Queue()
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=os.environ | environment,
                text=True,
                bufsize=1,
            )
        self._reader = threading.Thread(target=self._read, name=f"{name}-lines", daemon=True)
        self._reader.start()

    def say(self, line: str) -> None:
        """One line to its standard input."""
        if self._process.stdin is None or self._process.poll() is not None:
            raise self._fault("has ended")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def lines(self) -> list[str]:
        """The lines it has printed since the last call; never waits."""
        found: list[str] = []
        while not self._seen.empty():
            line = self._seen.get_nowait()
            if line is not None:
                found.append(line)
        return found

    def until(self, start: str, within_s: float = START_S) -> list[str]:
        """Its lines up to and with the first that begins with *start*."""
        found: list[str] = []
        while not found or not found[-1].startswith(start):
            try:
                line = self._seen.get(timeout=within_s)
            except queue.Empty:
                raise self._fault(f"did not say {start!r} within {within_s:.0f} s") from None
            if line is None:
                raise self._fault(f"ended before it said {start!r}")
            found.append(line)
        return found

    def every_line(self) -> Iterator[str]:
        """Its lines as they come, until it has ended well."""
        while (line := self._seen.get()) is not None:
            yield line
        if self._process.wait(END_S):
            raise self._fault(f"ended with {self._process.returncode}")

    def ended(self, within_s: float = END_S) -> int:
        """Waits until it has ended by itself; its exit code."""
        code = self._process.wait(within_s)
        self._last_lines()
        return code

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> list[str]:
        """SIGKILL: as a pulled plug to the program. Returns the lines that still came."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(END_S)
        return self._last_lines()

    def end(self) -> list[str]:
        """SIGTERM, and its last lines. A program that does not end by it is at fault."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise self._fault(f"did not end within {END_S:.0f} s of being asked to") from None
        return self._last_lines()

    def _last_lines(self) -> list[str]:
        self._reader.join(END_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        return self.lines()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._seen.put(line.rstrip("\n"))
        self._seen.put(None)

    def _fault(self, what: str) -> ProgramError:
        return ProgramError(f"{self.name} {what}; its log is {self._log}")
