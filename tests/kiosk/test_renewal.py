"""A store that is to end ends between two visits, with a real recorder and a real sync.db."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.answers import Source
from feedback.ratings import Rating
from kiosk.front import standing
from kiosk.reception import Reception
from kiosk.renewal import Renewal, is_between_visits
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.storage.link import LinkFile, new_link_file, read_link
from kiosk.storage.opening import open_recorder
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.recorder import Recorder
from kiosk.visit import Key
from tests.kiosk.storage.presses import FakeClock

DEADLINE_S = 10


class Lobby:
    """A kiosk without a window: what is to happen soon waits until the test says so."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(
            KioskPlace("k-1", "b12", "exit-1", "Exit"),
            CentralAddress("http://127.0.0.1:1", "ab" * 32),
            Files(folder),
        )
        prepare_answers(self.settings)
        self.clock = FakeClock()
        self.recorder: Recorder = open_recorder(self.settings, self.clock)
        self.soon: list[Callable[[], None]] = []
        self.reception = Reception(standing(self.settings), self.recorder, self.clock, self.soon.append)
        self.ended = threading.Event()
        self.renewal = Renewal(
            self.reception,
            lambda: read_link(self.settings.sync_db).progress(self.recorder.store).new_store,
            self.ended.set,
            look_s=0.01,
            quiet_ms=5_000,
        )

    def turn(self, seconds: float = 0.1) -> None:
        """What Kivy does: run what was put off, for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            while self.soon:
                self.soon.pop(0)()
            time.sleep(0.005)

    def until(self, holds: Callable[[], bool]) -> None:
        until = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < until
            self.turn(0.02)

    def conflict(self) -> None:
        new_link_file(self.settings.sync_db)
        file = LinkFile(self.settings.sync_db)
        file.save(file.link.advanced(replace(file.link.progress(self.recorder.store), new_store=True)))
        file.leave_open()


@pytest.fixture
def lobby(tmp_path: Path) -> Iterator[Lobby]:
    lobby = Lobby(tmp_path)
    yield lobby
    lobby.renewal.stop()
    lobby.recorder.stop()


def test_nothing_ends_while_all_is_well(lobby: Lobby) -> None:
    lobby.turn()

    assert not lobby.ended.is_set()
    assert not lobby.renewal.done


def test_a_conflict_ends_the_screen_while_nobody_is_there(lobby: Lobby) -> None:
    lobby.conflict()

    lobby.until(lobby.ended.is_set)

    assert lobby.renewal.done


def test_whoever_has_just_pressed_is_thanked_first(lobby: Lobby) -> None:
    lobby.turn(0.02)
    lobby.reception.press(Rating.BAD, Source.TOUCH)
    thanked = threading.Event()
    lobby.reception.thanked.append(lambda _: thanked.set())
    lobby.until(thanked.is_set)
    lobby.conflict()

    lobby.turn()
    assert not lobby.ended.is_set()
    for _ in range(2):  # the ring is seen, and the question read
        lobby.clock.boot_ms += 1_000
        lobby.reception.tick()
    lobby.reception.turn(Key.SKIP, Source.TOUCH)
    for ms in (200, 3_000, 3_000):
        lobby.turn()
        lobby.clock.boot_ms += ms
        lobby.reception.tick()
    lobby.until(lobby.ended.is_set)


def test_a_chosen_language_is_a_visit_too(lobby: Lobby) -> None:
    assert is_between_visits(lobby.reception, 5_000)

    lobby.reception.speak("az")

    assert not is_between_visits(lobby.reception, 5_000)
