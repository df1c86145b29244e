from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedback.answers import Anchor, Answer, Ask, Place, SealedText, Source
from feedback.errors import StoreError
from feedback.ratings import Kind, Rating
from kiosk.settings import Settings
from kiosk.storage.anchoring import EVERY_MS
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import NOON_MS, Customer, FakeClock, press


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_press_is_on_disk_when_the_customer_is_thanked(recorder: Recorder, path: Path) -> None:
    customer = Customer()
    thanked = customer.puts(recorder, press(Rating.BAD))

    assert [(1, 1), (2, 1)] == [(answer.seq, answer.response) for answer in thanked]
    assert tuple(thanked) == AnswersReader(path).answers(1, 10).answers
    assert customer.refused == []


def test_the_word_comes_from_the_writer_s_thread(recorder: Recorder) -> None:
    customer = Customer()
    customer.puts(recorder, press(Rating.GOOD))

    assert customer.threads == {"recorder"}


def test_numbers_go_on_after_a_restart(recorder: Recorder, path: Path, clock: FakeClock) -> None:
    customer = Customer()
    customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()
    again = Recorder(path, clock)
    later = customer.puts(again, press(Rating.BAD, language="en"))
    again.stop()

    assert [(3, 3), (4, 3)] == [(answer.seq, answer.response) for answer in later]
    assert [answer.ask.language for answer in AnswersReader(path).answers(1, 9).answers] == ["az"] * 2 + [
        "en"
    ] * 2


def test_what_a_customer_says_later_keeps_their_response(recorder: Recorder, path: Path) -> None:
    customer = Customer()
    first = customer.puts(recorder, press(Rating.BAD))[0]
    why = Ask("exit", 4, "why", Kind.CHOICE, "az")
    more = Answer(0, first.response, first.place, why, 3, Source.TOUCH, first.moment)
    later = customer.puts(recorder, [more])

    assert [(3, 1)] == [(answer.seq, answer.response) for answer in later]


