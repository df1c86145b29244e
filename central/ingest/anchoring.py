"""What a kiosk's boots know of the time: anchors kept, and the answers a new one moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from central.store.tables import anchors, boots, kiosks
from feedback.anchors import improves, stretch, useful
from feedback.answers import Anchor, Moment

CONTACT_ERROR_MS = 60_000
"""A request is on its way for at most the kiosk's total deadline."""
CONTACT_GAIN_MS = 6_000


@dataclass(frozen=True, slots=True)
class Anchored:
    """
    The useful anchors of the boots a request speaks of, once its own are kept.

    Attributes:
        known: By boot.
        fresh: Those that were not kept before, by boot; the useless ones too.
        moved: The stretch of each boot's clock whose answers may have moved.
    """

    known: Mapping[str, list[Anchor]]
    fresh: Mapping[str, list[Anchor]]
    moved: Mapping[str, tuple[int, int]]


def keep(
    connection: Connection, kiosk: str, numbers: Mapping[str, int], offered: Iterable[Anchor]
) -> Anchored:
    """Keep the *offered* anchors of *kiosk*; one that is there already stays as it is."""
    known = _known(connection, kiosk, numbers)
    fresh: dict[str, list[Anchor]] = {}
    there = {(one.boot, one.boot_ms, one.source) for boot in known.values() for one in boot}
    for anchor in offered:
        identity = (anchor.boot, anchor.boot_ms, anchor.source)
        if identity not in there:
            there.add(identity)
            fresh.setdefault(anchor.boot, []).append(anchor)
    rows = [_row(kiosk, numbers, anchor) for new in fresh.values() for anchor in new]
    if rows:
        connection.execute(insert(anchors), rows)
    best = {boot: useful([*known[boot], *fresh.get(boot, [])]) for boot in numbers}
    spans = {boot: stretch(new, best[boot]) for boot, new in fresh.items()}
    return Anchored(best, fresh, {boot: span for boot, span in spans.items() if span})


def accept_now(
    connection: Connection, kiosk: str, numbers: Mapping[str, int], now: Moment, received_ms: int
) -> Anchor | None:
    """
    Take the kiosk's clocks as it sent them, if they are newer than the last accepted: an anchor of central's own.

    None for a request that was replayed or came late: it says nothing of the present. Boots have no order of
    their own, so one that has spoken before and is not the last to have spoken is over.
    """
    number = numbers[now.boot]
    last = connection.execute(
        select(kiosks.c.now_boot, kiosks.c.now_boot_ms).where(kiosks.c.id == kiosk)
    ).one()
    spoken = connection.execute(select(boots.c.now_boot_ms).where(boots.c.id == number)).scalar_one()
    is_newer = now.boot_ms > last.now_boot_ms if last.now_boot == now.boot else spoken is None
    if not is_newer:
        return None
    connection.execute(update(boots).where(boots.c.id == number).values(now_boot_ms=now.boot_ms))
    connection.execute(
        update(kiosks)
        .where(kiosks.c.id == kiosk)
        .values(now_boot=now.boot, now_boot_ms=now.boot_ms, contact_ms=received_ms)
    )
    return Anchor(now.boot, now.boot_ms, received_ms, "contact", CONTACT_ERROR_MS)


def worth_keeping(
    connection: Connection, kiosk: str, numbers: Mapping[str, int], contact: Anchor, offered: Iterable[Anchor]
) -> bool:
    """
    Whether *contact* knows its moment better by CONTACT_GAIN_MS than every other anchor of its boot.

    A kiosk calls every minute, and each call would be an anchor for ever: so it is one every three hours or so.
    """
    known = _known(connection, kiosk, {contact.boot: numbers[contact.boot]})[contact.boot]
    own = [one for one in offered if one.boot == contact.boot]
    return improves(contact, [*known, *own], CONTACT_GAIN_MS)


def anchors_of(connection: Connection, kiosk: str, boot: str, number: int) -> list[Anchor]:
    """Every anchor of *boot*, which has that *number*."""
    rows = connection.execute(
        select(anchors.c.boot_ms, anchors.c.utc_ms, anchors.c.source, anchors.c.error_ms).where(
            anchors.c.kiosk_id == kiosk, anchors.c.boot_id == number
        )
    )
    return [Anchor(boot, *row) for row in rows]


def _known(connection: Connection, kiosk: str, numbers: Mapping[str, int]) -> dict[str, list[Anchor]]:
    return {boot: anchors_of(connection, kiosk, boot, number) for boot, number in numbers.items()}


def _row(kiosk: str, numbers: Mapping[str, int], anchor: Anchor) -> dict[str, object]:
    return {
        "kiosk_id": kiosk,
        "boot_id": numbers[anchor.boot],
        "boot_ms": anchor.boot_ms,
        "source": anchor.source,
        "utc_ms": anchor.utc_ms,
        "error_ms": anchor.error_ms,
    }
