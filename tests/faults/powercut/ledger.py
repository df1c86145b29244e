"""The oracle: what had been pressed and what had been thanked for, at each point of a recording."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from feedback.answers import Answer
from tests.faults.powercut.calls import Op, Said
from tests.faults.powercut.lives import read


@dataclass(slots=True)
class Page:
    """
    The ledger as it stood at one moment.

    Attributes:
        store: Under which everything was thanked for; None before the first thank-you.
        thanked: The answers whose thank-you was shown.
        pressed: Those handed over and not thanked for yet: each may be there or not.
    """

    store: bytes | None = None
    thanked: list[Answer] = field(default_factory=list)
    pressed: list[Answer] = field(default_factory=list)


class Ledger:
    """All the pages of a recording, after those of *before*."""

    def __init__(self, ops: Iterable[Op], before: Page | None = None) -> None:
        before = before or Page()
        self._first = before
        self._store = before.store
        self._answers: list[list[Answer]] = []
        self._pressed_at: list[int] = []
        self._thanked_at: list[int] = []
        for number, op in enumerate(ops):
            if not isinstance(op, Said):
                continue
            if op.line["say"] == "pressed":
                self._pressed_at.append(number)
            elif op.line["say"] == "thanked":
                store = bytes.fromhex(str(op.line["store"]))
                if self._store not in {None, store}:
                    raise AssertionError("the recording goes over two stores")
                self._store = store
                self._thanked_at.append(number)
                self._answers.append([read(line) for line in op.line["answers"]])  # type: ignore[attr-defined]
        if len(self._pressed_at) != len(self._thanked_at):
            raise AssertionError("in a recording without a fault, every press is thanked for")
        self._made: dict[tuple[int, int], Page] = {}

    def page(self, number: int) -> Page:
        """The ledger right after operation *number*."""
        thanked, pressed = bisect_right(self._thanked_at, number), bisect_right(self._pressed_at, number)
        # A thank-you shown before its press was handed over does not happen, but lines of two threads may cross.
        pressed = max(thanked, pressed)
        page = self._made.get((thanked, pressed))
        if page is None:
            done = [answer for answers in self._answers[:thanked] for answer in answers]
            page = self._made[thanked, pressed] = Page(
                self._store if done or self._first.thanked else None,
                self._first.thanked + done,
                self._first.pressed + [a for answers in self._answers[thanked:pressed] for a in answers],
            )
        return page
