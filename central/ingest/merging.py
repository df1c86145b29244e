"""One request becomes answers, counts and a ledger: all of it in one transaction, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from central.ingest import anchoring, columns, ledgers, lookups, rows
from central.ingest.judging import Chain, Doors, concerned
from central.ingest.ledger import Final, Ledger, Span
from central.ingest.placing import Ground, Row, difference
from central.ingest.stays import Neighbours
from central.store.ingest_sqlite import insert_answers, move_counts, update_answers
from central.store.tables import answers, conflicts, erased, kiosks, texts
from feedback.anchors import ENDLESS_MS
from feedback.answers import Answer
from feedback.ratings import Kind
from feedback.wire import State, SyncRequest, Verdict

LONGEST_STATUS = 4_000
REASONS = {
    "branch": "this kiosk was never assigned to that branch",
    "elsewhere": "stored already under another branch",
    "again": "stored already under the name it was sent again under",
}


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a request: a verdict for each answer sent, and the ledger of its store, before and after."""

    verdicts: tuple[Verdict, ...]
    before: Ledger
    ledger: Ledger


@dataclass(slots=True)
class Merge:
    """
    One request on its way into the database.

    Attributes:
        verdicts: What was decided of each answer sent, by seq.
        again: Those that are stored under another name of their store.
        before: Rows stored earlier that change, as they were, by identity.
        after: The same rows as they will be, and the new ones.
    """

    connection: Connection
    kiosk: str
    request: SyncRequest
    received_ms: int
    verdicts: dict[int, tuple[State, str]] = field(default_factory=dict)
    again: list[int] = field(default_factory=list)
    before: dict[tuple[bytes, int], Row] = field(default_factory=dict)
    after: dict[tuple[bytes, int], Row] = field(default_factory=dict)

    def run(self) -> Merged:
        """Merge the request. Runs inside a transaction that writes, and leaves committing to it."""
        request = self.request
        standing = lookups.standing(self.connection, self.kiosk)
        fresh = self._sorted_out(standing)
        names = [one.boot for one in request.anchors] + [one.moment.boot for one in fresh]
        if request.now:
            names.append(request.now.boot)
        numbers = lookups.boot_numbers(self.connection, self.kiosk, names)
        anchored = self._anchored(numbers)
        neighbours = Neighbours(self.connection, self.kiosk, numbers, anchored)
        neighbours.keep(request.store, fresh)
        ground = Ground(standing.zones, standing.stages, anchored.known, neighbours.windows)
        self._place_again(ground, neighbours)
        new = {answer.seq: columns.row_of(request.store, answer, ground) for answer in fresh}
        self._judge(new, standing)
        inserted = self._insert(fresh, new, numbers)
        self._update()
        gone = [row for key, row in self.before.items() if self.after[key] != row]
        come = [self.after[(row.store, row.seq)] for row in gone] + [new[seq] for seq in inserted]
        move_counts(self.connection, difference(gone, come))
        return Merged(tuple(self._ranges()), *self._account())

    def _sorted_out(self, standing: lookups.Standing) -> list[Answer]:
        """The answers that are new; every other has its verdict already."""
        request = self.request
        for unreadable in request.unreadable:
            self.verdicts[unreadable.seq] = (State.REJECTED, unreadable.reason)
        there, named = self._there(standing, request.store), self._under_other_names(standing)
        fresh: list[Answer] = []
        for answer in request.answers:
            branch, content = there.get(answer.seq, ("", b""))
            if answer.place.branch not in standing.zones:
                self.verdicts[answer.seq] = (State.REJECTED, REASONS["branch"])
            elif not branch and answer.content() in named.get(answer.seq, ()):
                self.verdicts[answer.seq] = (State.DUPLICATE, "")
                self.again.append(answer.seq)
            elif not branch:
                fresh.append(answer)
            elif branch != answer.place.branch:
                self.verdicts[answer.seq] = (State.REJECTED, REASONS["elsewhere"])
            elif content == answer.content():
                self.verdicts[answer.seq] = (State.DUPLICATE, "")
            else:
                self.verdicts[answer.seq] = (State.CONFLICT, "")
                self._keep_beside(answer)
        return fresh

    def _under_other_names(self, standing: lookups.Standing) -> dict[int, set[bytes]]:
        """
        The contents stored under the other names of this store, by seq.

        An answer in conflict is sent again under another name. A kiosk that was put back to before that, and finds a
        central that was too, sends it under the first one: it is there already.
        """
        named: dict[int, set[bytes]] = {}
        if self.request.answers:
            for name in ledgers.names(self.connection, self.kiosk, self.request.store):
                for seq, (_, content) in self._there(standing, name).items():
                    named.setdefault(seq, set()).add(content)
        return named

    def _there(self, standing: lookups.Standing, store: bytes) -> dict[int, tuple[str, bytes]]:
        """Branch and content of what is stored already of *store* among the seqs sent."""
        request = self.request
        there: dict[int, tuple[str, bytes]] = {}
        if not request.answers:
            return there
        for branch in standing.zones:
            found = self.connection.execute(
                select(answers.c.seq, answers.c.content).where(
                    answers.c.branch_id == branch,
                    answers.c.kiosk_id == self.kiosk,
                    answers.c.store_id == store,
                    answers.c.seq.between(request.first, request.first + request.count - 1),
                )
            )
            there.update((seq, (branch, content)) for seq, content in found)
        return there

    def _keep_beside(self, answer: Answer) -> None:
        """Keep a second content of one seq beside the first, which stays counted."""
        text = self.request.texts.get(answer.seq)
        if text and texts_erased(self.connection, [answer.text_digest]):
            text = None
        self.connection.execute(
            insert(conflicts).on_conflict_do_nothing(),
            {
                "branch_id": answer.place.branch,
                "kiosk_id": self.kiosk,
                "store_id": self.request.store,
                "seq": answer.seq,
                "content": answer.content(),
                "answer": json.dumps(
                    columns.captured(answer, text.sealed if text else b""), ensure_ascii=False
                ),
                "received_ms": self.received_ms,
            },
        )

    def _anchored(self, numbers: Mapping[str, int]) -> anchoring.Anchored:
        """The anchors known once the request's own, and central's own of this contact, are kept."""
        request = self.request
        offered = list(request.anchors)
        if request.now:
            contact = anchoring.accept_now(
                self.connection, self.kiosk, numbers, request.now, self.received_ms
            )
            if contact:
                self._keep_status()
                if anchoring.worth_keeping(self.connection, self.kiosk, numbers, contact, offered):
                    offered.append(contact)
        return anchoring.keep(self.connection, self.kiosk, numbers, offered)

    def _keep_status(self) -> None:
        status = _clean(self.request.status)
        values = {"status": json.dumps(status, ensure_ascii=False)}
        if isinstance(status.get("app"), str):
            values["app"] = status["app"][:100]
        self.connection.execute(update(kiosks).where(kiosks.c.id == self.kiosk).values(values))

    def _place_again(self, ground: Ground, neighbours: Neighbours) -> None:
        """Compute the times of stored answers again where a new anchor or a new neighbour may have moved them."""
        here = (self.connection, self.kiosk, ground.zones)
        for boot, span in neighbours.anchored.moved.items():
            for row in rows.of_boot(*here, neighbours.numbers[boot], span):
                self._change(row, ground.replaced(row))
        for store, number in neighbours.moved:
            for row in rows.of_boot(*here, number, (0, ENDLESS_MS), answers.c.store_id == store):
                self._change(row, ground.replaced(row))

    def _judge(self, new: dict[int, Row], standing: lookups.Standing) -> None:
        """Apply the rules against misuse to what is new, to what moved, and to those they stand beside."""
        doors = Doors(standing.hours, standing.zones)
        moved = list(self.after.values())
        for store in {self.request.store, *(row.store for row in moved)}:
            moved_here = {row.seq: row for row in moved if row.store == store}
            new_here = new if store == self.request.store else {}
            seqs = [row.seq for row in moved_here.values() if doors.may_change(row)]
            seqs += [seq for row in new_here.values() if (seq := concerned(row)) is not None]
            coming = sorted({**moved_here, **new_here}.values(), key=lambda row: row.seq)
            chain = Chain(self.connection, self.kiosk, standing.zones, store, doors, coming)
            for before, after in chain.judged(seqs):
                if after.seq in new_here:
                    new[after.seq] = after
                else:
                    self._change(before, after)

    def _change(self, before: Row, after: Row) -> None:
        key = (before.store, before.seq)
        self.before.setdefault(key, before)
        self.after[key] = after

    def _insert(self, fresh: list[Answer], new: Mapping[int, Row], numbers: Mapping[str, int]) -> list[int]:
        """Store the *fresh* answers with their texts; the seqs that were in truth not there yet."""
        asks = lookups.ask_numbers(self.connection, (answer.ask for answer in fresh))
        values = [
            columns.columns(
                self.kiosk, answer, new[answer.seq], asks[answer.ask], numbers[answer.moment.boot]
            )
            for answer in fresh
        ]
        inserted = [fresh[at].seq for at in insert_answers(self.connection, values)]
        for seq in inserted:
            self.verdicts[seq] = (State.STORED, "")
        self._insert_texts({one.seq: one for one in fresh if one.ask.kind is Kind.TEXT})
        return inserted

    def _insert_texts(self, fresh: Mapping[int, Answer]) -> None:
        """Store the texts of those *fresh* answers that are new; one that was erased, here or there, stays erased."""
        stored = [one for seq, one in fresh.items() if self.verdicts.get(seq) == (State.STORED, "")]
        if not stored:
            return
        gone = texts_erased(self.connection, [one.text_digest for one in stored])
        sent = self.request.texts
        values = []
        for one in stored:
            text = None if one.text_digest in gone else sent.get(one.seq)
            values.append(
                {
                    "branch_id": one.place.branch,
                    "kiosk_id": self.kiosk,
                    "store_id": self.request.store,
                    "seq": one.seq,
                    "sealed": text.sealed if text else None,
                }
            )
            if text is None and one.seq in sent:
                self.connection.execute(
                    insert(erased).on_conflict_do_nothing(),
                    {"digest": one.text_digest, "erased_ms": self.received_ms},
                )
        self.connection.execute(insert(texts).on_conflict_do_nothing(), values)

    def _update(self) -> None:
        changed = [row for key, row in self.after.items() if self.before[key] != row]
        update_answers(self.connection, (columns.recomputed(self.kiosk, row) for row in changed))

    def _ranges(self) -> Iterator[Verdict]:
        """The verdicts as ranges, in order."""
        ordered = sorted(self.verdicts)
        for (state, reason), group in groupby(ordered, key=lambda seq: self.verdicts[seq]):
            seqs = list(group)
            yield Verdict(seqs[0], seqs[-1], state, reason)

    def _account(self) -> tuple[Ledger, Ledger]:
        request = self.request
        finals = {
            State.STORED: Final.STORED,
            State.REJECTED: Final.REJECTED,
            State.CONFLICT: Final.CONFLICT,
        }
        entries = [
            Span(verdict.first, verdict.last, finals[verdict.state], verdict.reason)
            for verdict in self._ranges()
            if verdict.state in finals
        ]
        entries += [Span(void.first, void.last, Final.VOID, void.reason) for void in request.void]
        entries += [Span(seq, seq, Final.VOID, REASONS["again"]) for seq in self.again]
        for closed in request.closed:
            ledgers.close(self.connection, self.kiosk, closed.store, closed.last)
        return ledgers.account(self.connection, self.kiosk, request.store, entries)


def texts_erased(connection: Connection, digests: list[bytes]) -> set[bytes]:
    """Those of *digests* whose texts were erased."""
    return set(connection.execute(select(erased.c.digest).where(erased.c.digest.in_(digests))).scalars())


def _clean(status: Mapping[str, Any]) -> dict[str, Any]:
    """
    What a kiosk says of itself, as far as it can be kept and shown; nothing of it if it is too long.

    It is the only part of a request that may be anything, and must never be why answers are refused.
    """
    try:
        text = json.dumps(dict(status), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):  # not a number, or half a character
        return {}
    return dict(status) if len(text) <= LONGEST_STATUS else {}
