"""The day's sheet in the words and figures that are drawn; decides nothing, draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from feedback import scores
from feedback.ratings import SHOWN_ORDER, Rating
from feedback.scores import Score, band
from kiosk.sheet import Sheet
from kiosk.storage.counts.summary import Bar, Day
from kiosk.texts.staff_texts import StaffTexts

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
WEEK_DAYS = 7
MOST_REASONS = 3
GOOD = (Rating.EXCELLENT, Rating.GOOD)
BAD = (Rating.BAD, Rating.UNACCEPTABLE)
_FIRST = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class StaffSheet:
    """
    What staff get of one day.

    Attributes:
        sheet: The figures.
        heard_ms: UTC of the last word from central; None: there was none.
        well: Nothing is known that a technician should see to.
        by_phone: The address that carries the day's counts to central; empty: there is none.
    """

    sheet: Sheet
    heard_ms: int | None = None
    well: bool = True
    by_phone: str = ""


@dataclass(frozen=True, slots=True)
class Gauge:
    """
    The SLI on its arc.

    Attributes:
        value: As shown; empty: too few answers for one.
        lines: What stands below, the most important first.
        score: Where mark and interval are, -100..100; None where there is no value.
        few: From 10 to 29 answers.
    """

    value: str
    lines: tuple[str, ...]
    score: Score | None
    few: bool


@dataclass(frozen=True, slots=True)
class Level:
    """One rating: how many, which share, and the length of its bar, 0..1."""

    rating: Rating
    n: str
    percent: str
    part: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its word, and what is to be known of it."""

    figure: str
    word: str
    line: str


@dataclass(frozen=True, slots=True)
class Column:
    """
    One hour.

    Attributes:
        whole: Presses that count, where they are not told apart; 0: fewer than may be shown.
        hidden: Fewer than may be shown.
    """

    hour: int
    good: int
    bad: int
    whole: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, how often, and its share of those who gave one, 0..1."""

    text: str
    n: str
    part: float


@dataclass(frozen=True, slots=True)
class Point:
    """One day of the trend: its score, None without answers; ``few``: under 10 of them."""

    score: Score | None
    n: int
    few: bool
    so_far: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Everything on the staff's day, in one language."""

    title: str
    when: str
    gauge: Gauge
    counted: str
    levels: tuple[Level, ...]
    facts: tuple[Fact, ...]
    columns: tuple[Column, ...]
    reasons: tuple[Reason, ...]
    of: str
    trend: tuple[Point, ...]
    first_day: str
    last_day: str
    spans: tuple[str, ...]
    meaning: str
    doubts: str


def said(day: StaffSheet, texts: StaffTexts) -> Said:
    """*day* in the language of *texts*."""
    sheet = day.sheet
    summary = sheet.summary
    named = _day(summary.day or 0)
    today = not sheet.over
    return Said(
        title=texts.today if today else named,
        when=_when(sheet, texts, named) if today else "",
        gauge=_gauge(summary.sli, texts),
        counted=texts.counted.format(n=summary.n),
        levels=_levels(sheet),
        facts=(_satisfied(sheet, texts), _set_aside(sheet, texts), _unsent(sheet, texts)),
        columns=tuple(_column(bar) for bar in summary.hours),
        reasons=_reasons(sheet, texts.language),
        of=texts.of.format(n=summary.reasons[0].of) if summary.reasons else "",
        trend=tuple(_point(day, so_far=today and day is summary.trend[-1]) for day in summary.trend),
        first_day=_short(summary.trend[0].day) if summary.trend else "",
        last_day=texts.so_far if today else _short(summary.trend[-1].day) if summary.trend else "",
        spans=tuple(
            _span(summary.trend, days, name)
            for days, name in ((WEEK_DAYS, texts.week), (len(summary.trend), texts.month))
        ),
        meaning=_meaning(sheet, texts),
        doubts=" ".join(_doubts(day, texts)),
    )


