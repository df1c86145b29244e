"""Draws every screen in every language, on every panel and in every theme, and says what is wrong with it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from kiosk import texts
from kiosk.panel import KNOWN_MM, Panel, panel
from kiosk.settings import THEMES
from scripts.gallery import played
from scripts.gallery.played import PlayedKiosk

BUILD = Path("build")
OTHER_THEMES_IN = ("en", "ar")
THUMB_PX, GAP_PX = 240, 8
SHEET_PX = 3_840
"""The largest contact sheet."""


def main() -> int:
    """Draw; 1 if something is wrong with a screen."""
    options = _options()
    played.prepare(SHEET_PX, BUILD / "kivy")
    wrong = drawn = 0
    for theme in options.themes:
        languages = options.languages if theme == THEMES[0] or options.all else OTHER_THEMES_IN
        for glass in options.panels:
            found = [_visit(glass, language, theme, options.folder) for language in languages]
            drawn += sum(len(pictures) for pictures, _ in found)
            wrong += sum(faults for _, faults in found)
            name = f"{glass.width_px}x{glass.height_px}-{theme}"
            _contact_sheet([pictures for pictures, _ in found], glass, options.folder / f"all-{name}.png")
            print(f"pictures: {name}: {', '.join(languages)}", flush=True)
    print(f"pictures: {drawn} in {options.folder}, {wrong} faults")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="scripts/pictures", description=__doc__)
    reader.add_argument("--folder", type=Path, default=BUILD / "pictures")
    reader.add_argument("--languages", nargs="+", default=list(texts.shipped()), choices=texts.shipped())
    reader.add_argument("--themes", nargs="+", default=list(THEMES), choices=THEMES)
    reader.add_argument(
        "--all", action="store_true", help="every theme in every language, not only in en and ar"
    )
    sizes = {f"{width}x{height}": panel(width, height) for width, height in KNOWN_MM}
    reader.add_argument("--panels", nargs="+", default=list(sizes), choices=sizes)
    options = reader.parse_args()
    options.panels = [sizes[name] for name in options.panels]
    return options


def _visit(glass: Panel, language: str, theme: str, folder: Path) -> tuple[list[Path], int]:
    """One visit: its pictures, and how many faults were said."""
    from kiosk.ui.pictures import save
    from scripts.gallery.faults import faults
    from scripts.gallery.scenes import everything, large_scenes, scenes

    pictures, count = [], 0
    for play in (scenes, large_scenes):
        kiosk = PlayedKiosk(glass, everything(language), theme)
        for scene in play(kiosk):
            path = folder / theme / f"{glass.width_px}x{glass.height_px}" / f"{scene}-{language}.png"
            save(path)
            pictures.append(path)
            for fault in faults(kiosk.stage.front):
                count += 1
                print(f"pictures: {path}: {fault}", file=sys.stderr)
        kiosk.close()
    return pictures, count


def _contact_sheet(rows: list[list[Path]], glass: Panel, path: Path) -> None:
    """All of them small on one picture: a row for each language."""
    from kivy.core.image import Image
    from kivy.core.window import Window
    from kivy.graphics import Color, Rectangle

    from kiosk.ui.pictures import save

    most = max(map(len, rows))
    thumb = min(THUMB_PX, SHEET_PX // most - GAP_PX)
    high = round(thumb * glass.height_px / glass.width_px)
    sheet: Any = Window.canvas
    sheet.clear()
    Window.size = (most * (thumb + GAP_PX), len(rows) * (high + GAP_PX))
    with sheet:
        Color(0.35, 0.35, 0.35, 1)
        Rectangle(pos=(0, 0), size=Window.size)
        Color(1, 1, 1, 1)
        for row, pictures in enumerate(rows):
            for column, picture in enumerate(pictures):
                x, y = column * (thumb + GAP_PX), (len(rows) - 1 - row) * (high + GAP_PX)
                texture = Image(str(picture), mipmap=True, nocache=True).texture
                Rectangle(texture=texture, pos=(x + GAP_PX / 2, y + GAP_PX / 2), size=(thumb, high))
    save(path)
    sheet.clear()


if __name__ == "__main__":
    sys.exit(main())
