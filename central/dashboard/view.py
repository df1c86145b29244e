"""Everything one page shows, read in one go and put into words; the templates only lay it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from central.dashboard import words
from central.dashboard.comparison import Comparison, comparison
from central.dashboard.kiosks import Fleet, fleet
from central.dashboard.labels import ReasonList, labels, reason_lists
from central.dashboard.shown import Shown, shown
from central.dashboard.trend import Trend, trend
from central.fleet.refusals import Since, none_known
from central.scores import carried, periods, queries
from central.scores.periods import Period
from central.scores.queries import MOST_BRANCHES, Branch, Slot
from central.scores.report import Key, Report, Row, Tally, added, listed, report, tallied
from feedback import scores
from feedback.day_counts import DayCounts
from feedback.ratings import SHOWN_ORDER

PERIODS = (7, 30, 90)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LINE, _PILL = 90, 4
"""Letters on the line of branches, and what a name needs beside its own."""
_SATISFIED = ("excellent", "good")
_DISSATISFIED = ("bad", "unacceptable")


@dataclass(frozen=True, slots=True)
class Level:
    """One rating of the five, with its count."""

    word: str
    n: str
    part: float
    percent: str


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day."""

    hour: int
    good: int
    neutral: int
    bad: int
    sli: Shown

    @property
    def good_said(self) -> str:
        return words.short_count(self.good)

    @property
    def bad_said(self) -> str:
        return words.short_count(self.bad)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the customer's way."""

    name: str
    sli: Shown


@dataclass(frozen=True, slots=True)
class CarriedDay:
    """A day's counts that somebody carried here on a phone, until the answers arrive."""

    kiosk: str
    branch: str
    day: str
    until: str
    counted: str
    set_aside: str
    sli: str


@dataclass(frozen=True, slots=True)
class Page:
    """The one page; ``branch`` None: all branches together."""

    branch: Branch | None
    branches: list[Branch]
    days: int
    span: str
    now: str
    sli: Shown
    others: list[Shown]
    levels: list[Level]
    trend: Trend
    hours: list[Hour]
    stages: list[Stage]
    reasons: list[ReasonList]
    comparison: Comparison
    fleet: Fleet
    carried: list[CarriedDay]
    meaning: str

    @property
    def title(self) -> str:
        return self.branch.name if self.branch else "All branches"

    @property
    def names_fit(self) -> bool:
        """Whether the branches' names have room beside each other on one line."""
        return sum(len(branch.name) + _PILL for branch in self.branches) <= _LINE

    def link(self, branch_id: str | None = None, days: int | None = None) -> str:
        """The address of this page for another branch or period; an empty *branch_id* is all branches."""
        here = self.branch.id if self.branch else ""
        branch = here if branch_id is None else branch_id
        asked = ({"branch": branch} if branch else {}) | {"days": str(days or self.days)}
        return "/?" + urlencode(asked)


def page(
    connection: Connection, branch_id: str, days: int, now_ms: int, refused: Since = none_known
) -> Page | None:
    """The page of a branch, or of all when *branch_id* is empty; None if there is no such branch."""
    branches = sorted(queries.branches_after(connection, "", MOST_BRANCHES), key=_by_name)
    branch = queries.branch(connection, branch_id) if branch_id else None
    if branch_id and branch is None:
        return None
    zones = {branch.zone} if branch else queries.zones(connection)
    today = periods.today(now_ms, zones)
    period = Period(today - timedelta(days=days - 1), today)
    slots = queries.slots(connection, period, branch.id if branch else None)
    by_day = tallied(Row(slot.day, slot.cell, slot.n) for slot in slots)
    total = report(added(by_day.values()))
    answered = zip(period.days, (one for _, one in _reports(by_day, period)), strict=True)
    return Page(
        branch=branch,
        branches=branches,
        days=days,
        span=words.span(period.first, period.last),
        now=words.clock(now_ms, ZoneInfo(zones.pop())) if len(zones) == 1 else "",
        sli=shown(total.sli),
        others=[shown(one) for one in (total.csat, total.ces, total.nps) if one.n or one.set_aside],
        levels=_levels(total),
        trend=trend(answered, today),
        hours=_hours(slots),
        stages=_stages(slots),
        reasons=reason_lists(total.reasons, labels(connection)),
        comparison=comparison(connection, branches, period),
        fleet=fleet(connection, branch.id if branch else None, now_ms, refused),
        carried=_carried(connection, branch, branches, period),
        meaning=_meaning(total),
    )


