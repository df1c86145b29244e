"""Both sides held against each other, row by row, once everything has been handed over; and on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from central.ingest.ledger import Final
from central.ingest.rebuilding import rebuild
from central.store import tables
from central.store.database import reading, writing
from feedback.again import again
from feedback.answers import Answer
from kiosk.storage.link_state import Fate, Link, Progress, Span
from tests.faults.network.scene import KIOSK, Scene

ROWS = 5_000
There = dict[tuple[bytes, int], tuple[bytes, tuple[str, int]]]
"""What central has, by store and seq: its content, its boot and boot clock."""


@dataclass
class Verdict:
    """What was found wrong, a sentence each."""

    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.kinds

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, found in vars(self).items() if found]

    def first(self) -> str:
        """The first of each kind, for a person."""
        return "; ".join(f"{kind}: {found[0]}" for kind, found in vars(self).items() if found)


def check_cursor(scene: Scene, verdict: Verdict, before: Link) -> None:
    """
    Rows up to the cursor may be pruned: each of them has to be accounted for at central, or it is lost.

    Of the stores whose cursor the agent has moved since *before*: one that somebody put back says what was once so.
    """
    for progress in scene.link.stores:
        if progress.cursor == before.progress(progress.store).cursor:
            continue
        upto = scene.ledger(progress.store).accounted_upto
        if progress.cursor > upto:
            verdict.lost.append(f"the cursor is at {progress.cursor}, central has answers up to {upto}")


def judge(scene: Scene, verdict: Verdict) -> int:
    """Everything there is on both sides; how many answers that was."""
    there = _at_central(scene)
    total = 0
    for reader in scene.readers():
        store, last = reader.store_id(), reader.last_seq()
        here = {
            one.seq: one for first in range(1, last + 1, ROWS) for one in reader.answers(first, ROWS).answers
        }
        total += len(here)
        reasons = _Reasons(scene, store)
        for seq, answer in here.items():
            content = _taken(scene, there, (store, seq), answer)
            _judge_one(scene, verdict, answer, content, reasons.of(seq))
        _judge_ledger(scene, verdict, store, last)
    verdict.invented += [
        f"nobody answered {identity}" for identity, (_, moment) in there.items() if moment not in scene.gone
    ]
    _judge_twice(scene, verdict)
    with writing(scene.central.store) as connection:
        rebuilt = rebuild(connection)
    if rebuilt.changed or rebuilt.counts:
        verdict.corrupt.append(f"counted again it is different: {rebuilt}")
    return total


class _Reasons:
    """Why the kiosk handed over answers of one store and central does not count them, as far as the kiosk kept it."""

    def __init__(self, scene: Scene, store: bytes) -> None:
        self._names = list(_names(store, scene.kiosk_restores))
        self._spans = [_by_seq(scene.link.progress(name)) for name in self._names]

    def of(self, seq: int) -> tuple[tuple[bytes, int], Span] | None:
        """Under which name, and what became of it there: one in conflict was sent again under the next name."""
        for name, spans in zip(self._names, self._spans, strict=True):
            span = spans.get(seq)
            if span is None:
                return None
            if span.fate is not Fate.CONFLICT:
                return (name, seq), span
        return None


def _judge_one(
    scene: Scene,
    verdict: Verdict,
    answer: Answer,
    content: bytes | None,
    reason: tuple[tuple[bytes, int], Span] | None,
) -> None:
    seq = answer.seq
    if content == answer.content():
        return
    if content is not None:
        verdict.lost.append(f"answer {seq} is another one at central")
    elif reason is None or reason[1].fate not in (Fate.REJECTED, Fate.VOID):
        verdict.lost.append(f"answer {seq} is not at central, and no reason is kept")
    elif reason[1].fate is Fate.REJECTED:
        if answer.place.branch != "b99":
            verdict.lost.append(f"answer {seq} was rejected ({reason[1].reason}) and is sound")
    elif reason[0] not in scene.middle.alone:
        verdict.lost.append(
            f"answer {seq} is void ({reason[1].reason}), and central never refused it by itself"
        )


def _taken(scene: Scene, there: There, identity: tuple[bytes, int], answer: Answer) -> bytes | None:
    """Central's content of *answer*, under its own store or, once in conflict, the one it was sent again under."""
    store, seq = identity
    for name in _names(store, scene.kiosk_restores if scene.gone else 0):
        found = there.get((name, seq))
        if found and (found[0] == answer.content() or not scene.gone):
            return there.pop((name, seq))[0]
    return None


def _names(store: bytes, restores: int) -> Iterator[bytes]:
    """Under which names the answers of *store* may be: one more for each life of a card that was put back."""
    yield store
    for _ in range(restores + 1 if restores else 0):
        store = again(store)
        yield store


def _judge_ledger(scene: Scene, verdict: Verdict, store: bytes, last: int) -> None:
    ledger = scene.ledger(store)
    totals = dict.fromkeys(Final, 0)
    for span in ledger.spans:
        totals[span.state] += span.last - span.first + 1
    # Of a card that was put back central knows more than the card does; of some of it only that it was there, if
    # central was put back as well: nobody has these any more, and they stay missing.
    if scene.gone and not scene.restores:
        last = max(last, ledger.seen)
    if (sum(totals.values()) != last and not scene.gone) or ledger.accounted_upto < last:
        verdict.lost.append(f"the ledger does not close: {totals}, up to {ledger.accounted_upto} of {last}")
    if totals[Final.CONFLICT] and not scene.gone:
        verdict.duplicated.append(f"{totals[Final.CONFLICT]} answers are in conflict")


def _judge_twice(scene: Scene, verdict: Verdict) -> None:
    answers = tables.answers
    with reading(scene.central.store) as connection:
        moments = connection.execute(select(answers.c.boot_id, answers.c.boot_ms)).all()
        counted = sum(connection.execute(select(tables.counts.c.n)).scalars())
    twice = len(moments) - len(set(moments))
    if twice:
        verdict.duplicated.append(f"{twice} answers are there twice")
    if counted != len(moments):
        verdict.duplicated.append(f"{counted} are counted of {len(moments)} answers")


def _at_central(scene: Scene) -> There:
    answers, boots = tables.answers, tables.boots
    with reading(scene.central.store) as connection:
        found = connection.execute(
            select(answers.c.store_id, answers.c.seq, answers.c.content, boots.c.boot, answers.c.boot_ms)
            .select_from(answers.join(boots, answers.c.boot_id == boots.c.id))
            .where(answers.c.kiosk_id == KIOSK)
        )
        return {(store, seq): (content, (boot, boot_ms)) for store, seq, content, boot, boot_ms in found}


def _by_seq(progress: Progress) -> dict[int, Span]:
    return {seq: span for span in progress.spans for seq in range(span.first, span.last + 1)}
