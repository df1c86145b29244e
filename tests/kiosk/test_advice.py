"""What a technician is told to do: one sentence for each thing, and none where all is well."""

from __future__ import annotations

import pytest

from kiosk import advice
from kiosk.advice import HeldDocument


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    assert not [
        *advice.of_the_link("", 0, ever=True),
        *advice.of_documents_refused([HeldDocument("survey", 4, 4)]),
        *advice.of_the_clock(2),
        *advice.of_the_card(1_000_000, 4_000),
    ]


@pytest.mark.parametrize(
    ("answers", "days", "words"), [(0, 0, "the card is full"), (5_000, 3, "the card is nearly full")]
)
def test_a_full_card_is_said_before_and_when_it_is(answers: int, days: int, words: str) -> None:
    (sentence,) = advice.of_the_card(answers, days)

    assert words in sentence


def test_an_agent_that_never_ran_is_looked_for() -> None:
    assert ["to do: see that `kiosk sync` runs on this kiosk"] == list(advice.of_the_link("", 0, ever=False))


def test_a_document_on_its_way_is_no_trouble() -> None:
    assert ["survey: version 4; version 5 is on its way"] == list(
        advice.of_documents([HeldDocument("survey", 4, 5)])
    )
    assert ["survey: none of central's yet"] == list(advice.of_documents([HeldDocument("survey", 0, 0)]))
