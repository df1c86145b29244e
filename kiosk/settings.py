"""``kiosk.toml`` as frozen values. Every error is one sentence: file, line, key, what it is and should be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from feedback.errors import SettingsError
from feedback.ratings import SHOWN_ORDER, Rating

LAST_GPIO = 27
"""The header's pins are GPIO 0 to 27."""
WIDTH_PX, HEIGHT_PX = 1280, 800
BALLAST_MB, MOST_BALLAST_MB = 16, 1024
FEWEST_PX, MOST_PX = 240, 8192
THEMES = ("paper", "night", "brand", "high_contrast")
FACTORIES = ("lgpio", "mock")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Ids stand in addresses, signatures and file names, so they need no quoting anywhere."""
FINGERPRINT = re.compile(r"[0-9a-fA-F]{64}")

REQUIRED = {
    "kiosk": ("id", "branch", "touchpoint", "name"),
    "central": ("url", "fingerprint"),
    "files": ("folder",),
}
OPTIONAL = {
    "kiosk": ("organisation",),
    "files": ("copy", "ballast_mb"),
    "screen": ("width_px", "height_px", "fullscreen", "theme"),
    "buttons": tuple(rating.word for rating in SHOWN_ORDER),
    "lamps": tuple(rating.word for rating in SHOWN_ORDER),
    "pins": ("factory",),
}
SECTIONS = tuple(dict.fromkeys((*REQUIRED, *OPTIONAL)))


@dataclass(frozen=True, slots=True)
class KioskPlace:
    """Which kiosk this is and where it stands."""

    id: str
    branch: str
    touchpoint: str
    name: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class CentralAddress:
    """Where central is, and the SHA-256 of its signing key, by which it is known."""

    url: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Files:
    """
    Where the kiosk keeps everything; each process owns one folder below.

    Attributes:
        copy: A folder on another device for a second copy of every answer; None: there is none.
        ballast_mb: Megabytes kept for the day when the card is full.
    """

    folder: Path
    copy: Path | None = None
    ballast_mb: int = BALLAST_MB

    @property
    def ballast_bytes(self) -> int:
        return self.ballast_mb << 20


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The panel, and how it is drawn on."""

    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX
    fullscreen: bool = True
    theme: str = "paper"


@dataclass(frozen=True, slots=True)
class PinSettings:
    """What drives the pins: ``lgpio`` on a Raspberry Pi, ``mock`` anywhere else."""

    factory: str = "lgpio"


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What belongs to the place: identity, network, panel, pins, screen.

    Attributes:
        buttons: The GPIO of each rating's button; empty for a kiosk with only a touch screen.
        lamps: The GPIO of each rating's lamp.
    """

    kiosk: KioskPlace
    central: CentralAddress
    files: Files
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    buttons: Mapping[Rating, int] = field(default_factory=lambda: MappingProxyType({}))
    lamps: Mapping[Rating, int] = field(default_factory=lambda: MappingProxyType({}))
    pins: PinSettings = field(default_factory=PinSettings)

    @property
    def answers_folder(self) -> Path:
        """Owned and written by the screen's process alone."""
        return self.files.folder / "answers"

    @property
    def answers_db(self) -> Path:
        return self.answers_folder / "answers.db"

    @property
    def sync_folder(self) -> Path:
        """Owned and written by the sync agent alone."""
        return self.files.folder / "sync"

    @property
    def sync_db(self) -> Path:
        return self.sync_folder / "sync.db"

    @property
    def device_key(self) -> Path:
        return self.sync_folder / "device.key"

    @property
    def documents(self) -> Path:
        """The survey and settings documents that central sent."""
        return self.sync_folder / "documents"


