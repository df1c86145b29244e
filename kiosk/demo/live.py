"""Plays a script on the running kiosk, and says on standard output what was pressed and what was thanked for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from feedback.answers import Answer
from feedback.errors import AfterwordError
from feedback.ratings import Kind, Rating
from kiosk.demo.player import Fingers, play
from kiosk.front import Front
from kiosk.hardware import pins

PICTURE_S = 30.0


def run(front: Front, pictures: Path) -> None:
    """
    Shows *front* and plays the lines on standard input.

    What it prints is a ledger that survives the kiosk: ``ready``, ``pressed RATING SOURCE`` when a press is taken,
    ``thanked STORE SEQ RATING`` when its commit has returned, ``picture PATH``.
    """
    front.reception.accepted.append(
        lambda rating, source: _say(f"pressed {rating.word} {source.name.lower()}")
    )
    front.reception.thanked.append(lambda answers: say_thanked(front.recorder.store, answers))
    reader = threading.Thread(target=_play, args=(front, pictures), name="script", daemon=True)
    front.app.bind(on_start=lambda _: reader.start())
    front.run()


def say_thanked(store: bytes, answers: Sequence[Answer]) -> None:
    """One line for each rating among *answers*."""
    for answer in answers:
        if answer.ask.kind is Kind.RATING:
            _say(f"thanked {store.hex()} {answer.seq} {Rating(answer.value).word}")


def _play(front: Front, pictures: Path) -> None:
    from kiosk.ui.finger import tap_face  # noqa: PLC0415  Kivy: not before the window has been prepared
    from kiosk.ui.pictures import save  # noqa: PLC0415
    from kiosk.ui.window import soon  # noqa: PLC0415

    def picture(name: str) -> None:
        path, saved = pictures / f"{name}.png", threading.Event()

        def draw() -> None:
            save(path)
            saved.set()

        soon(draw)
        if saved.wait(PICTURE_S):
            _say(f"picture {path}")

    fingers = Fingers(
        touch=lambda rating: soon(lambda: tap_face(rating, front.app.layout)),
        press=lambda number: pins.press(front.factory, number),
        wait=time.sleep,
        picture=picture,
        end=lambda: soon(front.app.stop),
    )
    _say("ready")
    try:
        play(sys.stdin, fingers)
    except AfterwordError as error:
        sys.stderr.write(f"kiosk: {error}\n")
        soon(front.app.stop)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
