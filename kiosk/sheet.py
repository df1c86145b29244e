"""The day's sheet: what ``kiosk summary`` shows to branch staff, or exactly to a technician."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feedback import scores, surveys
from feedback.errors import SettingsError
from feedback.ratings import SHOWN_ORDER, Rating
from feedback.scores import Score, band
from feedback.steps import FEWEST
from feedback.surveys import Survey
from feedback.timeline import repaired
from kiosk import documents
from kiosk.branch import branch_settings
from kiosk.clock import Clock
from kiosk.settings import Settings
from kiosk.storage.counts.civil import QUARTER_MS, quarter_of
from kiosk.storage.counts.summary import EVER, Bar, Counts, Day, Reason, Summary, look
from kiosk.storage.counts.unsent import Unsent, unsent

SPANS = {"week": 7, "month": 30}
WIDEST = 30
"""Signs in the longest bar."""
HOUR_MS = 3_600_000
DOUBT_MS = 900_000
"""The time is called known while it is to within this."""
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    A summary with what is needed to read it.

    Attributes:
        zone: The branch's.
        now_ms: The time the kiosk takes it to be, UTC.
        time_known: It knows; False: its wall clock says so, and nobody vouches for it.
        exact: Everything, for a technician; False: what staff may see.
        over: Nothing will be added but what is learned late.
        shown_until_ms: The end of the last step, UTC; None: the day is shown whole, or there was no step yet.
        waiting: What central has not had yet.
        hidden: So many of the newest answers are not spoken of before the next step; not for staff.
        behind: Answers that were not in ``summary.db`` yet, and were counted while the sheet was made.
        trouble: Why ``summary.db`` could not be used; empty: it could.
        survey: The words for choices.
    """

    kiosk: str
    zone: ZoneInfo
    summary: Summary
    now_ms: int
    time_known: bool
    exact: bool
    over: bool
    shown_until_ms: int | None
    waiting: Unsent
    hidden: int
    behind: int
    trouble: str
    survey: Survey

    def words_of(self, reason: Reason, language: str) -> str:
        """The words of a choice in *language*, as the kiosk asks them now; its number where they are not known."""
        return _text(self.survey, reason, language)


def day_named(text: str) -> int:
    """
    The day that *text* names, as days since 1970-01-01.

    Raises:
        SettingsError: It names none.
    """
    try:
        named = date.fromisoformat(text) if len(text) == len("2026-11-22") else None
    except ValueError:
        named = None
    if named is None or not _FIRST <= named <= _LAST:
        raise SettingsError(f"--date {text}: expected a day such as 2026-11-22, from {_FIRST} to {_LAST}")
    return (named - _FIRST).days


def sheet(settings: Settings, clock: Clock, day: int | None, *, exact: bool, back: int = 0) -> Sheet:
    """
    The sheet of a civil *day*; None: of today, or of every day together if it is to be *exact*.

    *back*: instead, the day so many days before today, as the kiosk takes it to be.

    Raises:
        StoreError: The answers cannot be read now.
    """
    branch = branch_settings(settings)
    return look(
        settings.answers_folder,
        branch,
        lambda counts: _sheet(counts, settings, clock, day, exact=exact, back=back),
    )


def _sheet(
    counts: Counts, settings: Settings, clock: Clock, day: int | None, *, exact: bool, back: int
) -> Sheet:
    now_ms, known = _now(counts, clock)
    today = counts.civil.day_of(quarter_of(now_ms))
    day = today - back if back else day
    summary, hidden = _summary(counts, quarter_of(now_ms), day, exact=exact)
    return Sheet(
        settings.kiosk.id,
        counts.civil.zone,
        summary,
        now_ms,
        known,
        exact,
        summary.day is not None and summary.day < today,
        _shown_until(counts, summary),
        unsent(settings, counts.book, hidden=hidden),
        hidden,
        counts.behind,
        counts.trouble,
        _survey(settings),
    )


