"""What may happen to one or two kiosks and a central, in any order, and what must hold at its end."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import select

from central.store import tables
from kiosk.settings import CentralAddress
from kiosk.storage.closed import stores
from tests.kiosk.sync.kit import ToldClock
from tests.ledgers.card import Card, place
from tests.ledgers.office import FATES, Office, Press


@dataclass(frozen=True)
class Made:
    """A central and a kiosk enrolled with it, to be copied."""

    central: Path
    kiosk: Path
    address: CentralAddress


fates = st.lists(st.sampled_from(FATES), max_size=6)
which = st.integers(0, 1)


class Ledgers(RuleBasedStateMachine):
    """
    One or two kiosks and central.

    A press is *owed* when it must count exactly once. It is in *doubt*, and may count once or not at all, when the only
    copy of it was spoiled, put back to an older state or pruned before central lost it.

    A restored central may have another card's answers up to the very number this one had delivered: its generation says
    so, see ``central.store.generations``.
    """

    made: Made

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=self.made.central.parent))
        shutil.copytree(self.made.central, self.root / "central")
        shutil.copytree(self.made.kiosk, self.root / "card 0")
        self.office = Office(self.root / "central")
        board = self.root / "board 0"
        board.write_text("0")
        card = Card(place(self.root / "card 0", self.made.address), board, ToldClock("boot 0"), self.office)
        self.cards = [card]
        self.boots = 0
        self.doubt: set[Press] = set()
        self.pruned: set[Press] = set()
        self.central_saved = False
        self.backup: set[Press] | None = None

    def card(self, at: int) -> Card:
        return self.cards[at % len(self.cards)]

    @rule(at=which, count=st.integers(1, 4))
    def press(self, at: int, count: int) -> None:
        self.card(at).press(count)

    @rule(at=which, steps=st.integers(1, 6), fates=fates)
    def sync(self, at: int, steps: int, fates: list[str]) -> None:
        self.card(at).sync(steps, fates)

    @rule(at=which)
    def sync_well(self, at: int) -> None:
        self.card(at).sync(8, [])

    @precondition(lambda self: self.office.late)
    @rule()
    def arrive_late(self) -> None:
        self.office.answer(self.office.late.pop())

    @rule(at=which)
    def restart(self, at: int) -> None:
        card = self.card(at)
        card.stop()
        self.boots += 1
        card.clock = ToldClock(f"boot {self.boots}", 1_000)

    @rule(at=which)
    def forget_sync(self, at: int) -> None:
        card = self.card(at)
        card.stop()
        for part in card.settings.sync_folder.glob("sync.db*"):
            part.unlink()

    @rule(at=which)
    def save_card(self, at: int) -> None:
        card = self.card(at)
        if self.backup is None and at % len(self.cards) == 0:
            card.stop()
            shutil.copytree(card.folder, self.root / "backup")
            self.backup = set(card.pressed)

    @precondition(lambda self: self.backup is not None)
    @rule(sync_only=st.booleans())
    def restore_card(self, sync_only: bool) -> None:
        """The whole card as it was, or sync.db alone."""
        card = self.cards[0]
        card.stop()
        name = "sync" if sync_only else ""
        shutil.rmtree(card.folder / name)
        shutil.copytree(self.root / "backup" / name, card.folder / name)
        if not sync_only:
            assert self.backup is not None
            self.doubt |= card.pressed - self.backup
            self.boots += 1
            card.clock = ToldClock(f"boot {self.boots}", 1_000)

    @precondition(lambda self: len(self.cards) == 1)
    @rule(same_board=st.booleans())
    def copy_card(self, same_board: bool) -> None:
        card = self.cards[0]
        card.stop()
        shutil.copytree(card.folder, self.root / "card 1")
        board = self.root / "board 1"
        board.write_text("0" if same_board else "1")
        self.boots += 1
        clock = ToldClock(f"boot {self.boots}", 1_000)
        self.cards.append(Card(place(self.root / "card 1", self.made.address), board, clock, self.office))

    @rule(at=which, count=st.integers(1, 3))
    def rot(self, at: int, count: int) -> None:
        self.card(at).press(0)
        self.doubt |= self.card(at).rot(count)

    @rule(at=which)
    def prune(self, at: int) -> None:
        self.card(at).press(0)
        gone = self.card(at).prune()
        self.pruned |= gone
        # Central may have lost it, and nobody has told the kiosk yet: it keeps what is younger than 90 days for that.
        self.doubt |= gone - set(self.office.presses())

    @rule(at=which)
    def damage(self, at: int) -> None:
        """The file can no longer be opened, and all its rows are sound: they are sent under its own name."""
        self.card(at).press(0)
        self.card(at).damage()

    @precondition(lambda self: not self.central_saved)
    @rule()
    def save_central(self) -> None:
        self.office.saved(self.root / "saved central")
        self.central_saved = True

    @precondition(lambda self: self.central_saved)
    @rule()
    def restore_central(self) -> None:
        self.office.restored(self.root / "saved central")
        self.doubt |= self.pruned - set(self.office.presses())

    def teardown(self) -> None:
        try:
            self.drain()
            self.check()
        finally:
            for card in self.cards:
                card.stop()
            self.office.store.dispose()
            shutil.rmtree(self.root)

    def drain(self) -> None:
        """Everything is well from here on, and each kiosk is started anew now and then."""
        while self.office.late:
            self.office.answer(self.office.late.pop())
        for _ in range(3):
            for card in self.cards:
                card.stop()
                card.press(0)
                card.sync(3 * len(stores(card.settings.answers_folder)) + 8, [])

    def check(self) -> None:
        found = self.office.presses()
        everybody = set().union(*(card.pressed for card in self.cards))
        assert {} == {press: n for press, n in found.items() if n > 1}
        assert set() == everybody - self.doubt - set(found)
        assert set(found) <= everybody
        for ledger in self.office.rows(select(tables.ledgers)):
            assert ledger.accounted_upto == ledger.last_seq
        counted = sum(row.n for row in self.office.rows(select(tables.counts)))
        assert counted == len(found)
