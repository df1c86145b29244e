"""What can be wrong with a screen: text that is cut, missing, over an edge or over other text; keys too small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.keyboards import LETTER_MM
from kiosk.panel import KEY_MM, Panel
from kiosk.ui.layout import Box, Layout
from kiosk.ui.lettering import Lettering, Line
from kiosk.ui.theme import Colour, Theme
from scripts.gallery.ink import ink, overlap

NPS_KEY_MM = 18.5
"""Eleven keys of 20 mm are wider than a 10 inch panel; theirs are higher instead."""
LARGE, NORMAL, EDGE = 3.0, 4.5, 3.0
"""WCAG 2.2 AA: 1.4.3 for large and for other text, 1.4.11 for what must be seen to be used."""


def faults(screen: Any) -> list[str]:
    """Everything wrong with the screen in front, a sentence each."""
    layout: Layout = screen.layout
    return [*_texts(screen, layout), *_targets(screen, layout)]


def letterings(screen: Any) -> Iterator[Lettering]:
    """The texts that can be seen: a list of languages covers all others."""
    languages = screen.ids.get("languages") if hasattr(screen, "ids") else None
    top = languages if languages is not None and languages.is_open else screen
    for widget in top.walk(restrict=True):
        if isinstance(widget, Lettering):
            yield widget


def _texts(screen: Any, layout: Layout) -> Iterator[str]:
    inked: list[tuple[Line, Box]] = []
    for lettering in letterings(screen):
        yield from _cut(lettering)
        for line in lettering.lines:
            if line.missing:
                yield f"{line.text!r}: no font has {line.missing!r}"
            box = ink(line)
            if box is None:
                yield f"{line.text!r}: nothing of it is drawn"
                continue
            if line.box.w > lettering.place.width + 2:
                yield f"{line.text!r}: {line.box.w} pixels wide where there are {lettering.place.width}"
            if box.x < 0 or box.y < 0 or box.x + box.w > layout.width or box.y + box.h > layout.height:
                yield f"{line.text!r}: over the edge of the screen, {box}"
            inked.append((line, box))
    for at, (line, box) in enumerate(inked):
        for other, below in inked[at + 1 :]:
            if overlap(box, below):
                yield f"{line.text!r} lies on {other.text!r}"


def _cut(lettering: Lettering) -> Iterator[str]:
    """Text that ended as dots, or did not come at all."""
    if not lettering.text or lettering.place is None:
        return
    shown = "".join(line.text for line in lettering.lines)
    if _plain(shown) != _plain(lettering.text):
        yield f"{lettering.text!r}: shown as {shown!r}"


def _plain(text: str) -> str:
    return "".join(text.split())


def targets(screen: Any) -> Mapping[str, Box]:
    """What can be touched on *screen*, by a name for people."""
    found: dict[str, Box] = {}
    ids = screen.ids
    languages = ids.get("languages")
    if languages is not None:
        found |= {f"language {pill.label or 'all'}": pill.target for pill in languages.pills}
        if not languages.is_open:
            found |= {f"key {name}": ids[name].key.target for name in ("letter_size", "contrast")}
    if "row" in ids and not languages.is_open:
        found |= {f"face {seat.rating.word}": seat.target for seat in screen.layout.seats}
    if hasattr(screen, "asking"):
        found |= {f"answer {value}": screen.place_of(value) for value in screen.values}
        if "foot" in ids:
            found |= {f"key {place.key.value}": place.target for place in screen.asking.keys}
    if hasattr(screen, "board"):
        at = screen.board
        found |= {f"letter {key.stroke}": key.target for key in at.keys}
        if screen.visit.can_go_back:
            found["key back"] = at.back.target
    return found


def _targets(screen: Any, layout: Layout) -> Iterator[str]:
    panel = layout.panel
    found = list(targets(screen).items())
    for name, box in found:
        yield from small(name, box, panel)
    for at, (name, box) in enumerate(found):
        for other, below in found[at + 1 :]:
            # Neighbours meet; a pixel of rounding belongs to both.
            shrunk = Box(box.x + 1, box.y + 1, box.w - 2, box.h - 2)
            if overlap(shrunk, below):
                yield f"{name} and {other} are touched in the same place"


def small(name: str, box: Box, panel: Panel) -> Iterator[str]:
    """Whether what *box* takes is too small for a finger on *panel*."""
    wide, high = panel.across_mm(box.w), panel.down_mm(box.h)
    least = panel.face_mm if name.startswith("face ") else KEY_MM
    least_wide = NPS_KEY_MM if name.startswith("answer ") and high >= panel.face_mm else least
    if name.startswith("letter "):
        least_wide = LETTER_MM
    if wide < least_wide or high < least:
        yield f"{name} takes {wide:.1f} x {high:.1f} mm of touches; it needs {least:.0f}"


def contrast(one: Colour, other: Colour) -> float:
    """
    The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> contrast((0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0))
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 2)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def pale(theme: Theme) -> list[str]:
    """What of *theme* is too weak to be seen."""
    pairs: list[tuple[str, Colour, Colour, float]] = [
        ("ink on ground", theme.ink, theme.ground, NORMAL),
        ("ink on surface", theme.ink, theme.surface, NORMAL),
        ("second ink on ground", theme.second_ink, theme.ground, NORMAL),
        ("second ink on surface", theme.second_ink, theme.surface, NORMAL),
        ("text on accent", theme.on_accent, theme.accent, NORMAL),
        ("accent on ground", theme.accent, theme.ground, EDGE),
        ("edge on ground", theme.edge, theme.ground, EDGE),
        ("ink on what is pressed", theme.ink, theme.still, NORMAL),
        ("features on what is pressed", theme.features_still, theme.still, EDGE),
        *((f"features on {rating.word}", theme.features, disc, EDGE) for rating, disc in theme.faces.items()),
    ]
    return [
        f"{name}: {contrast(front, back)} where {least} is needed"
        for name, front, back, least in pairs
        if contrast(front, back) < least
    ]