def age(ms: int, texts: StaffTexts) -> str:
    """
    A length of time, whole and rounded down, at least a minute.

    >>> from kiosk.texts import staff_texts
    >>> age(3 * HOUR_MS, staff_texts.load("en"))
    '3 h'
    """
    if ms >= 2 * DAY_MS:
        return texts.days.format(n=ms // DAY_MS)
    if ms >= HOUR_MS:
        return texts.hours.format(n=ms // HOUR_MS)
    return texts.minutes.format(n=max(1, ms // MINUTE_MS))


def figure(value: float) -> str:
    """
    A score as shown, with a true minus.

    >>> figure(67.42), figure(-3.04), figure(-0.01)
    ('67.4', '−3.0', '0.0')
    """
    text = f"{abs(value):.1f}"
    return f"−{text}" if value < 0 and float(text) else text


def _when(sheet: Sheet, texts: StaffTexts, named: str) -> str:
    if sheet.shown_until_ms is None:
        return f"{named}. {texts.not_yet}"
    until = datetime.fromtimestamp(sheet.shown_until_ms // 1000, UTC).astimezone(sheet.zone)
    return f"{named}, {texts.still_counting.format(time=f'{until:%H:%M}')}"


def _gauge(sli: Score | None, texts: StaffTexts) -> Gauge:
    if sli is None:
        return Gauge("", (texts.no_answers,), None, few=False)
    if sli.reliability == "counts_only":
        return Gauge("", (texts.too_few,), None, few=False)
    few = sli.reliability == "few_answers"
    word = getattr(texts, f"band_{band(sli.value)}")
    between = texts.interval.format(low=figure(sli.low), high=figure(sli.high))
    return Gauge(figure(sli.value), (f"{word}, {texts.few_answers}" if few else word, between), sli, few)


def _levels(sheet: Sheet) -> tuple[Level, ...]:
    counted, n = sheet.summary.counted, sheet.summary.n
    most = max(counted.values(), default=0)
    return tuple(
        Level(
            rating,
            str(counted[rating]),
            _percent(counted[rating], n),
            counted[rating] / most if most else 0.0,
        )
        for rating in SHOWN_ORDER
    )


def _satisfied(sheet: Sheet, texts: StaffTexts) -> Fact:
    """CSAT where the survey asks for it; else what the faces say, and by another name: they are another question."""
    csat = next((score for _, _, score in sheet.summary.others if score.name == "CSAT"), None)
    if csat is not None and csat.reliability != "counts_only":
        line = texts.csat.format(low=figure(csat.low), high=figure(csat.high))
        return Fact(f"{figure(csat.value)} %", texts.satisfied, line)
    n = sheet.summary.n
    good = sum(sheet.summary.counted[rating] for rating in GOOD)
    share = _percent(good, n) if n >= scores.FEWEST_FOR_SCORE else "–"
    return Fact(share, texts.good, texts.favourable)


def _set_aside(sheet: Sheet, texts: StaffTexts) -> Fact:
    aside = sheet.summary.set_aside
    line = ", ".join(getattr(texts, rule.value).format(n=n) for rule, n in aside.items() if n)
    return Fact(str(sum(aside.values())), texts.set_aside, line or texts.none_set_aside)


def _unsent(sheet: Sheet, texts: StaffTexts) -> Fact:
    waiting = sheet.waiting
    if not waiting.answers:
        return Fact("0", texts.unsent, texts.all_sent)
    if waiting.oldest_ms is None:
        return Fact(str(waiting.answers), texts.unsent, texts.safe)
    oldest = texts.oldest.format(time=age(sheet.now_ms - waiting.oldest_ms, texts))
    return Fact(str(waiting.answers), texts.unsent, f"{oldest}, {texts.safe}")


def _column(bar: Bar) -> Column:
    if bar.n is None:
        return Column(bar.hour, 0, 0, 0, hidden=True)
    if bar.counted is None:
        return Column(bar.hour, 0, 0, bar.n, hidden=False)
    good, bad = (sum(bar.counted[rating] for rating in ratings) for ratings in (GOOD, BAD))
    return Column(bar.hour, good, bad, 0, hidden=False)


def _reasons(sheet: Sheet, language: str) -> tuple[Reason, ...]:
    found = sheet.summary.reasons[:MOST_REASONS]
    return tuple(
        Reason(sheet.words_of(reason, language), str(reason.n), reason.n / reason.of) for reason in found
    )


def _point(day: Day, *, so_far: bool) -> Point:
    return Point(day.sli, day.n, 0 < day.n < scores.FEWEST_FOR_SCORE, so_far)


def _span(trend: Sequence[Day], days: int, name: str) -> str:
    pooled = scores.sli(scores.added(*(day.counted for day in trend[-days:])))
    if pooled is None or pooled.reliability == "counts_only":
        return f"{name} –"
    return f"{name} {figure(pooled.value)} ({figure(pooled.low)}–{figure(pooled.high)})"


def _meaning(sheet: Sheet, texts: StaffTexts) -> str:
    n, counted = sheet.summary.n, sheet.summary.counted
    if n < scores.FEWEST_FOR_SCORE:
        return texts.few_said
    good, bad = (sum(counted[rating] for rating in ratings) for ratings in (GOOD, BAD))
    return texts.mostly_good if 2 * good > n else texts.mostly_bad if 2 * bad > n else texts.divided


def _doubts(day: StaffSheet, texts: StaffTexts) -> list[str]:
    """What the figures do not know, and whether the kiosk is well."""
    sheet, heard_ms = day.sheet, day.heard_ms
    sli = sheet.summary.sli
    lines = []
    if sli is not None and sli.reliability != "counts_only":
        lines.append(texts.chance.format(points=f"{(sli.high - sli.low) / 2:.1f}"))
    lines.append(texts.not_pressed)
    if not sheet.time_known:
        lines.append(texts.time_unknown)
    lines.append(texts.well if day.well else texts.not_well)
    if heard_ms is None:
        lines.append(texts.never_heard)
    else:
        lines.append(texts.heard.format(time=age(max(0, sheet.now_ms - heard_ms), texts)))
    return lines


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _day(day: int) -> str:
    named = _FIRST + timedelta(days=day)
    return f"{named.day}.{named.month:02}.{named.year}"


def _short(day: int) -> str:
    named = _FIRST + timedelta(days=day)
    return f"{named.day}.{named.month:02}."
