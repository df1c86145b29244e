"""Everything computed, computed again from raw answers: what a new rule needs, and what proves the walk right."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.exc import DBAPIError

from central.ingest import rows
from central.ingest.anchoring import anchors_of
from central.ingest.columns import recomputed
from central.ingest.judging import Doors, rules
from central.ingest.placing import Ground, Row, difference, with_rule
from central.ingest.stays import replace_stays, stays_of
from central.store import rules as made_by
from central.store.database import reading, writing
from central.store.documents import hours_of
from central.store.ingest_sqlite import COUNT_KEY, move_counts, update_answers
from central.store.tables import answers, boots, branches, counts, touchpoints
from feedback.anchors import useful
from feedback.answers import Place
from feedback.errors import StoreError
from feedback.timeline import windows


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many answers there are, and how many of them and of the counts were different before."""

    answers: int
    changed: int
    counts: int

    def __str__(self) -> str:
        return (
            f"Computed {self.answers} answers again: {self.changed} of them and {self.counts} counts "
            "were different before"
        )


def rebuild(connection: Connection) -> Rebuilt:
    """Compute stays, times, slots, rules and counts again, inside a transaction that writes, and note the rules."""
    zones = {
        name: ZoneInfo(zone) for name, zone in connection.execute(select(branches.c.id, branches.c.zone))
    }
    points = connection.execute(select(touchpoints.c.branch_id, touchpoints.c.id, touchpoints.c.stage))
    stages = {Place(branch, name): stage for branch, name, stage in points}
    doors = Doors(hours_of(connection, list(zones)), zones)
    total, changed = 0, 0
    made: Counter[tuple[object, ...]] = Counter()
    for kiosk in connection.execute(select(answers.c.kiosk_id).distinct()).scalars().all():
        numbers = _numbers(connection, kiosk)
        known = {boot: anchors_of(connection, kiosk, boot, number) for boot, number in numbers.items()}
        best = {boot: useful(all_of) for boot, all_of in known.items()}
        for store in _stores(connection, kiosk):
            before = sorted(
                rows.stored(connection, answers.c.kiosk_id == kiosk, answers.c.store_id == store),
                key=lambda row: row.seq,
            )
            shown = stays_of((row.seq, row.moment) for row in before).values()
            replace_stays(connection, kiosk, store, numbers, shown)
            between = {(store, boot): window for boot, window in windows(list(shown), known).items()}
            after = list(_again(before, Ground(zones, stages, best, between), doors))
            different = [new for old, new in zip(before, after, strict=True) if old != new]
            update_answers(connection, (recomputed(kiosk, row) for row in different))
            made.update(row.count_key for row in after)
            total += len(after)
            changed += len(different)
    made_by.note(connection)
    return Rebuilt(total, changed, _replace_counts(connection, made))


def renew(store: Engine, *, anyway: bool = False) -> Rebuilt | None:
    """
    Rebuild what another version of the rules left, in one transaction; None: it is as these rules have it.

    *anyway*: in that case too.

    Raises:
        StoreError: There is no room for it, or the database is damaged; it is as it was.
    """
    try:
        with reading(store) as connection:
            if not anyway and made_by.are_these(connection):
                return None
        with writing(store) as connection:
            # Another process may have been quicker.
            return rebuild(connection) if anyway or not made_by.are_these(connection) else None
    except (sqlite3.Error, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(
            f"{store.url.database}: cannot be computed again ({reason}); nothing is changed: make room on the disk, "
            "or restore a backup if it is damaged"
        ) from error


def stage_again(connection: Connection, branch: str, touchpoint: str, stage: str) -> None:
    """Put the answers of *touchpoint* at *stage*: those that came before central knew of it are at none."""
    before = list(
        rows.stored(
            connection,
            answers.c.branch_id == branch,
            answers.c.touchpoint_id == touchpoint,
            answers.c.stage != stage,
        )
    )
    after = [row._replace(computed=row.computed._replace(stage=stage)) for row in before]
    connection.execute(
        update(answers)
        .where(answers.c.branch_id == branch, answers.c.touchpoint_id == touchpoint)
        .values(stage=stage)
    )
    move_counts(connection, difference(before, after))


def _again(before: list[Row], ground: Ground, doors: Doors) -> Iterator[Row]:
    """The rows of one store, all of it computed again."""
    placed = [ground.replaced(row) for row in before]
    following = [row.given for row in placed if row.is_said_of_press]
    found = rules([row for row in placed if row.is_press], following, doors)
    for row in placed:
        yield with_rule(row, "test" if row.test else found.get(row.seq, ""))


def _replace_counts(connection: Connection, made: Counter[tuple[object, ...]]) -> int:
    """Put *made* in place of the counts; how many rows of them were different."""
    there = {tuple(row[:-1]): row[-1] for row in connection.execute(select(*COUNT_KEY, counts.c.n))}
    different = {key for key in {*there, *made} if there.get(key, 0) != made.get(key, 0)}
    connection.execute(delete(counts))
    move_counts(connection, made)
    return len(different)


def _stores(connection: Connection, kiosk: str) -> list[bytes]:
    found = connection.execute(select(answers.c.store_id).where(answers.c.kiosk_id == kiosk).distinct())
    return list(found.scalars())


def _numbers(connection: Connection, kiosk: str) -> dict[str, int]:
    found = connection.execute(select(boots.c.boot, boots.c.id).where(boots.c.kiosk_id == kiosk))
    return {row.boot: row.id for row in found}
