"""
Looks after the branch's settings and the hour, in a thread of its own, so that the screen follows them.

The screen's thread reads no file while customers press.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from feedback.answers import Anchor
from feedback.errors import StoreError
from feedback.settings_document import BranchSettings
from feedback.timeline import repaired
from kiosk.clock import Clock
from kiosk.idle import Outlook, outlook
from kiosk.reception import Reception

LOOK_S = 20.0
"""How often it looks: hours are whole minutes, and a new line of text may wait a moment."""
ASK_MS = 5 * 60_000
"""How often it asks what others know of the time, where the machine's own clock was set by nobody."""


class Lookout:
    """
    Tells a reception what to expect, whenever that has changed.

    Args:
        branch: What central decided for the branch, as known now.
        anchors: What is known of this boot's true time, beside what the clock itself knows; may raise StoreError.
    """

    def __init__(
        self,
        reception: Reception,
        clock: Clock,
        branch: Callable[[], BranchSettings],
        anchors: Callable[[], Iterable[Anchor]],
        *,
        look_s: float = LOOK_S,
    ) -> None:
        self._reception = reception
        self._clock = clock
        self._branch = branch
        self._anchors = anchors
        self._look_s = look_s
        self._told: list[Anchor] = []
        self._asked_ms: int | None = None
        self._stopping = threading.Event()
        self._last = self.look()
        # Before the window opens: a kiosk that starts at night does not flash its day.
        reception.outlook = self._last
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)
        self._thread.start()

    def look(self) -> Outlook:
        """What to expect of an idle screen now."""
        moment, own = self._clock.moment(), self._clock.anchor()
        if own is None and (self._asked_ms is None or moment.boot_ms - self._asked_ms >= ASK_MS):
            self._asked_ms = moment.boot_ms
            # Nobody may have made that file yet: then the time is not known.
            with suppress(StoreError):
                self._told = list(self._anchors())
        return outlook(self._branch(), repaired(moment, self._told if own is None else [own]))

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        while not self._stopping.wait(self._look_s):
            found = self.look()
            if found != self._last:
                self._last = found
                self._reception.later(lambda found=found: self._reception.expect(found))  # type: ignore[misc]
