"""Which boots each store of a kiosk shows, and the windows of those that never learned the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.dialects.sqlite import insert

from central.ingest.anchoring import Anchored, anchors_of
from central.store.tables import anchors, boots, stays
from feedback.answers import Answer, Moment
from feedback.timeline import Stay, Window, windows


@dataclass(frozen=True, slots=True)
class Shown:
    """One boot as one store shows it, its number, and whether it has an anchor."""

    stay: Stay
    number: int
    anchored: bool


@dataclass(slots=True)
class Neighbours:
    """
    The boots of a kiosk beside those a request speaks of.

    Attributes:
        numbers: Of the boots that the request speaks of.
        anchored: What they know of the time, once the request's anchors are kept.
        windows: Of the boots that have one and that the request may bound anew, by store and boot.
        moved: Store and boot number of those whose window is another than before: their answers move.
    """

    connection: Connection
    kiosk: str
    numbers: Mapping[str, int]
    anchored: Anchored
    windows: dict[tuple[bytes, str], Window] = field(default_factory=dict)
    moved: set[tuple[bytes, int]] = field(default_factory=set)

    def keep(self, store: bytes, fresh: Sequence[Answer]) -> None:
        """Keep the stays of the *fresh* answers of *store*, and see whose window they and new anchors change."""
        own = stays_of((answer.seq, answer.moment) for answer in fresh)
        affected = self._showing({self.numbers[boot] for boot in self.anchored.fresh})
        if own and not self._only_continue(store, own):
            affected.add(store)
        for one in affected:
            self._bound(one, own if one == store else {})
        _write(self.connection, self.kiosk, store, self.numbers, own.values())

    def _only_continue(self, store: bytes, own: Mapping[str, Stay]) -> bool:
        """
        Whether the answers only continue the last boot of *store*, and that is anchored: this bounds nobody anew.

        It is how nearly every request is, and it needs no look at the boots before.
        """
        boot, stay = next(iter(own.items()))
        if len(own) > 1 or not self.anchored.known[boot]:
            return False
        here = (stays.c.kiosk_id == self.kiosk, stays.c.store_id == store)
        mine = select(stays.c.first_seq).where(*here, stays.c.boot_id == self.numbers[boot])
        first = self.connection.execute(mine).scalar()
        if first is None or first > stay.first_seq:
            return False
        later = select(exists().where(*here, stays.c.first_seq > first))
        return not self.connection.execute(later).scalar()

    def _bound(self, store: bytes, own: Mapping[str, Stay]) -> None:
        """What *own* stays, not kept yet, and fresh anchors make of the windows in *store*."""
        before = {one.stay.boot: one for one in self._shown(store)}
        after = dict(before)
        for boot, stay in own.items():
            joined = _joined(before[boot].stay, stay) if boot in before else stay
            after[boot] = Shown(joined, self.numbers[boot], bool(self.anchored.known[boot]))
        fresh = self.anchored.fresh
        near = _near(before.values(), after.values(), {*own, *fresh})
        if all(one.anchored for one in near):
            return
        known = {
            one.stay.boot: anchors_of(self.connection, self.kiosk, one.stay.boot, one.number)
            for one in near
            if one.anchored
        }
        older = {boot: [one for one in known[boot] if one not in fresh.get(boot, ())] for boot in known}
        was = windows([before[one.stay.boot].stay for one in near if one.stay.boot in before], older)
        now = windows([one.stay for one in near], known)
        self.windows |= {(store, boot): window for boot, window in now.items()}
        for one in near:
            boot = one.stay.boot
            if not one.anchored and was.get(boot) != now.get(boot):
                self.moved.add((store, one.number))

    def _shown(self, store: bytes) -> Iterator[Shown]:
        is_anchored = exists().where(anchors.c.kiosk_id == self.kiosk, anchors.c.boot_id == stays.c.boot_id)
        kept = (boots.c.boot, stays.c.first_seq, stays.c.first_ms, stays.c.last_ms)
        found = self.connection.execute(
            select(*kept, stays.c.boot_id, is_anchored)
            .join(boots, boots.c.id == stays.c.boot_id)
            .where(stays.c.kiosk_id == self.kiosk, stays.c.store_id == store)
        )
        for row in found:
            yield Shown(Stay(*row[:4]), row[4], bool(row[5]))

    def _showing(self, numbers: set[int]) -> set[bytes]:
        """The stores that show one of the boots with *numbers*."""
        found: set[bytes] = set()
        for number in numbers:
            query = select(stays.c.store_id).where(stays.c.kiosk_id == self.kiosk, stays.c.boot_id == number)
            found.update(self.connection.execute(query).scalars())
        return found


def stays_of(given: Iterable[tuple[int, Moment]]) -> dict[str, Stay]:
    """The stays of the answers of one store, *given* as seq and moment, by boot."""
    found: dict[str, tuple[list[int], list[int]]] = {}
    for seq, moment in given:
        seqs, times = found.setdefault(moment.boot, ([], []))
        seqs.append(seq)
        times.append(moment.boot_ms)
    return {boot: Stay(boot, min(seqs), min(times), max(times)) for boot, (seqs, times) in found.items()}


def replace_stays(
    connection: Connection, kiosk: str, store: bytes, numbers: Mapping[str, int], right: Iterable[Stay]
) -> None:
    """Put the *right* stays in place of what is kept of *store*."""
    connection.execute(stays.delete().where(stays.c.kiosk_id == kiosk, stays.c.store_id == store))
    _write(connection, kiosk, store, numbers, right)


def _joined(known: Stay, more: Stay) -> Stay:
    return replace(
        known,
        first_seq=min(known.first_seq, more.first_seq),
        first_ms=min(known.first_ms, more.first_ms),
        last_ms=max(known.last_ms, more.last_ms),
    )


def _near(before: Iterable[Shown], after: Iterable[Shown], touched: set[str]) -> list[Shown]:
    """
    The boots of a store, in their order, whose windows the *touched* ones can change, and those that bound them.

    That is from each touched boot to the next anchored one on either side that is not touched itself.
    """
    ordered = sorted(after, key=lambda one: one.stay.first_seq)
    there = [one.stay.boot for one in sorted(before, key=lambda one: one.stay.first_seq)]
    known = set(there)
    if [one.stay.boot for one in ordered if one.stay.boot in known] != there:
        # Boots changed places. No kiosk numbers its answers so, but a rebuild must agree whatever was sent.
        return ordered
    walls = [at for at, one in enumerate(ordered) if one.anchored and one.stay.boot not in touched]
    wanted: set[int] = set()
    for at, one in enumerate(ordered):
        if one.stay.boot in touched and at not in wanted:
            low = max((wall for wall in walls if wall < at), default=0)
            high = min((wall for wall in walls if wall > at), default=len(ordered) - 1)
            wanted.update(range(low, high + 1))
    return [ordered[at] for at in sorted(wanted)]


def _write(
    connection: Connection, kiosk: str, store: bytes, numbers: Mapping[str, int], own: Iterable[Stay]
) -> None:
    rows = [
        {
            "kiosk_id": kiosk,
            "store_id": store,
            "boot_id": numbers[stay.boot],
            "first_seq": stay.first_seq,
            "first_ms": stay.first_ms,
            "last_ms": stay.last_ms,
        }
        for stay in own
    ]
    if not rows:
        return
    new = insert(stays)
    joined = {
        "first_seq": func.min(stays.c.first_seq, new.excluded.first_seq),
        "first_ms": func.min(stays.c.first_ms, new.excluded.first_ms),
        "last_ms": func.max(stays.c.last_ms, new.excluded.last_ms),
    }
    connection.execute(new.on_conflict_do_update(set_=joined), rows)
