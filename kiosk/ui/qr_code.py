"""A QR code on the screen: dark on white whatever the theme, for phones read the other way round badly."""

from __future__ import annotations

import segno
from kivy.graphics import Color, InstructionGroup, Rectangle

QUIET_MODULES = 4
"""White around it, ISO/IEC 18004."""
MODULE_MM = 1.3
"""A phone at arm's length reads it from here on; smaller only where the panel is."""
DARK = (0x16 / 255, 0x20 / 255, 0x2A / 255, 1)


class QrCode:
    """
    One code, at level M.

    Args:
        address: What it says.
        room: It is no wider and no higher, in pixels.
        most: Pixels of a module at the most.

    Attributes:
        size: How wide and how high it is, its white included.
    """

    def __init__(self, address: str, room: int, most: int) -> None:
        self._rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
        wide = len(self._rows) + 2 * QUIET_MODULES
        self._module = max(1, min(room // wide, most))
        self.size = self._module * wide

    def drawn(self, left: int, top: int, from_top: int) -> InstructionGroup:
        """It, with its corner at *left* and *top* of a window *from_top* high."""
        module = self._module
        group = InstructionGroup()
        group.add(Color(1, 1, 1, 1))
        group.add(Rectangle(pos=(left, from_top - top - self.size), size=(self.size, self.size)))
        group.add(Color(*DARK))
        for down, row in enumerate(self._rows):
            y = from_top - top - (QUIET_MODULES + down + 1) * module
            for start, end in _dark(row):
                x = left + (QUIET_MODULES + start) * module
                group.add(Rectangle(pos=(x, y), size=((end - start) * module, module)))
        return group


def _dark(row: list[int]) -> list[tuple[int, int]]:
    """
    Where a row of modules is dark, as (first, one after the last).

    >>> _dark([1, 1, 0, 1])
    [(0, 2), (3, 4)]
    """
    runs: list[tuple[int, int]] = []
    for at, module in enumerate(row):
        if not module:
            continue
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs
