"""A day's counts carried by phone: provisional, never added, and gone when the answers arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from central.scores import carried
from central.store.database import reading
from feedback import day_counts
from feedback.day_counts import DayCounts
from feedback.ratings import Rating
from tests.central.device import BAKU_DAY, STORE, Central, Device, delivery, rating, serving

DEADLINE_S = 20
SECRET = bytes(range(32))
COUNTED = {
    Rating.EXCELLENT: 8,
    Rating.GOOD: 2,
    Rating.NEUTRAL: 0,
    Rating.BAD: 1,
    Rating.UNACCEPTABLE: 1,
}
DAY = DayCounts("b12", "k-1", BAKU_DAY, 66, COUNTED, 3, ((STORE, 12),))


@pytest.fixture
def central(folder: Path) -> Iterator[Central]:
    with serving(folder) as central:
        yield central


@pytest.fixture
def kiosk(central: Central) -> Device:
    return central.enrolled(secret=SECRET)


def page(central: Central, code: str, status: int = 200, method: str = "GET") -> str:
    reply = requests.request(
        method, f"{central.url}/d/{code}", headers={"Accept-Language": "en"}, timeout=DEADLINE_S
    )
    assert reply.status_code == status, reply.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", reply.text))


def hand_in(central: Central, kiosk: Device, counts: DayCounts = DAY, status: int = 200) -> str:
    return page(central, day_counts.encoded(counts, kiosk.screen_secret), status, "POST")


def provisional(central: Central) -> list[DayCounts]:
    with reading(central.store) as connection:
        return [one.counts for one in carried.provisional(connection, "b12", BAKU_DAY - 29, BAKU_DAY)]


def test_the_page_shows_what_the_kiosk_shows_and_keeps_nothing_yet(central: Central, kiosk: Device) -> None:
    text = page(central, day_counts.encoded(DAY, kiosk.screen_secret))

    assert "2026-09-21 , as of 16:30" in text
    assert "62.5 SLI (few answers)" in text
    assert "12 counted" in text
    assert "3 set aside" in text
    assert not provisional(central)


def test_handed_in_counts_are_provisional_and_in_no_count(central: Central, kiosk: Device) -> None:
    assert "Handed in" in hand_in(central, kiosk)

    assert provisional(central) == [DAY]
    assert central.counts() == {}


def test_the_answers_replace_them_when_the_last_of_them_has_arrived(central: Central, kiosk: Device) -> None:
    hand_in(central, kiosk)

    kiosk.sync(delivery(*(rating(seq) for seq in range(1, 12))))
    assert provisional(central) == [DAY]

    kiosk.sync(delivery(rating(12)))
    assert provisional(central) == []
    assert "Central has all of these answers already" in hand_in(central, kiosk)


def test_later_figures_of_the_day_replace_earlier_ones_and_never_the_reverse(
    central: Central, kiosk: Device
) -> None:
    later = replace(DAY, before=70, counted=COUNTED | {Rating.GOOD: 7}, stores=((STORE, 17),))

    hand_in(central, kiosk)
    assert "Handed in" in hand_in(central, kiosk, later)
    assert "handed in before" in hand_in(central, kiosk, DAY)
    assert "handed in before" in hand_in(central, kiosk, later)
    assert provisional(central) == [later]


def test_altered_counts_and_those_of_another_kiosk_are_refused(central: Central, kiosk: Device) -> None:
    code = day_counts.encoded(DAY, kiosk.screen_secret)
    altered = [
        code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :] for at in range(0, len(code), 7)
    ]

    for wrong in altered:
        assert "This code is not complete" in page(central, wrong, 404, "POST")
    for foreign in (replace(DAY, kiosk="k-2"), replace(DAY, branch="b13")):
        hand_in(central, kiosk, foreign, status=404)
    assert not provisional(central)


def test_a_day_that_has_not_come_yet_is_refused(central: Central, kiosk: Device) -> None:
    hand_in(central, kiosk, replace(DAY, day=BAKU_DAY + 40), status=404)

    assert not provisional(central)


def test_fewer_than_ten_answers_have_no_score_here_either(central: Central, kiosk: Device) -> None:
    few = replace(DAY, counted=dict.fromkeys(Rating, 1))

    text = page(central, day_counts.encoded(few, kiosk.screen_secret))

    assert "too few for a score" in text
    assert "SLI" not in text
