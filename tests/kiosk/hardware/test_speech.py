"""The voice: a real program is run, which writes down what it was told instead of saying it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from feedback.errors import SettingsError
from kiosk.hardware import pins
from kiosk.hardware.speech import VOICES, SpeechKey, Voice

SCRIPT = """\
#!/bin/sh
echo "$@" > "$0.words"
cat > "$0.text"
if [ -e "$0.slow" ]; then exec sleep 60; fi
touch "$0.done"
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "say"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return path


@pytest.fixture
def mock() -> Iterator[MockFactory]:
    factory = pins.factory("mock")
    yield factory
    factory.reset()


def there(path: Path) -> None:
    until = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < until, path
        time.sleep(0.01)


def test_it_is_told_what_to_say_and_in_which_voice(program: Path) -> None:
    voice = Voice(str(program))
    voice.say("您好; $(touch pwned)", "zh-Hans")
    there(program.with_suffix(".done"))
    voice.hush()

    assert "-v cmn -s 150 --stdin\n" == program.with_suffix(".words").read_text()
    assert "您好; $(touch pwned)" == program.with_suffix(".text").read_text()
    assert not list(program.parent.glob("pwned"))


def test_the_next_thing_cuts_the_last_one_short(program: Path) -> None:
    program.with_suffix(".slow").touch()
    voice = Voice(str(program))
    voice.say("a long story", "en")
    there(program.with_suffix(".text"))
    program.with_suffix(".slow").unlink()
    began = time.monotonic()
    voice.say("Good", "en")
    there(program.with_suffix(".done"))
    voice.hush()

    assert "Good" == program.with_suffix(".text").read_text()
    assert time.monotonic() - began < 30


def test_without_the_program_nothing_is_spoken_and_the_log_says_what_to_install(
    caplog: pytest.LogCaptureFixture,
) -> None:
    voice = Voice("no-such-espeak")
    voice.say("Good", "en")
    voice.hush()

    assert not voice.is_there
    assert [
        "no-such-espeak is not installed: nothing is spoken; apt-get install espeak-ng"
    ] == caplog.messages


@pytest.mark.speech
@pytest.mark.parametrize("language", ["ar", "az", "de", "en", "hi", "ru", "tr", "zh"])
def test_there_is_a_voice_for_every_language(language: str) -> None:
    words = ["espeak-ng", "-q", "-v", VOICES.get(language, language), "--stdin"]
    assert 0 == subprocess.run(words, input=b"1", check=False, capture_output=True, timeout=30).returncode


def test_the_sixth_key_asks_for_speech(mock: MockFactory) -> None:
    asked: list[int] = []
    key = SpeechKey(16, lambda: asked.append(1), mock)
    pins.press(mock, 16)
    pins.press(mock, 16)
    key.close()
    assert [1, 1] == asked


def test_a_kiosk_without_a_sixth_key_has_none(mock: MockFactory) -> None:
    SpeechKey(None, lambda: None, mock).close()


def test_a_key_on_a_pin_that_does_not_exist_is_refused_in_one_sentence(mock: MockFactory) -> None:
    with pytest.raises(SettingsError, match=r"^speech: key = 77: .*expected a free GPIO number$"):
        SpeechKey(77, lambda: None, mock)
