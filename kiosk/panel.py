"""The glass in front of the customer: how many pixels it has, and how many millimetres those are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

MM_PER_INCH = 25.4
KNOWN_MM = MappingProxyType(
    {
        (800, 480): (154.0, 86.0),
        (1024, 600): (154.0, 86.0),
        (1280, 800): (217.0, 136.0),
        (1920, 1080): (476.0, 268.0),
        (1080, 1920): (268.0, 476.0),
    }
)
"""What panels of these pixels measure: 7, 7, 10.1 and twice 21.5 inches."""
ASSUMED_PX_PER_MM = 5.9
"""A 10.1 inch panel's pixels: what is assumed of pixels nobody measured."""
SMALL_INCHES = 9.5
"""Below this a panel is small: faces may be smaller there. Those sold as 10 inches may measure a little less."""

FACE_MM, SMALL_FACE_MM = 30.0, 24.0
"""A face at least: 30 mm made the fewest errors, of disabled people too (Duff et al. 2010)."""
SMALL_GAP_MM = 4.0
"""Between two faces on a small panel: they are nearer to a finger's width there."""
KEY_MM = 20.0
"""Whatever else can be touched, at least: larger was no better (Colle and Hiszem 2004)."""


@dataclass(frozen=True, slots=True)
class Panel:
    """
    One panel. Its pixels need not be square: those of a 7 inch panel are higher than wide, or wider than high.

    Attributes:
        width_px: Pixels across.
        height_px: Pixels down.
        width_mm: What they measure.
        height_mm: The same.
    """

    width_px: int
    height_px: int
    width_mm: float
    height_mm: float

    @property
    def inches(self) -> float:
        """Its diagonal, as panels are sold."""
        return math.hypot(self.width_mm, self.height_mm) / MM_PER_INCH

    @property
    def small(self) -> bool:
        """Too small for what is asked from 10 inches up."""
        return self.inches < SMALL_INCHES

    @property
    def face_mm(self) -> float:
        """The least width and height of a face."""
        return SMALL_FACE_MM if self.small else FACE_MM

    def across(self, mm: float) -> int:
        """The fewest pixels across that measure *mm*."""
        return math.ceil(mm * self.width_px / self.width_mm)

    def down(self, mm: float) -> int:
        """The fewest pixels down that measure *mm*."""
        return math.ceil(mm * self.height_px / self.height_mm)

    def both(self, mm: float) -> int:
        """The fewest pixels that measure *mm* across and down: for what is as wide as high."""
        return max(self.across(mm), self.down(mm))

    def across_mm(self, px: float) -> float:
        """What *px* pixels across measure."""
        return px * self.width_mm / self.width_px

    def down_mm(self, px: float) -> float:
        """What *px* pixels down measure."""
        return px * self.height_mm / self.height_px

    def showing(self, width_px: int, height_px: int) -> Panel:
        """The same glass with so many pixels, as a screen set to another resolution has."""
        return replace(self, width_px=width_px, height_px=height_px)


def panel(
    width_px: int, height_px: int, width_mm: float | None = None, height_mm: float | None = None
) -> Panel:
    """
    The panel of so many pixels; of a size that is not given, what panels of these pixels measure.

    >>> panel(1280, 800).inches > 10
    True
    """
    known = KNOWN_MM.get((width_px, height_px))
    if known is None:
        known = (width_px / ASSUMED_PX_PER_MM, height_px / ASSUMED_PX_PER_MM)
    return Panel(width_px, height_px, width_mm or known[0], height_mm or known[1])
