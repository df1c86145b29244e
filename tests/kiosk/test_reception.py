"""The reception with a recorder, a clock and a window's thread that the test plays."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from feedback import surveys
from feedback.answers import Anchor, Answer, Moment, Outcome, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.reception import Reception, Standing
from kiosk.visit import RING_MS, SLOW_MS, THANKS_MS, Screen, Visit

SURVEY = surveys.parse(
    b"""{"survey": "exit", "version": 7, "languages": ["en", "az"], "default_language": "en",
    "questions": [{"id": "visit", "kind": "rating", "texts": {"en": "How was it?"}}]}""",
    "the test's survey",
)
PLACE = Place("nizami", "exit")


@dataclass
class FakeClock:
    now_ms: int = 1_000

    def moment(self) -> Moment:
        return Moment("boot", self.now_ms, 1_790_000_000_000 + self.now_ms)

    def anchor(self) -> Anchor | None:
        return None


@dataclass
class FakeRecorder:
    put_in: list[Sequence[Answer]] = field(default_factory=list)
    waiting: list[tuple[Callable[[Sequence[Answer]], None], Callable[[Exception], None]]] = field(
        default_factory=list
    )

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[[Sequence[Answer]], None],
        failed: Callable[[Exception], None],
        *,
        texts: Sequence[SealedText] = (),
    ) -> None:
        self.put_in.append(answers)
        self.texts += texts
        self.waiting.append((stored, failed))

    last: int = 0
    texts: list[SealedText] = field(default_factory=list)

    def store(self) -> None:
        """The oldest commit that has not returned returns, numbered as the recorder numbers."""
        answers = self.put_in[len(self.put_in) - len(self.waiting)]
        first = self.last + 1
        self.last += len(answers)
        self.waiting.pop(0)[0](
            [one.numbered(n, one.response or first) for n, one in enumerate(answers, first)]
        )

    def fail(self) -> None:
        self.waiting.pop(0)[1](OSError(28, "No space left on device"))


@dataclass
class Desk:
    """A reception and everything around it."""

    clock: FakeClock = field(default_factory=FakeClock)
    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    soon: list[Callable[[], None]] = field(default_factory=list)
    seen: list[Visit] = field(default_factory=list)
    thanked: list[Sequence[Answer]] = field(default_factory=list)
    reception: Reception = field(init=False)

    def __post_init__(self) -> None:
        self.reception = Reception(
            Standing(PLACE, SURVEY),
            self.recorder,
            self.clock,
            self.soon.append,
            watchers=[self.seen.append],
            thanked=[self.thanked.append],
        )

    def run(self) -> None:
        """The window's thread does what it was asked to do."""
        while self.soon:
            self.soon.pop(0)()

    def press(self, rating: Rating, source: Source = Source.TOUCH) -> None:
        self.reception.press(rating, source)
        self.run()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_press_becomes_one_response_in_one_commit(desk: Desk) -> None:
    desk.press(Rating.BAD, Source.BUTTON)
    [answers] = desk.recorder.put_in
    rating, outcome = answers
    assert (rating.ask.kind, rating.value, rating.ask.question) == (Kind.RATING, 2, "visit")
    assert (outcome.ask.kind, outcome.value) == (Kind.OUTCOME, Outcome.ANSWERED)
    for answer in answers:
        assert (answer.seq, answer.response) == (0, 0)
        assert answer.place == PLACE
        assert (answer.ask.survey, answer.ask.version, answer.ask.language) == ("exit", 7, "en")
        assert answer.source is Source.BUTTON
        assert answer.moment == Moment("boot", 1_000, 1_790_000_001_000)


def test_the_moment_is_that_of_the_finger_not_of_the_frame(desk: Desk) -> None:
    desk.reception.press(Rating.GOOD, Source.TOUCH)
    desk.clock.now_ms += 400
    desk.run()
    assert desk.recorder.put_in[0][0].moment.boot_ms == 1_000


