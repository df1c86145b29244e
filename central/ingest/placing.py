"""
Where an answer counts: computed from its raw readings, and computed again when what is known of them changes.

Decided without a database: rows and anchors in, rows and the difference of the counts out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feedback import timeline
from feedback.answers import Anchor, Moment, Outcome, Place
from feedback.presses import SPAN, Given
from feedback.ratings import Kind
from feedback.timeline import Window

CountKey = tuple[str, int, int, str, str, str, str, str, int, bool, str]
"""branch, day, hour, touchpoint, stage, survey, question, kind, value, opens, rule: a row of ``counts``."""


class Computed(NamedTuple):
    """
    What is computed of an answer: its time, how it is known, the slot it counts in, the rule that sets it aside.

    In the order of ``ingest_sqlite.COMPUTED``. A tuple, as Row is: made for every answer, in a third of the time.
    """

    utc_ms: int
    quality: str
    uncertainty_ms: int
    stage: str
    day: int
    hour: int
    rule: str = ""


class Row(NamedTuple):
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
        """Whether it is a rating that opened its response: what the rules against misuse may set aside."""
        return self.seq == self.response and self.kind == Kind.RATING.value

    @property
    def is_said_of_press(self) -> bool:
        """Whether it may say something of the press that opened its response; a usual outcome does not."""
        is_near = 0 < self.seq - self.response <= SPAN
        return is_near and (self.kind != Kind.OUTCOME.value or self.value == Outcome.HELD.value)

    @property
    def given(self) -> Given:
        """The answer, as far as the rules look at it."""
        return Given(self.seq, self.response, Kind(self.kind), self.value, self.moment, self.test)

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
            self.seq == self.response,
            c.rule,
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What placing stands on.

    Attributes:
        zones: By branch.
        stages: By touchpoint.
        anchors: By boot.
        windows: Of the boots that have none, by store and boot; not there: bounded on one side at most.
    """

    zones: Mapping[str, ZoneInfo]
    stages: Mapping[Place, str]
    anchors: Mapping[str, Sequence[Anchor]]
    windows: Mapping[tuple[bytes, str], Window]

    def computed(self, store: bytes, moment: Moment, place: Place, rule: str = "") -> Computed:
        """Time, slot and stage of an answer of *store* given at *moment*, at *place*."""
        anchors = self.anchors.get(moment.boot, ())
        window = None if anchors else self.windows.get((store, moment.boot))
        when = timeline.repaired(moment, anchors, window)
        slot = timeline.slot(when.utc_ms, self.zones[place.branch])
        stage = self.stages.get(place, "")
        return Computed(
            when.utc_ms, when.quality.value, when.uncertainty_ms, stage, slot.day, slot.hour, rule
        )

    def replaced(self, row: Row) -> Row:
        """*row* with its time computed again; the rule that sets it aside does not depend on it."""
        return row._replace(computed=self.computed(row.store, row.moment, row.place, row.computed.rule))


def with_rule(row: Row, rule: str) -> Row:
    """*row*, set aside by *rule*; empty: counted."""
    return row._replace(computed=row.computed._replace(rule=rule))


def difference(before: Iterable[Row], after: Iterable[Row]) -> dict[CountKey, int]:
    """What must be added to the counts so that *after* is counted in place of *before*; nothing that cancels out."""
    moved = Counter(row.count_key for row in after)
    moved.subtract(row.count_key for row in before)
    return {key: n for key, n in moved.items() if n}
