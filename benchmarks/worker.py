"""A worker process, from the outside: it is told how many presses to record, and says how long each took."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[1]
OFF_SCREEN = {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"}


class Worker:
    """A running *command*; ended with the ``with`` block."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = os.environ | OFF_SCREEN | {"PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=ROOT, text=True
        )
        self._line("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)

    def record(self, presses: int) -> list[float]:
        """Record so many; the microseconds of each."""
        assert self._process.stdin  # noqa: S101  it is a pipe
        self._process.stdin.write(f"{presses}\n")
        self._process.stdin.flush()
        return [float(took) for took in json.loads(self._line("["))]

    def _line(self, start: str) -> str:
        assert self._process.stdout  # noqa: S101  it is a pipe
        line = self._process.stdout.readline()
        if not line.startswith(start):
            raise RuntimeError(f"a worker said {line!r}, not {start!r}: {self._process.args!r}")
        return line