def test_presses_from_many_threads_get_one_number_each(recorder: Recorder, path: Path) -> None:
    customers = [Customer() for _ in range(4)]

    def visits(customer: Customer) -> None:
        for _ in range(25):
            customer.puts(recorder, press(Rating.GOOD))

    threads = [threading.Thread(target=visits, args=(customer,)) for customer in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    thanked = sorted(answer.seq for customer in customers for group in customer.thanked for answer in group)

    assert thanked == list(range(1, 201))
    assert thanked == [answer.seq for answer in AnswersReader(path).answers(1, 500).answers]


def test_a_put_returns_before_the_disk(recorder: Recorder) -> None:
    """The face answers in the next frame whatever the disk does."""
    slow = threading.Event()

    def waits(event: threading.Event) -> None:
        event.wait(10)

    recorder.put(press(Rating.GOOD), lambda _: waits(slow), lambda _: None)
    began = time.monotonic()
    customer = Customer()
    customer.hands_in(recorder, press(Rating.BAD))
    took = time.monotonic() - began
    slow.set()
    customer.waits()

    assert took < 0.1


def test_drain_waits_for_what_was_put(recorder: Recorder) -> None:
    thanked: list[object] = []
    for _ in range(50):
        recorder.put(press(Rating.GOOD), thanked.append, lambda _: None)
    recorder.drain()

    assert len(thanked) == 50


def test_stop_stores_what_was_put_and_later_puts_fail(recorder: Recorder, path: Path) -> None:
    customer = Customer()
    for _ in range(20):
        customer.hands_in(recorder, press(Rating.GOOD))
    recorder.stop()
    recorder.drain()
    customer.puts(recorder, press(Rating.BAD))

    assert len(customer.thanked) == 20
    assert [str(error) for error in customer.refused] == ["the recorder has been stopped"]
    assert AnswersReader(path).last_seq() == 40


def test_only_one_recorder(recorder: Recorder, path: Path, clock: FakeClock) -> None:
    with pytest.raises(StoreError, match="is being written by another process"):
        Recorder(path, clock)


def test_a_recorder_wants_a_prepared_file(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(StoreError, match="is missing: run `kiosk prepare`"):
        Recorder(tmp_path / "answers.db", clock)


def test_a_listener_that_raises_ends_recording_aloud(path: Path, clock: FakeClock) -> None:
    broke = Customer()
    recorder = Recorder(path, clock, broke=broke._failed)
    recorder.put(press(Rating.GOOD), lambda _: 1 / 0, lambda _: None)  # type: ignore[arg-type]
    broke.waits()
    customer = Customer()
    customer.puts(recorder, press(Rating.BAD))
    recorder.stop()

    assert isinstance(recorder.trouble, ZeroDivisionError)
    assert broke.refused == customer.refused == [recorder.trouble]
    assert customer.thanked == []


def test_a_sealed_text_is_stored_with_its_answer(recorder: Recorder, path: Path) -> None:
    rated = press(Rating.BAD)
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    said = Answer(0, 0, rated[0].place, asked, 0, Source.TOUCH, rated[0].moment, text_digest=b"d" * 32)
    text = SealedText(os.urandom(9_000), b"d" * 32)
    thanked = Customer().puts(recorder, [rated[0], said, rated[1]], [text])
    reader = AnswersReader(path)

    assert {2: text} == reader.texts([1, 2, 3])
    assert tuple(thanked) == reader.answers(1, 9).answers


def test_a_text_that_was_not_given_is_not_thanked_for(recorder: Recorder) -> None:
    rated = press(Rating.BAD)[0]
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    said = Answer(0, 0, rated.place, asked, 0, Source.TOUCH, rated.moment, text_digest=b"d" * 32)
    customer = Customer()
    customer.puts(recorder, [said])

    assert customer.thanked == []
    assert len(customer.refused) == 1


def test_a_test_press_says_so(recorder: Recorder, path: Path) -> None:
    rated = press(Rating.BAD)[0]
    pressed = Answer(0, 0, Place("b13", "desk"), rated.ask, 2, Source.PANEL, rated.moment, test=True)
    Customer().puts(recorder, [pressed])
    (stored,) = AnswersReader(path).answers(1, 9).answers

    assert (stored.test, stored.place, stored.source) == (True, Place("b13", "desk"), Source.PANEL)


def test_a_boot_s_first_anchor_is_noted_as_soon_as_it_knows_the_time(
    recorder: Recorder, path: Path, clock: FakeClock
) -> None:
    time.sleep(0.1)
    assert AnswersReader(path).anchors() == []
    clock.known = True
    until(lambda: len(AnswersReader(path).anchors()) == 1)

    assert AnswersReader(path).anchors() == [Anchor("9fe6", 1_000, NOON_MS + 1_000, "ntp", 100)]


def test_later_anchors_come_with_answers_and_not_more_often(
    recorder: Recorder, path: Path, clock: FakeClock
) -> None:
    clock.known = True
    reader = AnswersReader(path)
    until(lambda: len(reader.anchors()) == 1)
    Customer().puts(recorder, press(Rating.GOOD))
    time.sleep(0.1)
    assert len(reader.anchors()) == 1  # too soon
    clock.boot_ms += EVERY_MS
    until(lambda: len(reader.anchors()) == 2)
    clock.boot_ms += EVERY_MS
    time.sleep(0.1)

    assert len(reader.anchors()) == 2  # nobody came


def test_the_agent_s_anchors_are_copied_once(path: Path, clock: FakeClock) -> None:
    learned = [Anchor("old", 5, 6, "central", 7), Anchor("9fe6", 8, 9, "central", 10)]
    asked = []

    def agent() -> Iterator[Anchor]:
        asked.append(clock.boot_ms)
        if len(asked) == 1:
            raise StoreError("not there yet")
        return iter(learned)

    for _ in range(2):
        recorder = Recorder(path, clock, anchors_from=agent, idle_s=0.02)
        for _ in range(3):
            turns = len(asked)
            clock.boot_ms += EVERY_MS
            until(lambda turns=turns: len(asked) > turns)  # type: ignore[misc]
        recorder.drain()
        recorder.stop()

    assert learned == AnswersReader(path).anchors()


@pytest.fixture
def tiny_card(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for little more than an empty store."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "card"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1800k", "none", folder], check=False)
    if mounted.returncode != 0:
        pytest.skip("no tmpfs here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_card_thanks_nobody_it_cannot_keep(
    settings: Settings, tiny_card: Path, clock: FakeClock
) -> None:
    from dataclasses import replace

    from kiosk.settings import Files

    settings = replace(settings, files=Files(tiny_card / "state"))
    prepare_answers(settings)
    recorder, customer = Recorder(settings.answers_db, clock), Customer()
    text = SealedText(os.urandom(50_000), b"d" * 32)
    rated = press(Rating.BAD)[0]
    asked = Ask("exit", 4, "more", Kind.TEXT, "az")
    said = Answer(0, 0, rated.place, asked, 0, Source.TOUCH, rated.moment, text_digest=b"d" * 32)
    while not customer.refused:
        customer.puts(recorder, [said], [text])
    room_again = customer.puts(recorder, press(Rating.GOOD))
    kept = AnswersReader(settings.answers_db).answers(1, 1_000)
    recorder.stop()

    assert "full" in str(customer.refused[0])
    assert room_again == ()  # the first failure is the last word of this process
    assert [group[0] for group in customer.thanked] == list(kept.answers)


@pytest.mark.parametrize(
    "fault",
    [
        "fdatasync:error=EIO:when=3",
        "fdatasync:error=EIO:when=40+",
        "pwrite64:error=ENOSPC:when=20",
        "pwrite64:error=EIO:when=9+",
        "pwrite64:error=EROFS:when=30+",
    ],
)
def test_an_error_of_the_system_is_the_end_of_thanks(path: Path, start: Start, fault: str) -> None:
    """The call fails for real, in an unmodified process; SQLite alone would go on after most of these."""
    call = fault.partition(":")[0]
    trace = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={fault}")
    lines = start("record", path, 60, before=trace).communicate(timeout=60)[0].splitlines()
    thanked = [json.loads(line)[0] for line in lines if line.startswith("[")]
    kept = AnswersReader(path).answers(1, 1_000)

    assert lines[0] == "ready"
    assert lines[-1] in {"refused disk I/O error", "refused database or disk is full"}
    assert thanked == list(range(1, len(thanked) + 1))
    assert kept.spoiled == ()
    # The one refused may be there all the same, as after a cut: it was not thanked for.
    assert kept.last in {len(thanked), len(thanked) + 2}


def test_a_limit_on_file_sizes_is_no_damage(settings: Settings, start: Start) -> None:
    """A write refused by the system tells nothing of the file; prepare must not move a sound store aside."""
    path = settings.answers_db
    for step in ("prepare", "close"):
        assert start(step, path).wait(20) == 0
    program = start("small_files", path, 100_000)
    said = program.communicate(timeout=60)[1]

    assert "StoreError" in said
    assert "cannot be written (disk I/O error): check the card" in said