def load(path: Path) -> Settings:
    """
    The settings in the file at *path*. A relative ``files.folder`` is meant from the file's own folder.

    Raises:
        SettingsError: It cannot be read, or says something that cannot be meant.
    """
    sheet = _Sheet(path)
    buttons, lamps = sheet.pins("buttons"), sheet.pins("lamps")
    sheet.refuse_shared_pins(buttons, lamps)
    return Settings(
        KioskPlace(
            sheet.id("kiosk", "id"),
            sheet.id("kiosk", "branch"),
            sheet.id("kiosk", "touchpoint"),
            sheet.text("kiosk", "name"),
            sheet.text("kiosk", "organisation", ""),
        ),
        CentralAddress(sheet.url("central", "url"), sheet.fingerprint("central", "fingerprint")),
        Files(
            path.absolute().parent / Path(sheet.text("files", "folder")).expanduser(),
            sheet.other_folder("files", "copy"),
            sheet.whole("files", "ballast_mb", 0, MOST_BALLAST_MB, BALLAST_MB),
        ),
        ScreenSettings(
            sheet.whole("screen", "width_px", FEWEST_PX, MOST_PX, WIDTH_PX),
            sheet.whole("screen", "height_px", FEWEST_PX, MOST_PX, HEIGHT_PX),
            sheet.switch("screen", "fullscreen", default=True),
            sheet.one_of("screen", "theme", THEMES),
        ),
        buttons,
        lamps,
        PinSettings(sheet.one_of("pins", "factory", FACTORIES)),
    )


