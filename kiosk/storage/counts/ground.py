"""What is known of one boot's time, and what follows from it for its answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from feedback.anchors import useful
from feedback.answers import Anchor, Moment
from feedback.timeline import When, Window, doubt_ms, repaired

SETTLED_MS = 60_000
"""After so long nothing that is pressed can change how an earlier press is judged: rules reach seconds back."""
COPIED_MS = 600_000
"""An anchor is copied into answers.db at the latest so long after its moment."""
CLEARLY_MS = 4
"""Each doubt is rounded up, and so is the difference of two: one that is more by so much is more everywhere beyond."""


class Known:
    """
    What dates the answers of one boot.

    Args:
        anchors: Every anchor of the boot that may be the best for a moment of interest.
        noted: The anchor that was noted first: since then its answers have a time.
        window: For a boot without anchors: what its neighbours say.
        learned_ms: UTC of when they said so.
    """

    def __init__(
        self,
        anchors: Iterable[Anchor] = (),
        noted: Anchor | None = None,
        window: Window | None = None,
        learned_ms: int = 0,
    ) -> None:
        self._anchors = useful(anchors)
        self._at = [anchor.boot_ms for anchor in self._anchors]
        self._noted = noted
        self.window = window
        self.learned_ms = learned_ms
        self._gap = -1
        self._best: Sequence[Anchor] = ()

    def when(self, moment: Moment) -> When:
        """The time of *moment*: what ``feedback.timeline.repaired`` makes of all anchors, from the nearest ones."""
        return repaired(moment, self._near(moment.boot_ms), self.window)

    def settled_ms(self, moment: Moment, when: When) -> int:
        """
        From when on, UTC, what is shown of an answer given at *moment* depends on no later press.

        And on no later anchor either: reckoned from the one that was noted first, whatever is learned afterwards.
        """
        if self._noted is not None:
            first_ms = self._noted.utc_ms + moment.boot_ms - self._noted.boot_ms
            return max(first_ms + SETTLED_MS, self._noted.utc_ms + COPIED_MS)
        return max(when.utc_ms + SETTLED_MS, self.learned_ms)

    def _near(self, boot_ms: int) -> Sequence[Anchor]:
        if not self._anchors:
            return ()
        gap = bisect_right(self._at, boot_ms)
        if gap != self._gap:
            self._gap = gap
            self._best = [*self._side(range(gap - 1, -1, -1)), *self._side(range(gap, len(self._at)))]
        return self._best

    def _side(self, places: range) -> Iterable[Anchor]:
        """Those of one side, the nearest first, until one is clearly worse than the nearest: as are all beyond."""
        nearest: Anchor | None = None
        for place in places:
            anchor = self._anchors[place]
            nearest = nearest or anchor
            if doubt_ms(anchor, nearest.boot_ms) >= nearest.error_ms + CLEARLY_MS:
                return
            yield anchor
