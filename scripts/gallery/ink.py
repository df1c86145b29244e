"""Where a line's letters really are: a font's box has room for accents and tails that the line may not have."""

from __future__ import annotations

from functools import lru_cache

from kiosk.ui.layout import Box
from kiosk.ui.lettering import Drawn, Line


def ink(line: Line) -> Box | None:
    """The box around what is drawn of *line*; None: nothing is."""
    boxes = [_moved(bounds, x, y) for drawn, x, y in line.pieces if (bounds := _bounds(drawn)) is not None]
    if not boxes:
        return None
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.w for box in boxes), max(box.y + box.h for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _moved(box: Box, x: int, y: int) -> Box:
    return Box(box.x + x, box.y + y, box.w, box.h)


@lru_cache(maxsize=1024)
def _bounds(drawn: Drawn) -> Box | None:
    """In the screen's pixels, from the piece's own top left; the texture is some times as large."""
    width, height = drawn.texture.size
    times = width // drawn.width
    cover = drawn.texture.pixels[3::4]
    rows = [cover[row * width : (row + 1) * width] for row in range(height)]
    inked = [row for row, pixels in enumerate(rows) if pixels.strip(b"\0")]
    if not inked:
        return None
    left = min(width - len(rows[row].lstrip(b"\0")) for row in inked)
    right = max(len(rows[row].rstrip(b"\0")) for row in inked)
    top, bottom = inked[0], inked[-1] + 1
    return Box(
        left // times,
        top // times,
        -(-right // times) - left // times,
        -(-bottom // times) - top // times,
    )
