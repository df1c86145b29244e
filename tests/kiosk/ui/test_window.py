"""The window in a process of its own: how it starts, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.settings import ScreenSettings
from kiosk.ui.window import prepare_window

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from kiosk.settings import ScreenSettings
from kiosk.ui.window import prepare_window, soon
prepare_window(ScreenSettings(fullscreen=False), Path(sys.argv[1]))
assert "kivy.core.window" not in sys.modules
from feedback import surveys
from feedback.answers import Place
from kiosk.clock import KernelClock
from kiosk.reception import Reception, Standing
from kiosk.ui.app import KioskApp
survey = surveys.load(Path("kiosk/survey.json"))
reception = Reception(Standing(Place("b", "t"), survey), None, KernelClock(), soon)
KioskApp(reception, "Branch", every_second=lambda: print("alive", flush=True)).run()
print("ended", flush=True)
"""


def start(home: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home), "-m", "inspector"],
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.screen
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_lives_and_ends_cleanly_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    home = tmp_path / "home"
    with start(home) as kiosk:
        assert kiosk.stdout is not None
        assert kiosk.stdout.readline() == "alive\n"
        began = time.monotonic()
        kiosk.send_signal(number)
        try:
            out, err = kiosk.communicate(timeout=10)
        finally:
            kiosk.kill()  # or whoever waits for it waits for ever
    assert kiosk.returncode == 0, err
    assert out.endswith("ended\n")
    assert time.monotonic() - began < 3
    assert list(home.iterdir()) == []  # no logs, no config: a card is not written for nothing
    assert err == ""


def test_it_cannot_be_prepared_once_kivy_is_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="before the first import of Kivy"):
        prepare_window(ScreenSettings(), tmp_path)
