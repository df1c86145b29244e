"""The kiosk in front of customers, as a process: what it does when its card fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.demonstration.processes import Program, command
from tests.stage import OFF_SCREEN
from tests.test_wrong_input import SETTINGS

pytestmark = [pytest.mark.screen, pytest.mark.strace]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A kiosk that is prepared."""
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk") + '[pins]\nfactory = "mock"\n')
    words = [sys.executable, "-m", "kiosk.cli", "--config", str(path), "prepare", "--own", "answers"]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    return path


def test_a_card_that_fails_thanks_nobody_and_the_kiosk_ends_to_be_started_again(settings: Path) -> None:
    """
    The flush of a press fails: no thank-you, the screen says "out of order", the process ends with 1; started
    again on a sound card it thanks the next customer.
    """
    strace = shutil.which("strace")
    assert strace is not None
    failing = [
        strace,
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=fdatasync",
        "-e",
        "inject=fdatasync:error=EIO",
    ]
    words = command("kiosk", "--config", str(settings), "demo", "--pictures", str(settings.parent))
    log = settings.with_name("kiosk.log")

    broken = Program("broken kiosk", [*failing, *words], log, OFF_SCREEN)
    broken.until("ready")
    broken.say("touch good")
    broken.say("wait 1")
    broken.say("picture out-of-order")
    lines = broken.until("picture")
    code = broken.ended(60)

    assert not [line for line in lines if line.startswith("thanked")]
    assert 1 == code
    assert "out of order" in log.read_text()

    mended = Program("mended kiosk", words, log, OFF_SCREEN)
    mended.until("ready")
    mended.say("touch good")
    mended.until("thanked")
    mended.end()
