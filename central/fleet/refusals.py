"""Who was refused lately, so that somebody looks after it: the refused kiosk itself can tell nobody here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST = 1_000
"""Names remembered. Whoever makes names up drives out others' refusals, which come again within 15 minutes."""
LONGEST = 100
LASTING_MS = 2 * 3_600_000
"""A refused kiosk asks every hour at the least: one that has not for longer is refused no more, or silent."""


Since = Callable[[str, int | None, int], "Refused | None"]
"""The last refusal of a kiosk with its last contact, now: ``Refusals.since``."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The last refusal of one kiosk's request: when, with which status, and why."""

    at_ms: int
    status: int
    sentence: str


class Refusals:
    """The last refusal of each kiosk, in memory: it is gone with the process, and the next one is soon there."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, Refused] = OrderedDict()

    def note(self, kiosk: str, refused: Refused) -> None:
        """A request under the name of *kiosk* was refused; whether there is such a kiosk is for whoever asks."""
        if len(kiosk) > LONGEST:
            return
        self._last.pop(kiosk, None)
        self._last[kiosk] = refused
        while len(self._last) > MOST:
            self._last.popitem(last=False)

    def since(self, kiosk: str, contact_ms: int | None, now_ms: int) -> Refused | None:
        """The last refusal of *kiosk*, if nothing of it was accepted since and it is not long ago."""
        last = self._last.get(kiosk)
        if last is None or last.at_ms < (contact_ms or 0) or now_ms - last.at_ms > LASTING_MS:
            return None
        return last


def none_known(kiosk: str, contact_ms: int | None, now_ms: int) -> None:
    """Nobody was refused, where nobody is served."""
