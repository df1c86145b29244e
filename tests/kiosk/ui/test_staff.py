"""What branch staff see on the real window: the corner, the PIN, and the same figures as ``kiosk summary --json``."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from feedback.ratings import SHOWN_ORDER, Kind, Rating
from feedback.staff_pin import hashed
from kiosk import texts
from kiosk.panel import KEY_MM, panel
from kiosk.sheet import as_json, sheet
from kiosk.staff import Staff, View
from kiosk.texts import staff_texts
from kiosk.ui.layout import layout
from kiosk.ui.staff.places import day_places, pad_places
from kiosk.ui.staff.said import StaffSheet, figure
from tests.kiosk.storage.counts.stillness import Kiosk
from tests.kiosk.storage.presses import NOON_MS, FakeClock
from tests.kiosk.ui.conftest import FakeClock as WindowClock
from tests.kiosk.ui.conftest import FakeTime, Open

PIN = "271828"
DAY_MS, MINUTE_MS = 86_400_000, 60_000
MORNING_MS = NOON_MS - NOON_MS % DAY_MS + 9 * 3_600_000
DAYS = 30
ADDRESS = "https://feedback.example.com/d/" + "Ab3_" * 20


class At(FakeClock):
    """Stands so many minutes after nine of the last day."""

    def __init__(self, minutes: float) -> None:
        super().__init__(f"boot-{DAYS - 1}", round(minutes * MINUTE_MS))


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    """Thirty days of a branch, real files: a boot a day, some answers each, the last day until 13:00."""
    chance = random.Random(30)
    kiosk = Kiosk(tmp_path_factory.mktemp("month") / "state", utc_ms=MORNING_MS, wall_ms=MORNING_MS)
    kiosk.boots = []
    for day in range(DAYS):
        kiosk.boots.append((f"boot-{day}", MORNING_MS + (day - DAYS + 1) * DAY_MS))
        kiosk.boot_ms = 0
        kiosk.learn(0, 0, 0)
        for _ in range(chance.choice((0, 6, 14, 40)) if day < DAYS - 1 else 48):
            kiosk.press(chance.choice((5, 5, 5, 4, 4, 3, 2, 1)), chance.randrange(30_000, 9 * MINUTE_MS))
            kiosk.follows(Kind.OUTCOME, 1)
    return kiosk


def day_of(month: Kiosk, back: int, minutes: float = 240) -> StaffSheet:
    return StaffSheet(
        sheet(month.settings, At(minutes), None, exact=False, back=back), NOON_MS, True, ADDRESS
    )


@dataclass
class Memory:
    """Remembers wrong PINs as long as the test lives."""

    raw: bytes | None = None

    def read(self) -> bytes | None:
        return self.raw

    def write(self, raw: bytes) -> None:
        self.raw = raw


@dataclass
class Branch:
    """A kiosk before customers, and somebody of its staff."""

    driver: Any
    desk: Any
    overlay: Any
    saved: list[StaffSheet] = field(default_factory=list)

    def hold(self, x: float, y: float, seconds: float = 3.2) -> None:
        touch = self.driver.touch(x, y)
        self.wait(seconds)
        touch.touch_up()
        self.driver.tick(2)

    def wait(self, seconds: float) -> None:
        """So long, without the frames between: nothing moves on these screens."""
        FakeTime.now += seconds
        self.driver.tick(2)

    def hold_the_corner(self, seconds: float = 3.2) -> None:
        layout = self.driver.app.layout
        self.hold(10 if layout.mirrored else layout.width - 10, 10, seconds)

    def tap(self, box: Any) -> None:
        self.driver.touch(box.x + box.w / 2, box.y + box.h / 2).touch_up()
        self.driver.tick(2)

    def type(self, pin: str = PIN) -> None:
        for sign in [*pin, "open"]:
            self.tap(self.overlay.shown._keys[sign])

    def open_the_day(self) -> None:
        self.hold_the_corner()
        self.type()

    @property
    def words(self) -> list[str]:
        """Every line that is drawn."""
        return [] if self.overlay.shown is None else lines_of(self.overlay.shown)


def lines_of(board: Any) -> list[str]:
    return [line.text for one in board.children for line in getattr(one, "lines", ())]


Opened = Callable[..., Branch]


@pytest.fixture
def branch(driver: Open, month: Kiosk) -> Opened:
    """Opens a kiosk whose staff have a PIN; to be called with the window's size and the survey's languages."""

    def opened(
        width: int = 1280, height: int = 800, *, pin: str = PIN, day: Any = None, **options: Any
    ) -> Branch:
        from kiosk.staff_desk import StaffDesk
        from kiosk.ui.staff.overlay import StaffOverlay
        from kiosk.ui.window import soon

        kept = hashed(pin, bytes(16)) if pin else ""
        desk: Any = StaffDesk(
            WindowClock(),
            lambda: kept,
            Memory(),
            day or (lambda back: day_of(month, back)),
            lambda run: run(),
            soon,
        )
        saved: list[StaffSheet] = []
        overlays: list[Any] = []

        def save(shown: StaffSheet) -> str:
            saved.append(shown)
            return "k-1.png"

        def over(worn: Any) -> Any:
            overlays.append(StaffOverlay(desk, worn, "b12", save))
            return overlays[0]

        kiosk = driver(width, height, over=over, **options)
        return Branch(kiosk, desk, overlays[0], saved)

    return opened


def test_the_corner_held_and_the_pin_open_the_day_and_close_ends_it(branch: Opened) -> None:
    kiosk = branch()
    kiosk.hold_the_corner()
    assert "For staff: the PIN" in kiosk.words
    assert not any(sign in word for word in kiosk.words for sign in PIN if len(word) > 1)

    kiosk.type()
    assert "Today" in kiosk.words

    kiosk.tap(kiosk.overlay.shown.places.keys[-1].target)
    assert kiosk.words == []


def test_customers_see_nothing_of_it_and_a_press_while_the_corner_is_held_counts(branch: Opened) -> None:
    kiosk = branch()
    kiosk.hold_the_corner(seconds=2)
    assert not kiosk.overlay.is_open

    kiosk.driver.tap(Rating.BAD)
    kiosk.driver.tick(2)
    assert len(kiosk.driver.recorder.waiting) == 1


def test_while_staff_read_no_face_can_be_touched_through_the_figures(branch: Opened) -> None:
    kiosk = branch()
    kiosk.open_the_day()
    kiosk.driver.tap(Rating.EXCELLENT)
    kiosk.driver.tick(2)

    assert kiosk.driver.recorder.waiting == []


def test_a_wrong_pin_says_so_and_many_of_them_lock_it(branch: Opened) -> None:
    kiosk = branch()
    kiosk.hold_the_corner()
    kiosk.type("314159")
    assert "That PIN is not right." in kiosk.words

    for _ in range(4):
        kiosk.type("314159")
    kiosk.type()

    assert "Too many wrong PINs. Please wait 1 min." in kiosk.words


def test_without_a_pin_it_says_how_to_set_one(branch: Opened) -> None:
    kiosk = branch(pin="")
    kiosk.hold_the_corner()

    assert "No PIN is set yet" in kiosk.words
    assert any("central pin b12" in word for word in kiosk.words)


def test_it_closes_by_itself(branch: Opened) -> None:
    kiosk = branch()
    kiosk.open_the_day()
    kiosk.wait(61)

    assert not kiosk.overlay.is_open


def figures_of(told: dict[str, Any]) -> set[str]:
    """Every figure of the JSON that belongs on the screen, as it is written there."""
    wanted = {str(told["counted"][rating.word]) for rating in SHOWN_ORDER}
    wanted.add(str(sum(told["set_aside"].values())))
    wanted.add(str(told["unsent"]["answers"]))
    if told["sli"]["value"] is not None:
        wanted.add(figure(told["sli"]["value"]))
    return wanted


@pytest.mark.parametrize("language", texts.shipped())
def test_the_screen_shows_what_the_command_shows_for_every_day_of_a_month(
    branch: Opened, month: Kiosk, survey_of: Callable[..., Any], language: str
) -> None:
    kiosk = branch(survey=survey_of((language,)))
    words = staff_texts.load(language)
    kiosk.open_the_day()
    for back in range(0, DAYS, 2 if language == "en" else 14):
        while kiosk.desk.staff.days_back < back:
            kiosk.desk.leaf(1)
        kiosk.driver.tick(3)
        told = as_json(sheet(month.settings, At(240), None, exact=False, back=back))
        shown = kiosk.words
        assert figures_of(told) <= set(shown), (back, shown)
        assert any(str(told["n"]) in line for line in shown)
        if told["sli"]["value"] is None and told["n"]:
            assert " ".join(words.too_few.split()) in " ".join(" ".join(shown).split())
        for span in ("week", "month"):
            value = told[span]["value"]
            assert value is None or any(figure(value) in line for line in shown)


def test_one_more_press_changes_nothing_on_the_screen_until_the_step_is_due(
    branch: Opened, tmp_path: Path
) -> None:
    few = Kiosk(tmp_path / "state", utc_ms=MORNING_MS, wall_ms=MORNING_MS)
    few.boots = [(f"boot-{DAYS - 1}", MORNING_MS)]
    few.boot_ms = 0
    few.learn(0, 0, 0)
    for value in (5, 5, 4, 3, 2, 1):
        few.press(value, MINUTE_MS)
        few.follows(Kind.OUTCOME, 1)
    kiosk = branch(day=lambda back: day_of(few, back, 29))

    def looked() -> list[str]:
        kiosk.open_the_day()
        words = kiosk.words
        kiosk.desk.close()
        kiosk.driver.tick(2)
        return words

    before = looked()
    few.press(1, 14 * MINUTE_MS)  # at 09:20

    assert looked() == before
    assert any("6 counted" in word for word in before)


PANELS = [(800, 480), (1024, 600), (1280, 800), (1920, 1080), (1080, 1920)]


@pytest.mark.parametrize(("width", "height"), PANELS)
def test_no_word_is_cut_on_any_panel_in_any_language(
    branch: Opened, month: Kiosk, width: int, height: int
) -> None:
    from kiosk.ui.staff.day import Shown, StaffDay
    from kiosk.ui.staff.pad import Pad
    from kiosk.ui.staff.said import said
    from kiosk.ui.theme import PAPER

    branch()  # letters need a window
    days = [day_of(month, 0), day_of(month, 9)]
    pads = [Staff(View.PIN, wrong=True), Staff(View.PIN, locked_until_ms=3_600_000), Staff(View.NO_PIN)]
    for language in staff_texts.shipped():
        words = staff_texts.load(language)
        place = layout(panel(width, height), mirrored=texts.right_to_left(language))
        drawn, pad = StaffDay(place, PAPER), Pad(place, PAPER, "baku-nizami-12")
        lines: list[str] = []
        for day in days:
            for code in ("", ADDRESS):
                shown = Shown(said(day, words), by_phone=code, can_go_by_phone=True, can_go_later=True)
                drawn.show(shown, words)
                lines += lines_of(drawn)
        for staff in pads:
            pad.show(staff, 0, words)
            lines += lines_of(pad)
        assert not [line for line in lines if line.endswith("…")], language


@pytest.mark.parametrize(("width", "height"), PANELS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_every_key_is_as_large_as_a_finger_needs(width: int, height: int, *, mirrored: bool) -> None:
    place = layout(panel(width, height), mirrored=mirrored)
    pad = pad_places(place)
    boxes = [key.target for key in day_places(place).keys] + [box for _, box in pad.keys] + [pad.close]

    for box in boxes:
        assert place.panel.across_mm(box.w) >= KEY_MM - 0.2, box
        assert place.panel.down_mm(box.h) >= KEY_MM - 0.2, box
        assert min(box.x, box.y) >= 0, box
        assert (box.x + box.w <= width, box.y + box.h <= height) == (True, True), box


def test_a_picture_is_saved_of_what_is_shown(branch: Opened) -> None:
    kiosk = branch()
    kiosk.open_the_day()
    kiosk.tap(kiosk.overlay.shown.places.keys[1].target)

    assert [day.sheet.summary.n for day in kiosk.saved] == [kiosk.desk.day.sheet.summary.n]
    assert "Saved: k-1.png. The next stick takes it along." in kiosk.words
