"""Plays a script's lines on the running kiosk, through the fingers it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from feedback.ratings import Rating
from kiosk.demo import script
from kiosk.visit import Key


@dataclass(frozen=True)
class Fingers:
    """
    The ways into a kiosk that a script has; each may be called from any thread.

    Attributes:
        touch: Touches a face on the window.
        answer: Touches an answer of the question shown, once there is one that listens.
        turn: Touches a key around it, likewise.
        press: Presses and releases the button on a GPIO.
        wait: Lets so many seconds pass.
        picture: Saves the screen under a name.
        end: Switches the kiosk off.
    """

    touch: Callable[[Rating], None]
    answer: Callable[[int], None]
    turn: Callable[[Key], None]
    press: Callable[[int], None]
    wait: Callable[[float], None]
    picture: Callable[[str], None]
    end: Callable[[], None]


def play(lines: Iterable[str], fingers: Fingers) -> None:
    """
    Plays *lines* until they end or say ``end``.

    Raises:
        SettingsError: A line says nothing a finger can do; the lines before it were played.
    """
    for text in lines:
        match script.line(text):
            case script.Touch(rating):
                fingers.touch(rating)
            case script.Answer(value):
                fingers.answer(value)
            case script.Turn(key):
                fingers.turn(key)
            case script.Pin(number):
                fingers.press(number)
            case script.Wait(seconds):
                fingers.wait(seconds)
            case script.Picture(name):
                fingers.picture(name)
            case script.End():
                fingers.end()
                return
            case None:
                pass
