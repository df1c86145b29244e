"""What stands behind the staff's screen: the PIN that holds, the memory of wrong ones, and the day's figures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from feedback.errors import StoreError
from kiosk.branch import BranchFile
from kiosk.clock import Clock
from kiosk.desk import Desk
from kiosk.settings import Settings
from kiosk.sheet import sheet
from kiosk.storage.link import read_link
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
        self.desk = Desk[StaffSheet](
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
        return StaffSheet(found, self._heard_ms(), well=not found.summary.spoiled)

    def close(self) -> None:
        """Let the thread end."""
        self._beside.shutdown(wait=True, cancel_futures=True)

    def _heard_ms(self) -> int | None:
        try:
            return read_link(self._settings.sync_db).last_success_ms or None
        except StoreError:
            return None  # there is no agent yet, or its file is being made anew: nothing was heard

    def _do_beside(self, run: Callable[[], None]) -> None:
        self._beside.submit(run)
