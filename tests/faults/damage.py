"""
A damaged card, as ``python -m tests.faults.damage --files N``: spoiled files, the real start-up, and what it saves.

A store with some hundred answers, none of them sent, a part of them only in its WAL, is copied, spoiled and started:
prepare, recorder, a press, and the idle time in which old stores are recovered. Nothing here is about flushes, so the
files may lie in memory: ``TMPDIR=/dev/shm`` is quicker.

Counted as lost is a case in which less than 95 % of the rows on undamaged pages are recalled, or a press of after the
damage is not there; as duplicated, one in which a seq is given a second time; as corrupt, one without a thank-you
within 10 s.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from feedback.answers import Answer, Source
from feedback.errors import StoreError
from feedback.ratings import Rating
from kiosk.storage import reading, recorder, salvage, schema
from kiosk.storage.closed import stores
from kiosk.storage.pages import rows_of as rows_on
from tests.faults.jobs import add_options, outcomes
from tests.faults.life import Forked, begin, live, prepare, say, settings
from tests.faults.oracle import Identity, Ledger, judge, rows_of, spelled
from tests.faults.report import Report
from tests.faults.spoiling import (
    ANSWER_VALUES,
    FRAME,
    FRAME_HEADER,
    NAME,
    PAGE,
    WAL_HEADER,
    Damage,
    damages,
    how_many,
    inside_ratings,
)

SETTLED, HOT = 110, 20
"""Presses in the database, and presses after them that stand in the WAL alone."""
ENOUGH = 0.95
WITHIN_S = 10.0
RECOVERED_S = 120.0
"""An old store's rows may come later than the first thanks: on a busy machine, so far as this program waits."""
STARTS = 2
"""systemd starts a kiosk again; more than once would be seen by customers."""


@dataclass
class Card:
    """The files before they are spoiled, and what is known of them."""

    folder: Path
    ledger: Ledger = field(default_factory=Ledger)
    store: str = ""

    def fill(self) -> None:
        """Customers come, the kiosk is started anew, a few more come; nothing has been sent."""
        for boot, presses in (("first", SETTLED), ("second", HOT)):
            for run in (partial(prepare, self.folder), partial(live, self.folder, boot, presses)):
                code, said = Forked(run).end()
                if code:
                    raise SystemExit(f"the card could not be filled: {said.decode()}")
                self.ledger.take(said)
        self.ledger.pressed.clear()
        self.store = next(iter(self.ledger.thanked))[0]

    def pages(self, folder: Path) -> dict[tuple[str, int], bytes]:
        """Every page of the database and of its WAL in the state *folder*, by where it stands."""
        found = {}
        answers = settings(folder).answers_db
        for suffix, first, size in (("", 0, PAGE), ("-wal", WAL_HEADER, FRAME)):
            path = answers.with_name(NAME + suffix)
            raw = path.read_bytes() if path.exists() else b""
            for at in range(first, len(raw) - size + 1, size):
                page = raw[at : at + size]
                found[suffix, at] = page if size == PAGE else page[FRAME_HEADER:]
        return found


@dataclass
class Outcome:
    """What came of one damaged copy."""

    expected: int = 0
    recalled: int = 0
    seconds: float = 0.0
    starts: int = 0
    aside: bool = False
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.recalled / self.expected if self.expected else 1.0


class Bench:
    """Spoils copies of one card, one after another."""

    def __init__(self, card: Card, folder: Path, trusting: Callable[[], None] | None = None) -> None:
        self._card = card
        self._folder = folder
        self._go_wrong = trusting or (lambda: None)
        self._pages = card.pages(card.folder)
        self._on_page = {
            where: {(card.store, seq) for seq, values in rows_on(page) if len(values) == ANSWER_VALUES}
            & card.ledger.thanked.keys()
            for where, page in self._pages.items()
        }

    def outcome(self, damage: Damage) -> Outcome:
        """Spoil a copy, start the kiosk on it, and look."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._card.folder, self._folder)
        damage.do(settings(self._folder).answers_db.parent)
        expected = self._undamaged()
        outcome = Outcome(expected=len(expected))
        ledger = Ledger(thanked=dict(self._card.ledger.thanked))
        self._start(outcome, ledger)
        self._look(outcome, ledger, expected)
        outcome.aside = any(settings(self._folder).answers_db.parent.glob("damaged-*"))
        return outcome

    def _undamaged(self) -> set[Identity]:
        """The answers on pages that are as they were, where they were."""
        now = self._card.pages(self._folder)
        sound = [self._on_page[where] for where, page in self._pages.items() if now.get(where) == page]
        return set().union(*sound)

    def _start(self, outcome: Outcome, ledger: Ledger) -> None:
        """Start the kiosk until somebody is thanked, and let it idle."""
        began = time.monotonic()
        said = b""
        while outcome.starts < STARTS and not outcome.seconds:
            outcome.starts += 1
            code, heard = self._forked(partial(prepare, self._folder))
            said += heard
            if code == 0:
                code, heard = self._forked(partial(accept, self._folder, f"after-{outcome.starts}"))
                said += heard
            thanked_at = [json.loads(line)[1] for line in heard.splitlines() if line.startswith(b'["S"')]
            outcome.seconds = thanked_at[0] - began if thanked_at else 0.0
            if code:
                outcome.corrupt.append(f"ended with {code}: {heard.decode()[-300:]}")
        ledger.take(said)
        if not 0 < outcome.seconds <= WITHIN_S:
            outcome.corrupt.append(f"nobody was thanked within {WITHIN_S:.0f} s: {said.decode()[-300:]}")
        elif outcome.starts == STARTS:
            outcome.corrupt.clear()  # a second start made it good

    def _look(self, outcome: Outcome, ledger: Ledger, expected: set[Identity]) -> None:
        folder = settings(self._folder).answers_db.parent
        try:
            rows = list(rows_of(stores(folder)))
        except StoreError as error:
            outcome.corrupt.append(str(error))
            return
        verdict = judge(ledger, rows, whole=False)
        outcome.invented, outcome.duplicated = verdict.invented, verdict.duplicated
        there = {(store, answer.seq): spelled(answer) for store, answer in rows}
        true = self._card.ledger.thanked
        outcome.recalled = sum(there.get(identity) == true[identity] for identity in expected)
        new = ledger.thanked.items() - true.items()
        outcome.lost += [
            f"{identity} was pressed after the damage" for identity, row in new if there.get(identity) != row
        ]
        if outcome.recall < ENOUGH:
            outcome.lost.append(f"{outcome.recalled} of {outcome.expected} rows on undamaged pages")

    def _forked(self, run: Callable[[], None]) -> tuple[int, bytes]:
        def wrongly() -> None:
            self._go_wrong()
            run()

        return Forked(wrongly).end()


def accept(folder: Path, boot: str, within_s: float = RECOVERED_S) -> None:
    """A kiosk's start: a press is taken and thanked for, then nobody comes until old stores are recovered."""
    # The rest between two steps of recovering is for other threads; there are none to wait here.
    recorder.BETWEEN_S = 0.0005
    life = begin(folder, boot)
    life.press(Rating.GOOD, Source.TOUCH)
    life.wait()
    say("S", time.monotonic())
    until = time.monotonic() + within_s
    while time.monotonic() < until and _unsalvaged(folder):
        life.rest(0.005)
    life.press(Rating.BAD, Source.BUTTON)
    life.wait()
    life.recorder.stop()
    life.check()


