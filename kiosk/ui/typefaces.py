"""
The fonts: which file draws which letters, in each of the four weights the screens use.

Inter comes with the program. For Arabic, Devanagari and Chinese it brings small files with the letters its own texts
need; the whole fonts are taken where the package brought them (``full``) or Debian has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kiosk.ui.glyphs import coverage

ROLES = ("title", "word", "key", "text")
INTER = {
    "title": "InterDisplay-SemiBold.ttf",
    "word": "InterDisplay-Medium.ttf",
    "key": "Inter-Medium.ttf",
    "text": "Inter-Regular.ttf",
}
SHIPPED = Path(__file__).parent / "fonts"
FULL = SHIPPED / "full"
"""Made by ``scripts/fonts --full`` when the program is packaged; not in git."""
DEBIAN = Path("/usr/share/fonts")


@dataclass(frozen=True)
class Script:
    """
    A script that Inter does not have.

    Attributes:
        code: Its code of ISO 15924, by which HarfBuzz shapes it.
        family: The font's name in file names.
        suffix: Its file's.
        size: Times Inter's size, so that both look equally large.
        title_size: The same where it stands alone and large.
        debian: Where Debian keeps it, below its fonts' folder; of a collection the first font is taken, which for
            Chinese is the Japanese one: good enough for a letter that no other file has.
    """

    code: str
    family: str
    suffix: str
    size: float
    title_size: float
    debian: str


ARABIC = Script("Arab", "NotoSansArabic", "ttf", 1.17, 1.05, "truetype/noto/NotoSansArabic-{weight}.ttf")
DEVANAGARI = Script(
    "Deva", "NotoSansDevanagari", "ttf", 1.06, 1.0, "truetype/noto/NotoSansDevanagari-{weight}.ttf"
)
CHINESE = Script("Hani", "NotoSansCJKsc", "otf", 1.06, 1.0, "opentype/noto/NotoSansCJK-{weight}.ttc")
SCRIPTS = (ARABIC, DEVANAGARI, CHINESE)


@dataclass(frozen=True)
class Face:
    """
    One font file as it is used.

    Attributes:
        path: The file.
        script: How HarfBuzz is to shape with it; empty: as it likes.
        size: Times the size asked for.
    """

    path: Path
    script: str = ""
    size: float = 1.0

    def has(self, char: str) -> bool:
        """Whether it has a glyph for *char*."""
        return char in coverage(self.path)


@cache
def faces(role: str) -> tuple[Face, ...]:
    """The fonts for *role*; the first that has a letter draws it."""
    return tuple(face for face in _candidates(role) if face.path.exists())


def shipped_faces(role: str) -> tuple[Face, ...]:
    """Those of them that come with the program and are in git."""
    return tuple(face for face in _candidates(role) if face.path.parent == SHIPPED)


def _candidates(role: str) -> Iterator[Face]:
    yield Face(SHIPPED / INTER[role])
    weight = "Regular" if role == "text" else "Bold"
    for script in SCRIPTS:
        name = f"{script.family}-{weight}.{script.suffix}"
        whole = DEBIAN / script.debian.format(weight=weight)
        # Whole words must come out of one file, so the larger one first; but the Chinese one before the Japanese.
        small = SHIPPED / name
        for path in (FULL / name, *((small, whole) if script is CHINESE else (whole, small))):
            yield Face(path, script.code, script.title_size if role == "title" else script.size)
    # Kivy's own has Georgian, Hebrew, Greek and many signs.
    kivy = find_spec("kivy")
    if kivy is not None and kivy.origin is not None:
        yield Face(Path(kivy.origin).parent / "data" / "fonts" / "DejaVuSans.ttf")
