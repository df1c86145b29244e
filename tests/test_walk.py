"""The walk: one rating from the finger to the branch's score, on real parts."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from feedback.answers import Outcome
from feedback.ratings import Kind, Rating
from kiosk.storage.reading import AnswersReader
from scripts.demonstration import central_view
from scripts.demonstration.day import BUTTON_PINS
from scripts.demonstration.stage import staged
from tests.stage import OFF_SCREEN, arrived, press, running

pytestmark = pytest.mark.screen

ANOTHER_CUSTOMER = "wait 5.1"
"""Within five seconds the second press would be the first customer's correction."""


def test_a_pin_goes_low_and_a_finger_lands_and_both_count_in_the_branchs_score(tmp_path: Path) -> None:
    """
    A customer presses the button for Excellent and says what it was about, another touches Bad and does not: all of
    it comes back from central's API as it is on the kiosk's disk, and the branch's SLI is that of the two ratings.
    """
    with (
        staged(tmp_path / "stage", OFF_SCREEN) as stage,
        running(stage.kiosk("agent", "sync", "--splay", "0")),
    ):
        first = f"pin {BUTTON_PINS[Rating.EXCELLENT]}", "answer 2"
        press(stage, *first, ANOTHER_CUSTOMER, f"touch {Rating.BAD.word}", "key skip")
        on_disk = AnswersReader(stage.answers_db).answers(1, 100)
        at_central = arrived(stage)
        sli, n = central_view.branch_sli(stage)

    assert [(Rating.EXCELLENT, "button"), (Rating.BAD, "touch")] == [
        (Rating(answer.value), answer.source.name.lower())
        for answer in on_disk.answers
        if answer.ask.kind is Kind.RATING
    ]
    assert [
        (
            base64.b64encode(on_disk.store).decode(),
            answer.seq,
            answer.ask.kind.value,
            answer.ask.question,
            answer.ask.language,
            answer.value,
        )
        for answer in on_disk.answers
    ] == [
        (row["store"], row["seq"], row["kind"], row["question"], row["language"], row["value"])
        for row in at_central
    ]
    assert [("visit", 5), ("about", 2), ("", Outcome.ANSWERED), ("visit", 2), ("", Outcome.SKIPPED)] == [
        (answer.ask.question, answer.value) for answer in on_disk.answers
    ]
    assert [1, 1, 1, 4, 4] == [answer.response for answer in on_disk.answers]
    assert (25.0, 2) == (sli, n)
