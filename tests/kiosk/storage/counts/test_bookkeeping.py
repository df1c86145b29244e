"""Counts are kept beside the answers, seldom and without harm; what they are made of is what the long way says."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.answers import Anchor, Moment, SealedText, Source
from feedback.ratings import Kind, Rating
from feedback.settings_document import NONE_YET
from feedback.timeline import repaired
from kiosk.storage.counts.book_file import NAME
from kiosk.storage.counts.ground import Known
from kiosk.storage.counts.rows import Rows
from kiosk.storage.counts.summary import kept_counts, open_counts
from kiosk.storage.database import open_reader
from kiosk.storage.notes import read_notes
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.salvage import salvage
from tests.kiosk.storage.counts.recount import counted, recount
from tests.kiosk.storage.counts.stillness import DAY_MS, Kiosk
from tests.kiosk.storage.presses import NOON_MS, Customer, FakeClock, press


@pytest.fixture
def still(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path / "state")


def keeping(path: Path) -> Recorder:
    return Recorder(path, FakeClock(known=True), branch=lambda: NONE_YET, idle_s=0.01)


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def behind(path: Path) -> int:
    with open_counts(path.parent, NONE_YET) as counts:
        return counts.behind


def test_the_recorder_counts_when_nobody_presses(path: Path) -> None:
    recorder, customer = keeping(path), Customer()
    until((path.parent / NAME).exists)
    for turn in range(260):
        customer.puts(recorder, press(Rating.GOOD, FakeClock(boot_ms=turn * 6_000).moment()))
    until(lambda: behind(path) < 520)
    recorder.stop()
    with open_counts(path.parent, NONE_YET) as counts:
        assert counts.trouble == ""
        assert counts.ever(20_717).n == 260
        assert counted(counts) == recount(path.parent, NONE_YET)


@pytest.mark.parametrize("what", ["folder", "garbage", "another database"])
def test_counts_that_cannot_be_kept_keep_no_customer_away(path: Path, what: str) -> None:
    book = path.parent / NAME
    if what == "folder":
        book.mkdir()
    elif what == "garbage":
        book.write_bytes(b"nothing that SQLite knows" * 1_000)
    else:
        shutil.copy(path, book)
    recorder, customer = keeping(path), Customer()
    time.sleep(0.3)
    customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()
    with open_counts(path.parent, NONE_YET) as counts:
        assert counts.ever(20_717).n == 1

    assert len(customer.thanked) == 1
    assert recorder.trouble is None
    sentences = [note.sentence for note in read_notes(path.parent)]
    assert any("answers are safe" in one for one in sentences) is (what == "folder")


def test_a_book_that_another_process_writes_is_left_to_it(path: Path, tmp_path: Path) -> None:
    """Two kiosks never share a folder; a second writer is refused, and goes on without counts."""
    first = keeping(path)
    until((path.parent / NAME).exists)
    first.stop()
    second = keeping(path)
    until(lambda: behind(path) == 0)
    second.stop()

    assert read_notes(path.parent) == []


def test_counting_writes_seldom(still: Kiosk) -> None:
    still.roll(1_000)
    for _ in range(99):
        still.press(5, 6_000)
    still.books.step(still.seq)
    before = kept(still)
    still.books._clock = FakeClock(boot_ms=16 * 60_000)
    still.press(5, 6_000)
    while still.books.step(still.seq):
        pass  # on a busy machine it takes more than one slice

    assert (before, kept(still)) == (0, 100)


def kept(still: Kiosk) -> int:
    with kept_counts(still.path.parent) as (book, _):
        return sum(state.seen for state in book.stores.values())


def test_an_answer_s_row_is_verified_as_the_long_way_does(path: Path) -> None:
    """Texts too, whose digest is in another table; and a row that was touched is left out by both."""
    recorder, customer = Recorder(path, FakeClock()), Customer()
    (first, _) = customer.puts(recorder, press(Rating.GOOD, language="ru"))
    asked = first.ask.__class__("exit-é", 12, "söz", Kind.TEXT, "az")
    text = SealedText(b"sealed", b"0123456789abcdef")
    said = first.__class__(
        0,
        first.seq,
        first.place,
        asked,
        0,
        Source.PANEL,
        Moment("b", 5, 12),
        test=True,
        text_digest=text.digest,
    )
    customer.puts(recorder, [said], [text])
    customer.puts(recorder, press(Rating.BAD))
    recorder.stop()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE answers SET value = 3 WHERE seq = 4")
    reader = AnswersReader(path)
    long = reader.answers(1, 100).answers
    with closing(open_reader(path)) as connection:
        short = Rows(lambda: connection, reader.store_id()).read(1, 100)

    assert [answer.seq for answer in long] == [1, 2, 3, 5]
    assert [(row.given.seq, row.given.moment, row.given.test, row.asked.question) for row in short] == [
        (answer.seq, answer.moment, answer.test, answer.ask.question) for answer in long
    ]


ANCHORS = st.lists(
    st.builds(
        lambda at, error, off: Anchor("b", at, NOON_MS + at + off, "ntp", error),
        st.integers(0, 200_000),
        st.integers(0, 60),
        st.integers(-60, 60),
    ),
    max_size=25,
)


@given(ANCHORS, st.integers(0, 250_000))
def test_the_nearest_anchors_say_what_all_of_them_say(anchors: list[Anchor], boot_ms: int) -> None:
    moment = Moment("b", boot_ms, NOON_MS)

    assert Known(anchors).when(moment) == repaired(moment, anchors)


def test_what_is_left_of_pruned_answers_survives_their_store(still: Kiosk, tmp_path: Path) -> None:
    """The store is pruned, spoiled, moved aside and salvaged: every day still counts what it counted."""
    still.learn(0, 0, 100)
    for turn in range(200):
        still.press(1 + turn % 5, (3_000, 40_000, 900_000)[turn % 3])
        if turn % 4 == 0:
            still.choose(2)
        if turn in {60, 120}:
            still.reboot(DAY_MS, NOON_MS)
            still.learn(turn // 60, 0, 100)
    folder = still.path.parent
    before = counted_of(folder)
    still.prune(150)
    pruned = AnswersReader(still.path).pruned_upto()
    after = counted_of(folder)
    still.books.stop()
    aside = tmp_path / "aside"
    aside.mkdir()
    still.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for part in folder.glob("answers.db*"):
        shutil.move(part, aside / part.name)
    saved = salvage(aside, folder)
    prepare_answers(still.settings)

    assert pruned > 50
    assert saved
    assert saved.pruned_upto == pruned
    assert before == after == counted_of(folder) == recount(folder, NONE_YET)


def counted_of(folder: Path) -> object:
    with open_counts(folder, NONE_YET) as counts:
        return counted(counts)


def test_the_counts_of_a_row_that_was_changed_are_not_believed(still: Kiosk) -> None:
    for _ in range(20):
        still.press(5, 6_000)
    still.roll(1_000)
    assert still.books._writer
    (raw,) = still.books._writer.execute("SELECT counted FROM trend").fetchone()
    wrong = raw.replace("20", "21")
    still.books._writer.execute("UPDATE trend SET counted = ?, crc = ?", (wrong, crc32(wrong.encode())))

    with (
        open_counts(still.path.parent, NONE_YET) as counts,
        pytest.raises(Exception, match="not as they were"),
    ):
        counts.day(20_717)