def as_json(found: Sheet) -> dict[str, Any]:
    """
    *found* for programs; a name stays and keeps its meaning, more may come.

    ``date``: the day, null for every day. ``time_known``, ``exact``, ``over``: see ``Sheet``. ``shown_until``: the
    last step. ``sli``: ``n``, ``value``, ``low``, ``high`` (-100..100), ``band``, ``reliability``; staff get no value
    from fewer than 10 answers. ``hours``: ``n`` is null for fewer than 5. ``week``, ``month``: 7 and 30 days up to this
    one together. ``reasons``: ``n`` of all ``of`` who answered the question. ``unsent``: answers and UTC of the oldest.
    ``counting``: only where exact.
    """
    summary = found.summary
    document: dict[str, Any] = {
        "kiosk": found.kiosk,
        "zone": found.zone.key,
        "date": None if summary.day is None else _iso(summary.day),
        "time_known": found.time_known,
        "exact": found.exact,
        "over": found.over,
        "shown_until": _stamp(found.shown_until_ms, found.zone),
        "n": summary.n,
        "counted": _words(summary.counted),
        "set_aside": {rule.value: n for rule, n in summary.set_aside.items()},
        "sli": _score(found, summary.sli),
        "scores": [
            {"survey": survey, "question": question, "name": score.name, **_score(found, score)}
            for survey, question, score in summary.others
        ],
        "hours": [_hour(bar) for bar in summary.hours],
        "trend": [{"date": _iso(day.day), "sli": _score(found, day.sli)} for day in summary.trend],
        **{name: _score(found, _pooled(summary.trend, days)) for name, days in SPANS.items()},
        "reasons": [_reason(found, reason) for reason in summary.reasons],
        "uncertain": summary.uncertain,
        "spoiled": summary.spoiled,
        "unsent": {
            "answers": found.waiting.answers,
            "oldest": _stamp(found.waiting.oldest_ms, ZoneInfo("UTC")),
        },
    }
    if found.exact:
        document["counting"] = {"behind": found.behind, "trouble": found.trouble}
    return document


def sentences(found: Sheet) -> list[str]:
    """*found* to be read on a terminal."""
    summary = found.summary
    aside = ", ".join(f"{n} {rule.value}" for rule, n in summary.set_aside.items())
    lines = [
        f"{_title(found)}: {summary.n} counted, {sum(summary.set_aside.values())} set aside"
        + (f" ({aside})" if aside else ""),
        _score_line(summary.sli),
        *(f"{question} of {survey}: {_score_line(score)}" for survey, question, score in summary.others),
        "",
        *_ratings(summary.counted),
        *_hours(summary.hours),
        *_trend(summary),
        *_reasons(found),
        "",
        *_waiting(found),
        _limits(summary),
    ]
    return [*lines, *_said_of_time(found)]


def _now(counts: Counts, clock: Clock) -> tuple[int, bool]:
    """The time, UTC, by the same anchors by which the answers of this boot are counted; and whether it is known."""
    moment = clock.moment()
    when = repaired(moment, counts.book.anchors(moment.boot))
    return when.utc_ms, when.uncertainty_ms <= DOUBT_MS or clock.anchor() is not None


def _summary(counts: Counts, now: int, day: int | None, *, exact: bool) -> tuple[Summary, int]:
    """What is shown, and how many of today's answers are not spoken of."""
    today = counts.civil.day_of(now)
    if exact:
        return counts.ever(today) if day is None else counts.day(day), 0
    of_today = counts.day(today, now=counts.civil.quarter_in_day(now))
    if day is None or day == today:
        return of_today, of_today.hidden
    return counts.day(day, now=EVER if day < today else 0), of_today.hidden


def _shown_until(counts: Counts, summary: Summary) -> int | None:
    if summary.day is None or not summary.shown_before:
        return None
    return (counts.civil.first_quarter(summary.day) + summary.shown_before) * QUARTER_MS


def _survey(settings: Settings) -> Survey:
    found = documents.newest(settings, "survey", surveys.parse)
    return found[1] if found else surveys.load(documents.SHIPPED_SURVEY)


def _pooled(trend: Sequence[Day], days: int) -> Score | None:
    return scores.sli(scores.added(*(day.counted for day in trend[-days:])))


def _score(found: Sheet, score: Score | None) -> dict[str, Any]:
    if score is None:
        return {"n": 0, "value": None}
    said: dict[str, Any] = {"n": score.n, "value": None, "reliability": score.reliability}
    if found.exact or score.reliability != "counts_only":
        said |= {"value": round(score.value, 2), "low": round(score.low, 2), "high": round(score.high, 2)}
        if score.name == "SLI":
            said["band"] = band(score.value)
    return said


def _hour(bar: Bar) -> dict[str, Any]:
    return {"hour": bar.hour, "n": bar.n, "counted": None if bar.counted is None else _words(bar.counted)}


