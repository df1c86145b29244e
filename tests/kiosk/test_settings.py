"""kiosk.toml: what it may say, and the sentence for everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedback.errors import SettingsError
from feedback.ratings import Rating
from kiosk.settings import CentralAddress, KioskPlace, PinSettings, ScreenSettings, load

PRINT = "ab" * 32
LEAST = f"""\
[kiosk]
id = "k-1"
branch = "b12"
touchpoint = "exit-1"
name = "Exit of the main hall"

[central]
url = "https://central.example/"
fingerprint = "{PRINT.upper()}"

[files]
folder = "state"
"""
REST = """
[screen]
width_px = 800
height_px = 480
fullscreen = false
theme = "night"

[buttons]
excellent = 5
good = 17

[lamps]
good = 27

[pins]
factory = "mock"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(text)
    return path


def sentence(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(SettingsError) as refused:
        load(path)
    said = str(refused.value)
    assert said.startswith(str(path))
    assert "\n" not in said
    return said.removeprefix(str(path))


def test_the_least_a_kiosk_must_say(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST))

    assert settings.kiosk == KioskPlace("k-1", "b12", "exit-1", "Exit of the main hall")
    assert settings.central == CentralAddress("https://central.example", PRINT)
    assert settings.screen == ScreenSettings(1280, 800, fullscreen=True, theme="paper")
    assert (settings.buttons, settings.lamps, settings.pins) == ({}, {}, PinSettings("lgpio"))
    assert (settings.files.copy, settings.files.ballast_bytes) == (None, 16 << 20)


def test_everything_it_may_say(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST + REST))

    assert settings.screen == ScreenSettings(800, 480, fullscreen=False, theme="night")
    assert settings.buttons == {Rating.EXCELLENT: 5, Rating.GOOD: 17}
    assert settings.lamps == {Rating.GOOD: 27}
    assert settings.pins == PinSettings("mock")


def test_a_second_copy_and_a_ballast_of_another_size(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST + 'copy = "/media/copy"\nballast_mb = 4\n'))

    assert (settings.files.copy, settings.files.ballast_bytes) == (Path("/media/copy"), 4 << 20)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'copy = "copy"',
            ', line 13: [files] copy = "copy": expected a whole path in quotes, such as "/media/copy"',
        ),
        ("copy = 1", ', line 13: [files] copy = 1: expected a whole path in quotes, such as "/media/copy"'),
        ("ballast_mb = -1", ", line 13: [files] ballast_mb = -1: expected a whole number from 0 to 1024"),
        ("balast_mb = 1", ", line 13: [files] balast_mb is not known: did you mean ballast_mb?"),
    ],
)
def test_a_mistake_about_files_is_one_sentence(tmp_path: Path, line: str, said: str) -> None:
    assert sentence(tmp_path, LEAST + line + "\n").startswith(said)


def test_a_panel_says_what_it_measures_or_is_taken_as_its_like(tmp_path: Path) -> None:
    assert load(written(tmp_path, LEAST + REST)).screen.panel.width_mm == 154
    measured = REST.replace("[buttons]", "width_mm = 152.5\nheight_mm = 92\n[buttons]")
    glass = load(written(tmp_path, LEAST + measured)).screen.panel
    assert (glass.width_px, glass.width_mm, glass.height_mm) == (800, 152.5, 92)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "width_mm = 154",
            ", line 15: [screen] width_mm stands alone: expected width_mm and height_mm, or neither",
        ),
        (
            "height_mm = 86",
            ", line 15: [screen] height_mm stands alone: expected width_mm and height_mm, or neither",
        ),
        (
            'width_mm = "154"\nheight_mm = 86',
            ', line 15: [screen] width_mm = "154": expected millimetres from 50 to 3000, without quotes',
        ),
        (
            "width_mm = 154\nheight_mm = 8.6",
            ", line 16: [screen] height_mm = 8.6: expected millimetres from 50 to 3000, without quotes",
        ),
        (
            "width_mm = true\nheight_mm = 86",
            ", line 15: [screen] width_mm = true: expected millimetres from 50 to 3000, without quotes",
        ),
    ],
)
def test_a_mistake_about_the_glass_is_one_sentence(tmp_path: Path, lines: str, said: str) -> None:
    assert sentence(tmp_path, LEAST + "\n[screen]\n" + lines + "\n") == said


def test_every_file_has_its_owner_s_folder(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST))
    folder = tmp_path / "state"

    assert settings.answers_folder == folder / "answers"
    assert settings.answers_db == folder / "answers" / "answers.db"
    assert settings.sync_folder == folder / "sync"
    assert settings.sync_db == folder / "sync" / "sync.db"
    assert settings.device_key == folder / "sync" / "device.key"
    assert settings.documents == folder / "sync" / "documents"


