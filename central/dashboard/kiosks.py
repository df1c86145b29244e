"""The kiosks as last heard of: their contact, and what has not arrived yet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from central.dashboard import words
from central.fleet.concerns import SILENT_MS, Known, concerns, held, whole
from central.fleet.refusals import Since, none_known
from central.store import documents
from central.store.tables import branches, kiosks

MOST_READ = 20_000
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class KioskRow:
    """
    A kiosk as its last contact told.

    Attributes:
        heard: When, in the branch's zone; empty: never.
        ago: How long ago.
        silent: Not heard of for a day, or never.
        unsent: Answers it still held then; None if it did not say.
        oldest_s: How old the oldest of them was then, seconds.
        documents: What it holds, such as ``survey 4, settings 7``; empty: it did not say.
        concerns: What somebody should know of it and do, a sentence each.
    """

    id: str
    branch_id: str
    branch: str
    touchpoint: str
    heard: str
    ago: str
    silent: bool
    unsent: int | None
    oldest_s: int
    app: str
    documents: str
    concerns: list[str]

    @property
    def oldest(self) -> str:
        """The same in words."""
        return words.lasting(self.oldest_s * 1000)


@dataclass(frozen=True, slots=True)
class Fleet:
    """
    The kiosks of a branch or of all: those that somebody should look after first, and of these the longest silent.

    Attributes:
        rows: The first of them, to be listed.
        total: All of them, listed or not; the other figures are theirs.
        heard: Kiosks heard of within a day.
        unsent: Answers they held when last heard of.
        holders: Kiosks that held some.
        silent_on_it: Kiosks that never said whether they hold any.
        oldest: How old the oldest of those answers was then.
    """

    rows: list[KioskRow]
    total: int
    heard: int
    unsent: int
    holders: int
    silent_on_it: int
    oldest: str

    @property
    def unsent_said(self) -> str:
        return words.count(self.unsent)

    @property
    def left_out(self) -> int:
        """Kiosks that are not listed."""
        return self.total - len(self.rows)


def fleet(connection: Connection, branch_id: str | None, now_ms: int, refused: Since = none_known) -> Fleet:
    """The kiosks of one branch, or of all."""
    published = documents.versions(connection)
    found = select(kiosks, branches.c.name.label("branch"), branches.c.zone).join(
        branches, branches.c.id == kiosks.c.branch_id
    )
    if branch_id is not None:
        found = found.where(kiosks.c.branch_id == branch_id)
    longest_silent = found.order_by(func.coalesce(kiosks.c.contact_ms, 0), kiosks.c.id).limit(MOST_READ)
    rows = [_row(one, published, refused, now_ms) for one in connection.execute(longest_silent)]
    rows.sort(key=lambda row: not row.concerns)
    holders = [row for row in rows if row.unsent]
    return Fleet(
        rows=rows[:MOST_SHOWN],
        total=len(rows),
        heard=sum(not row.silent for row in rows),
        unsent=sum(row.unsent or 0 for row in holders),
        holders=len(holders),
        silent_on_it=sum(row.unsent is None for row in rows),
        oldest=words.lasting(1000 * max((row.oldest_s for row in holders), default=0)),
    )


def _row(kiosk: Any, published: dict[str, int], refused: Since, now_ms: int) -> KioskRow:
    status = _status(kiosk.status)
    unsent = whole(status.get("pending"))
    heard_ms = kiosk.contact_ms
    known = Known(
        kiosk.state,
        heard_ms,
        status,
        documents.should_have(published, kiosk.branch_id),
        refused(kiosk.id, heard_ms, now_ms),
    )
    return KioskRow(
        id=kiosk.id,
        branch_id=kiosk.branch_id,
        branch=kiosk.branch,
        touchpoint=words.plain(kiosk.touchpoint_id),
        heard=words.moment(heard_ms, ZoneInfo(kiosk.zone)) if heard_ms else "",
        ago=words.lasting(max(0, now_ms - heard_ms)) if heard_ms else "",
        silent=not heard_ms or now_ms - heard_ms > SILENT_MS,
        unsent=unsent,
        oldest_s=whole(status.get("oldest_s")) or 0,
        app=kiosk.app or str(status.get("app") or "")[:40],
        documents=", ".join(f"{name} {version}" for name, version in held(status).items() if version),
        concerns=concerns(known, now_ms),
    )


def _status(text: str) -> dict[str, Any]:
    """What the kiosk said of itself: a stranger may have written it."""
    try:
        status = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return status if isinstance(status, dict) else {}