def _carried(
    connection: Connection, branch: Branch | None, branches: list[Branch], period: Period
) -> list[CarriedDay]:
    names = {one.id: one.name for one in branches}
    first, last = periods.number(period.first), periods.number(period.last)
    return [
        _carried_day(one.counts, names)
        for one in carried.provisional(connection, branch.id if branch else None, first, last)
    ]


def _carried_day(counts: DayCounts, names: Mapping[str, str]) -> CarriedDay:
    minutes = counts.before * 15
    sli = scores.sli(counts.counted)
    shown_sli = words.figure(sli.value) if sli and sli.reliability != "counts_only" else "–"
    return CarriedDay(
        kiosk=counts.kiosk,
        branch=names.get(counts.branch, counts.branch),
        day=words.long_day(date.fromordinal(_EPOCH_DAY + counts.day)),
        until="the whole day" if minutes >= 24 * 60 else f"until {minutes // 60:02}:{minutes % 60:02}",
        counted=words.count(counts.n),
        set_aside=words.count(counts.set_aside),
        sli=shown_sli,
    )


def _by_name(branch: Branch) -> tuple[str, str]:
    return branch.name.casefold(), branch.id


def _reports(tallies: Mapping[Key, Tally], period: Period) -> list[tuple[Key, Report]]:
    return listed(tallies, [periods.number(day) for day in period.days])


def _levels(total: Report) -> list[Level]:
    n = total.sli.n
    counts = [(rating.word, total.sli.counts[rating.word]) for rating in SHOWN_ORDER]
    return [
        Level(word, words.count(one), round(100 * one / n, 2) if n else 0, words.percent(one, n))
        for word, one in counts
    ]


def _hours(slots: list[Slot]) -> list[Hour]:
    tallies = tallied(Row(slot.hour, slot.cell, slot.n) for slot in slots)
    reports = [(int(hour), one) for hour, one in listed(tallies, range(24))]
    open_hours = [hour for hour, one in reports if one.sli.n]
    if not open_hours:
        return []
    return [_hour(hour, one) for hour, one in reports[open_hours[0] : open_hours[-1] + 1]]


def _hour(hour: int, one: Report) -> Hour:
    neutral = one.sli.counts["neutral"]
    return Hour(hour, _sum(one, _SATISFIED), neutral, _sum(one, _DISSATISFIED), shown(one.sli))


def _stages(slots: list[Slot]) -> list[Stage]:
    tallies = tallied(Row(slot.stage, slot.cell, slot.n) for slot in slots)
    reports = listed(tallies, sorted(tallies, key=str))
    return [Stage(words.plain(str(name)).capitalize(), shown(one.sli)) for name, one in reports]


def _sum(one: Report, levels: tuple[str, ...]) -> int:
    return sum(one.sli.counts[level] for level in levels)


def _meaning(total: Report) -> str:
    """What the answers say of those who gave them, in one sentence."""
    n = total.sli.n
    if n == 0:
        return "Nobody answered in these days."
    if total.sli.reliability == "counts_only":
        return f"{n} answered: too few to say how customers are."
    good, bad = _sum(total, _SATISFIED), _sum(total, _DISSATISFIED)
    answers = f"{words.count(n)} answers"
    if 2 * good > n:
        share = words.percent(good, n)
        return f"Most people who answered were satisfied: {share} of {answers} are Excellent or Good."
    if 2 * bad > n:
        share = words.percent(bad, n)
        return f"Most people who answered were not satisfied: {share} of {answers} are Bad or Unacceptable."
    return (
        f"People who answered are divided: of {answers}, {words.percent(good, n)} are Excellent or Good "
        f"and {words.percent(bad, n)} Bad or Unacceptable."
    )
