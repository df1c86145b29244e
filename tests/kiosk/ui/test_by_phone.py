"""A day's counts from the kiosk's screen to central's page, by way of a phone's camera."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from central.keys import make_keys
from central.scores import carried
from central.store import tables
from central.store.database import make_store, reading, writing
from feedback.day_counts import DayCounts
from feedback.ratings import Kind, Rating
from feedback.wire import SyncRequest
from kiosk.branch import BranchFile
from kiosk.settings import CentralAddress, Settings
from kiosk.staffing import Staffing
from kiosk.storage.reading import AnswersReader
from kiosk.texts import staff_texts
from kiosk.ui.staff.said import StaffSheet, said
from tests.central.device import Central, Device, serving
from tests.kiosk.storage.counts.stillness import Kiosk
from tests.kiosk.storage.presses import NOON_MS, FakeClock
from tests.kiosk.ui.conftest import PICTURES, Open

MINUTE_MS, DAY_MS = 60_000, 86_400_000
MORNING_MS = NOON_MS - NOON_MS % DAY_MS + 9 * 3_600_000
TODAY = NOON_MS // DAY_MS
SECRET = bytes(range(32))
DEADLINE_S = 20


@dataclass
class Branch:
    """A kiosk without network, and the central it belongs to."""

    kiosk: Kiosk
    central: Central
    device: Device
    settings: Settings

    def press(self, values: str, gap_ms: int = MINUTE_MS) -> None:
        for value in values:
            self.kiosk.press(int(value), gap_ms)
            self.kiosk.follows(Kind.OUTCOME, 1)

    def day(self, minutes: float) -> StaffSheet:
        """What staff get, so many minutes after nine."""
        clock = FakeClock("boot-0", round(minutes * MINUTE_MS))
        staffing = Staffing(self.settings, clock, lambda run: run(), BranchFile(self.settings))
        try:
            return staffing.day(0)
        finally:
            staffing.close()

    def provisional(self) -> list[DayCounts]:
        with reading(self.central.store) as connection:
            return [one.counts for one in carried.provisional(connection, "b12", TODAY - 1, TODAY)]

    def sync(self, last: int) -> None:
        """The network is back: the answers up to *last* arrive."""
        answers = AnswersReader(self.kiosk.path).answers(1, last).answers
        self.device.sync(SyncRequest(store=self.kiosk.store, cursor=0, first=1, answers=answers))


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[Branch]:
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Nizami street", zone="UTC"))
    store.dispose()
    with serving(folder) as central:
        kiosk = Kiosk(tmp_path / "state", utc_ms=MORNING_MS, wall_ms=MORNING_MS)
        kiosk.boots = [("boot-0", MORNING_MS)]
        kiosk.boot_ms = 0
        kiosk.learn(0, 0, 0)
        address = CentralAddress(central.url, central.keys.fingerprint)
        settings = replace(kiosk.settings, central=address)
        settings.screen_secret.write_text(SECRET.hex() + "\n", encoding="ascii")
        yield Branch(kiosk, central, central.enrolled(secret=SECRET), settings)


def read_back(picture: Path) -> str:
    """What a phone's camera makes of the *picture*."""
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


@pytest.mark.zbar
@pytest.mark.parametrize(("width", "height"), [(800, 480), (1280, 800), (1080, 1920)])
def test_the_code_on_the_screen_is_read_from_its_picture(
    driver: Open, branch: Branch, width: int, height: int
) -> None:
    from kiosk.ui.staff.day import Shown, StaffDay

    branch.press("5544332")
    day = branch.day(20)
    kiosk = driver(width, height)
    texts = staff_texts.load("en")
    drawn = StaffDay(kiosk.app.layout, kiosk.app._now_worn()[1])
    drawn.show(Shown(said(day, texts), by_phone=day.by_phone, can_go_by_phone=True), texts)
    kiosk.app.root.parent.add_widget(drawn)
    kiosk.tick(3)
    kiosk.save(f"by-phone-{width}x{height}")
    kiosk.app.root.parent.remove_widget(drawn)

    assert read_back(PICTURES / f"by-phone-{width}x{height}.png") == day.by_phone
    assert day.by_phone.startswith(f"{branch.central.url}/d/")


def test_what_is_handed_in_is_what_staff_saw_and_gives_way_to_the_answers(branch: Branch) -> None:
    branch.press("5544332")
    day = branch.day(20)

    reply = requests.post(day.by_phone, headers={"Accept-Language": "en"}, timeout=DEADLINE_S)

    assert "Handed in" in reply.text
    (kept,) = branch.provisional()
    assert kept.counted == day.sheet.summary.counted
    assert kept.counted[Rating.EXCELLENT] == 2
    assert (kept.day, kept.n, kept.stores) == (TODAY, 7, ((branch.kiosk.store, 14),))

    branch.sync(12)
    assert branch.provisional() == [kept]
    branch.sync(14)
    assert branch.provisional() == []


def test_the_code_of_a_day_changes_with_its_figures_and_no_sooner(branch: Branch) -> None:
    branch.press("554433")
    before = branch.day(29).by_phone
    branch.press("1", gap_ms=14 * MINUTE_MS)  # at 09:20

    assert before == branch.day(29).by_phone
    branch.press("2222", gap_ms=MINUTE_MS)
    assert before == branch.day(29).by_phone
    assert before != branch.day(31).by_phone


def test_a_kiosk_without_a_secret_or_with_nothing_to_tell_offers_no_code(branch: Branch) -> None:
    assert branch.day(20).by_phone == ""

    branch.press("554433")
    branch.settings.screen_secret.unlink()
    assert branch.day(29).by_phone == ""


def test_another_kiosks_code_is_refused(branch: Branch) -> None:
    branch.press("554433")
    branch.settings.screen_secret.write_text("ab" * 32)

    reply = requests.post(branch.day(29).by_phone, timeout=DEADLINE_S)

    assert reply.status_code == 404
    assert branch.provisional() == []
