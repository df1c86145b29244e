"""The branch's settings document: what the company decides for a branch, and every kiosk of it follows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from feedback import staff_pin
from feedback.errors import SettingsError
from feedback.hours import DAY_NAMES, Hours, Periods, Schedule

ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PERIOD = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])")
FULL_DAY = 24 * 60
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
WE_DID_CHARACTERS = 90
"""As many fit on one line below the faces of a 10 inch panel, or on two in the widest languages."""
DOCUMENT_KEYS = frozenset({"version", "zone", "hours", "night", "sound", "we_did", "pin", "by_phone"})
HOURS_KEYS = frozenset({"from", "week", "except"})
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


@dataclass(frozen=True)
class BranchSettings:
    """
    What a branch's settings document says.

    Attributes:
        version: Grows with every change, over all branches of the company; 0: there is no document yet.
        zone: The branch's time zone: its civil days are the branch's days.
        hours: Its service hours.
        night: From which minute of the day to which its screens are dark, past midnight if the first is the later
            one; None: by day and by night alike.
        sound: A press is heard, where the kiosk has something to sound it with.
        we_did: *You said, we did*, by language: one short line on the welcome screen.
        pin: Hash of the PIN that opens the figures to branch staff; empty: nothing opens them.
        by_phone: The thank-you offers a code with which a customer goes on by phone.
    """

    version: int
    zone: ZoneInfo
    hours: Hours
    night: tuple[int, int] | None = None
    sound: bool = True
    we_did: Mapping[str, str] = field(default_factory=dict)
    pin: str = ""
    by_phone: bool = False


NONE_YET = BranchSettings(0, ZoneInfo("UTC"), Hours())
"""What holds until a document has come: days of UTC, always open."""


def parse(body: bytes, where: str, *, strict: bool = False) -> BranchSettings:
    """
    The settings written as JSON in *body*; *where* names their origin in every error.

    A key this release does not know is left alone, because central may be newer. Where a person wrote the document it
    is a slip, and *strict* says so.

    Raises:
        SettingsError: With one sentence that names the origin, the key and what was expected.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where}: is not JSON ({error}); expected a settings document") from None
    return _Reader(where, strict=strict).settings(document)


