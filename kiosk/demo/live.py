"""Plays a script on the running kiosk, and says on standard output what was pressed and what was thanked for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from feedback.answers import Answer, Outcome
from feedback.errors import AfterwordError, SettingsError
from feedback.ratings import Kind, Rating
from kiosk.demo.player import Fingers, play
from kiosk.front import Front
from kiosk.hardware import pins
from kiosk.visit import Key

PICTURE_S = 30.0
QUESTION_S = 15.0
"""How long an answer waits for its question: a commit on a busy machine, and more."""


def run(front: Front, pictures: Path) -> None:
    """
    Shows *front* and plays the lines on standard input.

    What it prints is a ledger that survives the kiosk: ``ready``, ``pressed RATING SOURCE`` when a press is taken,
    ``thanked STORE SEQ RATING`` when its commit has returned, ``answered STORE SEQ QUESTION VALUE`` and ``ended STORE
    SEQ OUTCOME`` likewise, ``picture PATH``.
    """
    front.reception.accepted.append(
        lambda rating, source: _say(f"pressed {rating.word} {source.name.lower()}")
    )
    front.reception.thanked.append(lambda answers: say_thanked(front.recorder.store, answers))
    reader = threading.Thread(target=_play, args=(front, pictures), name="script", daemon=True)
    front.app.bind(on_start=lambda _: reader.start())
    front.run()


def say_thanked(store: bytes, answers: Sequence[Answer]) -> None:
    """One line for each of *answers*."""
    for answer in answers:
        kind, where = answer.ask.kind, f"{store.hex()} {answer.seq}"
        if kind is Kind.RATING:
            _say(f"thanked {where} {Rating(answer.value).word}")
        elif kind is Kind.OUTCOME:
            _say(f"ended {where} {Outcome(answer.value).name.lower()}")
        else:
            _say(f"answered {where} {answer.ask.question} {answer.value}")


def _tapped(front: Front, tapped: int | Key) -> bool:
    """Taps if a question is shown and listens; whether it did."""
    from kiosk.ui.finger import tap_on  # noqa: PLC0415  as below

    visit, now_ms = front.reception.visit, front.reception.clock.moment().boot_ms
    listens = visit.question is not None and not visit.is_pressed and now_ms >= visit.deaf_until_ms
    if listens:
        tap_on(front.app.root.front.place_of(tapped))
    return listens


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

    def tap(tapped: int | Key) -> None:
        def now() -> bool:
            # In the window's thread: a press before it in the script has been taken by then.
            met: Future[bool] = Future()
            soon(lambda: met.set_result(_tapped(front, tapped)))
            return met.result(QUESTION_S)

        tap_when_asked(now)

    fingers = Fingers(
        touch=lambda rating: soon(lambda: tap_face(rating, front.app.layout)),
        answer=tap,
        turn=tap,
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


def tap_when_asked(tap: Callable[[], bool]) -> None:
    """
    Calls *tap* until it says that it met a question that listens.

    Raises:
        SettingsError: None came: the script answers what nobody asked.
    """
    deadline = time.monotonic() + QUESTION_S
    while not tap():
        if time.monotonic() > deadline:
            raise SettingsError(
                f"the script answers a question, and none was asked within {QUESTION_S:.0f} s"
            )
        time.sleep(0.02)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
