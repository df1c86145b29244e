"""Letting go of answers that central has: those of 90 days ago and more, or earlier where the card is nearly full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from itertools import pairwise

from feedback.answers import Anchor
from feedback.errors import StoreError
from feedback.misuse import BURST_MS, QUICK_MS
from feedback.presses import SPAN
from feedback.settings_document import NONE_YET, BranchSettings
from feedback.timeline import Stay, windows
from kiosk.clock import Clock
from kiosk.storage.ballast import Ballast
from kiosk.storage.counts.ground import Known
from kiosk.storage.counts.rows import Row, Rows
from kiosk.storage.counts.tally import judged, stays_of, totals
from kiosk.storage.database import writing
from kiosk.storage.link_state import Fate, Progress
from kiosk.storage.schema import anchor_crc
from kiosk.storage.totals import DAY_MS, add_totals, merged, pruned_upto

KEPT_MS = 90 * DAY_MS
"""Central may have to be restored from a backup: what is younger can be sent again."""
AGAIN_MS = 3_600_000
ROWS = 250
"""Looked at in one step: a few milliseconds, and three pages to write."""
ENOUGH_PAGES = 1_024
"""Blank pages of the file that are enough on a full card: room for some 60,000 answers."""
APART_MS = max(BURST_MS, QUICK_MS)
"""Presses further apart than this have nothing to do with each other, whatever the rule."""

ProgressOf = Callable[[bytes], Progress]
KnownOf = Callable[[str], "Known | None"]


class Pruning:
    """
    Deletes the oldest acknowledged answers, in the recorder's thread, a few at each step.

    Never the last one, whose number must not be given again; never one without a final verdict; never one that
    central refused or that is in conflict, which a technician may want to see. The pages stay in the file and are
    written again: shrinking it would take as much room as it has. How many were pressed stays, see ``totals``.

    Args:
        progress_of: What central has of a store; may raise StoreError.
        known: What dates a boot's answers, by those who keep counts of them; None where they do not know.
        branch: Gives the branch's zone and hours: pruned answers are judged for the last time.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        store: bytes,
        clock: Clock,
        ballast: Ballast,
        progress_of: ProgressOf | None,
        known: KnownOf = lambda _: None,
        branch: Callable[[], BranchSettings] | None = None,
    ) -> None:
        self._connection = connection
        self._store = store
        self._clock = clock
        self._ballast = ballast
        self._progress_of = progress_of
        self._known_elsewhere = known
        self._branch = branch or (lambda: NONE_YET)
        self._rows = Rows(lambda: connection, store)
        self._looked_ms: int | None = None
        self._boots: dict[str, Known] = {}

    def step(self, last_seq: int) -> int:
        """Prune a little if it is time; how many answers were let go, 0 when there is no more to do now."""
        if self._progress_of is None or not self._due():
            return 0
        try:
            progress = self._progress_of(self._store)
        except StoreError:
            return 0
        done = self._prune(progress, last_seq)
        if not done:
            self._looked_ms = self._clock.moment().boot_ms
            self._boots.clear()
        return done

    def _due(self) -> bool:
        return (
            self._looked_ms is None
            or self._clock.moment().boot_ms - self._looked_ms >= AGAIN_MS
            or self._pressed_for_room()
        )

    def _pressed_for_room(self) -> bool:
        if not self._ballast.low:
            return False
        return int(self._connection.execute("PRAGMA freelist_count").fetchone()[0]) < ENOUGH_PAGES

    def _prune(self, progress: Progress, last_seq: int) -> int:
        first = pruned_upto(self._connection) + 1
        most = min(progress.cursor, last_seq - 1) - first + 1
        before_ms = self._old_before_ms()
        if most < 1 or before_ms is None:
            return 0
        # More than may go: whether a run of presses ends there, and what followed the last, shows only in the next.
        rows = self._rows.read(first, first + min(ROWS, most) + SPAN)
        may_go = [row for row in rows if row.given.seq < first + min(ROWS, most)]
        upto = self._last_old(may_go, before_ms)
        upto = _between_visits(rows, upto, full=len(may_go) >= ROWS)
        if upto < first:
            return 0
        self._let_go(first, upto, rows, progress)
        return upto - first + 1

    def _old_before_ms(self) -> int | None:
        """Answers before this may go; None: nobody knows what time it is, so none is old."""
        if self._pressed_for_room():
            return 1 << 62
        anchor = self._clock.anchor()
        return None if anchor is None else anchor.utc_ms - KEPT_MS

    def _let_go(self, first: int, upto: int, rows: Sequence[Row], progress: Progress) -> None:
        kept = [span for span in progress.spans if span.fate in {Fate.REJECTED, Fate.CONFLICT}]
        before = [row for row in rows if row.given.seq <= upto]
        # Judged as if nothing came behind but what follows its own presses.
        behind = [row for row in rows if row.given.seq > upto and not row.given.opens]
        gone = judged([*before, *behind], first, upto, self._known, self._branch())
        with writing(self._connection) as connection:
            add_totals(connection, self._store, totals(gone), stays_of(before), upto)
            for seq in range(first, upto + 1):
                if not any(span.first <= seq <= span.last for span in kept):
                    connection.execute("DELETE FROM texts WHERE seq = ?", (seq,))
                    connection.execute("DELETE FROM answers WHERE seq = ?", (seq,))

    def _last_old(self, rows: Sequence[Row], before_ms: int) -> int:
        """The last of *rows* before which all are old; an estimated time is taken at its word."""
        upto = 0
        for row in rows:
            if self._known(row.given.moment.boot).when(row.given.moment).utc_ms >= before_ms:
                break
            upto = row.given.seq
        return upto

    def _known(self, boot: str) -> Known:
        """What dates the answers of *boot*: by the counts, if they are kept, else by its anchors here."""
        if boot not in self._boots:
            self._boots[boot] = self._known_elsewhere(boot) or self._known_here(boot)
        return self._boots[boot]

    def _known_here(self, boot: str) -> Known:
        anchors = self._anchors(boot)
        if anchors:
            return Known(anchors, anchors[0])
        stays = {stay.boot: stay for stay in self._rows.stays()}
        query = (
            "SELECT b.boot, min(a.seq), min(a.boot_ms), max(a.boot_ms) FROM answers a"
            " JOIN boots b ON b.id = a.boot GROUP BY a.boot"
        )
        for row in self._connection.execute(query):
            stays[row[0]] = merged(stays.get(row[0]), Stay(*row))
        found = windows(list(stays.values()), {one: self._anchors(one) for one in stays})
        return Known(window=found.get(boot))

    def _anchors(self, boot: str) -> list[Anchor]:
        rows = self._connection.execute(
            "SELECT boot, boot_ms, utc_ms, source, error_ms, crc FROM anchors WHERE boot = ? ORDER BY id",
            (boot,),
        )
        known = [(Anchor(*row[:5]), row[5]) for row in rows]
        return [one for one, crc in known if crc == anchor_crc(self._store, one)]


def _between_visits(rows: Sequence[Row], upto: int, *, full: bool) -> int:
    """
    The last seq up to *upto* after which presses have nothing to do with those before.

    What is set aside depends on the presses around: so both sides of a cut are judged as if there were none.
    0 if there is none; but a run of ROWS without any pause, *full*, is cut where it has to be.
    """
    presses = [row.given for row in rows if row.given.opens]
    for earlier, later in reversed(list(pairwise(presses))):
        apart_ms = later.moment.boot_ms - earlier.moment.boot_ms
        if later.seq <= upto + 1 and (later.moment.boot != earlier.moment.boot or apart_ms > APART_MS):
            return later.seq - 1
    return upto if full else 0