def test_an_absolute_folder_stays_where_it_is(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST.replace('"state"', '"/var/lib/afterword"')))

    assert settings.files.folder == Path("/var/lib/afterword")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'branch = "b12"',
            "branch = 12",
            ", line 3: [kiosk] branch = 12: expected a text in quotes that is not empty",
        ),
        (
            'name = "E',
            'name = ""#',
            ', line 5: [kiosk] name = "": expected a text in quotes that is not empty',
        ),
        (
            'id = "k-1"',
            'id = "k 1"',
            ', line 2: [kiosk] id = "k 1": expected up to 64 letters, digits, dots, hyphens and underscores',
        ),
        ('id = "k-1"\n', "", ", line 1: [kiosk] has no id: expected id, branch, touchpoint and name"),
        ("branch =", "brunch =", ", line 3: [kiosk] brunch is not known: did you mean branch?"),
        ("[central]", "[centre]", ", line 7: [centre] is not known: did you mean [central]?"),
        (
            "[central]",
            "[zzz]\n[central]",
            ", line 7: [zzz] is not known: expected [kiosk], [central], [files], [screen], [buttons]",
        ),
        ('[files]\nfolder = "state"', "", ": [files] is missing: expected it with folder"),
        (
            "https://central.example/",
            "central.example",
            ', line 8: [central] url = "central.example": expected an address such as',
        ),
        (
            "https://central.example/",
            "https://[::1",
            ', line 8: [central] url = "https://[::1": expected an address such as',
        ),
        (
            "https://central.example/",
            "https://me:secret@central.example",
            ', line 8: [central] url = "https://me:secret@central.example": expected an address such as',
        ),
        (
            PRINT.upper(),
            "ab",
            ', line 9: [central] fingerprint = "ab": expected the 64 hex digits that `central code` printed',
        ),
        (
            PRINT.upper() + '"',
            f'{PRINT}"\nsealing = "ab"',
            ', line 10: [central] sealing = "ab": expected the 64 hex digits that `central code` printed',
        ),
        (
            "width_px = 800",
            'width_px = "800"',
            ', line 15: [screen] width_px = "800": expected a whole number from 240 to 8192, without quotes',
        ),
        (
            "height_px = 480",
            "height_px = true",
            ", line 16: [screen] height_px = true: expected a whole number from 240 to 8192, without quotes",
        ),
        (
            "fullscreen = false",
            'fullscreen = "no"',
            ', line 17: [screen] fullscreen = "no": expected true or false, without quotes',
        ),
        (
            '"night"',
            '"dark"',
            ', line 18: [screen] theme = "dark": expected one of "paper", "night", "brand", "high_contrast"',
        ),
        ("good = 17", "great = 17", ", line 22: [buttons] great is not known: expected excellent, good,"),
        (
            "good = 17",
            "good = 28",
            ", line 22: [buttons] good = 28: expected a GPIO number from 0 to 27, without quotes",
        ),
        (
            "good = 17",
            'good = "17"',
            ', line 22: [buttons] good = "17": expected a GPIO number from 0 to 27, without quotes',
        ),
        (
            "good = 17",
            "good = 17\nbad = 17",
            ", line 23: GPIO 17 is given to both good and bad in [buttons]: give each rating its own pin",
        ),
        (
            "good = 27",
            "good = 27\nbad = 27",
            ", line 26: GPIO 27 is given to both good and bad in [lamps]: give each rating its own pin",
        ),
        (
            "good = 27",
            "good = 5",
            ", line 25: GPIO 5 is given to the lamp of good and to the button of excellent: give",
        ),
        ('"mock"', '"pigpio"', ', line 28: [pins] factory = "pigpio": expected one of "lgpio", "mock"'),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in LEAST + REST

    assert sentence(tmp_path, (LEAST + REST).replace(old, new, 1)).startswith(said)


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    assert sentence(tmp_path, "[kiosk\n").startswith(" is not TOML: ")
    assert "line 1" in sentence(tmp_path, "[kiosk\n")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match=r"cannot be read \(it is not UTF-8 text\): expected"):
        load(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"none\.toml cannot be read \(No such file or directory\): expected"
    ):
        load(tmp_path / "none.toml")


def test_lines_are_found_however_the_key_is_written(tmp_path: Path) -> None:
    dotted = LEAST.replace("[kiosk]\n", "").replace('id = "k-1"', "").replace('branch = "b12"', "")
    rest = dotted.replace('touchpoint = "exit-1"\n', "").replace('name = "Exit of the main hall"\n', "")
    said = sentence(tmp_path, 'kiosk.id = "a"\n"kiosk".branch = 3\n' + rest)

    assert said == ", line 1: [kiosk] has no touchpoint: expected id, branch, touchpoint and name"


def test_a_key_where_a_section_belongs(tmp_path: Path) -> None:
    assert sentence(tmp_path, "screen = 3\n" + LEAST) == ", line 1: screen = 3: expected a section [screen]"


def test_whom_to_call_and_what_to_sound(tmp_path: Path) -> None:
    settings = load(
        written(tmp_path, LEAST + '[support]\nline = "Harbour IT, 012 555 04 04"\n[sound]\nbuzzer = 12\n')
    )

    assert ("Harbour IT, 012 555 04 04", 12) == (settings.support, settings.buzzer)
    assert ("", None) == (load(written(tmp_path, LEAST)).support, load(written(tmp_path, LEAST)).buzzer)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[support]\nline = "a\\nb"', "expected one line of text in quotes"),
        ("[sound]\nbuzzer = 28", "[sound] buzzer = 28: expected a GPIO number from 0 to 27"),
        (
            "[buttons]\ngood = 12\n[sound]\nbuzzer = 12",
            "buzzer = 12: expected a GPIO that nothing else has",
        ),
    ],
)
def test_a_mistake_about_support_or_sound_is_one_sentence(tmp_path: Path, lines: str, said: str) -> None:
    assert said in sentence(tmp_path, f"{LEAST}{lines}\n")
