"""
Where an answer counts: computed from its raw readings, and computed again when what is known of them changes.

Decided without a database: rows and anchors in, rows and the difference of the counts out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from feedback import misuse, timeline
from feedback.answers import Anchor, Moment, Place
from feedback.misuse import RatingPress
from feedback.ratings import Kind, Rating

CountKey = tuple[str, int, int, str, str, str, str, str, int, str]
"""branch, day, hour, touchpoint, stage, survey, question, kind, value, rule: a row of ``counts``."""


ENDLESS_MS = 2**62


@dataclass(frozen=True, slots=True)
class Computed:
    """What is computed of an answer: its time, how it is known, the slot it counts in, the rule that sets it aside."""

    utc_ms: int
    quality: str
    uncertainty_ms: int
    stage: str
    day: int
    hour: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An answer as central keeps it, as far as placing needs it."""

    store: bytes
    seq: int
    response: int
    place: Place
    survey: str
    question: str
    kind: str
    value: int
    moment: Moment
    test: bool
    computed: Computed

    @property
    def is_press(self) -> bool:
        """Whether the rules against misuse look at it: the same answers that the kiosk's summary gives them."""
        return self.kind == Kind.RATING.value

    @property
    def press(self) -> RatingPress:
        """What the rules know of it."""
        return RatingPress(self.seq, Rating(self.value), self.moment.boot, self.moment.boot_ms, self.test)

    @property
    def count_key(self) -> CountKey:
        """The row of ``counts`` it is counted in."""
        c = self.computed
        place = self.place
        return (
            place.branch,
            c.day,
            c.hour,
            place.touchpoint,
            c.stage,
            self.survey,
            self.question,
            self.kind,
            self.value,
            c.rule,
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """What placing stands on: each branch's zone, each touchpoint's stage, each boot's anchors."""

    zones: Mapping[str, ZoneInfo]
    stages: Mapping[Place, str]
    anchors: Mapping[str, Sequence[Anchor]]

    def computed(self, moment: Moment, place: Place, rule: str = "") -> Computed:
        """Time, slot and stage of an answer given at *moment*, at *place*."""
        when = timeline.repaired(moment, self.anchors.get(moment.boot, ()))
        slot = timeline.slot(when.utc_ms, self.zones[place.branch])
        stage = self.stages.get(place, "")
        return Computed(
            when.utc_ms, when.quality.value, when.uncertainty_ms, stage, slot.day, slot.hour, rule
        )

    def replaced(self, row: Row) -> Row:
        """*row* with its time computed again; the rule that sets it aside does not depend on it."""
        return replace(row, computed=self.computed(row.moment, row.place, row.computed.rule))


def useful(anchors: Iterable[Anchor]) -> list[Anchor]:
    """
    The *anchors* of one boot that can be the best one for some moment, by boot clock.

    One whose own moment another knows with less doubt is never the best: doubt grows alike from both. Leaving it out
    changes nothing, and keeps the work small for a boot that called central a hundred thousand times.
    """
    ordered = sorted(anchors, key=lambda anchor: (anchor.boot_ms, anchor.error_ms))
    forward = _undominated(ordered)
    return _undominated(forward[::-1])[::-1]


def improves(anchor: Anchor, known: Iterable[Anchor], gain_ms: int) -> bool:
    """Whether *anchor* knows its own moment better than each of *known* does, by at least *gain_ms*."""
    return all(_doubt_ms(one, anchor) >= anchor.error_ms + gain_ms for one in known)


def stretch(new: Iterable[Anchor], anchors: Sequence[Anchor]) -> tuple[int, int] | None:
    """
    The boot clock's stretch whose answers the *new* ones among the useful *anchors* of a boot may move; None: none.

    It ends where an older anchor is better than every new one, and so stays better from there on.
    """
    fresh = set(new).intersection(anchors)
    if not fresh:
        return None
    first, last = min(one.boot_ms for one in fresh), max(one.boot_ms for one in fresh)
    # By 2 ms at least: each doubt is rounded up, and a tie goes to the earlier anchor.
    walls = [
        old.boot_ms
        for old in anchors
        if old not in fresh and all(_doubt_ms(one, old) >= old.error_ms + 2 for one in fresh)
    ]
    low = max((ms for ms in walls if ms < first), default=0)
    return low, min((ms for ms in walls if ms > last), default=ENDLESS_MS)


def judged(rows: Sequence[Row], fresh: Callable[[Row], bool]) -> dict[int, str]:
    """
    The rule of each rating press among *rows* that the *fresh* ones can have changed, by seq; empty: it counts.

    *rows* are presses of one store by seq, with ``2 * REACH`` tried ones on either side of the fresh.
    """
    tried = [row for row in rows if not row.test]
    new = [at for at, row in enumerate(tried) if fresh(row)]
    if not new:
        return {}
    rules = misuse.set_aside([row.press for row in tried])
    near = tried[max(0, new[0] - misuse.REACH) : new[-1] + misuse.REACH + 1]
    return {row.seq: rules[row.seq].value if row.seq in rules else "" for row in near}


def with_rule(row: Row, rule: str) -> Row:
    """*row*, set aside by *rule*; empty: counted."""
    return replace(row, computed=replace(row.computed, rule=rule))


def difference(before: Iterable[Row], after: Iterable[Row]) -> dict[CountKey, int]:
    """What must be added to the counts so that *after* is counted in place of *before*; nothing that cancels out."""
    moved = Counter(row.count_key for row in after)
    moved.subtract(row.count_key for row in before)
    return {key: n for key, n in moved.items() if n}


def _undominated(anchors: Sequence[Anchor]) -> list[Anchor]:
    kept: list[Anchor] = []
    for anchor in anchors:
        # Left out only for strictly less doubt: a tie is broken by feedback.timeline, alike on both sides.
        if not kept or _doubt_ms(kept[-1], anchor) >= anchor.error_ms:
            kept.append(anchor)
    return kept


def _doubt_ms(anchor: Anchor, other: Anchor) -> int:
    """How well *anchor* knows the moment of *other*, in milliseconds."""
    return timeline.repaired(Moment(anchor.boot, other.boot_ms, 0), [anchor]).uncertainty_ms
