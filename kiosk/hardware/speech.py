"""A voice: espeak-ng, told what to say. And the sixth key, which asks for it."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress

from gpiozero import Button
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from feedback.errors import SettingsError

PROGRAM = "espeak-ng"
WORDS_PER_MINUTE = 150
"""Slower than its own 175: in a hall, for somebody who hears it for the first time."""
VOICES = {"zh": "cmn"}
"""Where a voice has another name than its language."""
END_S = 1.0

log = logging.getLogger(__name__)


class Voice:
    """
    Says one thing at a time; the next one cuts it short.

    Attributes:
        is_there: Whether there is a program to say it.

    Args:
        program: Its name or path.
    """

    def __init__(self, program: str = PROGRAM) -> None:
        self._program = shutil.which(program)
        self._speaking: subprocess.Popen[bytes] | None = None
        if self._program is None:
            log.warning("%s is not installed: nothing is spoken; apt-get install espeak-ng", program)

    @property
    def is_there(self) -> bool:
        return self._program is not None

    def say(self, text: str, language: str) -> None:
        """Begin to say *text*, and come back at once."""
        self.hush()
        if self._program is None or not text:
            return
        main = language.split("-", maxsplit=1)[0]
        words = [self._program, "-v", VOICES.get(main, main), "-s", str(WORDS_PER_MINUTE), "--stdin"]
        try:
            # Never through a shell, and the text by its standard input: a survey's text comes from outside.
            self._speaking = subprocess.Popen(  # noqa: S603  this program's own words, no shell
                words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stdin = self._speaking.stdin
            if stdin is not None:
                with stdin:
                    stdin.write(text.encode())
        except OSError as error:
            log.warning("nothing can be spoken (%s)", error)

    def hush(self) -> None:
        """Be silent, and wait for the program to have ended."""
        if self._speaking is None:
            return
        speaking, self._speaking = self._speaking, None
        speaking.terminate()
        with suppress(subprocess.TimeoutExpired):
            speaking.wait(END_S)
            return
        speaking.kill()
        speaking.wait()


class SpeechKey:
    """
    The key that asks for speech, between its pin and ground.

    Args:
        pin: Its GPIO (BCM number); None: there is none.
        asked: Called when it goes down, in the pins' own thread.
        factory: Where the pins are.

    Raises:
        SettingsError: The pin cannot carry a key.
    """

    def __init__(self, pin: int | None, asked: Callable[[], None], factory: Factory) -> None:
        self._button: Button | None = None
        if pin is None:
            return
        try:
            self._button = Button(pin, pull_up=True, bounce_time=None, pin_factory=factory)
        except (GPIOZeroError, ValueError) as error:
            raise SettingsError(
                f"speech: key = {pin}: no key can be read there ({error}); expected a free GPIO number"
            ) from None
        self._button.when_pressed = asked

    def close(self) -> None:
        """Let the pin go."""
        if self._button is not None:
            self._button.close()
            self._button = None
