"""Columns: repeats as runs, times as differences, repeated values once. Unfolding is bounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby
from typing import Any, TypeVar

from feedback.errors import WireError
from feedback.wire import fields

T = TypeVar("T")


def index(raw: Any, key: str, length: int) -> int:
    """*raw* as a place in a list of *length*."""
    if type(raw) is not int or not 0 <= raw < length:
        raise WireError(f"{key}: {raw!r} points outside its list of {length}")
    return raw


def looked_up(numbers: Sequence[Any], key: str, table: Sequence[T]) -> list[T]:
    """What each of *numbers* stands for in *table*."""
    if not _are_whole(numbers, 0, len(table) - 1):
        numbers = [index(number, key, len(table)) for number in numbers]
    return [table[number] for number in numbers]


def runs(numbers: Iterable[int]) -> list[list[int]]:
    """
    Repeats as [number, how often].

    >>> runs([0, 0, 1])
    [[0, 2], [1, 1]]
    """
    return [[number, sum(1 for _ in group)] for number, group in groupby(numbers)]


def unfolded(raw: Any, key: str, count: int) -> list[int]:
    """What ``runs`` folded: *count* numbers, no more whatever *raw* says."""
    found: list[int] = []
    for one in fields.rows(raw, key, count):
        number, often = fields.row(one, key, 2)
        # Bounded before it is unfolded: a run is a few bytes however long it says it is.
        found += [number] * fields.whole(often, key, 1, count - len(found))
    if len(found) != count:
        raise WireError(f"{key}: its runs make {len(found)} answers, expected {count}")
    return found


def differences(numbers: Sequence[int]) -> list[int]:
    """
    The first number, then each less the one before.

    >>> differences([81300, 85400, 94400])
    [81300, 4100, 9000]
    """
    return [number - before for before, number in zip([0, *numbers], numbers, strict=False)]


def summed(taken: Sequence[Any], key: str) -> list[int]:
    """What ``differences`` took apart."""
    if not _are_whole(taken, -fields.MOST_INTEGER, fields.MOST_INTEGER):
        taken = [fields.whole(one, key, -fields.MOST_INTEGER, fields.MOST_INTEGER) for one in taken]
    return list(accumulate(taken))


def _are_whole(numbers: Sequence[Any], least: int, most: int) -> bool:
    """Whether all *numbers* are whole and in range: a column at a time; which of them is not, is looked for after."""
    # A bool is an int to Python, and a type of its own.
    return set(map(type, numbers)) <= {int} and (
        not numbers or (least <= min(numbers) and max(numbers) <= most)
    )


class Lookup(list[T]):
    """Repeated values once, in the order first met."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """The place of *value* in the list, which it enters if it is new."""
        number = self._numbers.setdefault(value, len(self))
        if number == len(self):
            self.append(value)
        return number
