"""Where a line's letters really are: a font's box has room for accents and tails that the line may not have."""

from __future__ import annotations

from functools import lru_cache

from kiosk.ui.layout import Box
from kiosk.ui.lettering import Line, cover
from kiosk.ui.runs import Run


def ink(line: Line) -> Box | None:
    """The box around what is drawn of *line*; None: nothing is."""
    boxes = []
    for drawn, x, y in line.pieces:
        bounds = _bounds(drawn.run, drawn.px)
        if bounds is not None:
            # A piece's texture begins up to a pixel above its letters' own box: by so much its baseline is moved.
            boxes.append(Box(x + bounds.x, y + bounds.y, bounds.w, bounds.h))
    return around(boxes)


def around(boxes: list[Box]) -> Box | None:
    """The box around *boxes*."""
    if not boxes:
        return None
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.w for box in boxes), max(box.y + box.h for box in boxes)
    return Box(left, top, right - left, bottom - top)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a pixel."""
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )


@lru_cache(maxsize=4096)
def _bounds(run: Run, px: int) -> Box | None:
    width, height, pixels = cover(run, px)
    rows = [pixels[row * width : (row + 1) * width] for row in range(height)]
    inked = [row for row, part in enumerate(rows) if part.strip(b"\0")]
    if not inked:
        return None
    left = min(width - len(rows[row].lstrip(b"\0")) for row in inked)
    right = max(len(rows[row].rstrip(b"\0")) for row in inked)
    return Box(left, inked[0], right - left, inked[-1] + 1 - inked[0])
