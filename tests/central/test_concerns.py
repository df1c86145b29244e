"""What the list of kiosks tells people of one that is silent, refused, never heard of, wrong or full."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from central.fleet.concerns import LATE_S, SILENT_MS, Known, concerns
from central.fleet.refusals import LASTING_MS, MOST, Refusals, Refused
from tests.central.device import NOON_MS, Central, Device, delivery, rating

WELL = {
    "pending": 3,
    "oldest_s": 60,
    "database": "ok",
    "disk_free": 9 << 30,
    "clock_off_s": 1,
    "held": ["survey", 4],
}


def known(contact_ms: int | None = NOON_MS, state: str = "accepted", **status: Any) -> Known:
    return Known(state, contact_ms, WELL | status, {"survey": 4})


def test_of_a_kiosk_that_is_well_nothing_is_said() -> None:
    assert [] == concerns(known(), NOON_MS + 1_000)


@pytest.mark.parametrize(
    ("kiosk", "words"),
    [
        (Known("expected", None), "Never heard of: run `kiosk enrol`"),
        (Known("accepted", None), "Enrolled and not heard of since"),
        (known(NOON_MS - SILENT_MS - 1), "Silent: look whether it has power and a network"),
        (known(oldest_s=LATE_S + 1), "wait for over a day though it calls"),
        (known(database="unreadable"), "run `kiosk doctor`"),
        (known(disk_free=120 << 20), "Its card has 120 MB left"),
        (known(clock_off_s=-3 * 365 * 86_400), "Its clock is 3 years behind"),
        (known(clock_off_s=7_200), "Its clock is 2 hours ahead"),
        (
            known(held=["survey", 3], document_trouble="no text for az"),
            "Its survey is version 3, not 4 (no text for az)",
        ),
        (known(held=["survey", 0], document_trouble="cut"), "Its survey is none at all, not 4 (cut)"),
    ],
)
def test_each_thing_wrong_is_one_sentence_with_what_to_do(kiosk: Known, words: str) -> None:
    (sentence,) = concerns(kiosk, NOON_MS + 1_000)

    assert words in sentence


@pytest.mark.parametrize("odd", [None, "x", -1, 2**70, [1], True, 1.5])
def test_whatever_a_kiosk_says_of_itself_the_list_can_be_read(odd: Any) -> None:
    for key in WELL:
        assert isinstance(concerns(known(**{key: odd}), NOON_MS + 1_000), list)


def test_a_refused_kiosk_is_named_until_it_is_let_in(central: Central, device: Device, read_key: str) -> None:
    """Its key is another than the one it enrolled with: it can tell nobody here but by being refused."""
    headers = {"Authorization": f"Bearer {read_key}"}

    def told() -> list[str]:
        (kiosk,) = requests.get(f"{central.url}/v1/kiosks", headers=headers, timeout=20).json()
        said: list[str] = kiosk["concerns"]
        return said

    assert (401, "signature") == Device(central, device.kiosk).sync(delivery(rating(1))).refusal
    (refused,) = told()
    page = requests.get(f"{central.url}/", headers=headers, timeout=20).text
    central.clock[0] += 60_000
    device.sync(delivery(rating(1), now=rating(1).moment))

    assert refused.startswith("Calls and is refused: its key is not the one it enrolled with: enrol it again")
    assert refused.split("`")[0] in page
    assert "<code>central code</code>" in page
    assert [] == told()


def test_the_refusals_remembered_are_bounded_and_end() -> None:
    refusals = Refusals()
    for at in range(MOST + 5):
        refusals.note(f"k-{at}", Refused(NOON_MS, 401, "no"))
    refusals.note("k" * 101, Refused(NOON_MS, 401, "no"))

    assert refusals.since("k-0", None, NOON_MS) is None
    assert refusals.since("k" * 101, None, NOON_MS) is None
    assert refusals.since("k-900", None, NOON_MS)
    assert refusals.since("k-900", NOON_MS + 1, NOON_MS + 2) is None
    assert refusals.since("k-900", None, NOON_MS + LASTING_MS + 1) is None
