"""
The judge: the ledger of what was pressed and thanked for, held against what is on the card.

A line of the ledger is JSON. ``["P", rating, source, language, boot, boot_ms, wall_ms]`` is said before a press is
handed in; ``["T", store, answer, ...]`` when its thank-you is shown, each answer as ``spelled``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from feedback.answers import Answer
from feedback.ratings import Kind, Rating
from kiosk.storage.reading import AnswersReader

Identity = tuple[str, int]
"""Store (hex) and seq."""
Spelled = tuple[object, ...]
Stored = tuple[str, Answer]
"""A row as it was read: store (hex) and answer."""
ROWS = 5_000


@dataclass
class Ledger:
    """
    What customers did and saw.

    Attributes:
        pressed: Each press by its moment, which is never given twice: rating, source, language.
        thanked: Each answer whose thank-you was shown; of a real window's only the rating is known.
        touched: Faces touched on a real window, not yet found or thanked for.
        windows: Boots whose presses are known by ``touched`` alone.
        reused: Identities thanked for twice, with another answer.
        troubles: What the kiosk said when it was out of order.
    """

    pressed: dict[Spelled, Spelled] = field(default_factory=dict)
    thanked: dict[Identity, Spelled | int] = field(default_factory=dict)
    touched: Counter[int] = field(default_factory=Counter)
    windows: set[str] = field(default_factory=set)
    reused: list[Identity] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def take(self, said: bytes) -> None:
        """Add the whole lines of *said*; a line that the kill has cut was not seen by anybody."""
        for line in said.decode().splitlines(keepends=True):
            if line.endswith("\n") and line.startswith("["):
                what, *rest = json.loads(line)
                if what == "P":
                    rating, source, language, *moment = rest
                    self.pressed[tuple(moment)] = (rating, source, language)
                elif what == "T":
                    for answer in rest[1:]:
                        self._thank((rest[0], answer[0]), tuple(answer))
                elif what == "O":
                    self.troubles.append(rest[0])

    def take_window(self, said: str) -> None:
        """Add the thank-yous that ``kiosk demo`` printed."""
        for line in said.splitlines(keepends=True):
            if line.startswith("thanked ") and line.endswith("\n"):
                _, store, seq, word = line.split()
                rating = Rating.named(word).value
                self._thank((store, int(seq)), rating)
                self.touched[rating] -= 1

    def _thank(self, identity: Identity, answer: Spelled | int) -> None:
        if self.thanked.setdefault(identity, answer) != answer:
            self.reused.append(identity)


@dataclass
class Verdict:
    """What was found wrong, a sentence each."""

    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.invented or self.duplicated)

    def first(self) -> str:
        """The first of each kind, for a person."""
        return "; ".join(found[0] for found in (self.lost, self.invented, self.duplicated) if found)


def judge(ledger: Ledger, rows: Iterable[Stored], *, whole: bool = True) -> Verdict:
    """
    Hold *rows* against *ledger*.

    Args:
        whole: A rating must have its outcome beside it, as committed together: not so in what was salvaged, nor in a
            window, where questions follow.
    """
    verdict = Verdict(duplicated=[f"{identity} was given to two answers" for identity in ledger.reused])
    found: dict[Identity, Answer] = {}
    seen: dict[Spelled, Identity] = {}
    for store, answer in rows:
        identity = (store, answer.seq)
        if identity in found:
            if found[identity] != answer:
                verdict.duplicated.append(f"{identity} stands for {found[identity]} and for {answer}")
            continue
        found[identity] = answer
        # Two fingers may touch two faces of a window in one millisecond: their outcomes are alike.
        if answer.ask.kind is Kind.RATING or answer.moment.boot not in ledger.windows:
            what = (answer.ask.kind, answer.value, _moment(answer))
            if what in seen:
                verdict.duplicated.append(f"{answer} is {seen[what]} as well")
            seen[what] = identity
        if not _was_pressed(ledger, identity, answer):
            verdict.invented.append(f"nobody pressed {answer}")
    for identity, thanked in ledger.thanked.items():
        if not _same(thanked, found.get(identity)):
            verdict.lost.append(f"{identity} was thanked for as {thanked}, and is {found.get(identity)}")
    if whole:
        verdict.lost += _halves(found, ledger.windows)
    return verdict


def rows_of(readers: Iterable[AnswersReader], first: int = 1) -> Iterator[Stored]:
    """Every answer that verifies, from seq *first* on."""
    for reader in readers:
        at = first
        while (batch := reader.answers(at, ROWS)).last:
            yield from ((batch.store.hex(), answer) for answer in batch.answers)
            at = batch.last + 1


def stores_of(folder: Path) -> list[AnswersReader]:
    """Readers of every store below *folder*: of the answers.db in use, and of what was salvaged."""
    return [
        AnswersReader(path) for path in sorted(folder.rglob("*.db")) if "damaged-" not in str(path.parent)
    ]


def spelled(answer: Answer) -> Spelled:
    """Every field of *answer*, as a line of JSON can hold it; the first is its seq."""
    place, ask = answer.place, answer.ask
    return (
        answer.seq, answer.response, place.branch, place.touchpoint,
        ask.survey, ask.version, ask.question, ask.kind.value, ask.language,
        answer.value, answer.source.value, *_moment(answer), answer.test, answer.text_digest.hex(),
    )  # fmt: skip


def _moment(answer: Answer) -> Spelled:
    return (answer.moment.boot, answer.moment.boot_ms, answer.moment.wall_ms)


def _was_pressed(ledger: Ledger, identity: Identity, answer: Answer) -> bool:
    if answer.moment.boot in ledger.windows:
        return _was_touched(ledger, identity, answer)
    press = ledger.pressed.get(_moment(answer))
    if press is None:
        return _same(ledger.thanked.get(identity, 0), answer)
    rating, *rest = press
    meant = answer.value == rating if answer.ask.kind is Kind.RATING else answer.value == 1
    return meant and rest == [answer.source.value, answer.ask.language]


def _was_touched(ledger: Ledger, identity: Identity, answer: Answer) -> bool:
    if answer.ask.kind is not Kind.RATING or _same(ledger.thanked.get(identity, 0), answer):
        return True
    ledger.touched[answer.value] -= 1
    return ledger.touched[answer.value] >= 0


def _same(thanked: Spelled | int, answer: Answer | None) -> bool:
    if answer is None:
        return False
    return thanked == (answer.value if isinstance(thanked, int) else spelled(answer))


def _halves(found: dict[Identity, Answer], windows: set[str]) -> list[str]:
    """
    Ratings without the outcome that was committed with them.

    Not those of a window: the shipped survey asks further there, so a visit's outcome is a later commit, and a kill may
    come between the two.
    """
    ratings = [
        (identity, answer)
        for identity, answer in found.items()
        if answer.ask.kind is Kind.RATING and answer.moment.boot not in windows
    ]
    return [
        f"{answer} has lost its outcome"
        for (store, seq), answer in ratings
        if (beside := found.get((store, seq + 1))) is None or beside.response != answer.response
    ]
