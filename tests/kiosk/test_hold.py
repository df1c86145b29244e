"""A technician's hold from the buttons to the card: real buttons on mock pins, reception, recorder, rules."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from feedback.answers import Anchor, Answer, Moment, Outcome, Place, SealedText, Source
from feedback.misuse import Rule, set_aside
from feedback.presses import given, opening_presses
from feedback.ratings import SHOWN_ORDER, Kind, Rating
from kiosk.hardware import pins
from kiosk.hardware.buttons import Buttons
from kiosk.reception import HELD_WITHIN_MS, Reception, Standing
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.visit import Screen
from tests.kiosk.test_reception import SURVEY

PINS = dict(zip(SHOWN_ORDER, (5, 6, 13, 19, 26), strict=True))
OUTERMOST = (Rating.EXCELLENT, Rating.UNACCEPTABLE)


@dataclass
class Clock:
    now_ms: int = 1_000

    def moment(self) -> Moment:
        return Moment("boot", self.now_ms, self.now_ms)

    def anchor(self) -> Anchor | None:
        return None


@dataclass
class Held:
    """The slow card: what is put waits until the test lets it through."""

    recorder: Recorder
    open: bool = True
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[[Sequence[Answer]], None],
        failed: Callable[[Exception], None],
        *,
        texts: Sequence[SealedText] = (),
    ) -> None:
        def through() -> None:
            self.recorder.put(answers, stored, failed, texts=texts)

        if self.open:
            through()
        else:
            self.waiting.append(through)

    def let_through(self) -> None:
        self.open = True
        for through in self.waiting:
            through()


@dataclass
class Kiosk:
    """A kiosk without a window; ``run`` is what its thread does."""

    path: Path
    recorder: Recorder
    clock: Clock = field(default_factory=Clock)
    soon: queue.SimpleQueue[Callable[[], None]] = field(default_factory=queue.SimpleQueue)
    card: Held = field(init=False)
    reception: Reception = field(init=False)

    def __post_init__(self) -> None:
        self.card = Held(self.recorder)
        standing = Standing(Place("b12", "exit-1"), SURVEY)
        self.reception = Reception(standing, self.card, self.clock, self.soon.put)

    def run(self) -> None:
        """Until nothing is left to do, on the card either."""
        self.recorder.drain()
        while not self.soon.empty():
            self.soon.get()()
            self.recorder.drain()

    def press(self, *ratings: Rating, source: Source = Source.BUTTON) -> None:
        for rating in ratings:
            self.reception.press(rating, source)
            self.run()

    def hold(self, *ratings: Rating, after_ms: int = 5_000) -> None:
        self.clock.now_ms += after_ms
        self.reception.held(ratings)
        self.run()

    def stored(self) -> list[Answer]:
        return list(AnswersReader(self.path).answers(1, 1_000).answers)

    def holds(self) -> list[tuple[int, int]]:
        """(seq, response) of every outcome HELD."""
        return [
            (one.seq, one.response)
            for one in self.stored()
            if one.ask.kind is Kind.OUTCOME and one.value == Outcome.HELD
        ]

    def aside(self) -> dict[int, Rule]:
        return set_aside(opening_presses(given(answer) for answer in self.stored()))


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress("http://127.0.0.1:1", "ab" * 32),
        Files(tmp_path / "state"),
    )
    prepare_answers(settings)
    clock = Clock()
    recorder = Recorder(settings.answers_db, clock)
    yield Kiosk(settings.answers_db, recorder, clock)
    recorder.stop()


def test_two_presses_that_turn_out_to_be_a_hold_are_service(kiosk: Kiosk) -> None:
    """They are stored when the buttons go down; five seconds later each gets a HELD outcome of its own response."""
    kiosk.press(*OUTERMOST)
    before = kiosk.stored()
    kiosk.hold(*OUTERMOST)

    assert before == kiosk.stored()[: len(before)]
    assert [(5, 1), (6, 3)] == kiosk.holds()
    assert {1: Rule.SERVICE, 3: Rule.SERVICE} == kiosk.aside()
    assert {6_000} == {one.moment.boot_ms for one in kiosk.stored()[4:]}


def test_a_hold_shows_nothing_and_thanks_nobody(kiosk: Kiosk) -> None:
    kiosk.press(*OUTERMOST)
    for passed_ms in (500, 3_000):
        kiosk.clock.now_ms += passed_ms
        kiosk.reception.tick()
    seen = kiosk.reception.visit
    thanked: list[Sequence[Answer]] = []
    kiosk.reception.thanked.append(thanked.append)
    kiosk.hold(*OUTERMOST, after_ms=1_500)

    assert Screen.WELCOME is seen.screen
    assert seen == kiosk.reception.visit
    assert [] == thanked
    assert 2 == len(kiosk.holds())


def test_customers_before_beside_and_after_a_hold_count(kiosk: Kiosk) -> None:
    """One taps the screen while the technician holds: the same face, and still another's."""
    kiosk.press(Rating.EXCELLENT)
    kiosk.clock.now_ms += 60_000
    kiosk.press(*OUTERMOST)
    kiosk.clock.now_ms += 2_000
    kiosk.press(Rating.NEUTRAL, source=Source.TOUCH)
    kiosk.hold(*OUTERMOST, after_ms=3_000)
    kiosk.clock.now_ms += 60_000
    kiosk.press(Rating.EXCELLENT)

    assert [3, 5] == [response for _, response in kiosk.holds()]
    assert {3: Rule.SERVICE, 5: Rule.SERVICE} == kiosk.aside()


