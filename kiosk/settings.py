"""``kiosk.toml`` as frozen values. Every error is one sentence: file, line, key, what it is and should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.panel import Panel, panel
from kiosk.settings_file import SettingsFile

WIDTH_PX, HEIGHT_PX = 1280, 800
BALLAST_MB, MOST_BALLAST_MB = 16, 1024
FEWEST_PX, MOST_PX = 240, 8192
THEMES = ("paper", "night", "brand", "high_contrast")
FACTORIES = ("lgpio", "mock")

REQUIRED = {
    "kiosk": ("id", "branch", "touchpoint", "name"),
    "central": ("url", "fingerprint"),
    "files": ("folder",),
}
OPTIONAL = {
    "kiosk": ("organisation",),
    "central": ("sealing",),
    "files": ("copy", "ballast_mb"),
    "screen": ("width_px", "height_px", "width_mm", "height_mm", "fullscreen", "theme"),
    "buttons": tuple(rating.word for rating in SHOWN_ORDER),
    "lamps": tuple(rating.word for rating in SHOWN_ORDER),
    "pins": ("factory",),
    "support": ("line",),
    "sound": ("buzzer",),
    "speech": ("key", "headphone"),
}


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
    """
    Where central is, and how it is known.

    Attributes:
        fingerprint: The SHA-256 of its signing key.
        sealing: Its public key for what only it may read, for a kiosk that is enrolled with no network; may be empty.
    """

    url: str
    fingerprint: str
    sealing: bytes = b""


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
    """
    The panel, and how it is drawn on.

    Attributes:
        width_mm: What it measures; None: as panels of these pixels do.
        height_mm: The same.
    """

    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX
    fullscreen: bool = True
    theme: str = "paper"
    width_mm: float | None = None
    height_mm: float | None = None

    @property
    def panel(self) -> Panel:
        return panel(self.width_px, self.height_px, self.width_mm, self.height_mm)


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
        support: Whom staff call when the kiosk is out of order, in one line.
        buzzer: The GPIO of a buzzer that sounds at every press; None: there is none.
        speech_key: The GPIO of the sixth key, which asks for speech; None: there is none.
        headphone: A headphone that is plugged in asks for speech.
    """

    kiosk: KioskPlace
    central: CentralAddress
    files: Files
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    buttons: Mapping[Rating, int] = field(default_factory=lambda: MappingProxyType({}))
    lamps: Mapping[Rating, int] = field(default_factory=lambda: MappingProxyType({}))
    pins: PinSettings = field(default_factory=PinSettings)
    support: str = ""
    buzzer: int | None = None
    speech_key: int | None = None
    headphone: bool = False

    @property
    def is_spoken(self) -> bool:
        """Whether somebody can ask for speech."""
        return self.headphone or self.speech_key is not None

    @property
    def answers_folder(self) -> Path:
        """Owned and written by the screen's process alone."""
        return self.files.folder / "answers"

    @property
    def answers_db(self) -> Path:
        return self.answers_folder / "answers.db"

    @property
    def screen_secret(self) -> Path:
        """What the screen signs its codes with; its own, nobody else's."""
        return self.answers_folder / "screen.secret"

    @property
    def pictures(self) -> Path:
        """Pictures of the day that staff saved, for the next stick."""
        return self.answers_folder / "pictures"

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
    sheet = SettingsFile(path, REQUIRED, OPTIONAL)
    buttons, lamps = sheet.pins("buttons"), sheet.pins("lamps")
    buzzer, speech_key = sheet.gpio("sound", "buzzer"), sheet.gpio("speech", "key")
    sheet.refuse_shared_pins(buttons, lamps)
    sheet.refuse_taken_pin("sound", "buzzer", buzzer, *buttons.values(), *lamps.values())
    sheet.refuse_taken_pin("speech", "key", speech_key, buzzer, *buttons.values(), *lamps.values())
    return Settings(
        KioskPlace(
            sheet.id("kiosk", "id"),
            sheet.id("kiosk", "branch"),
            sheet.id("kiosk", "touchpoint"),
            sheet.text("kiosk", "name"),
            sheet.text("kiosk", "organisation", ""),
        ),
        CentralAddress(
            sheet.url("central", "url"),
            sheet.hex_of_32_bytes("central", "fingerprint"),
            bytes.fromhex(sheet.hex_of_32_bytes("central", "sealing", "")),
        ),
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
            *sheet.measured("screen", ("width_mm", "height_mm")),
        ),
        buttons,
        lamps,
        PinSettings(sheet.one_of("pins", "factory", FACTORIES)),
        sheet.line("support", "line"),
        buzzer,
        speech_key,
        sheet.switch("speech", "headphone", default=False),
    )