def test_a_press_from_another_thread_changes_nothing_there(desk: Desk) -> None:
    thread = threading.Thread(target=desk.reception.press, args=(Rating.GOOD, Source.BUTTON))
    thread.start()
    thread.join()
    assert desk.seen == []
    assert desk.recorder.put_in == []
    desk.run()
    assert len(desk.recorder.put_in) == 1


def test_the_disk_has_the_answer_before_the_screen_shows_the_press(desk: Desk) -> None:
    order: list[str] = []
    desk.reception.watchers.append(
        lambda visit: order.append(f"{visit.screen.value}, {len(desk.recorder.put_in)} put")
    )
    desk.press(Rating.GOOD)
    assert order == ["pressed, 1 put"]


def test_the_thank_you_comes_only_after_the_commit_has_returned(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    desk.clock.now_ms += 5_000
    desk.reception.tick()
    assert desk.reception.visit.screen is Screen.PRESSED
    desk.recorder.store()
    assert desk.reception.visit.screen is Screen.PRESSED  # still in the writer's thread
    desk.run()
    assert desk.reception.visit.screen is Screen.THANKS


def test_the_ledger_gets_what_was_stored_when_it_was_stored(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    assert desk.thanked == []
    desk.recorder.store()
    desk.run()
    [[rating, outcome]] = desk.thanked
    assert [(rating.seq, rating.value), (outcome.seq, outcome.value)] == [(1, 4), (2, Outcome.ANSWERED)]


def test_a_tick_shows_saving_and_ends_the_thank_you(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    desk.clock.now_ms += SLOW_MS
    desk.reception.tick()
    assert desk.reception.visit.slow
    desk.recorder.store()
    desk.run()
    desk.clock.now_ms += THANKS_MS
    desk.reception.tick()
    assert desk.reception.visit.screen is Screen.WELCOME


def test_watchers_hear_of_changes_only(desk: Desk) -> None:
    for _ in range(5):
        desk.reception.tick()
        desk.reception.touch()
    assert desk.seen == []
    desk.press(Rating.GOOD)
    desk.press(Rating.GOOD)  # a bounce
    assert len(desk.seen) == 1


def test_a_failure_is_shown_kept_and_not_thanked(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    desk.recorder.fail()
    desk.run()
    assert desk.reception.visit.screen is Screen.OUT_OF_ORDER
    assert isinstance(desk.reception.trouble, OSError)
    assert desk.thanked == []
    desk.clock.now_ms += 10_000
    desk.press(Rating.GOOD)
    assert len(desk.recorder.put_in) == 1


def test_an_answer_stored_before_another_failed_is_still_in_the_ledger(desk: Desk) -> None:
    desk.press(Rating.GOOD)
    desk.press(Rating.BAD)
    desk.recorder.waiting[1][1](OSError("the second failed"))
    desk.recorder.waiting[0][0](desk.recorder.put_in[0])
    desk.run()
    assert desk.thanked == [desk.recorder.put_in[0]]
    assert desk.reception.visit.screen is Screen.OUT_OF_ORDER


def test_the_language_chosen_is_the_language_stored_and_the_next_customer_has_the_branchs_own(
    desk: Desk,
) -> None:
    desk.reception.speak("az")
    assert desk.reception.language == "az"
    desk.press(Rating.GOOD)
    assert desk.recorder.put_in[0][0].ask.language == "az"
    desk.clock.now_ms += RING_MS
    desk.recorder.store()
    desk.run()
    desk.reception.touch()
    assert desk.reception.language == "en"


def test_those_told_of_accepted_presses_hear_of_no_bounce(desk: Desk) -> None:
    heard: list[tuple[Rating, Source]] = []
    desk.reception.accepted.append(lambda rating, source: heard.append((rating, source)))
    desk.press(Rating.GOOD, Source.BUTTON)
    desk.press(Rating.GOOD, Source.BUTTON)
    assert heard == [(Rating.GOOD, Source.BUTTON)]
