"""An agent that is killed, as a real process, wherever it hurts: nothing lost, nothing counted twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.storage.link import read_link
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import StandIn

ROOT = Path(__file__).parents[3]


def killed_at(where: str, kiosk: Kiosk) -> None:
    settings = kiosk.settings
    command = [sys.executable, str(Path(__file__).with_name("programs.py")), where]
    command += [str(settings.files.folder), settings.central.url, settings.central.fingerprint]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdout is not None
        assert "here\n" == process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert -signal.SIGKILL == process.returncode


@pytest.mark.parametrize(("where", "twice"), [("commit", 500), ("send", 0)])
def test_an_agent_killed_between_the_reply_and_its_commit_sends_again(
    kiosk: Kiosk, central: StandIn, where: str, twice: int
) -> None:
    kiosk.record_ratings(500)
    killed_at(where, kiosk)
    assert () == read_link(kiosk.settings.sync_db).stores

    agent = kiosk.agent()
    kiosk.drained(agent)

    assert (500, twice) == (len(central.stored), central.twice)
    assert 500 == agent.link.stores[0].cursor


def test_sync_db_is_readable_after_a_kill_and_not_by_two_agents(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(5)
    for _ in range(3):
        killed_at("commit", kiosk)
    first = kiosk.agent()
    kiosk.drained(first)
    kiosk.agents.clear()

    with pytest.raises(Exception, match=r"sync\.db is being written by another process"):
        kiosk.agent()

    assert 5 == read_link(kiosk.settings.sync_db).stores[0].cursor
    first.close()
