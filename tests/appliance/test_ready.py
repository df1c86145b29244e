"""The real processes, as systemd starts them: each says that it is ready, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stage import OFF_SCREEN
from tests.test_wrong_input import SETTINGS

STARTS_S = 60


@pytest.mark.screen
def test_the_screen_is_ready_once_it_is_drawn_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk") + '[pins]\nfactory = "mock"\n')
    kiosk = [sys.executable, "-m", "kiosk.cli", "--config", str(path)]
    subprocess.run([*kiosk, "prepare", "--own", "answers"], check=True, capture_output=True, timeout=60)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(STARTS_S)
        environment = os.environ | OFF_SCREEN | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with subprocess.Popen([*kiosk, "ui"], env=environment, stderr=subprocess.DEVNULL) as screen:
            first, second = systemd.recv(1_000), systemd.recv(1_000)
            screen.send_signal(signal.SIGTERM)
            code = screen.wait(STARTS_S)

    assert first == b"READY=1\nWATCHDOG=1\nSTATUS=customers are welcome"
    assert second == b"WATCHDOG=1"
    assert code == 0
