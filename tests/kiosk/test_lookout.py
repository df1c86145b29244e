"""The lookout: what a kiosk is told of its branch's hours, and what it makes of not knowing the time."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from feedback.answers import Anchor, Moment
from feedback.errors import StoreError
from kiosk.branch import BranchFile
from kiosk.documents import file_of
from kiosk.idle import NORMAL, Outlook
from kiosk.lookout import ASK_MS, Lookout
from kiosk.reception import Reception, Standing
from kiosk.settings import Settings, load
from kiosk.visit import Screen
from tests.kiosk.signed import put, trusting
from tests.kiosk.test_reception import PLACE, SURVEY, FakeRecorder
from tests.test_wrong_input import SETTINGS

NIGHT_MS = 1_795_642_200_000  # 2026-11-25 23:30 UTC
CLOSED = b'{"version": 4, "zone": "UTC", "hours": [{"from": "2026-11-01", "week": {"wed": ["09:00-18:00"]}}]}'


@dataclass
class Clock:
    """A board; *known* is what its own clock knows of the time."""

    known: bool = True
    boot_ms: int = 1_000

    def moment(self) -> Moment:
        return Moment("boot", self.boot_ms, 0)

    def anchor(self) -> Anchor | None:
        return Anchor("boot", 0, NIGHT_MS, "ntp", 40) if self.known else None


@dataclass
class Watch:
    """A lookout and its reception."""

    lookout: Lookout
    reception: Reception
    soon: queue.SimpleQueue[Callable[[], None]]


@dataclass
class Told:
    """What others know of the time, and how often they were asked."""

    anchors: list[Anchor] = field(default_factory=list)
    asked: int = 0
    error: StoreError | None = None

    def __call__(self) -> list[Anchor]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.anchors


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(folder=tmp_path / "kiosk"))
    found = trusting(load(path))
    found.documents.mkdir(parents=True)
    return found


@pytest.fixture
def watch(settings: Settings) -> Iterator[Callable[..., Watch]]:
    begun: list[Lookout] = []

    def begin(clock: Clock, told: Callable[[], list[Anchor]] = Told(), look_s: float = 3_600) -> Watch:  # noqa: B008 - never changed
        soon: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        reception = Reception(Standing(PLACE, SURVEY), FakeRecorder(), clock, soon.put)
        lookout = Lookout(reception, clock, BranchFile(settings).now, told, look_s=look_s)
        begun.append(lookout)
        return Watch(lookout, reception, soon)

    yield begin
    for one in begun:
        one.stop()


def publish(settings: Settings, body: bytes) -> None:
    put(settings, "settings", body)


def test_a_kiosk_that_starts_at_night_is_quiet_from_its_first_frame(settings, watch) -> None:
    publish(settings, CLOSED)
    assert watch(Clock()).reception.screen is Screen.QUIET


def test_a_kiosk_that_does_not_know_the_time_shows_its_welcome(settings, watch) -> None:
    publish(settings, CLOSED)
    found = watch(Clock(known=False), Told(error=StoreError("sync.db is missing")))
    assert (Screen.WELCOME, NORMAL) == (found.reception.screen, found.reception.outlook)


def test_what_the_agent_learned_of_the_time_is_good_enough_and_asked_for_now_and_then(
    settings, watch
) -> None:
    publish(settings, CLOSED)
    clock, told = Clock(known=False), Told([Anchor("boot", 500, NIGHT_MS, "central", 2_000)])
    found = watch(clock, told)
    assert found.reception.screen is Screen.QUIET

    clock.boot_ms += ASK_MS - 1
    assert found.lookout.look().quiet
    assert told.asked == 1

    clock.boot_ms += 1
    found.lookout.look()
    assert told.asked == 2


def test_settings_that_come_while_it_runs_are_followed_in_the_windows_thread(settings, watch) -> None:
    found = watch(Clock(), look_s=0.01)
    assert not found.reception.outlook.quiet

    publish(settings, CLOSED)
    changed = found.soon.get(timeout=10)

    assert found.reception.screen is Screen.WELCOME
    changed()
    assert found.reception.screen is Screen.QUIET


def test_a_spoiled_document_is_warned_of_once(
    settings: Settings, watch, caplog: pytest.LogCaptureFixture
) -> None:
    file_of(settings.documents, "settings").write_bytes(b"{")
    found = watch(Clock())
    for _ in range(5):
        assert found.lookout.look() == Outlook()
    assert len([record for record in caplog.records if "the last good one stays" in record.getMessage()]) == 1
