"""
A new start between two visits, when the store in use is to get no more rows.

Only ``kiosk prepare`` begins a new store, and it runs before each start of the screen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from feedback.errors import StoreError
from kiosk.reception import Reception
from kiosk.visit import Screen

LOOK_S = 30.0
"""How often sync.db is asked: one small read."""
QUIET_MS = 10_000
"""Nobody has pressed for so long: whoever is still there has seen the thank-you."""

log = logging.getLogger(__name__)


class Renewal:
    """
    Looks, in a thread of its own, whether a new store is due, and ends the screen while nobody is in front of it.

    Attributes:
        done: The screen was ended: the process is to be started again.

    Args:
        is_due: Whether the store in use is to get no more rows; may raise StoreError.
        end: Ends the screen, from the thread in which visits change.
    """

    def __init__(
        self,
        reception: Reception,
        is_due: Callable[[], bool],
        end: Callable[[], None],
        *,
        look_s: float = LOOK_S,
        quiet_ms: int = QUIET_MS,
    ) -> None:
        self.done = False
        self._reception = reception
        self._is_due = is_due
        self._end = end
        self._quiet_ms = quiet_ms
        self._look_s = look_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        while not self._stopping.wait(self._look_s):
            try:
                due = self._is_due()
            except StoreError:
                continue  # the agent has not made its file yet
            if due:
                self._reception.later(self._end_between_visits)

    def _end_between_visits(self) -> None:
        """In the thread in which visits change: no press comes between the look and the end."""
        if not self.done and is_between_visits(self._reception, self._quiet_ms):
            self.done = True
            log.warning("central has other answers under this store's name: starting again with a new store")
            self._end()


def is_between_visits(reception: Reception, quiet_ms: int) -> bool:
    """Whether nobody is in front of the kiosk, nothing is being stored, and it is in order."""
    visit = reception.visit
    now_ms = reception.clock.moment().boot_ms
    pressed_ms = max((at_ms for _, at_ms in visit.edges), default=None)
    return (
        visit.screen is Screen.WELCOME
        and not visit.awaited
        and visit.until_ms is None
        and (pressed_ms is None or now_ms - pressed_ms >= quiet_ms)
    )
