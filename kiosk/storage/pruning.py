"""Letting go of answers that central has: those of 90 days ago and more, or earlier where the card is nearly full."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from feedback.answers import Anchor, Answer
from feedback.errors import StoreError
from feedback.misuse import BURST_MS, QUICK_MS, RatingPress, Rule, set_aside
from feedback.ratings import Kind, Rating
from feedback.timeline import When, repaired
from kiosk.clock import Clock
from kiosk.storage.ballast import Ballast
from kiosk.storage.database import writing
from kiosk.storage.link_state import Fate, Progress
from kiosk.storage.reading import batch
from kiosk.storage.schema import anchor_crc
from kiosk.storage.totals import DAY_MS, QUARTER_MS, Total, add_totals, pruned_upto

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


class Pruning:
    """
    Deletes the oldest acknowledged answers, in the recorder's thread, a few at each step.

    Never the last one, whose number must not be given again; never one without a final verdict; never one that
    central refused or that is in conflict, which a technician may want to see. The pages stay in the file and are
    written again: shrinking it would take as much room as it has. How many were pressed stays, see ``totals``.

    Args:
        progress_of: What central has of a store; may raise StoreError.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        store: bytes,
        clock: Clock,
        ballast: Ballast,
        progress_of: ProgressOf | None,
    ) -> None:
        self._connection = connection
        self._store = store
        self._clock = clock
        self._ballast = ballast
        self._progress_of = progress_of
        self._looked_ms: int | None = None
        self._anchors: dict[str, list[Anchor]] = {}

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
            self._anchors.clear()
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
        # One more than may go: whether a run of presses ends there shows only in the next.
        rows = batch(self._connection, self._store, first, min(ROWS, most) + 1).answers
        times = {answer.seq: self._time(answer) for answer in rows}
        upto = _last_old([a for a in rows if a.seq < first + most], times, before_ms)
        upto = _between_visits(rows, upto)
        if upto < first:
            return 0
        self._let_go(first, upto, [a for a in rows if a.seq <= upto], times, progress)
        return upto - first + 1

    def _old_before_ms(self) -> int | None:
        """Answers before this may go; None: nobody knows what time it is, so none is old."""
        if self._pressed_for_room():
            return 1 << 62
        anchor = self._clock.anchor()
        return None if anchor is None else anchor.utc_ms - KEPT_MS

    def _let_go(
        self, first: int, upto: int, rows: Sequence[Answer], times: dict[int, When], progress: Progress
    ) -> None:
        kept = [span for span in progress.spans if span.fate in {Fate.REJECTED, Fate.CONFLICT}]
        with writing(self._connection) as connection:
            add_totals(connection, _totals(rows, times), upto)
            for seq in range(first, upto + 1):
                if not any(span.first <= seq <= span.last for span in kept):
                    connection.execute("DELETE FROM texts WHERE seq = ?", (seq,))
                    connection.execute("DELETE FROM answers WHERE seq = ?", (seq,))

    def _time(self, answer: Answer) -> When:
        boot = answer.moment.boot
        if boot not in self._anchors:
            rows = self._connection.execute(
                "SELECT boot, boot_ms, utc_ms, source, error_ms, crc FROM anchors WHERE boot = ?", (boot,)
            )
            known = [(Anchor(*row[:5]), row[5]) for row in rows]
            self._anchors[boot] = [one for one, crc in known if crc == anchor_crc(self._store, one)]
        return repaired(answer.moment, self._anchors[boot])


def _last_old(rows: Sequence[Answer], times: dict[int, When], before_ms: int) -> int:
    """The last of *rows* before which all are old; an estimated time is taken at its word."""
    upto = 0
    for answer in rows:
        if times[answer.seq].utc_ms >= before_ms:
            break
        upto = answer.seq
    return upto


def _between_visits(rows: Sequence[Answer], upto: int) -> int:
    """
    The last seq up to *upto* after which presses have nothing to do with those before.

    What is set aside depends on the presses around: so both sides of a cut are judged as if there were none.
    0 if there is none; but a run of ROWS without any pause is cut where it has to be.
    """
    presses = [a for a in rows if a.ask.kind is Kind.RATING]
    for earlier, later in reversed(list(pairwise(presses))):
        apart_ms = later.moment.boot_ms - earlier.moment.boot_ms
        if later.seq <= upto + 1 and (later.moment.boot != earlier.moment.boot or apart_ms > APART_MS):
            return later.seq - 1
    return upto if len(rows) > ROWS else 0


def _totals(rows: Sequence[Answer], times: dict[int, When]) -> Counter[Total]:
    ratings = [a for a in rows if a.ask.kind is Kind.RATING and a.value in Kind.RATING.values]
    aside: dict[int, Rule] = set_aside([_press(answer) for answer in ratings])
    return Counter(
        Total(
            max(0, times[a.seq].utc_ms) // QUARTER_MS * QUARTER_MS,
            Rating(a.value),
            aside.get(a.seq),
            times[a.seq].uncertainty_ms > DAY_MS,
        )
        for a in ratings
    )


def _press(answer: Answer) -> RatingPress:
    moment = answer.moment
    return RatingPress(answer.seq, Rating(answer.value), moment.boot, moment.boot_ms, answer.test)
