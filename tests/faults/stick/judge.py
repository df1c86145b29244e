"""Kiosk and central held against each other: on the way, and row by row at the end."""

from __future__ import annotations

from sqlalchemy import select

from central.ingest import ledgers
from central.ingest.ledger import Final, Ledger
from central.ingest.rebuilding import rebuild
from central.store import tables
from central.store.database import reading, writing
from tests.carrying import KIOSK, Carrier
from tests.faults.network.judge import Verdict

ROWS = 5_000


def ledger(carrier: Carrier, store: bytes) -> Ledger:
    with reading(carrier.store) as connection:
        return ledgers.load(connection, KIOSK, store)[0]


class Watch:
    """
    Looks at the cursor after every step.

    Attributes:
        forgotten: Central was restored, and the kiosk cannot know yet.
    """

    def __init__(self, carrier: Carrier, verdict: Verdict) -> None:
        self._carrier, self._verdict = carrier, verdict
        self._delivered = 0
        self._generation = 0
        self.forgotten = False

    def look(self) -> None:
        progress = self._carrier.progress
        if progress.generation != self._generation:
            self._generation, self._delivered = progress.generation, 0
            self.forgotten = self.forgotten and progress.generation != self._carrier.generation
        upto = ledger(self._carrier, progress.store).accounted_upto
        if progress.cursor > upto and not self.forgotten:
            self._verdict.lost.append(f"the cursor is at {progress.cursor}, central has answers up to {upto}")
        if progress.delivered < self._delivered and not self.forgotten:
            self._verdict.corrupt.append(
                f"it went back from {self._delivered} to {progress.delivered}, and central was not restored"
            )
        self._delivered = progress.delivered


def judge(carrier: Carrier, verdict: Verdict) -> int:
    """Everything there is on both sides; how many answers that was."""
    there = _at_central(carrier)
    reader, progress = carrier.reader, carrier.progress
    store, last = reader.store_id(), reader.last_seq()
    total = 0
    for first in range(1, last + 1, ROWS):
        for answer in reader.answers(first, ROWS).answers:
            total += 1
            content = there.pop((store, answer.seq), None)
            if content is None:
                verdict.lost.append(f"answer {answer.seq} is not at central")
            elif content != answer.content():
                verdict.lost.append(f"answer {answer.seq} is another one at central")
    verdict.invented += [f"nobody answered {identity}" for identity in there]
    if not last == progress.delivered == progress.accounted_upto:
        verdict.blocked.append(f"of {last} the kiosk takes {progress.delivered} for delivered: {progress}")
    _judge_ledger(verdict, ledger(carrier, store), last)
    _judge_twice(carrier, verdict)
    with writing(carrier.store) as connection:
        rebuilt = rebuild(connection)
    if rebuilt.changed or rebuilt.counts:
        verdict.corrupt.append(f"counted again it is different: {rebuilt}")
    return total


def _judge_ledger(verdict: Verdict, found: Ledger, last: int) -> None:
    totals = dict.fromkeys(Final, 0)
    for span in found.spans:
        totals[span.state] += span.last - span.first + 1
    if totals[Final.STORED] != last or found.accounted_upto != last:
        verdict.lost.append(f"the ledger does not close: {totals}, up to {found.accounted_upto} of {last}")
    if totals[Final.CONFLICT]:
        verdict.duplicated.append(f"{totals[Final.CONFLICT]} answers are in conflict")


def _judge_twice(carrier: Carrier, verdict: Verdict) -> None:
    answers = tables.answers
    with reading(carrier.store) as connection:
        moments = connection.execute(select(answers.c.kiosk_id, answers.c.boot_id, answers.c.boot_ms)).all()
        counted = sum(connection.execute(select(tables.counts.c.n)).scalars())
    if twice := len(moments) - len(set(moments)):
        verdict.duplicated.append(f"{twice} answers are there twice")
    if counted != len(moments):
        verdict.duplicated.append(f"{counted} are counted of {len(moments)} answers")


def _at_central(carrier: Carrier) -> dict[tuple[bytes, int], bytes]:
    answers = tables.answers
    with reading(carrier.store) as connection:
        found = connection.execute(
            select(answers.c.store_id, answers.c.seq, answers.c.content).where(answers.c.kiosk_id == KIOSK)
        )
        return {(store, seq): content for store, seq, content in found}
