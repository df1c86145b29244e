"""The counts and the score that branch staff read, by one scan of the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from feedback.answers import Anchor, Answer
from feedback.misuse import RatingPress, Rule, set_aside
from feedback.ratings import Kind, Rating
from feedback.scores import Score, sli
from feedback.timeline import When, repaired, slot
from kiosk.storage.reading import AnswersReader
from kiosk.storage.totals import Total

ROWS = 5_000
"""Read at a time."""


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What came in, in one day or ever.

    Attributes:
        counted: Presses that count.
        set_aside: Those that do not, by the rule that says so.
        sli: The score of those counted; None while there are none.
        uncertain: Counted here, but the doubt about their time reaches into another day. Of answers that were
            pruned only those whose day nobody knows.
        spoiled: Rows of the whole store that are not as they were written, and are counted nowhere.
    """

    counted: Mapping[Rating, int]
    set_aside: Mapping[Rule, int]
    sli: Score | None
    uncertain: int = 0
    spoiled: int = 0


def summary(reader: AnswersReader, zone: ZoneInfo, day: int | None = None) -> Summary:
    """
    The five-face presses of *day* (days since 1970 in the branch's *zone*), or of all days.

    Raises:
        StoreError: The store cannot be read now.
    """
    answers, pruned, spoiled = _everything(reader)
    aside = set_aside([_press(answer) for answer in answers])
    times = _times(answers, reader.anchors())
    chosen = [a for a in answers if day is None or slot(times[a.seq].utc_ms, zone).day == day]
    gone = [(t, n) for t, n in pruned.items() if day is None or slot(t.quarter_ms, zone).day == day]
    counts = Counter(Rating(answer.value) for answer in chosen if answer.seq not in aside)
    not_counted = Counter(aside[answer.seq] for answer in chosen if answer.seq in aside)
    uncertain = sum(_crosses_midnight(times[a.seq], zone) for a in chosen if a.seq not in aside)
    for total, number in gone:
        if total.rule is not None:
            not_counted[total.rule] += number
        else:
            counts[total.rating] += number
            uncertain += total.doubtful * number
    return Summary(
        {rating: counts[rating] for rating in Rating},
        not_counted,
        sli(counts),
        uncertain if day is not None else 0,
        spoiled,
    )


def _everything(reader: AnswersReader) -> tuple[list[Answer], Counter[Total], int]:
    """The ratings kept, the totals of those pruned, and how many rows are spoiled: as of one moment."""
    while True:
        spoiled: list[int] = []
        upto = reader.pruned_upto()
        answers = list(_ratings(reader, spoiled, upto + 1))
        totals = reader.totals()
        # Pruned in between: some would be counted twice. That is over in seconds, and happens once in an hour.
        if reader.pruned_upto() == upto:
            return answers, totals, len(spoiled)


def _ratings(reader: AnswersReader, spoiled: list[int], first: int) -> Iterator[Answer]:
    while True:
        rows = reader.answers(first, ROWS)
        if not rows.last:
            return
        spoiled.extend(rows.spoiled)
        yield from (a for a in rows.answers if a.ask.kind is Kind.RATING and a.value in Kind.RATING.values)
        first = rows.last + 1


def _press(answer: Answer) -> RatingPress:
    moment = answer.moment
    return RatingPress(answer.seq, Rating(answer.value), moment.boot, moment.boot_ms, answer.test)


def _times(answers: list[Answer], anchors: list[Anchor]) -> dict[int, When]:
    # By boot first: each answer would otherwise look through the anchors of years.
    known: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        known[anchor.boot].append(anchor)
    return {answer.seq: repaired(answer.moment, known[answer.moment.boot]) for answer in answers}


def _crosses_midnight(when: When, zone: ZoneInfo) -> bool:
    earliest, latest = when.utc_ms - when.uncertainty_ms, when.utc_ms + when.uncertainty_ms
    return slot(earliest, zone).day != slot(latest, zone).day