def test_the_press_on_the_screen_is_not_the_buttons(kiosk: Kiosk) -> None:
    kiosk.press(*OUTERMOST)
    kiosk.clock.now_ms += 2_000
    kiosk.press(Rating.EXCELLENT, source=Source.TOUCH)
    kiosk.hold(*OUTERMOST, after_ms=3_000)

    assert [1, 3] == [response for _, response in kiosk.holds()]


def test_a_press_long_ago_did_not_begin_the_hold(kiosk: Kiosk) -> None:
    """The hold's own press was refused, as the bouncing of a contact is: no earlier customer may pay for it."""
    kiosk.press(*OUTERMOST)
    kiosk.hold(*OUTERMOST, after_ms=HELD_WITHIN_MS + 1)

    assert [] == kiosk.holds()


def test_a_hold_is_told_once(kiosk: Kiosk) -> None:
    kiosk.press(*OUTERMOST)
    kiosk.hold(*OUTERMOST)
    kiosk.hold(*OUTERMOST, after_ms=10)

    assert 2 == len(kiosk.holds())


def test_without_a_press_there_is_nothing_to_hold(kiosk: Kiosk) -> None:
    kiosk.hold(*OUTERMOST)

    assert [] == kiosk.stored()


def test_a_hold_waits_for_a_slow_card(kiosk: Kiosk) -> None:
    """The presses have no number yet when the hold is recognised."""
    kiosk.card.open = False
    kiosk.press(*OUTERMOST)
    kiosk.hold(*OUTERMOST)
    assert [] == kiosk.stored()

    kiosk.card.let_through()
    kiosk.run()

    assert [1, 3] == [response for _, response in kiosk.holds()]


def test_from_the_fingers_to_the_card(kiosk: Kiosk) -> None:
    """Both buttons go down, stay down, and are let go; nothing else is done."""
    factory = pins.factory("mock")
    assert isinstance(factory, MockFactory)
    recognised = threading.Event()

    def held(ratings: Collection[Rating]) -> None:
        kiosk.reception.held(ratings)
        recognised.set()

    buttons = Buttons(PINS, kiosk.reception.press, factory, held, hold_s=0.3)
    for rating in OUTERMOST:
        factory.pin(PINS[rating]).drive_low()
    assert recognised.wait(10)
    for rating in OUTERMOST:
        factory.pin(PINS[rating]).drive_high()
    kiosk.run()
    buttons.close()
    factory.reset()

    assert {1: Rule.SERVICE, 3: Rule.SERVICE} == kiosk.aside()
    assert [5, 1, 1, 1, 5, 5] == [one.value for one in kiosk.stored()]
