"""The settings document: what it says, and one sentence for everything it cannot mean."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.errors import SettingsError
from feedback.hours import Schedule
from feedback.settings_document import NONE_YET, parse

DOCUMENT: dict[str, Any] = {
    "version": 7,
    "zone": "Asia/Baku",
    "hours": [
        {
            "from": "2026-11-01",
            "week": {"mon": ["09:00-13:00", "14:00-18:00"], "sat": ["20:00-24:00"], "sun": ["00:00-02:00"]},
            "except": {"2026-12-31": ["09:00-14:00"], "2027-01-01": []},
        },
        {"from": "2027-02-01", "week": {}},
    ],
}
NOVEMBER, NEW_YEARS_EVE, FEBRUARY = 20_758, 20_818, 20_850


def changed(path: str, value: Any) -> bytes:
    """The document with *value* at *path*, such as ``hours.0.from``."""
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    *names, last = path.split(".")
    for name in names:
        place = place[int(name)] if name.isdigit() else place[name]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(document).encode()


def test_a_document_is_read() -> None:
    """Days are civil days since 1970, times are minutes of the day."""
    found = parse(json.dumps(DOCUMENT).encode(), "settings.json")

    monday, saturday, sunday = ((540, 780), (840, 1080)), ((1200, 1440),), ((0, 120),)
    assert (7, ZoneInfo("Asia/Baku")) == (found.version, found.zone)
    assert (
        Schedule(
            NOVEMBER,
            (monday, (), (), (), (), saturday, sunday),
            {NEW_YEARS_EVE: ((540, 840),), NEW_YEARS_EVE + 1: ()},
        ),
        Schedule(FEBRUARY, ((),) * 7),
    ) == found.hours.schedules


def test_without_hours_a_branch_is_always_open() -> None:
    found = parse(b'{"version": 1, "zone": "Europe/Berlin"}', "settings.json")

    assert () == found.hours.schedules
    assert 0 == NONE_YET.version


def test_what_a_newer_central_adds_is_left_alone_and_a_slip_of_a_person_is_named() -> None:
    body = changed("hours.0.exept", {})

    assert 2 == len(parse(body, "settings.json").hours.schedules)
    with pytest.raises(SettingsError, match=r"unknown key 'exept': expected only except, from, week"):
        parse(body, "b12.json", strict=True)
    with pytest.raises(SettingsError, match=r"unknown key 'colours'"):
        parse(changed("colours", True), "b12.json", strict=True)


WRONG = {
    "no object": (b"[]", "the document: expected an object with version and zone"),
    "no JSON": (b"{", "is not JSON"),
    "too deep": (b"[" * 100_000, "is not JSON"),
    "no zone": (b'{"version": 1}', "'zone' is missing"),
    "a version of words": (changed("version", "7"), "version = '7': expected a whole number"),
    "version 0": (changed("version", 0), "version = 0"),
    "a version that is true": (changed("version", True), "version = True"),
    "a zone unknown": (changed("zone", "Asia/Atlantis"), "zone = 'Asia/Atlantis': expected a time zone"),
    "a zone that is a path": (changed("zone", "../etc/passwd"), "zone = '../etc/passwd'"),
    "a zone that is a number": (changed("zone", 4), "zone = 4"),
    "hours in an object": (changed("hours", {}), "hours: expected a list"),
    "hours without a date": (changed("hours.1", {"week": {}}), "hours[1]: 'from' is missing"),
    "hours that are none": (changed("hours.1", 5), "hours[1]: expected an object with from and week"),
    "a date in words": (
        changed("hours.0.from", "1 November"),
        "hours[0].from: '1 November': expected a date",
    ),
    "a date without dashes": (changed("hours.0.from", "20261101"), "hours[0].from: '20261101'"),
    "a day that never was": (changed("hours.0.from", "2026-02-30"), "hours[0].from: '2026-02-30'"),
    "dates that do not grow": (
        changed("hours.1.from", "2026-11-01"),
        "hours[1].from = '2026-11-01': expected a later date",
    ),
    "a day written out": (
        changed("hours.0.week", {"monday": []}),
        "hours[0].week: expected an object with some of mon",
    ),
    "a week that is a list": (changed("hours.0.week", []), "hours[0].week: expected an object"),
    "a day that is no list": (
        changed("hours.0.week.mon", "09:00-18:00"),
        "hours[0].week.mon: expected a list",
    ),
    "hours with a dot": (
        changed("hours.0.week.mon", ["9.00-18.00"]),
        "hours[0].week.mon: '9.00-18.00': expected",
    ),
    "past midnight": (changed("hours.0.week.mon", ["20:00-02:00"]), "past midnight: two times"),
    "25 o'clock": (changed("hours.0.week.mon", ["20:00-25:00"]), "'20:00-25:00'"),
    "24:30": (changed("hours.0.week.mon", ["20:00-24:30"]), "'20:00-24:30'"),
    "no time at all": (changed("hours.0.week.mon", ["09:00-09:00"]), "'09:00-09:00'"),
    "a number": (changed("hours.0.week.mon", [9]), "hours[0].week.mon: 9"),
    "times that overlap": (
        changed("hours.0.week.mon", ["09:00-13:00", "12:00-18:00"]),
        "'12:00-18:00': expected a time that begins after",
    ),
    "exceptions in a list": (changed("hours.0.except", []), "hours[0].except: expected open times by date"),
    "an exception in words": (changed("hours.0.except", {"New Year": []}), "hours[0].except: 'New Year'"),
    "an exception before its hours": (
        changed("hours.0.except", {"2026-10-31": []}),
        "hours[0].except.2026-10-31: expected a date at which these hours hold (from 2026-11-01 to before 2027-02-01)",
    ),
    "an exception after its hours": (
        changed("hours.0.except", {"2027-02-01": []}),
        "hours[0].except.2027-02-01: expected a date at which these hours hold",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_one_sentence(name: str) -> None:
    """It names the file, the key, and what was expected."""
    body, said = WRONG[name]
    with pytest.raises(SettingsError) as refused:
        parse(body, "settings.json")

    sentence = str(refused.value)
    assert sentence.startswith("settings.json: ")
    assert said in sentence
    assert "expected" in sentence
    assert "\n" not in sentence


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(
        [
            "version",
            "zone",
            "hours",
            "hours.0",
            "hours.0.from",
            "hours.0.week",
            "hours.0.week.mon",
            "hours.0.except",
        ]
    ),
    VALUES,
)
def test_whatever_stands_there_it_is_read_or_refused_in_a_sentence(path: str, value: Any) -> None:
    with suppress(SettingsError):
        assert parse(changed(path, value), "settings.json").version >= 1


def test_what_an_idle_screen_shows_is_read() -> None:
    found = parse(
        json.dumps(
            DOCUMENT
            | {
                "night": "20:00-07:00",
                "sound": False,
                "we_did": {"en": "You asked for seats.", "zh-Hans": "您要座位。"},
            }
        ).encode(),
        "settings.json",
        strict=True,
    )
    assert ((1200, 420), False) == (found.night, found.sound)
    assert {"en": "You asked for seats.", "zh-Hans": "您要座位。"} == found.we_did


def test_nothing_said_is_no_night_a_sound_and_no_text() -> None:
    found = parse(json.dumps(DOCUMENT).encode(), "settings.json")
    assert (None, True, {}) == (found.night, found.sound, found.we_did)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("night", "20:00", r'night: \'20:00\': expected one time such as "20:00-07:00"'),
        ("night", "07:00-07:00", r"night: .*: expected one time"),
        ("night", "00:00-24:00", r"night: .*: expected one time"),
        ("night", "24:00-07:00", r"night: .*: expected one time"),
        ("night", ["20:00-07:00"], r"night: .*: expected one time"),
        ("sound", 1, r"sound = 1: expected true or false"),
        ("we_did", "Seats.", r"we_did: expected a text for each language"),
        ("we_did", {"English": "Seats."}, r"we_did.English: expected a language's code"),
        ("we_did", {"en": ""}, r"we_did.en = '': expected one line of text"),
        ("we_did", {"en": "Seats\nand tea"}, r"we_did.en = .*: expected one line of text"),
        ("we_did", {"en": "s" * 91}, r"we_did.en: 91 characters: expected at most 90"),
    ],
)
def test_an_idle_screen_that_cannot_be_shown_is_one_sentence(key: str, value: Any, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        parse(json.dumps(DOCUMENT | {key: value}).encode(), "b12.json")
