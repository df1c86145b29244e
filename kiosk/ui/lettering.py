"""Letters on whole pixels, standing on their baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label
from kivy.graphics import Color, Rectangle
from kivy.graphics.opengl import GL_MAX_TEXTURE_SIZE, glGetIntegerv
from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, NumericProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.fitting import Measure, fit
from kiosk.ui.layout import Box

FONTS = {
    "title": "InterDisplay-SemiBold.ttf",
    "word": "InterDisplay-Medium.ttf",
    "key": "Inter-Medium.ttf",
    "text": "Inter-Regular.ttf",
}
_FOLDER = Path(__file__).parent / "fonts"


@dataclass(frozen=True)
class Line:
    """One line as it is drawn: its box counts pixels from the window's top left."""

    text: str
    box: Box


def _label(font: str, px: int, **options: Any) -> Label:
    return Label(font_name=str(_FOLDER / FONTS[font]), font_size=px, font_hinting=None, **options)


@dataclass(frozen=True)
class Drawn:
    """A line in white, to be coloured where it is shown: its texture, its size, and its baseline from the top."""

    texture: Texture
    width: int
    height: int
    ascent: int


@lru_cache(maxsize=512)
def drawn(text: str, font: str, px: int) -> Drawn:
    """
    The line *text*, drawn large and shown small.

    SDL puts every letter on a whole pixel, so that small words fall apart ("Neut ral"). Drawn four times as
    large, letters stand on quarters of a pixel; the texture's own mip level is the exact mean of its pixels.
    """
    times = next((n for n in (4, 2) if _extents(text, font, px * n)[0] + n <= _widest_texture()), 1)
    width, height = _extents(text, font, px * times)
    ascent = _label(font, px * times).get_ascent()
    # Whole multiples, or the mip level would lie askew over the screen's pixels.
    top, right = -ascent % times, -width % times
    bottom = -(height + top) % times
    label = _label(
        font, px * times, text=text, padding=(0, top, right, bottom), valign="top", mipmap=times > 1
    )
    label.refresh()
    texture = label.texture
    if times > 1:
        texture.min_filter = "linear_mipmap_nearest"
    return Drawn(texture, texture.width // times, texture.height // times, (ascent + top) // times)


@lru_cache(maxsize=2048)
def _extents(text: str, font: str, px: int) -> tuple[int, int]:
    width, height = _label(font, px).get_extents(text)
    return width, height


@cache
def _widest_texture() -> int:
    return min(4096, glGetIntegerv(GL_MAX_TEXTURE_SIZE)[0])


def measure(font: str) -> Measure:
    """How wide texts are in *font*."""
    return lambda text, px: _extents(text, font, px * 4)[0] / 4


MEASURES = {font: measure(font) for font in FONTS}


class Lettering(Widget):
    """
    A text in its place (``kiosk.ui.layout.Text``), as large as fits.

    Attributes:
        fitted: Size and lines decided elsewhere, for texts that share one size; None: decided here.
        lines: What was drawn.
    """

    text = StringProperty("")
    font = OptionProperty("text", options=list(FONTS))
    place = ObjectProperty(None, allownone=True)
    colour = ColorProperty((0, 0, 0, 1))
    fitted = ObjectProperty(None, allownone=True)
    from_top = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        self.lines: list[Line] = []
        # Before the frame, once, however many properties change.
        redraw = Clock.create_trigger(self._draw, -1)
        super().__init__(**properties)
        for name in ("text", "font", "place", "colour", "fitted", "from_top"):
            self.fbind(name, redraw)
        self._draw()

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        self.lines = []
        if self.place is None or not self.text:
            return
        place = self.place
        shown = self.fitted or fit(self.text, place.width, place.steps, MEASURES[self.font])
        leading = round(shown.px * place.leading)
        baseline = place.baseline - (leading * (len(shown.lines) - 1) if place.up else 0)
        self.canvas.add(Color(*self.colour))
        for at, text in enumerate(shown.lines):
            self._line(text, shown.px, baseline + at * leading)

    def _line(self, text: str, px: int, baseline: int) -> None:
        line = drawn(text, self.font, px)
        x = {"left": 0, "center": -(line.width // 2), "right": -line.width}[self.place.align] + self.place.x
        # From the font's own baseline: the texture's box is another height in every font.
        box = Box(x, baseline - line.ascent, line.width, line.height)
        self.lines.append(Line(text, box))
        pos = (x, self.from_top - box.y - box.h)
        self.canvas.add(Rectangle(texture=line.texture, pos=pos, size=(box.w, box.h)))
