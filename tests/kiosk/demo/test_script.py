"""The script of a demonstration."""

import pytest

from feedback.errors import SettingsError
from feedback.ratings import Rating
from kiosk.demo.player import Fingers, play
from kiosk.demo.script import line
from kiosk.visit import Key


def test_a_script_does_what_its_lines_say_in_their_order() -> None:
    """Touches, presses, waits and pictures, one after the other."""
    done: list[object] = []
    do = done.append
    fingers = Fingers(do, do, do, do, do, do, lambda: do("off"))

    play(["touch good", "", "answer 3", "key skip", "pin 17  # the left one", "wait 2.5"], fingers)
    play(["picture thanks", "end", "pin 4"], fingers)

    assert [Rating.GOOD, 3, Key.SKIP, 17, 2.5, "thanks", "off"] == done


@pytest.mark.parametrize(
    "text",
    ["jump", "touch", "touch fine", "answer no", "key enter", "pin left", "wait -1", "wait 1e9", "wait nan"],
)
def test_a_line_that_no_finger_can_do_is_quoted(text: str) -> None:
    """With what was expected."""
    with pytest.raises(SettingsError, match=f"the script says '{text}': .*expected|the script says '{text}'"):
        line(text)