def _unsalvaged(folder: Path) -> bool:
    try:
        return bool(salvage.unsalvaged(settings(folder).answers_db.parent))
    except OSError:
        return True


def trust_every_row() -> None:
    """The control: rows are taken as they are read, whatever their checksum."""
    checked = schema.to_answer

    def trusting(row: schema.Row, store: bytes) -> Answer | None:
        schema.answer_crc = lambda *_: row[-1]  # type: ignore[assignment]
        return checked(row, store)

    for module in (reading, salvage):
        vars(module)["to_answer"] = trusting


def damage(
    files: int, seed: int, folder: Path, part: str, jobs: int, minutes: float, *, everything: bool
) -> Report:
    """*files* damaged copies, or all there are, after the control; of *part* only unless it is ``any``."""
    card = Card(folder / "card")
    card.fill()
    answers = settings(card.folder).answers_db.parent
    report = Report("damage", how_many(answers) if everything else files)
    wrong = Bench(card, folder / "trusting", trust_every_row)
    sound, checksum = schema.to_answer, schema.answer_crc
    trust_every_row()
    report.controls["TrustsRows"] = any(
        wrong.outcome(one).invented for one in inside_ratings(card.pages(card.folder))[:6]
    )
    schema.answer_crc = checksum
    for module in (reading, salvage):
        vars(module)["to_answer"] = sound
    cases = list(islice(_of(part, damages(answers, seed)), report.of))
    found: list[Outcome] = []
    short: Counter[str] = Counter()
    for case, outcome in outcomes(lambda own: Bench(card, own / "copy"), cases, folder, jobs, minutes):
        found.append(outcome)
        _count(report, case, outcome, short)
        report.progress(case.name)
    report.more |= _figures(found) | {"short_by_kind": dict(short), "seed": seed}
    return report


def _of(part: str, cases: Iterator[Damage]) -> Iterator[Damage]:
    suffix = {"database": "", "wal": "-wal"}.get(part)
    return (case for case in cases if part == "any" or case.suffix == suffix)


def _count(report: Report, case: Damage, outcome: Outcome, short: Counter[str]) -> None:
    report.tried += 1
    for what in ("lost", "invented", "duplicated", "corrupt"):
        found: Sequence[str] = getattr(outcome, what)
        if found:
            setattr(report, what, getattr(report, what) + 1)
            short[f"{what}: {case.kind}"] += 1
            if short[f"{what}: {case.kind}"] <= 3:
                report.wrong.append(f"{case.name}: {what}: {found[0][:600]}")


def _figures(outcomes: list[Outcome]) -> dict[str, object]:
    expected = sum(outcome.expected for outcome in outcomes)
    waits = sorted(outcome.seconds for outcome in outcomes)
    return {
        "moved_aside": sum(outcome.aside for outcome in outcomes),
        "second_starts": sum(outcome.starts > 1 for outcome in outcomes),
        "recall": round(sum(outcome.recalled for outcome in outcomes) / max(1, expected), 5),
        "lowest_recall": round(min(outcome.recall for outcome in outcomes), 3),
        "seconds_to_thank_median": round(waits[len(waits) // 2], 4),
        "seconds_to_thank_longest": round(waits[-1], 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.damage", description=__doc__)
    parser.add_argument("--files", type=int, default=300, help="damaged copies (300)")
    parser.add_argument("--all", action="store_true", help="every page, every byte, every boundary once")
    parser.add_argument("--part", choices=("any", "database", "wal"), default="any", help="what is spoiled")
    parser.add_argument("--seed", type=int, default=1, help="of the order and of the chance in it")
    add_options(parser)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="afterword-damage-"))
    given = (options.files, options.seed, folder, options.part, options.jobs, options.minutes)
    code = damage(*given, everything=options.all).end()
    shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
