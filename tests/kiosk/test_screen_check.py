"""What doctor says of the screen, without a window."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.panel import KNOWN_MM
from kiosk.screen_check import SHIPPED_SURVEY, screen_checks
from kiosk.settings import CentralAddress, Files, KioskPlace, ScreenSettings, Settings
from kiosk.storage.checkup import Verdict


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        KioskPlace("k-1", "b-1", "exit-1", "Exit"),
        CentralAddress("https://central.example", "ab" * 32),
        Files(tmp_path),
    )


def asking(settings: Settings, **changes: object) -> list[str]:
    document = json.loads(SHIPPED_SURVEY.read_text()) | changes
    settings.documents.mkdir(parents=True)
    (settings.documents / "survey.json").write_text(json.dumps(document))
    return [check.sentence for check in screen_checks(settings) if check.name == "texts"]


@pytest.mark.parametrize("size", KNOWN_MM)
def test_a_panel_we_know_is_well(settings: Settings, size: tuple[int, int]) -> None:
    found = screen_checks(replace(settings, screen=ScreenSettings(*size)))
    assert {check.verdict for check in found} == {Verdict.OK}


def test_a_panel_too_small_for_fingers_is_refused(settings: Settings) -> None:
    screen = ScreenSettings(800, 480, width_mm=108.0, height_mm=65.0)
    [panel, *_] = screen_checks(replace(settings, screen=screen))
    assert panel.verdict is Verdict.FAILURE
    assert "too small for fingers (at least 24 and 20 mm)" in panel.sentence


def test_a_panel_nobody_measured_is_warned_of(settings: Settings) -> None:
    found = screen_checks(replace(settings, screen=ScreenSettings(1366, 768)))
    assert any(
        check.verdict is Verdict.WARNING and "width_mm and height_mm" in check.sentence for check in found
    )


def test_a_text_that_falls_back_is_reported(settings: Settings) -> None:
    question = {"id": "visit", "kind": "rating", "texts": {"en": "How was it?"}}
    said = asking(settings, languages=["en", "az"], questions=[question])
    assert said == ["question visit has no text in az: it is shown in en; add it to the survey"]


def test_a_language_the_program_does_not_speak_is_reported(settings: Settings) -> None:
    question = {"id": "visit", "kind": "rating", "texts": {"en": "How was it?", "ka": "?"}}
    said = asking(settings, languages=["en", "ka"], questions=[question])
    assert said == ["ka has no texts of the program's own: they are shown in English"]


def test_a_letter_that_no_font_has_is_reported(settings: Settings) -> None:
    question = {"id": "visit", "kind": "rating", "texts": {"en": "How was it \U0001f9ff?"}}
    [said] = asking(settings, languages=["en"], questions=[question])
    assert said.startswith("question visit in en: no font has '\U0001f9ff'")


def test_the_check_opens_no_window() -> None:
    program = "import sys; import kiosk.screen_check; sys.exit('kivy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
