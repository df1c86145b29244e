"""What stands behind the staff's screen: the PIN that holds, the memory of wrong ones, and the day's figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from feedback.day_counts import MOST_STORES, QUARTERS, DayCounts
from feedback.errors import StoreError
from kiosk.branch import BranchFile
from kiosk.by_phone import handing_in
from kiosk.clock import Clock
from kiosk.settings import Settings
from kiosk.sheet import Sheet, sheet
from kiosk.staff_desk import StaffDesk
from kiosk.storage.closed import stores as stores_in
from kiosk.storage.link import read_link
from kiosk.storage.link_state import Link
from kiosk.sync.files import replace_file
from kiosk.ui.staff.said import StaffSheet

TRIES = "staff-tries.json"
MODE = 0o600


class KeptTries:
    """The wrong PINs, in a file of the screen's own folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """What was written last; an unreadable file is a spoiled one, and a spoiled one locks."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            return b""

    def write(self, raw: bytes) -> None:
        """Put *raw* in its place; a power cut leaves this or what was there before."""
        replace_file(self._path, raw, MODE)


class Staffing:
    """
    One kiosk's desk, with the thread that reads for it.

    Args:
        later: Runs a function soon in the window's thread.
        branch: What the company decided; the PIN is in it.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        later: Callable[[Callable[[], None]], None],
        branch: BranchFile,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="staff")
        self.desk = StaffDesk[StaffSheet](
            clock,
            lambda: branch.now().pin,
            KeptTries(settings.answers_folder / TRIES),
            self.day,
            self._do_beside,
            later,
        )

    def day(self, days_back: int) -> StaffSheet:
        """
        The figures of a day, so many days back, as staff may see them.

        Raises:
            StoreError: The answers cannot be read now.
        """
        found = sheet(self._settings, self._clock, None, exact=False, back=days_back)
        link = self._link()
        heard_ms = link.last_success_ms if link else 0
        return StaffSheet(found, heard_ms or None, not found.summary.spoiled, self._by_phone(found, link))

    def close(self) -> None:
        """Let the thread end."""
        self._beside.shutdown(wait=True, cancel_futures=True)

    def _link(self) -> Link | None:
        try:
            return read_link(self._settings.sync_db)
        except StoreError:
            return None  # there is no agent yet, or its file is being made anew: nothing was heard

    def _by_phone(self, found: Sheet, link: Link | None) -> str:
        """The address that hands the day's counts in; empty: central has them, or the screen has no secret."""
        summary, settings = found.summary, self._settings
        stores = tuple(_not_here(settings, link, found.hidden))
        if summary.day is None or not summary.n or not stores:
            return ""
        counts = DayCounts(
            settings.kiosk.branch,
            settings.kiosk.id,
            summary.day,
            QUARTERS if summary.shown_before is None else summary.shown_before,
            summary.counted,
            sum(summary.set_aside.values()),
            stores[-MOST_STORES:],
        )
        return handing_in(settings, counts)

    def _do_beside(self, run: Callable[[], None]) -> None:
        self._beside.submit(run)


def _not_here(settings: Settings, link: Link | None, hidden: int) -> Iterator[tuple[bytes, int]]:
    """
    Each store of which central lacks answers that staff may know of, with the last of these; the one in use last.

    The newest *hidden* of the store in use are not among them: the code changes when the figures do, and no sooner.
    """
    readers = stores_in(settings.answers_folder)
    for reader in readers:
        store, last_seq = reader.store_id(), reader.last_seq()
        told = last_seq - (hidden if reader is readers[-1] else 0)
        if told > (link.progress(store).delivered if link else 0):
            yield store, told
