"""The same rows, the same figures: what the kiosk counts of its own answers is what central counts of them."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest

from central.cli import main
from central.ingest.rebuilding import rebuild
from central.store import tables
from central.store.database import writing
from feedback.answers import Anchor, Answer, Ask, Moment, Outcome, Place, Source
from feedback.errors import LinkError
from feedback.misuse import Rule
from feedback.presses import SPAN
from feedback.ratings import Kind, Rating
from feedback.timeline import Quality
from kiosk.branch import branch_settings
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.counts.summary import open_counts
from kiosk.storage.link import read_anchors
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from kiosk.sync.line import Line, Patience, Reply
from tests.central.device import Central, serving
from tests.kiosk.storage.counts.recount import counted
from tests.kiosk.storage.presses import Customer
from tests.stage import until

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000
BEGINS_MS = round(datetime(2026, 10, 22, 9, tzinfo=UTC).timestamp() * 1_000)
"""A Thursday; on Sunday the clocks of Berlin are put back."""
ZONE = "Europe/Berlin"
WEEKDAY = ["08:00-12:30", "13:00-20:00"]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), WEEKDAY) | {"sun": ["02:00-16:00"]}
FIRST_HOURS = [{"from": "2026-10-01", "week": WEEK, "except": {"2026-10-26": []}}]
OTHER_HOURS = [
    {"from": "2026-10-01", "week": WEEK, "except": {"2026-10-23": ["10:00-11:00"]}},
    {"from": "2026-10-25", "week": {"sun": ["00:00-24:00"], "mon": ["06:00-22:00"]}},
]

EXIT = Place("b12", "exit-1")
ENDED = Ask("exit", 4, "", Kind.OUTCOME, "de")
VISIT = Ask("exit", 4, "visit", Kind.RATING, "de")
WHY = Ask("exit", 4, "why", Kind.CHOICE, "de")
STAFF = Ask("exit", 4, "staff", Kind.RATING, "de")
AGAIN = Ask("exit", 4, "again", Kind.NPS, "de")


@dataclass(frozen=True)
class Boot:
    """
    From one start of the board to the next.

    Attributes:
        hours: How long it runs.
        dark_ms: How long the power was gone before.
        knows: It keeps its clock by a time server.
        online: Its agent reaches central.
        wall_ms: What its wall clock says at the start; None: the truth.
        rush: Groups of presses, spread over its hours.
    """

    name: str
    hours: float
    dark_ms: int = MINUTE_MS
    knows: bool = False
    online: bool = False
    wall_ms: int | None = 5_000
    rush: int = 12


BOOTS = (
    Boot("alone", 2),  # nothing is known of what was before: it stays where its wall clock says, in 1970
    Boot("friday", 22, knows=True, wall_ms=None),
    Boot("lost", 3, dark_ms=40 * MINUTE_MS),
    Boot("night", 30, online=True, rush=30),  # learns the time from central; the clocks are put back
    Boot("short", 0.1, rush=2),
    Boot("shorter", 0.05, dark_ms=SECOND_MS, rush=2),
    Boot("later", 40, dark_ms=2 * HOUR_MS, knows=True, online=True, wall_ms=None, rush=24),
)


@dataclass
class Board:
    """A board whose true time, and with it central's, is moved by hand; its clocks say something else."""

    central: Central
    true_ms: int = BEGINS_MS
    boot: Boot = field(default_factory=lambda: Boot("first", 1))
    began_ms: int = BEGINS_MS
    ppm: int = 0

    def start(self, boot: Boot, ppm: int) -> None:
        self.goes_on(boot.dark_ms)
        self.boot, self.began_ms, self.ppm = boot, self.true_ms, ppm

    def goes_on(self, ms: int) -> None:
        self.true_ms += ms
        self.central.clock[0] = self.true_ms

    def moment(self) -> Moment:
        ran_ms = self.true_ms - self.began_ms
        boot_ms = ran_ms + ran_ms * self.ppm // 1_000_000
        wall_ms = self.began_ms if self.boot.wall_ms is None else self.boot.wall_ms
        return Moment(self.boot.name, boot_ms, wall_ms + ran_ms)

    def anchor(self) -> Anchor | None:
        now = self.moment()
        return Anchor(now.boot, now.boot_ms, self.true_ms, "ntp", 100) if self.boot.knows else None


