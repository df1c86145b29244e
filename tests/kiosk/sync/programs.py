"""The agent as a process of its own, for tests that kill it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.sync.agent import Agent
from tests.kiosk.sync.kit import ToldClock


def main(where: str, folder: str, url: str, fingerprint: str) -> None:
    """Stop and say so: at ``commit``, when central has answered and nothing is kept; at ``send``, before anything."""
    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"), CentralAddress(url, fingerprint), Files(Path(folder))
    )
    agent = Agent(settings, ToldClock(), splay_ms=0)

    def wait(*_: object, **__: object) -> None:
        print("here", flush=True)
        time.sleep(60)

    if where == "commit":
        agent._file.save = wait  # type: ignore[method-assign]
    else:
        agent._trips.sync = wait  # type: ignore[assignment]
    agent.step()


if __name__ == "__main__":
    main(*sys.argv[1:])