class _Reader:
    """Reads a parsed document and says in one sentence what is wrong with it."""

    def __init__(self, where: str, *, strict: bool) -> None:
        self._where = where
        self._strict = strict

    def settings(self, document: Any) -> BranchSettings:
        self._object("the document", document, {"version", "zone"}, DOCUMENT_KEYS)
        version = document["version"]
        if type(version) is not int or not 1 <= version < 2**31:
            raise self._wrong(f"version = {version!r}", f"a whole number from 1 to {2**31 - 1}")
        return BranchSettings(
            version,
            self._zone(document["zone"]),
            self._hours(document.get("hours", [])),
            self._night(document.get("night")),
            self._truth("sound", document.get("sound", True)),
            self._we_did(document.get("we_did", {})),
            self._pin(document.get("pin", "")),
            self._truth("by_phone", document.get("by_phone", False)),
        )

    def _truth(self, key: str, raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise self._wrong(f"{key} = {raw!r}", "true or false")
        return raw

    def _pin(self, raw: Any) -> str:
        if isinstance(raw, str) and (not raw or staff_pin.is_hash(raw)):
            return raw
        raise self._wrong("pin", "what `central pin` has made; a PIN in clear has no place in a document")

    def _night(self, raw: Any) -> tuple[int, int] | None:
        if raw is None:
            return None
        found = PERIOD.fullmatch(raw) if isinstance(raw, str) else None
        if found:
            start, end = _minutes(found)
            if start < FULL_DAY and end <= FULL_DAY and start != end % FULL_DAY:
                return start, end
        raise self._wrong(
            f"night: {raw!r}", 'one time such as "20:00-07:00", past midnight if it begins later'
        )

    def _we_did(self, raw: Any) -> Mapping[str, str]:
        if not isinstance(raw, dict):
            raise self._wrong(
                "we_did", 'a text for each language, such as {"en": "You asked for seats. Here they are."}'
            )
        return {self._language(name): self._line(f"we_did.{name}", text) for name, text in raw.items()}

    def _language(self, name: str) -> str:
        if not LANGUAGE.fullmatch(name):
            raise self._wrong(f"we_did.{name}", 'a language\'s code such as "en" in front of its text')
        return name

    def _line(self, key: str, text: Any) -> str:
        if not isinstance(text, str) or not text.strip() or not text.isprintable():
            raise self._wrong(f"{key} = {text!r}", "one line of text; leave the language out for none")
        if len(text) > WE_DID_CHARACTERS:
            raise self._wrong(
                f"{key}: {len(text)} characters", f"at most {WE_DID_CHARACTERS}, one line on the screen"
            )
        return text

    def _zone(self, raw: Any) -> ZoneInfo:
        try:
            if isinstance(raw, str) and ZONE.fullmatch(raw):
                return ZoneInfo(raw)
        except (KeyError, ValueError, OSError):
            pass
        raise self._wrong(f"zone = {raw!r}", 'a time zone this machine knows, such as "Asia/Baku"')

    def _hours(self, raw: Any) -> Hours:
        if not isinstance(raw, list):
            raise self._wrong(
                "hours", 'a list such as [{"from": "2026-11-01", "week": {…}}]; none: always open'
            )
        schedules: list[Schedule] = []
        for at, one in enumerate(raw):
            key = f"hours[{at}]"
            self._object(key, one, {"from", "week"}, HOURS_KEYS)
            since = self._day(f"{key}.from", one["from"])
            if schedules and since <= schedules[-1].since:
                raise self._wrong(
                    f"{key}.from = {one['from']!r}", "a later date than that of the hours before"
                )
            week = self._week(f"{key}.week", one["week"])
            schedules.append(Schedule(since, week, self._exceptions(f"{key}.except", one.get("except", {}))))
        self._exceptions_hold(schedules)
        return Hours(tuple(schedules))

    def _week(self, key: str, raw: Any) -> tuple[Periods, ...]:
        if not isinstance(raw, dict) or not raw.keys() <= set(DAY_NAMES):
            # Also where unknown keys are left alone: "monday" would leave Monday closed.
            raise self._wrong(key, f"an object with some of {', '.join(DAY_NAMES)}; a day left out is closed")
        return tuple(self._periods(f"{key}.{name}", raw.get(name, [])) for name in DAY_NAMES)

    def _exceptions(self, key: str, raw: Any) -> Mapping[int, Periods]:
        if not isinstance(raw, dict):
            raise self._wrong(key, 'open times by date, such as {"2026-12-31": ["09:00-14:00"]}')
        return {self._day(key, name): self._periods(f"{key}.{name}", one) for name, one in raw.items()}

    def _exceptions_hold(self, schedules: list[Schedule]) -> None:
        """An exception at a date where other hours hold would do nothing, and was meant to do something."""
        for at, one in enumerate(schedules):
            until = schedules[at + 1].since if at + 1 < len(schedules) else None
            for day in one.exceptions:
                if day < one.since or (until is not None and day >= until):
                    span = f"from {_date(one.since)}" + (f" to before {_date(until)}" if until else "")
                    raise self._wrong(
                        f"hours[{at}].except.{_date(day)}", f"a date at which these hours hold ({span})"
                    )

    def _periods(self, key: str, raw: Any) -> Periods:
        if not isinstance(raw, list):
            raise self._wrong(key, 'a list of times such as ["09:00-13:00", "14:00-18:00"]; [] is closed')
        periods: list[tuple[int, int]] = []
        for one in raw:
            period = self._period(key, one)
            if periods and period[0] < periods[-1][1]:
                raise self._wrong(f"{key}: {one!r}", "a time that begins after the one before has ended")
            periods.append(period)
        return tuple(periods)

    def _period(self, key: str, raw: Any) -> tuple[int, int]:
        found = PERIOD.fullmatch(raw) if isinstance(raw, str) else None
        if found:
            start, end = _minutes(found)
            if start < end <= FULL_DAY:
                return start, end
        raise self._wrong(
            f"{key}: {raw!r}",
            'a time within one day such as "09:00-18:00" or "20:00-24:00" (past midnight: two times)',
        )

    def _day(self, key: str, raw: Any) -> int:
        try:
            if isinstance(raw, str) and DATE.fullmatch(raw):
                return date.fromisoformat(raw).toordinal() - _EPOCH_DAY
        except ValueError:
            pass
        raise self._wrong(f"{key}: {raw!r}", 'a date such as "2026-11-01"')

    def _object(self, key: str, raw: Any, required: set[str], known: frozenset[str]) -> None:
        if not isinstance(raw, dict):
            raise self._wrong(key, f"an object with {' and '.join(sorted(required))}")
        for name in sorted(required - raw.keys()):
            raise self._wrong(f"{key}: {name!r} is missing", f"all of {', '.join(sorted(required))}")
        for name in sorted(raw.keys() - known) if self._strict else ():
            raise self._wrong(f"{key}: unknown key {name!r}", f"only {', '.join(sorted(known))}")

    def _wrong(self, what: str, expected: str) -> SettingsError:
        return SettingsError(f"{self._where}: {what}: expected {expected}")


def _minutes(found: re.Match[str]) -> tuple[int, int]:
    """Both times of a PERIOD, as minutes from 00:00."""
    hours, minutes, end_hours, end_minutes = map(int, found.groups())
    return 60 * hours + minutes, 60 * end_hours + end_minutes


def _date(day: int) -> str:
    return date.fromordinal(day + _EPOCH_DAY).isoformat()
