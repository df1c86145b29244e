"""The key for large texts: for one visit, and once more to go back."""

from __future__ import annotations

from kiosk.ui.layout import Text
from kiosk.ui.lettering import Lettering
from kiosk.ui.pills import Pill, size_key
from kiosk.ui.round_key import RoundKey

SIGN = "Aa"
SIGN_PX, SIGN_BASELINE = 0.44, 0.16
"""As parts of the key: the size, and how far below the middle the letters stand."""


class LetterSize(RoundKey):
    """A round key with a large and a small letter, the sign readers use for it everywhere."""

    def place(self) -> Pill:
        return size_key(self.screen.layout)

    def is_chosen(self) -> bool:
        chosen: bool = self.screen.visit.large
        return chosen

    def sign(self) -> None:
        box, screen = self.key.box, self.screen
        px = round(SIGN_PX * box.h)
        baseline = box.y + box.h // 2 + round(SIGN_BASELINE * box.h)
        place = Text(box.x + box.w // 2, baseline, box.w, ((px, 1),), "center")
        self.add_widget(
            Lettering(
                font="word", text=SIGN, place=place, colour=screen.theme.ink, from_top=screen.layout.height
            )
        )
