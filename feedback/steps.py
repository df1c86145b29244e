"""
What branch staff may see of a day that is not over, so that nobody learns who pressed what.

Figures move in steps, at the end of a quarter of an hour in which at least ``FEWEST`` new answers are complete. Who
stands beside the kiosk, watches one customer press and looks at the figures then sees no change, or one that is at
least four others' as well. Derived from the counts alone: nothing has to be remembered, and nobody can forget it.
"""

from __future__ import annotations

from collections.abc import Mapping

FEWEST = 5
"""New answers that count, at a step; and answers in a bar."""


def shown_before(came: Mapping[int, int], now: int) -> int:
    """
    The quarter before which the answers of a day are shown in the quarter *now*: the last step's; 0: none yet.

    *came*: how many answers that count are complete in each quarter of the day. A day that is over is shown whole,
    also where fewer than ``FEWEST`` came after its last step: it is over, and nothing follows that could be compared.

    >>> shown_before({36: 3, 37: 1, 38: 2, 39: 4}, 40)
    39
    >>> shown_before({36: 3, 37: 1, 38: 2, 39: 4}, 38)
    0
    """
    shown = new = 0
    for quarter in sorted(came):
        if quarter >= now:
            break
        new += came[quarter]
        if new >= FEWEST:
            shown, new = quarter + 1, 0
    return shown
