"""Where the languages stand at the bottom of the screen, computed without a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kiosk.panel import KEY_MM
from kiosk.ui.fitting import Measure
from kiosk.ui.layout import Box, Layout

GAP, CARD_GAP = 5, 16
"""Between two pills, and between two cards, in pixels of the design."""
ALL = ""
"""Stands for all languages where there is no room for a pill of each."""
COLUMNS, MOST_CARD_MM = 4, 32.0


@dataclass(frozen=True)
class Pill:
    """One language: what it says, what is drawn, and what a finger may hit."""

    language: str
    label: str
    box: Box
    target: Box


def pills(
    names: Mapping[str, str],
    layout: Layout,
    measure: Measure,
    short: Callable[[str], str] = str.upper,
    chosen: str = "",
) -> tuple[Pill, ...]:
    """
    A pill for each language of *names* (code to own name), from the side where reading begins.

    *short* names stand in where the names have no room, or one of them is not known. Where not even these are wide
    enough for a finger, the last pill is that of all languages, with none of its own; *chosen* is always among the
    others. One language is no choice and has no pill.
    """
    if len(names) < 2:
        return ()
    room = _room(layout) - layout.margin
    row: tuple[Pill, ...] = ()
    if not layout.bar.codes and all(name != language.upper() for language, name in names.items()):
        row = _row(list(names), layout, measure, names.__getitem__)
    if not row or _end(row) > _room(layout):
        least = layout.panel.across(KEY_MM)
        step = min(layout.bar.pitch, max(least, room // len(names)))
        shown = list(names)
        if step * len(shown) > room:
            shown = [*_first(shown, max(1, room // least - 1), chosen), ALL]
        row = _row(shown, layout, measure, lambda language: short(language) if language else "", step)
    return tuple(_mirrored(pill, layout.width) for pill in row) if layout.mirrored else row


def choices(names: Mapping[str, str], layout: Layout) -> tuple[Pill, ...]:
    """Every language of *names* as a card with its own name, over the whole screen."""
    columns = min(len(names), COLUMNS if layout.width > layout.height else 2)
    rows = -(-len(names) // columns)
    gap = round(CARD_GAP * layout.unit)
    wide = (layout.width - 2 * layout.margin - (columns - 1) * gap) / columns
    most = (layout.height - 2 * layout.margin - (rows - 1) * gap) // rows
    high = min(most, layout.panel.down(MOST_CARD_MM))
    top = (layout.height - rows * high - (rows - 1) * gap) // 2
    cards = []
    for at, (language, name) in enumerate(names.items()):
        row, column = divmod(at, columns)
        left = round(layout.margin + column * (wide + gap))
        box = Box(left, top + row * (high + gap), round(wide), high)
        target = Box(box.x - gap // 2, box.y - gap // 2, box.w + gap, box.h + gap)
        cards.append(Pill(language, name, box, target))
    return tuple(_mirrored(card, layout.width) for card in cards) if layout.mirrored else tuple(cards)


def _first(languages: list[str], count: int, chosen: str) -> list[str]:
    """The first *count* of them; the last of these gives way to *chosen* if that is not among them."""
    shown = languages[:count]
    return shown if chosen in shown or chosen not in languages else [*shown[:-1], chosen]


def _row(
    languages: list[str], layout: Layout, measure: Measure, label: Callable[[str], str], pitch: int = 0
) -> tuple[Pill, ...]:
    """*pitch*: from pill to pill; 0: as wide as each needs."""
    bar = layout.bar
    gap = round(GAP * layout.unit)
    top = bar.y - bar.pill // 2
    x, row = layout.margin, []
    widths = [round(measure(label(language), bar.px)) + 2 * bar.padding for language in languages]
    for language, own in zip(languages, widths, strict=True):
        width = max(widths) if pitch else own  # alike, so that their targets meet
        step = pitch or max(width + gap, bar.pitch)
        box = Box(x, top, min(width, step), bar.pill)
        left = x + box.w // 2 - step // 2 if pitch else x - gap // 2
        target = Box(left, bar.top, step, layout.height - bar.top)
        row.append(Pill(language, label(language), box, target))
        x += step
    return tuple(row)


def _room(layout: Layout) -> int:
    """Where the languages end at the latest: before the round keys."""
    return _size_key(layout).target.x


def contrast_key(layout: Layout) -> Pill:
    """The round key for black and white, at the side where reading ends."""
    key = _contrast_key(layout)
    return _mirrored(key, layout.width) if layout.mirrored else key


def size_key(layout: Layout) -> Pill:
    """The round key for large texts, beside the one for black and white."""
    key = _size_key(layout)
    return _mirrored(key, layout.width) if layout.mirrored else key


def _contrast_key(layout: Layout) -> Pill:
    bar = layout.bar
    box = Box(layout.width - layout.margin - bar.pill, bar.y - bar.pill // 2, bar.pill, bar.pill)
    middle = box.x + bar.pill // 2
    left = min(middle - bar.pitch // 2, layout.width - bar.pitch)
    return Pill("", "", box, Box(left, bar.top, layout.width - left, layout.height - bar.top))


def _size_key(layout: Layout) -> Pill:
    bar, beside = layout.bar, _contrast_key(layout).target
    step = layout.panel.across(KEY_MM)
    left = beside.x - step
    box = Box(left + (step - bar.pill) // 2, bar.y - bar.pill // 2, bar.pill, bar.pill)
    return Pill("", "", box, Box(left, bar.top, step, layout.height - bar.top))


def _end(row: tuple[Pill, ...]) -> int:
    return row[-1].box.x + row[-1].box.w


def _mirrored(pill: Pill, width: int) -> Pill:
    return replace(pill, box=_flip(pill.box, width), target=_flip(pill.target, width))


def _flip(box: Box, width: int) -> Box:
    return replace(box, x=width - box.x - box.w)