@dataclass
class Kiosk:
    """A kiosk of branch b12, its recorder and its agent as they are on a board."""

    settings: Settings
    central: Central
    board: Board
    line: Callable[[], Line] = lambda: Line(Patience(2, 2, 4))

    @property
    def path(self) -> Path:
        return self.settings.answers_db

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        recorder = open_recorder(self.settings, self.board, idle_s=0.005)
        try:
            yield recorder
        finally:
            recorder.stop()

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        agent = Agent(self.settings, self.board, line=self.line(), chance=lambda: 0.5, splay_ms=0)
        try:
            yield agent
        finally:
            agent.close()

    def lives(self, boot: Boot, chance: random.Random) -> None:
        """One *boot*: what customers, children and technicians do at it, and what the agent hands over."""
        self.board.start(boot, chance.randint(-400, 400))
        with ExitStack() as stack:
            agent = stack.enter_context(self.agent()) if boot.online else None
            recorder = stack.enter_context(self.recording())
            if boot.knows:
                until(lambda: any(one.boot == boot.name for one in AnswersReader(self.path).anchors()), 20)
            end_ms = self.board.true_ms + round(boot.hours * HOUR_MS)
            for number in range(boot.rush):
                self.board.goes_on((end_ms - self.board.true_ms) // (boot.rush - number + 1))
                self._rush(recorder, chance)
                if agent and chance.random() < 0.5:
                    agent.step()
            if boot is BOOTS[-1] and agent:
                self.tells_all(agent, recorder)

    def _rush(self, recorder: Recorder, chance: random.Random) -> None:
        """Some presses close to one another, with what follows them; a hold is told up to two presses later."""
        playing = chance.random() < 0.15
        due: list[tuple[int, Sequence[Answer]]] = []
        for number in range(chance.randint(5, 7) if playing else chance.randint(1, 4)):
            edge_ms = chance.choice((4_990, 5_010, chance.randint(200, 8_000)))
            self.board.goes_on(chance.randint(100, 900) if playing else edge_ms)
            is_test = chance.random() < 0.06
            press = self.stored(recorder, VISIT, chance.choice((2, 4, 4, 5)), 0, is_test=is_test)
            for ask, values in ((WHY, (1, 2, 3)), (STAFF, (1, 3, 5)), (AGAIN, (0, 8, 10))):
                if not playing and chance.random() < 0.15:
                    self.board.goes_on(chance.randint(300, 3_000))
                    self.stored(recorder, ask, chance.choice(values), press[0].seq, is_test=is_test)
            self.stored(recorder, ENDED, Outcome.ANSWERED, press[0].seq, is_test=is_test)
            if not is_test and chance.random() < 0.08:
                due.append((number + chance.randint(0, 2), press))
            for _, held in [one for one in due if one[0] == number]:
                self.stored(recorder, ENDED, Outcome.HELD, held[0].seq)

    def stored(
        self, recorder: Recorder, ask: Ask, value: int, response: int, *, is_test: bool = False
    ) -> Sequence[Answer]:
        given = Answer(0, response, EXIT, ask, int(value), Source.TOUCH, self.board.moment(), is_test)
        numbered = Customer().puts(recorder, [given])
        assert numbered, recorder.trouble
        return numbered

    def tells_all(self, agent: Agent, recorder: Recorder) -> None:
        """Until all that the kiosk knows, answers and anchors, is at central."""
        for _ in range(100):
            self.board.goes_on(11 * MINUTE_MS)
            time.sleep(
                0.05
            )  # the recorder copies what the agent learned, once it is idle and ten minutes are over
            reader = AnswersReader(self.path)
            known = set(reader.anchors())
            is_copied = known >= set(read_anchors(self.settings.sync_db))
            rows = len(self.central.rows(tables.answers))
            if is_copied and rows == reader.last_seq() and known <= anchors_at(self.central):
                return
            agent.step()
        raise AssertionError(f"not everything is at central: {agent.words()}, {recorder.trouble}")

    def publishes(self, hours: list[dict[str, Any]]) -> int:
        """The owner publishes *hours*; the version that the kiosk has once its agent was there."""
        path = self.settings.files.folder.parent / "hours.json"
        path.write_text(json.dumps({"hours": hours}))
        assert 0 == main(["--data", str(self.central.folder), "settings", "b12", str(path)])
        with self.agent() as agent:
            agent.step()
            self.board.goes_on(5 * MINUTE_MS)
            agent.step()
        return branch_settings(self.settings).version


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    """A kiosk enrolled at central, which is served; nobody has pressed yet."""
    folder = tmp_path / "central"
    here = ("--data", str(folder))
    assert 0 == main([*here, "init"])
    assert 0 == main([*here, "branch", "add", "b12", "--name", "Mitte", "--zone", ZONE])
    with serving(folder) as central:
        board = Board(central)
        board.goes_on(0)
        settings = Settings(
            KioskPlace("k-1", "b12", "exit-1", "Mitte"),
            CentralAddress(central.url, central.keys.fingerprint),
            Files(tmp_path / "state"),
        )
        prepare_answers(settings)
        enrol(settings, central.code("k-1"))
        yield Kiosk(settings, central, board)


Table = Counter[tuple[int, int, str, str, str, bool, int, str]]
"""day, hour, survey, question, kind, value, rule -> how many."""


def anchors_at(central: Central) -> set[Anchor]:
    names = {row.id: row.boot for row in central.rows(tables.boots)}
    return {
        Anchor(names[row.boot_id], row.boot_ms, row.utc_ms, row.source, row.error_ms)
        for row in central.rows(tables.anchors)
    }


def at_central(central: Central) -> Table:
    found: Table = Counter()
    for row in central.rows(tables.counts):
        what = (row.survey, row.question, row.kind, row.opens, row.value, row.rule)
        found[(row.day, row.hour, *what)] += row.n
    return found


def at_kiosk(kiosk: Kiosk) -> Table:
    found: Table = Counter()
    with open_counts(kiosk.settings.answers_folder, branch_settings(kiosk.settings)) as counts:
        for (day, hour, survey, question, kind, opens, value, rule, _), n in counted(counts).items():
            found[(day, hour, survey, question, kind, opens, value, rule)] += n
    return found


def is_kept(kiosk: Kiosk) -> bool:
    """Whether summary.db has all of it, so that nothing is counted when somebody asks."""
    with open_counts(kiosk.settings.answers_folder, branch_settings(kiosk.settings)) as counts:
        return not counts.behind and not counts.trouble


def shown_by_kiosk(kiosk: Kiosk) -> dict[int, Any]:
    """Of each civil day what ``kiosk summary --all --json`` is made of: counted, set aside, reasons."""
    with open_counts(kiosk.settings.answers_folder, branch_settings(kiosk.settings)) as counts:
        days = {day: counts.day(day) for day in counts.book.every_day()}
    return {
        day: (
            {rating: n for rating, n in one.counted.items() if n},
            {rule: n for rule, n in one.set_aside.items() if n},
            {(reason.question, reason.value): reason.n for reason in one.reasons},
        )
        for day, one in days.items()
    }


def shown_by_central(central: Central) -> dict[int, Any]:
    """The same from the table that central's scores are read from."""
    days: dict[int, tuple[Counter[Rating], Counter[Rule], Counter[tuple[str, int]]]] = {}
    for row in central.rows(tables.counts):
        ratings, aside, reasons = days.setdefault(row.day, (Counter(), Counter(), Counter()))
        is_press = row.opens and row.kind == Kind.RATING.value
        if is_press and row.rule:
            aside[Rule(row.rule)] += row.n
        elif is_press:
            ratings[Rating(row.value)] += row.n
        elif row.question == WHY.question and not row.rule:
            reasons[(row.question, row.value)] += row.n
    return days


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_central_counts_of_the_same_rows_what_the_kiosk_counts(kiosk: Kiosk, seed: int) -> None:
    """
    Six days, boots that never learned the time, holds, tests, closed doors, a day of 25 hours: every figure of both.

    Then the owner publishes other hours, and both move; so does what the recorder keeps in summary.db, and it stays
    when the answers themselves are let go.
    """
    first = kiosk.publishes(FIRST_HOURS)
    assert (ZONE, first > 0) == (branch_settings(kiosk.settings).zone.key, True)
    chance = random.Random(seed)
    for boot in BOOTS:
        kiosk.lives(boot, chance)

    before = at_central(kiosk.central)
    assert at_kiosk(kiosk) == before
    assert shown_by_kiosk(kiosk) == shown_by_central(kiosk.central)

    # The history was one: nothing of it is missing that could differ.
    rows = kiosk.central.rows(tables.answers)
    assert {rule.value for rule in Rule} | {""} == {row.rule for row in rows}
    assert {quality.value for quality in Quality} == {row.quality for row in rows}
    assert 5 <= len({row.day for row in rows})
    assert {"ntp", "central", "contact"} == {anchor.source for anchor in anchors_at(kiosk.central)}

    assert first < kiosk.publishes(OTHER_HOURS)
    after = at_central(kiosk.central)
    assert at_kiosk(kiosk) == after
    assert shown_by_kiosk(kiosk) == shown_by_central(kiosk.central)
    assert before != after
    with kiosk.recording():
        until(lambda: is_kept(kiosk), 20)
    assert at_kiosk(kiosk) == after

    # A winter later the kiosk has let go of the answers, and kept how many there were.
    kiosk.board.start(Boot("winter", 1, dark_ms=100 * 24 * HOUR_MS, knows=True), 0)
    last = AnswersReader(kiosk.path).last_seq()
    with kiosk.recording():
        until(lambda: AnswersReader(kiosk.path).pruned_upto() > last - SPAN and is_kept(kiosk), 20)
    assert at_kiosk(kiosk) == after

    with writing(kiosk.central.store) as connection:
        rebuilt = rebuild(connection)
    assert (0, 0) == (rebuilt.changed, rebuilt.counts)


class Deaf(Line):
    """Everything goes out, and no answer of central comes back."""

    def call(self, request: PreparedRequest) -> Reply:
        super().call(request)
        raise LinkError("the network went before the answer came")


def test_only_a_boot_whose_every_request_went_unanswered_is_dated_by_central_alone(kiosk: Kiosk) -> None:
    """
    Central knows the time of each request's arrival, to a minute: an anchor of its own, which no kiosk has.

    Beside an anchor of the kiosk it tells nothing more, unless that is more than a day old. But where it is the only
    one of its boot central knows more than the kiosk, and says so: the answer counts on its day, while in the
    kiosk's figures it is of 1970.
    """
    kiosk.publishes(FIRST_HOURS)
    board = kiosk.board
    board.start(Boot("deaf", 1), 0)
    with kiosk.recording() as recorder:
        kiosk.stored(recorder, VISIT, Rating.BAD, 0)
    kiosk.line = lambda: Deaf(Patience(2, 2, 4))
    with kiosk.agent() as agent:
        agent.step()
    assert "before the answer came" in agent.words()

    (row,) = kiosk.central.rows(tables.answers)
    assert ("repaired", board.true_ms) == (row.quality, row.utc_ms)
    assert [0] == [day for day, *_ in at_kiosk(kiosk)]
    assert [row.day] == [day for day, *_ in at_central(kiosk.central)]

    # Answered within the same boot, both know.
    kiosk.line = lambda: Line(Patience(2, 2, 4))
    board.goes_on(20 * MINUTE_MS)
    with kiosk.agent() as agent, kiosk.recording() as recorder:
        agent.step()
        kiosk.tells_all(agent, recorder)
    assert at_kiosk(kiosk) == at_central(kiosk.central)
