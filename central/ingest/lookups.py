"""What a request is read against: branches and touchpoints, and the numbers of boots and of what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from central.store.tables import asks, assignments, boots, branches, touchpoints
from feedback.answers import Ask, Place

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """The branches a kiosk was ever assigned to, with their zones and the stages of their touchpoints."""

    zones: dict[str, ZoneInfo]
    stages: dict[Place, str]


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
    return Standing(zones, {Place(branch, name): stage for branch, name, stage in points})


def boot_numbers(connection: Connection, kiosk: str, names: Iterable[str]) -> dict[str, int]:
    """The number of each boot of *kiosk* among *names*; those met for the first time get one."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    connection.execute(
        insert(boots).on_conflict_do_nothing(), [{"kiosk_id": kiosk, "boot": name} for name in wanted]
    )
    numbers: dict[str, int] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(
            select(boots.c.boot, boots.c.id).where(
                boots.c.kiosk_id == kiosk, boots.c.boot.in_(wanted[start : start + CHUNK])
            )
        )
        numbers.update((name, number) for name, number in rows)
    return numbers


def ask_numbers(connection: Connection, asked: Iterable[Ask]) -> dict[Ask, int]:
    """The number of everything that was *asked*; what was never asked before gets one."""
    numbers: dict[Ask, int] = {}
    for ask in dict.fromkeys(asked):
        fields = {
            "survey": ask.survey,
            "version": ask.version,
            "question": ask.question,
            "kind": ask.kind.value,
            "language": ask.language,
        }
        connection.execute(insert(asks).values(fields).on_conflict_do_nothing())
        found = connection.execute(select(asks.c.id).filter_by(**fields))
        numbers[ask] = found.scalar_one()
    return numbers
