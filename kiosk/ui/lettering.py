"""Letters on whole pixels, standing on their baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
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
from kiosk.ui.runs import Run, from_the_right, missing, runs
from kiosk.ui.typefaces import ROLES, Face


def _label(face: Face, px: int, *, rtl: bool, **options: Any) -> Label:
    if face.script:
        options |= {"font_script_name": face.script}
    direction = "rtl" if rtl else "ltr"
    return Label(
        font_name=str(face.path), font_size=px, font_hinting=None, font_direction=direction, **options
    )


@dataclass(frozen=True)
class Drawn:
    """
    A piece in white, to be coloured where it is shown.

    Attributes:
        ascent: From its top to its baseline.
        px: The size of its letters.
    """

    texture: Texture
    width: int
    height: int
    ascent: int
    run: Run
    px: int


@dataclass(frozen=True)
class Line:
    """
    One line as it is drawn.

    Attributes:
        text: What it says.
        box: Where, in pixels from the window's top left, with the room its fonts keep above and below.
        missing: What of it no font has, and is left out.
        pieces: What it is drawn of, and the top left corner of each.
    """

    text: str
    box: Box
    missing: str = ""
    pieces: tuple[tuple[Drawn, int, int], ...] = ()


# A title is some megabytes: enough for the screens of two languages, not for all that were ever chosen.
@lru_cache(maxsize=128)
def drawn(run: Run, px: int) -> Drawn:
    """
    A piece of a line, drawn large and shown small.

    SDL puts every letter on a whole pixel, so that small words fall apart ("Neut ral"). Drawn four times as
    large, letters stand on quarters of a pixel; the texture's own mip level is the exact mean of its pixels.
    """
    px = _px(run.face, px)
    times = next((n for n in (4, 2) if _extents(run, px * n)[0] + n <= _widest_texture()), 1)
    width, height = _extents(run, px * times)
    ascent = _label(run.face, px * times, rtl=run.rtl).get_ascent()
    # Whole multiples, or the mip level would lie askew over the screen's pixels.
    top, right = -ascent % times, -width % times
    bottom = -(height + top) % times
    label = _label(
        run.face,
        px * times,
        rtl=run.rtl,
        text=run.text,
        padding=(0, top, right, bottom),
        valign="top",
        mipmap=times > 1,
    )
    _prime(run, px * times)
    label.refresh()
    texture = label.texture
    if times > 1:
        texture.min_filter = "linear_mipmap_nearest"
    # Drawn now: the font is shared with other pieces, and another direction would be drawn with this one's size.
    texture.bind()
    return Drawn(texture, texture.width // times, texture.height // times, (ascent + top) // times, run, px)


@lru_cache(maxsize=4096)
def _extents(run: Run, px: int) -> tuple[int, int]:
    _prime(run, px)
    width, height = _label(run.face, px, rtl=run.rtl).get_extents(run.text)
    return width, height


def _prime(run: Run, px: int) -> None:
    """
    Have the font measure in *run*'s direction and script.

    Kivy tells a font of them when it draws, and not when it measures: letters of Arabic were measured unjoined. So it
    draws a first one, on a surface of one pixel.
    """
    label = _label(run.face, px, rtl=run.rtl)
    label._size = (1, 1)  # noqa: SLF001  there is no public way to draw without a texture
    label._render_begin()  # noqa: SLF001
    label._render_text(run.text[0], 0, 0)  # noqa: SLF001


def cover(run: Run, px: int) -> tuple[int, int, bytes]:
    """Width, height and cover of each pixel of a piece *px* large, row by row from the top; without a texture."""
    width, height = _extents(run, px)
    label = _label(run.face, px, rtl=run.rtl)
    label._size = (max(1, width), max(1, height))  # noqa: SLF001  as below
    label._render_begin()  # noqa: SLF001
    label._render_text(run.text, 0, 0)  # noqa: SLF001
    return width, height, bytes(label._render_end().data)[3::4]  # noqa: SLF001


def _px(face: Face, px: int) -> int:
    return round(px * face.size)


@cache
def _widest_texture() -> int:
    return min(4096, glGetIntegerv(GL_MAX_TEXTURE_SIZE)[0])


def measure(font: str) -> Measure:
    """How wide texts are in *font*."""

    def width(text: str, px: int) -> float:
        pieces = runs(text, font, rtl=from_the_right(text))
        return sum(_extents(run, _px(run.face, px) * 4)[0] for run in pieces) / 4

    return width


MEASURES = {font: measure(font) for font in ROLES}


class Lettering(Widget):
    """
    A text in its place (``kiosk.ui.layout.Text``), as large as fits.

    Attributes:
        fitted: Size and lines decided elsewhere, for texts that share one size; None: decided here.
        lines: What was drawn.
    """

    text = StringProperty("")
    font = OptionProperty("text", options=list(ROLES))
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
        rtl = from_the_right(self.text)
        largest = max(
            (run.face.size for line in shown.lines for run in runs(line, self.font, rtl=rtl)), default=1.0
        )
        leading = round(shown.px * largest * place.leading)
        baseline = place.baseline - (leading * (len(shown.lines) - 1) if place.up else 0)
        self.canvas.add(Color(*self.colour))
        for at, text in enumerate(shown.lines):
            self._line(text, shown.px, baseline + at * leading, rtl=rtl)

    def _line(self, text: str, px: int, baseline: int, *, rtl: bool) -> None:
        pieces = [drawn(run, px) for run in runs(text, self.font, rtl=rtl)]
        width = sum(piece.width for piece in pieces)
        start = {"left": 0, "center": -(width // 2), "right": -width}[self.place.align] + self.place.x
        above = max((piece.ascent for piece in pieces), default=0)
        below = max((piece.height - piece.ascent for piece in pieces), default=0)
        # From the font's own baseline: the texture's box is another height in every font.
        starts = accumulate((piece.width for piece in pieces), initial=start)
        placed = tuple((piece, x, baseline - piece.ascent) for piece, x in zip(pieces, starts, strict=False))
        box = Box(start, baseline - above, width, above + below)
        self.lines.append(Line(text, box, missing(text, self.font), placed))
        for piece, x, y in placed:
            pos = (x, self.from_top - y - piece.height)
            self.canvas.add(Rectangle(texture=piece.texture, pos=pos, size=(piece.width, piece.height)))
