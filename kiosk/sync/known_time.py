"""What a boot knows of the time, for whoever has to judge by it: certificates have dates."""

from __future__ import annotations

from collections.abc import Iterable

from feedback.answers import Anchor
from feedback.timeline import Quality, repaired
from kiosk.clock import Clock


class KnownTime:
    """The time by the best anchor of this boot. May be asked from any thread."""

    def __init__(self, clock: Clock, anchors: Iterable[Anchor]) -> None:
        self._clock = clock
        self._anchors = tuple(anchors)

    @property
    def is_known(self) -> bool:
        """Whether anybody has told this boot the time; else its wall clock is all there is."""
        return repaired(self._clock.moment(), self._all()).quality is not Quality.ESTIMATED

    def utc_ms(self) -> int:
        """UTC now, milliseconds since 1970."""
        return repaired(self._clock.moment(), self._all()).utc_ms

    def learn(self, anchors: Iterable[Anchor]) -> None:
        """From now on reckon from *anchors*."""
        self._anchors = tuple(anchors)

    def _all(self) -> tuple[Anchor, ...]:
        own = self._clock.anchor()
        return (*self._anchors, own) if own else self._anchors
