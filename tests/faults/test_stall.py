"""A card that stalls for two seconds: the face answers in the next frame, the thank-you waits for the card."""

from __future__ import annotations

import shutil
import struct
import subprocess
import time
import zlib
from pathlib import Path

import pytest

from feedback.ratings import Rating
from kiosk.panel import panel
from kiosk.storage.reading import AnswersReader
from kiosk.ui.layout import layout
from scripts.demonstration.processes import Program, command
from tests.faults.kill import SETTINGS
from tests.stage import OFF_SCREEN

pytestmark = [pytest.mark.screen, pytest.mark.strace]

STALL_S = 2.0
WIDTH, HEIGHT = 640, 400
Square = list[bytes]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A kiosk that is prepared."""
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(fingerprint="ab" * 32, folder=tmp_path / "kiosk"))
    prepare = command("kiosk", "--config", str(path), "prepare", "--own", "answers")
    subprocess.run(prepare, check=True, capture_output=True, timeout=60)
    return path


def test_the_face_answers_at_once_and_thanks_only_after_the_card_has(config: Path, tmp_path: Path) -> None:
    answers = tmp_path / "kiosk" / "answers" / "answers.db"
    kiosk = Program("kiosk", [*stalling(answers), *demo(config)], tmp_path / "kiosk.log", OFF_SCREEN)
    kiosk.until("ready")
    kiosk.say("picture welcome")
    kiosk.until("picture")
    touched = time.monotonic()
    for line in ("touch good", "wait 0.04", "picture pressed", "wait 0.75", "picture saving"):
        kiosk.say(line)
    before = kiosk.until("picture")
    pressed_s = time.monotonic() - touched
    before += kiosk.until("picture")
    saving_s = time.monotonic() - touched
    kiosk.until("thanked", 20)
    thanked_s = time.monotonic() - touched
    kiosk.say("wait 1")
    kiosk.say("picture thanks")
    kiosk.until("picture")
    kiosk.say("end")
    kiosk.ended()

    assert [line.split()[0] for line in before] == ["pressed", "picture", "picture"]
    # The picture is of one of the next three frames.
    assert pressed_s < 0.5
    assert saving_s < STALL_S <= thanked_s
    welcome, pressed, saving, thanks = (
        Picture(tmp_path / f"{name}.png") for name in ("welcome", "pressed", "saving", "thanks")
    )
    assert welcome.face(Rating.GOOD) != pressed.face(Rating.GOOD)
    # The ring is gone after 300 ms, whatever the card does; the five stay grey until it has answered.
    assert saving.face(Rating.GOOD) not in [welcome.face(Rating.GOOD), pressed.face(Rating.GOOD)]
    assert saving.saving() != pressed.saving()
    assert thanks.rows != saving.rows
    (stored,) = (
        AnswersReader(answers).answers(1, 9).answers
    )  # a question follows: how the visit ends comes later
    assert stored.value == Rating.GOOD.value


def stalling(answers: Path) -> list[str]:
    """strace that makes every flush of the WAL take STALL_S longer, and stops at no other call."""
    strace = shutil.which("strace")
    assert strace
    wal = str(answers.with_name(answers.name + "-wal"))
    delay = f"inject=fdatasync:delay_enter={STALL_S:.0f}s"
    return [
        strace,
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-o",
        "/dev/null",
        "-P",
        wal,
        "-e",
        "trace=fdatasync",
        "-e",
        delay,
    ]


def demo(config: Path) -> list[str]:
    return command("kiosk", "--config", str(config), "demo", "--pictures", str(config.parent))


class Picture:
    """What the kiosk saved of its screen: a PNG of 32 bits without filters."""

    def __init__(self, path: Path) -> None:
        raw, at, packed = path.read_bytes(), 8, b""
        while at < len(raw):
            length, kind = struct.unpack(">I4s", raw[at : at + 8])
            if kind == b"IDAT":
                packed += raw[at + 8 : at + 8 + length]
            at += 12 + length
        line = 1 + 4 * WIDTH
        pixels = zlib.decompress(packed)
        self.rows = [pixels[y * line + 1 : (y + 1) * line] for y in range(HEIGHT)]
        self._layout = layout(panel(WIDTH, HEIGHT))

    def face(self, rating: Rating) -> Square:
        """The pixels of a face with its ring."""
        target = next(seat for seat in self._layout.seats if seat.rating is rating).target
        return self._part(target.x, target.y, target.w, target.h)

    def saving(self) -> Square:
        """The pixels of the line that tells of a slow card."""
        line = self._layout.saving
        return self._part(0, line.baseline - 20, WIDTH, 24)

    def _part(self, x: float, y: float, w: float, h: float) -> Square:
        return [row[4 * int(x) : 4 * int(x + w)] for row in self.rows[int(y) : int(y + h)]]