class _Sheet:
    """The parsed file together with its text, so that an error can name the line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError(
                f"{path} cannot be read ({reason}): expected the kiosk's settings file"
            ) from None
        try:
            self._sections: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path} is not TOML: {error}") from None
        self._refuse_unknown()
        self._refuse_missing()

    def text(self, section: str, key: str, default: str | None = None) -> str:
        raw = self._raw(section, key, default)
        if not isinstance(raw, str) or (key in REQUIRED.get(section, ()) and not raw.strip()):
            self._refuse(section, key, "a text in quotes that is not empty")
        return raw

    def id(self, section: str, key: str) -> str:
        raw = self.text(section, key)
        if not ID.fullmatch(raw):
            self._refuse(section, key, "up to 64 letters, digits, dots, hyphens and underscores")
        return raw

    def other_folder(self, section: str, key: str) -> Path | None:
        """A folder named in full: where devices are mounted does not depend on where the file is."""
        raw = self._raw(section, key, None)
        if raw is None:
            return None
        if not isinstance(raw, str) or not raw.startswith("/"):
            self._refuse(section, key, 'a whole path in quotes, such as "/media/copy"')
        return Path(raw)

    def whole(self, section: str, key: str, least: int, most: int, default: int) -> int:
        raw = self._raw(section, key, default)
        # bool is an int to Python and not to anybody else.
        if type(raw) is not int or not least <= raw <= most:
            self._refuse(section, key, f"a whole number from {least} to {most}, without quotes")
        return raw

    def switch(self, section: str, key: str, *, default: bool) -> bool:
        raw = self._raw(section, key, default)
        if not isinstance(raw, bool):
            self._refuse(section, key, "true or false, without quotes")
        return raw

    def one_of(self, section: str, key: str, words: Sequence[str]) -> str:
        """One of *words*, the first of which is meant when nothing is said."""
        raw = self._raw(section, key, words[0])
        if raw not in words:
            self._refuse(section, key, "one of " + ", ".join(f'"{word}"' for word in words))
        return str(raw)

    def url(self, section: str, key: str) -> str:
        """An address that paths can be appended to."""
        raw = self.text(section, key)
        expected = 'an address such as "https://central.example", nothing after the path'
        try:
            parts = urlsplit(raw)
            reachable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            self._refuse(section, key, expected)
        plain = not re.search(r"[\s?#@]", raw)
        if parts.scheme not in {"http", "https"} or not reachable or not plain:
            self._refuse(section, key, expected)
        return raw.rstrip("/")

    def fingerprint(self, section: str, key: str) -> str:
        raw = self.text(section, key)
        if not FINGERPRINT.fullmatch(raw):
            self._refuse(section, key, "the 64 hex digits that `central init` printed")
        return raw.lower()

    def pins(self, section: str) -> Mapping[Rating, int]:
        """The GPIO that *section* gives to each rating, in the file's order."""
        words = self._sections.get(section, {})
        return MappingProxyType({Rating.named(word): self._gpio(section, word) for word in words})

    def refuse_shared_pins(self, buttons: Mapping[Rating, int], lamps: Mapping[Rating, int]) -> None:
        taken: dict[int, tuple[str, str]] = {}
        for section, pins in (("buttons", buttons), ("lamps", lamps)):
            for rating, gpio in pins.items():
                if gpio in taken:
                    self._refuse_pin(gpio, taken[gpio], (section, rating.word))
                taken[gpio] = (section, rating.word)

    def _refuse_pin(self, gpio: int, first: tuple[str, str], second: tuple[str, str]) -> NoReturn:
        where = self._where(*second)
        if first[0] == second[0]:
            raise SettingsError(
                f"{where}: GPIO {gpio} is given to both {first[1]} and {second[1]} in [{second[0]}]: "
                "give each rating its own pin"
            )
        raise SettingsError(
            f"{where}: GPIO {gpio} is given to the lamp of {second[1]} and to the button of {first[1]}: "
            "give the lamp its own pin"
        )

    def _gpio(self, section: str, key: str) -> int:
        raw = self._sections[section][key]
        if type(raw) is not int or not 0 <= raw <= LAST_GPIO:
            self._refuse(section, key, f"a GPIO number from 0 to {LAST_GPIO}, without quotes")
        return raw

    def _raw(self, section: str, key: str, default: Any) -> Any:
        return self._sections.get(section, {}).get(key, default)

    def _refuse_unknown(self) -> None:
        for section, keys in self._sections.items():
            if section not in SECTIONS:
                where = self._where(section)
                raise SettingsError(
                    f"{where}: [{section}] is not known: {_nearest(section, SECTIONS, '[{}]')}"
                )
            if not isinstance(keys, dict):
                raise SettingsError(
                    f"{self._where(section)}: {section} = {_toml(keys)}: expected a section [{section}]"
                )
            known = (*REQUIRED.get(section, ()), *OPTIONAL.get(section, ()))
            for key in keys:
                if key not in known:
                    where = self._where(section, key)
                    raise SettingsError(
                        f"{where}: [{section}] {key} is not known: {_nearest(key, known, '{}')}"
                    )

    def _refuse_missing(self) -> None:
        for section, keys in REQUIRED.items():
            if section not in self._sections:
                raise SettingsError(
                    f"{self._path}: [{section}] is missing: expected it with {_listed(keys, 'and')}"
                )
            for key in keys:
                if key not in self._sections[section]:
                    where = self._where(section)
                    raise SettingsError(f"{where}: [{section}] has no {key}: expected {_listed(keys, 'and')}")

    def _refuse(self, section: str, key: str, expected: str) -> NoReturn:
        shown = _toml(self._raw(section, key, None))
        raise SettingsError(f"{self._where(section, key)}: [{section}] {key} = {shown}: expected {expected}")

    def _where(self, section: str, key: str | None = None) -> str:
        line = _line(self._text, section, key)
        return f"{self._path}, line {line}" if line else str(self._path)


def _line(text: str, section: str, key: str | None) -> int | None:
    """
    The line that says *key* of *section*, or else the section's first; tomllib keeps no lines.

    Good for the way people write settings; a key inside an inline table is found at its section's line.
    """
    inside, opened = "", None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        if header:
            inside = header[1].strip("\"'")
        said = re.match(r"\s*([^=\[#]+?)\s*=", line)
        name = re.sub(r"[\"'\s]", "", said[1]) if said else ""
        path = f"{inside}.{name}" if inside else name
        if key is not None and path == f"{section}.{key}":
            return number
        if opened is None and (inside == section or path.partition(".")[0] == section):
            opened = number
    return opened


def _nearest(word: str, known: Sequence[str], shape: str) -> str:
    near = get_close_matches(word, known, 1, 0.5)
    if near:
        return f"did you mean {shape.format(near[0])}?"
    return f"expected {_listed([shape.format(name) for name in known], 'or')}"


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _toml(raw: Any) -> str:
    """*raw* about as it stands in the file."""
    if isinstance(raw, bool):
        return str(raw).lower()
    return f'"{raw}"' if isinstance(raw, str) else str(raw)
