"""Makes the kiosk's font files out of Debian's: small ones for the tree, whole ones for a package."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from kiosk.ui.typefaces import ARABIC, CHINESE, DEVANAGARI, SHIPPED, Script

ROOT = Path(__file__).parent.parent
WEIGHTS = ("Regular", "Bold")
FOUNDRY = "Noto Sans CJK SC"
"""Of the collection's fonts the one with the shapes of simplified Chinese."""
LETTERS = {
    ARABIC: "\u060c\u061b\u061f\u066a\u066b\u066c"
    + "".join(map(chr, (*range(0x621, 0x653), *range(0x660, 0x66A)))),
    DEVANAGARI: "".join(map(chr, range(0x900, 0x980))),
    CHINESE: "、。，．：；？！（）「」『』《》“”‘’…—·％",
}
"""What a text may get tomorrow without new files; of Chinese only signs, its characters are too many."""
LICENCES = {ARABIC: "fonts-noto-core", DEVANAGARI: "fonts-noto-core", CHINESE: "fonts-noto-cjk"}


def shipped_letters() -> str:
    """Every character of the texts in the tree."""
    texts = sorted((ROOT / "kiosk" / "texts").rglob("*.json"))
    files = (*texts, ROOT / "kiosk" / "survey.json", ROOT / "scripts" / "gallery" / "survey.json")
    return "".join(text for path in files for text in _texts(json.loads(path.read_text(encoding="utf-8"))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def whole(debian: Path, script: Script, weight: str) -> TTFont:
    """The font of *script* as Debian has it; of a collection the one meant."""
    path = debian / "usr/share/fonts" / script.debian.format(weight=weight)
    if path.suffix != ".ttc":
        return TTFont(path)
    fonts = TTCollection(path, lazy=True).fonts
    return next(font for font in fonts if font["name"].getDebugName(1).startswith(FOUNDRY))


def small(font: TTFont, script: Script) -> TTFont:
    """*font* with the letters of the shipped texts, and all that shapes them."""
    options = subset.Options(
        layout_features=["*"], hinting=False, name_IDs=["*"], notdef_outline=True, glyph_names=False
    )
    cut = subset.Subsetter(options)
    # Spaces and signs inside a word's font, so that a line is not cut into pieces at each of them.
    # And the circle on which a sign stands that belongs on a letter: on its key it has none.
    signs = " \u00a0.,:;!?()-\u2013«»\u25cc"
    cut.populate(text=LETTERS[script] + signs + shipped_letters())
    cut.subset(font)
    return font


def main() -> None:
    """Write the files."""
    reader = argparse.ArgumentParser(prog="scripts/fonts")
    reader.add_argument("debian", type=Path)
    reader.add_argument("--full", type=Path)
    options = reader.parse_args()
    folder: Path = options.full or SHIPPED
    folder.mkdir(parents=True, exist_ok=True)
    for script in LETTERS:
        for weight in WEIGHTS:
            font = whole(options.debian, script, weight)
            font.recalcTimestamp = False  # the same letters give the same file
            path = folder / f"{script.family}-{weight}.{script.suffix}"
            (font if options.full else small(font, script)).save(path)
            print(f"{path}: {path.stat().st_size:,} bytes")
    for package in sorted(set(LICENCES.values())):
        shutil.copy(options.debian / "usr/share/doc" / package / "copyright", folder / f"{package}.copyright")


if __name__ == "__main__":
    main()
