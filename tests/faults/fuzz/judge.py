"""What central was told and acknowledged, held against what it has in the end."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, func, select

from central.ingest.ledger import Final, Ledger
from central.ingest.rebuilding import renew
from central.store import tables
from central.store.database import reading
from feedback import wire
from feedback.answers import Source
from feedback.errors import WireError
from feedback.misuse import Rule
from feedback.ratings import Kind
from feedback.wire.fields import LONGEST_NAME, MOST_INTEGER, is_plain
from tests.faults.report import Report

Identity = tuple[bytes, int]
RULES = {"", *(rule.value for rule in Rule)}


@dataclass
class Told:
    """What one kiosk was acknowledged: the content of every answer stored, by store and seq."""

    stored: dict[Identity, bytes] = field(default_factory=dict)
    twice: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def acknowledged(self, body: bytes, acknowledgement: wire.Acknowledgement) -> None:
        """Central has acknowledged the request *body*."""
        try:
            sent = wire.decode_request(body)
        except WireError:
            self.wrong["acknowledged what is not version 1"] += 1
            return
        if not wire.covers(acknowledgement.verdicts, sent.first, sent.count):
            self.wrong["verdicts that do not cover what was sent"] += 1
        contents = {answer.seq: answer.content() for answer in sent.answers}
        for verdict in acknowledgement.verdicts:
            for seq in range(verdict.first, verdict.last + 1):
                self._one((sent.store, seq), verdict.state, contents.get(seq))

    def _one(self, identity: Identity, state: wire.State, content: bytes | None) -> None:
        known = self.stored.get(identity)
        if state is wire.State.STORED:
            self.twice += known is not None
            if content is None:
                self.wrong["an answer that means nothing was stored"] += 1
            self.stored[identity] = content or b""
        elif state is wire.State.DUPLICATE and known != content:
            self.wrong["called a duplicate, and is another"] += 1
        elif state is wire.State.CONFLICT and known in (None, content):
            self.wrong["called a conflict, and is none"] += 1


def judge(store: Engine, kiosk: str, told: Told, report: Report) -> None:
    """Count in *report* what *store* has and should not, and the other way round."""
    with reading(store) as connection:
        answers = connection.execute(
            select(tables.answers, tables.asks.c.kind).join(
                tables.asks, tables.asks.c.id == tables.answers.c.ask_id
            )
        ).all()
        ledgers = connection.execute(select(tables.ledgers)).all()
        branches = set(connection.execute(select(tables.branches.c.id)).scalars())
        kiosks = connection.execute(select(tables.kiosks)).all()
        documents = connection.execute(select(func.count()).select_from(tables.documents)).scalar_one()
    found = {(row.store_id, row.seq): row.content for row in answers if row.kiosk_id == kiosk}
    report.lost += len(told.stored.keys() - found.keys())
    report.invented += len(found.keys() - told.stored.keys()) + sum(row.kiosk_id != kiosk for row in answers)
    report.duplicated += told.twice
    report.corrupt += sum(told.stored.get(one) not in (None, content) for one, content in found.items())
    report.corrupt += sum(not _is_answer(row, branches) for row in answers)
    report.corrupt += sum(not _is_ledger(row, found) for row in ledgers)
    report.corrupt += sum(not _is_kiosk(row) for row in kiosks)
    if documents != len(branches) + 1:
        report.wrong.append(f"{documents} documents are there, {len(branches) + 1} were published")
    if not report.corrupt:  # rows that mean nothing cannot be counted again
        before = _counts(store)
        renew(store, anyway=True)
        report.corrupt += sum(((before - _counts(store)) + (_counts(store) - before)).values())
    report.wrong += [f"{n} times: {what}" for what, n in told.wrong.items()]


def _is_answer(row: Any, branches: set[str]) -> bool:
    return (
        row.value in Kind(row.kind).values
        and 1 <= row.response <= row.seq <= MOST_INTEGER
        and row.source in {source.value for source in Source}
        and row.branch_id in branches
        and 0 <= row.boot_ms <= MOST_INTEGER
        and 0 <= row.wall_ms <= MOST_INTEGER
        and abs(row.utc_ms) <= MOST_INTEGER
        and row.rule in RULES
        and 0 <= row.hour < 24
        and len(row.content) == 16
        and _is_name(row.touchpoint_id)
    )


def _is_ledger(row: Any, found: dict[Identity, bytes]) -> bool:
    """Each seq in exactly one final state, and those stored are those that are there."""
    ledger = Ledger.from_json(row.spans, row.last_seq)
    upto, stored = 0, 0
    for span in ledger.spans:
        if not upto < span.first <= span.last <= row.last_seq <= MOST_INTEGER:
            return False
        upto = span.last
        if span.state in (Final.STORED, Final.CONFLICT):
            stored += span.last - span.first + 1
    there = sum(store == row.store_id for store, _ in found)
    return stored == there and row.accounted_upto == ledger.accounted_upto


def _is_kiosk(row: Any) -> bool:
    status = json.loads(row.status)
    plain = all(
        is_plain(name) and all(map(is_plain, value if isinstance(value, list) else [value]))
        for name, value in status.items()
    )
    named = all(map(_is_name, (row.model, row.serial, row.app, row.now_boot or "")))
    known = (row.state == "accepted" and len(row.public_key) == 32) or row.state == "expected"
    return plain and named and known and (row.contact_ms or 0) >= 0


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and not re.search("[\0\ud800-\udfff]", text)


def _counts(store: Engine) -> Counter[tuple[Any, ...]]:
    with reading(store) as connection:
        return Counter({tuple(row)[:-1]: row.n for row in connection.execute(select(tables.counts))})
