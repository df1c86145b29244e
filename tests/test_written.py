"""What a customer writes: sealed on the kiosk, opened at central to be shown, and erased for good."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from central import rotation
from central.cli import main
from central.ingest.texts import Written, written
from central.keys import load_keys, make_keys
from central.store import tables
from central.store.database import make_store, reading, writing
from feedback import surveys
from feedback.answers import Ask, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from feedback.wire import MOST_TEXT_BYTES
from kiosk.panel import panel
from kiosk.pinned import screen_pins
from kiosk.reception import Reception, Standing
from kiosk.sealing import sealed_text
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from kiosk.visit import Key, Screen
from kiosk.written import Writing
from tests.central.device import NOON_MS, Central, serving
from tests.kiosk.sync.kit import ToldClock, rating

WORDS = "Kassir çox kobud idi, zəng edin: +994 50 123 45 67"
WHY = Ask("exit", 4, "why", Kind.TEXT, "az")


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Branch", zone="Asia/Baku"))
    store.dispose()
    with serving(folder) as running:
        yield running


@dataclass
class Till:
    """A kiosk, its real recorder and its real agent."""

    settings: Settings
    central: Central
    clock: ToldClock = field(default_factory=ToldClock)
    seqs: list[int] = field(default_factory=list)

    def says(self, words: str) -> SealedText:
        """A customer presses Bad and writes *words*."""
        pins = screen_pins(self.settings)
        assert pins is not None
        sealed = sealed_text(words, pins.keys.sealing, self.settings.kiosk.id)
        self.put(sealed)
        return sealed

    def put(self, sealed: SealedText) -> None:
        prepare_answers(self.settings)
        recorder = Recorder(self.settings.answers_db, self.clock)
        bad = rating(2, self.clock.boot_ms)
        text = replace(bad, ask=WHY, value=0, text_digest=sealed.digest)
        faults: list[Exception] = []
        recorder.put([bad, text], self._stored, faults.append, texts=[sealed])
        recorder.drain()
        recorder.stop()
        assert not faults

    def _stored(self, answers: object) -> None:
        self.seqs += [one.seq for one in answers if one.ask.kind is Kind.TEXT]  # type: ignore[attr-defined]

    def erases(self, *seqs: int) -> None:
        prepare_answers(self.settings)
        recorder = Recorder(self.settings.answers_db, self.clock)
        done: list[str] = []
        recorder.erase(seqs, lambda: done.append("erased"), lambda error: done.append(str(error)))
        recorder.drain()
        recorder.stop()
        assert ["erased"] == done

    def sync(self) -> None:
        agent = Agent(self.settings, self.clock, chance=lambda: 0.5, splay_ms=0)
        for _ in range(20):
            wait_s = agent.step()
            self.clock.boot_ms += int(wait_s * 1_000) + 1
            if wait_s > 60 and not agent.link.failures:
                break
        agent.close()

    def forget(self) -> None:
        """The agent has lost all it knew: it offers every answer again."""
        for part in self.settings.sync_folder.glob("sync.db*"):
            part.unlink()

    def texts(self) -> list[Written]:
        with reading(self.central.store) as connection:
            return written(connection, load_keys(self.central.folder), "b12", 100)

    def counted(self) -> dict[object, int]:
        return dict(self.central.counts())


@pytest.fixture
def till(tmp_path: Path, central: Central) -> Till:
    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress(central.url, central.keys.fingerprint),
        Files(tmp_path / "card", copy=None),
    )
    enrol(settings, central.code("k-1"))
    return Till(settings, central)


def test_what_a_customer_writes_is_read_at_central_and_nowhere_else(
    till: Till, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """
    Through the real recorder, agent, HTTP and central; the words are in no file, WAL, log or backup of either side.
    """
    caplog.set_level(logging.DEBUG)
    till.says(WORDS)
    till.sync()

    assert [WORDS] == [one.words for one in till.texts()]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for part in (WORDS, "kobud", "123 45 67"):
                assert part.encode() not in content, path
                assert part.encode("utf-16-le") not in content, path
    assert "kobud" not in caplog.text
    captured = capsys.readouterr()
    assert "kobud" not in captured.out + captured.err


def test_the_owner_reads_and_erases_by_name(till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    till.says(WORDS + "\x1b[2J")
    till.sync()
    data = ["--data", str(till.central.folder)]

    assert 0 == main([*data, "texts", "b12"])
    shown = capsys.readouterr().out
    assert WORDS in shown
    assert "\x1b" not in shown

    name = till.texts()[0].name
    assert 0 == main([*data, "erase", "b12", name])
    assert 0 == main([*data, "texts", "b12"])
    assert "(erased)" in capsys.readouterr().out
    for wrong in ("k-1/zz/1", "k-1", f"k-9/{name.split('/')[1]}/2"):
        assert 2 == main([*data, "erase", "b12", wrong])
        said = capsys.readouterr().err
        assert "no text of that name" in said
        assert 1 == said.count("\n")


def test_erased_at_central_it_stays_erased_and_the_answer_counts(till: Till) -> None:
    """
    Also when it is delivered again, and when a copy of the card delivers it under another store.
    """
    sealed = till.says(WORDS)
    till.sync()
    before = till.counted()
    blob = sealed.sealed[40:72]

    assert 0 == main(["--data", str(till.central.folder), "erase", "b12", till.texts()[0].name])

    assert [(None, "erased")] == [(one.words, one.trouble) for one in till.texts()]
    assert before == till.counted()
    assert not any(blob in path.read_bytes() for path in till.central.folder.glob("central.db*"))
    till.forget()
    till.sync()
    assert [None] == [one.words for one in till.texts()]
    for part in till.settings.answers_folder.glob("answers.db*"):
        part.unlink()
    till.put(sealed)
    till.sync()
    assert [None, None] == [one.words for one in till.texts()]


def test_erased_on_the_kiosk_it_never_reaches_central_and_the_answer_counts(till: Till) -> None:
    sealed = till.says(WORDS)
    till.erases(*till.seqs)
    till.sync()

    assert [None] == [one.words for one in till.texts()]
    assert 2 == len(till.central.rows(tables.answers))
    assert {} == AnswersReader(till.settings.answers_db).texts(till.seqs)
    (row,) = till.central.rows(tables.answers, tables.answers.c.text_digest != b"")
    assert sealed.digest == row.text_digest


def test_an_erased_text_cannot_be_found_by_trying(till: Till) -> None:
    """
    The same words give another digest each time, and nothing that is left makes it again.
    """
    first, second = (till.says("yes") for _ in range(2))

    assert first.digest != second.digest


def test_a_text_that_is_not_the_one_its_answer_stands_for_is_not_shown(till: Till) -> None:
    till.says("first")
    other = till.says("second")
    till.sync()
    with writing(till.central.store) as connection:
        connection.execute(tables.texts.update().values(sealed=other.sealed))

    shown = {one.words: one.trouble for one in till.texts()}
    assert {"second": "", None: "it is not the text that its answer stands for"} == shown


def test_what_was_sealed_before_the_sealing_key_was_changed_is_read(till: Till) -> None:
    till.says(WORDS)
    rotation.rotate(till.central.folder, NOON_MS, sealing=True)
    till.sync()

    assert [WORDS] == [one.words for one in till.texts()]


def test_a_text_has_a_longest_length() -> None:
    key = load_key()
    sealed_text("ə" * (MOST_TEXT_BYTES // 2), key, "k-1")

    with pytest.raises(ValueError, match=f"expected {MOST_TEXT_BYTES} at most"):
        sealed_text("ə" * (MOST_TEXT_BYTES // 2 + 1), key, "k-1")


def load_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate().public_key().public_bytes_raw()


# Written on the screen ------------------------------------------------------------------------------------------

SURVEY = surveys.parse(
    json.dumps(
        {
            "survey": "exit",
            "version": 4,
            "languages": ["az", "zh"],
            "default_language": "az",
            "questions": [
                {"id": "visit", "kind": "rating", "texts": {"az": "Necə oldu?"}},
                {"id": "why", "kind": "text", "texts": {"az": "Nə baş verdi?"}},
            ],
        }
    ).encode(),
    "the test's survey",
)


def visited(till: Till, *, language: str = "az", size: tuple[int, int] = (1280, 800)) -> Reception:
    """A customer presses Bad on the kiosk's own screen, and is where the visit leads from there."""
    prepare_answers(till.settings)
    till.recorder = Recorder(till.settings.answers_db, till.clock)
    reception = Reception(
        Standing(Place("b12", "exit-1"), SURVEY), till.recorder, till.clock, lambda run: run()
    )
    writing = Writing(till.settings, panel(*size))
    reception.kinds_of, reception.seal = writing.kinds, writing.seal
    reception.speak(language)
    reception.press(Rating.BAD, Source.TOUCH)
    till.recorder.drain()
    till.clock.boot_ms += 1_000
    reception.tick()
    till.clock.boot_ms += 1_000
    return reception


def test_what_is_written_on_the_screen_is_read_at_central_and_nowhere_before(till: Till) -> None:
    reception = visited(till)
    for letter in WORDS:
        reception.write(letter)
    reception.turn(Key.SEND, Source.TOUCH)
    till.recorder.drain()
    till.recorder.stop()

    assert [] == [
        path
        for path in till.settings.files.folder.rglob("*")
        if path.is_file() and b"Kassir" in path.read_bytes()
    ]
    assert WORDS not in repr(reception)
    till.sync()
    assert [WORDS] == [one.words for one in till.texts()]


@pytest.mark.parametrize(
    "where", [{"language": "zh"}, {"size": (800, 480)}], ids=["no keys for it", "no room for them"]
)
def test_where_nobody_can_write_nobody_is_asked_to(till: Till, where: Any) -> None:
    reception = visited(till, **where)
    assert Screen.THANKS is reception.visit.screen
    till.recorder.stop()


def test_a_kiosk_that_does_not_know_centrals_key_asks_for_no_words(till: Till) -> None:
    (till.settings.sync_folder / "pinned.json").unlink()
    reception = visited(till)
    assert Screen.THANKS is reception.visit.screen
    till.recorder.stop()
