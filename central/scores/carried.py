"""
A day's counts that a phone carried from a branch without network: provisional, until the answers themselves arrive.

They are shown beside the branch's scores and never added to them: what has arrived of the day is counted already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from central.store.tables import carried_days, ledgers
from feedback.day_counts import DayCounts
from feedback.ratings import SHOWN_ORDER


class Taken(Enum):
    """What became of counts that were handed in."""

    KEPT = "kept"
    OLDER = "older"
    """Counts of the same day that know as much or more were handed in before."""
    ARRIVED = "arrived"
    """Central has all of these answers already."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Counts as they were handed in, and when."""

    counts: DayCounts
    received_ms: int


def take(connection: Connection, counts: DayCounts, now_ms: int) -> Taken:
    """Keep *counts*, which were vouched for, unless central knows as much."""
    if _has_arrived(connection, counts):
        return Taken.ARRIVED
    known = connection.execute(
        select(carried_days.c.before).where(
            carried_days.c.branch_id == counts.branch,
            carried_days.c.kiosk_id == counts.kiosk,
            carried_days.c.day == counts.day,
        )
    ).scalar_one_or_none()
    if known is not None and known >= counts.before:
        return Taken.OLDER
    figures = {
        "before": counts.before,
        "counted": json.dumps([counts.counted[rating] for rating in SHOWN_ORDER]),
        "set_aside": counts.set_aside,
        "stores": json.dumps([[store.hex(), last_seq] for store, last_seq in counts.stores]),
        "received_ms": now_ms,
    }
    where = {"branch_id": counts.branch, "kiosk_id": counts.kiosk, "day": counts.day}
    kept = insert(carried_days).values(where | figures)
    connection.execute(kept.on_conflict_do_update(index_elements=list(where), set_=figures))
    return Taken.KEPT


def provisional(connection: Connection, branch: str | None, first: int, last: int) -> Iterator[Carried]:
    """The days *first* to *last* of *branch*, or of all, for which carried counts know more than central."""
    query = select(carried_days).where(carried_days.c.day.between(first, last))
    if branch is not None:
        query = query.where(carried_days.c.branch_id == branch)
    for row in connection.execute(query.order_by(carried_days.c.day.desc(), carried_days.c.kiosk_id)).all():
        counted = dict(zip(SHOWN_ORDER, json.loads(row.counted), strict=True))
        stores = tuple((bytes.fromhex(store), last_seq) for store, last_seq in json.loads(row.stores))
        counts = DayCounts(row.branch_id, row.kiosk_id, row.day, row.before, counted, row.set_aside, stores)
        if not _has_arrived(connection, counts):
            yield Carried(counts, row.received_ms)


def _has_arrived(connection: Connection, counts: DayCounts) -> bool:
    """Whether every answer that is in *counts* has come to a final state here."""
    query = select(ledgers.c.store_id, ledgers.c.accounted_upto).where(ledgers.c.kiosk_id == counts.kiosk)
    accounted = {row.store_id: row.accounted_upto for row in connection.execute(query)}
    return all(accounted.get(store, 0) >= last_seq for store, last_seq in counts.stores)
