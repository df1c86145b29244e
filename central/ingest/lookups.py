"""What a request is read against: branches and touchpoints, and the numbers of boots and of what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, tuple_

from central.store.documents import hours_of
from central.store.tables import asks, assignments, boots, branches, touchpoints
from feedback.answers import Ask, Place
from feedback.hours import Hours
from feedback.ratings import Kind

CHUNK = 500
"""Names in one query: SQLite counts its parameters."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The branches a kiosk was ever assigned to, with their zones, the stages of their touchpoints, their hours."""

    zones: dict[str, ZoneInfo]
    stages: dict[Place, str]
    hours: dict[str, Hours]


def standing(connection: Connection, kiosk: str) -> Standing:
    """Where *kiosk* may have stood."""
    rows = connection.execute(
        select(branches.c.id, branches.c.zone)
        .join(assignments, assignments.c.branch_id == branches.c.id)
        .where(assignments.c.kiosk_id == kiosk)
    )
    zones = {branch: ZoneInfo(zone) for branch, zone in rows}
    points = connection.execute(
        select(touchpoints.c.branch_id, touchpoints.c.id, touchpoints.c.stage).where(
            touchpoints.c.branch_id.in_(zones)
        )
    )
    stages = {Place(branch, name): stage for branch, name, stage in points}
    return Standing(zones, stages, hours_of(connection, list(zones)))


def boot_numbers(connection: Connection, kiosk: str, names: Iterable[str]) -> dict[str, int]:
    """The number of each boot of *kiosk* among *names*; those met for the first time get one."""
    wanted = list(dict.fromkeys(names))
    numbers = _boots(connection, kiosk, wanted)
    new = [name for name in wanted if name not in numbers]
    if new:
        connection.execute(insert(boots), [{"kiosk_id": kiosk, "boot": name} for name in new])
        numbers |= _boots(connection, kiosk, new)
    return numbers


def ask_numbers(connection: Connection, asked: Iterable[Ask]) -> dict[Ask, int]:
    """The number of everything that was *asked*; what was never asked before gets one."""
    wanted = list(dict.fromkeys(asked))
    numbers = _asks(connection, wanted)
    new = [ask for ask in wanted if ask not in numbers]
    if new:
        names = [column.name for column in _ASKED]
        connection.execute(insert(asks), [dict(zip(names, _fields(ask), strict=True)) for ask in new])
        numbers |= _asks(connection, new)
    return numbers


def _boots(connection: Connection, kiosk: str, names: list[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for start in range(0, len(names), CHUNK):
        rows = connection.execute(
            select(boots.c.boot, boots.c.id).where(
                boots.c.kiosk_id == kiosk, boots.c.boot.in_(names[start : start + CHUNK])
            )
        )
        numbers.update((name, number) for name, number in rows)
    return numbers


def _asks(connection: Connection, wanted: list[Ask]) -> dict[Ask, int]:
    numbers: dict[Ask, int] = {}
    for start in range(0, len(wanted), CHUNK):
        part = [_fields(ask) for ask in wanted[start : start + CHUNK]]
        for row in connection.execute(select(*_ASKED, asks.c.id).where(tuple_(*_ASKED).in_(part))):
            numbers[Ask(row.survey, row.version, row.question, Kind(row.kind), row.language)] = row.id
    return numbers


def _fields(ask: Ask) -> tuple[str, int, str, str, str]:
    return ask.survey, ask.version, ask.question, ask.kind.value, ask.language


_ASKED = (asks.c.survey, asks.c.version, asks.c.question, asks.c.kind, asks.c.language)
