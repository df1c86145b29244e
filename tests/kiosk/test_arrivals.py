"""A new survey is asked from the next customer on; the last good one stays whatever lies in the agent's folder."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedback import media
from feedback.answers import Source
from feedback.media import Media
from feedback.ratings import Rating
from feedback.wire import encode_document
from kiosk.arrivals import Arrivals, keep
from kiosk.documents import file_of, own_folder
from kiosk.front import current_survey, standing
from kiosk.media import media_folder
from kiosk.reception import Reception
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.signed import FINGERPRINT, put, signed
from tests.kiosk.storage.presses import FakeClock

DEADLINE_S = 10


def survey(version: int, question: str = "visit") -> bytes:
    return json.dumps(
        {
            "survey": "exit",
            "version": version,
            "languages": ["en"],
            "default_language": "en",
            "questions": [{"id": question, "kind": "rating", "texts": {"en": f"How was it, {version}?"}}],
        }
    ).encode()


class Hall:
    """A kiosk without a window; what is to happen soon waits until the test says so."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(
            KioskPlace("k-1", "b12", "exit-1", "Exit"),
            CentralAddress("http://127.0.0.1:1", FINGERPRINT),
            Files(folder),
        )
        put(self.settings, "survey", survey(4))
        prepare_answers(self.settings)
        self.clock = FakeClock()
        self.recorder: Recorder = open_recorder(self.settings, self.clock)
        self.soon: list[Callable[[], None]] = []
        self.drawn: list[int] = []
        self.logos: list[bytes] = []
        self.reception = Reception(standing(self.settings), self.recorder, self.clock, self.soon.append)
        self.arrivals = Arrivals(
            self.settings,
            self.reception,
            lambda: self.drawn.append(self.version),
            self.logos.append,
            look_s=0.01,
            quiet_ms=5_000,
        )

    @property
    def version(self) -> int:
        return self.reception.standing.survey.version

    def turn(self, seconds: float = 0.1) -> None:
        """What Kivy does: run what was put off, for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            while self.soon:
                self.soon.pop(0)()
            time.sleep(0.005)

    def until(self, holds: Callable[[], bool]) -> None:
        ends = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < ends
            self.turn(0.02)

    def kept(self) -> bytes:
        path = file_of(own_folder(self.settings), "survey")
        return path.read_bytes() if path.exists() else b""


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall(tmp_path)
    yield hall
    hall.arrivals.stop()
    hall.recorder.stop()


def test_a_newer_survey_is_shown_while_nobody_is_there(hall: Hall) -> None:
    put(hall.settings, "survey", survey(5))

    hall.until(lambda: hall.version == 5)

    assert [5] == hall.drawn


def test_a_visit_goes_on_with_the_survey_it_began_with(hall: Hall) -> None:
    """The press, its outcome and the thank-you are the old version's; the next customer is asked the new one."""
    thanked = threading.Event()
    hall.reception.thanked.append(lambda _: thanked.set())
    hall.reception.press(Rating.BAD, Source.TOUCH)
    hall.turn(0.02)
    put(hall.settings, "survey", survey(5, "stay"))
    hall.until(thanked.is_set)
    hall.turn()
    assert (4, []) == (hall.version, hall.drawn)

    for ms in (200, 3_000, 3_000, 10_000):
        hall.clock.boot_ms += ms
        hall.reception.tick()
    hall.until(lambda: hall.version == 5)
    hall.reception.press(Rating.GOOD, Source.TOUCH)
    hall.turn()
    hall.recorder.drain()

    asked = [
        (one.ask.version, one.ask.question)
        for one in AnswersReader(hall.settings.answers_db).answers(1, 50).answers
    ]
    assert {(4, "visit"), (4, ""), (5, "stay"), (5, "")} == set(asked)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"not a document", id="something else"),
        pytest.param(encode_document(signed("survey", survey(9)))[:-5], id="cut"),
        pytest.param(encode_document(signed("survey", survey(3))), id="older"),
        pytest.param(encode_document(signed("survey", b'{"version": 9}')), id="cannot be shown"),
        pytest.param(None, id="gone"),
    ],
)
def test_the_last_good_one_stays_whatever_arrives_also_after_a_new_start(
    hall: Hall, raw: bytes | None
) -> None:
    put(hall.settings, "survey", survey(5))
    hall.until(lambda: hall.version == 5 and hall.kept() == encode_document(signed("survey", survey(5))))
    path = file_of(hall.settings.documents, "survey")
    if raw is None:
        path.unlink()
    else:
        path.write_bytes(raw)
    hall.turn()

    assert 5 == hall.version
    assert 5 == current_survey(hall.settings).version


def test_a_folder_that_takes_no_copy_keeps_no_survey_from_the_screen(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    own = own_folder(hall.settings)
    hall.until(lambda: bool(hall.kept()))
    file_of(own, "survey").unlink()
    own.rmdir()
    own.write_text("a file where the folder should be")
    put(hall.settings, "survey", survey(6))

    hall.until(lambda: hall.version == 6)

    assert "no copy of it can be kept" in caplog.text


def test_a_spoiled_copy_is_written_anew(hall: Hall) -> None:
    hall.until(lambda: bool(hall.kept()))
    file_of(own_folder(hall.settings), "survey").write_bytes(b"rotten")

    keep(hall.settings, "survey")

    assert encode_document(signed("survey", survey(4))) == hall.kept()


def test_a_logo_that_central_publishes_is_shown_and_one_taken_away_is_not(hall: Hall) -> None:
    hall.until(lambda: hall.logos == [b""])
    content = b"\x89PNG\r\n\x1a\n and so on"
    file = media.described("logo", content)
    folder = media_folder(hall.settings.documents)
    folder.mkdir(parents=True)
    (folder / file.sha256).write_bytes(content)
    put(hall.settings, "media", media.encode(Media(1, {"logo": file})), version=1)
    hall.until(lambda: hall.logos == [b"", content])

    put(hall.settings, "media", media.encode(Media(2, {})), version=2)
    hall.until(lambda: hall.logos == [b"", content, b""])


def test_a_logo_that_is_not_what_central_published_is_not_shown(hall: Hall) -> None:
    file = media.described("logo", b"\x89PNG\r\n\x1a\n and so on")
    folder = media_folder(hall.settings.documents)
    folder.mkdir(parents=True)
    (folder / file.sha256).write_bytes(b"\x89PNG\r\n\x1a\n and others")
    put(hall.settings, "media", media.encode(Media(1, {"logo": file})), version=1)
    hall.turn(0.3)
    assert set(hall.logos) == {b""}