def _reason(found: Sheet, reason: Reason) -> dict[str, Any]:
    return {
        "survey": reason.survey,
        "question": reason.question,
        "kind": reason.kind.value,
        "value": reason.value,
        "text": _text(found.survey, reason),
        "n": reason.n,
        "of": reason.of,
    }


def _text(survey: Survey, reason: Reason, language: str = "") -> str:
    """The words of a choice in *language* or the survey's own, as asked now; its number where they are not known."""
    if survey.id == reason.survey:
        for question in survey.questions:
            for choice in question.choices if question.id == reason.question else ():
                if choice.number == reason.value:
                    return survey.text(choice.texts, language or survey.default_language)
    return f"choice {reason.value}"


def _words(counted: Mapping[Rating, int]) -> dict[str, int]:
    return {rating.word: counted[rating] for rating in SHOWN_ORDER}


def _title(found: Sheet) -> str:
    day = found.summary.day
    if day is None:
        return "Every day until now"
    named = f"{_FIRST + timedelta(days=day):%A %d %B %Y}".replace(" 0", " ")
    if found.exact or found.over:
        return named
    if found.shown_until_ms is None:
        return f"{named}, nothing to show yet (figures move from {FEWEST} new answers on)"
    return f"{named}, as of {_local(found.shown_until_ms, found.zone):%H:%M}"


def _score_line(score: Score | None) -> str:
    if score is None:
        return "SLI: no answers yet, so no score"
    if score.reliability == "counts_only":
        return f"{score.name}: {score.n} answers are too few for a score"
    few = ", few answers" if score.reliability == "few_answers" else ""
    name = f" ({band(score.value)}{few})" if score.name == "SLI" else f" ({few[2:]})" if few else ""
    return f"{score.name} {score.value:.1f}{name}, 95 % between {score.low:.1f} and {score.high:.1f}"


def _ratings(counted: Mapping[Rating, int]) -> Iterator[str]:
    most = max(counted.values())
    for rating in SHOWN_ORDER:
        yield f"  {rating.word:<13}{counted[rating]:>6}  {_bar(counted[rating], most)}".rstrip()


def _hours(bars: Sequence[Bar]) -> Iterator[str]:
    if bars:
        yield "by the hour"
    most = max((bar.n or 0 for bar in bars), default=0)
    for bar in bars:
        n = f"fewer than {FEWEST}" if bar.n is None else f"{bar.n:>6}  {_bar(bar.n, most)}"
        yield f"  {bar.hour:02}:00        {n}"


def _bar(n: int, most: int) -> str:
    return "#" * -(-n * WIDEST // most) if most else ""


def _trend(summary: Summary) -> Iterator[str]:
    yield "until now" if summary.day is None else "up to this day"
    for name, days in SPANS.items():
        score = _pooled(summary.trend, days)
        yield f"  {name:<7}{0 if score is None else score.n:>6} counted, {_score_line(score)}"


def _reasons(found: Sheet) -> Iterator[str]:
    reasons = found.summary.reasons
    if reasons:
        yield "reasons"
    for reason in reasons:
        yield f"  {_text(found.survey, reason):<30} {reason.n} of {reason.of}"


def _waiting(found: Sheet) -> Iterator[str]:
    waiting = found.waiting
    if not waiting.answers:
        yield "Nothing waits to be sent."
        return
    since = "" if waiting.oldest_ms is None else f", the oldest for {_age(found.now_ms - waiting.oldest_ms)}"
    yield f"{waiting.answers} answers wait to be sent{since}; they are safe on this kiosk."


def _limits(summary: Summary) -> str:
    unsure = f"; of {summary.uncertain} the day is uncertain" if summary.uncertain else ""
    return f"This is what those say who chose to press, not every customer{unsure}."


def _said_of_time(found: Sheet) -> Iterator[str]:
    if not found.time_known:
        yield "The kiosk does not know the time: days and hours are those of its own clock until a network tells it."
    if found.summary.spoiled:
        yield f"{found.summary.spoiled} answers are not as they were written, and are not counted."
    if found.exact and found.trouble:
        yield f"All answers were read: {found.trouble}."


def _age(ms: int) -> str:
    hours = max(0, ms) // HOUR_MS
    if hours < 1:
        return "less than an hour"
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _iso(day: int) -> str:
    return (_FIRST + timedelta(days=day)).isoformat()


def _local(utc_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(utc_ms // 1000, UTC).astimezone(zone)


def _stamp(utc_ms: int | None, zone: ZoneInfo) -> str | None:
    return None if utc_ms is None else _local(utc_ms, zone).isoformat()
