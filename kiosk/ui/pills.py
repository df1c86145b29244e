"""Where the languages stand at the bottom of the screen, computed without a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kiosk.ui.fitting import Measure
from kiosk.ui.layout import Box, Layout

GAP = 5
"""Between two pills, in pixels of the design."""


@dataclass(frozen=True)
class Pill:
    """One language: what it says, what is drawn, and what a finger may hit."""

    language: str
    label: str
    box: Box
    target: Box


def pills(names: Mapping[str, str], layout: Layout, measure: Measure) -> tuple[Pill, ...]:
    """
    A pill for each language of *names* (code to own name), from the side where reading begins.

    Codes stand in where the names have no room, or one of them is not known. One language is no choice and
    has no pill.
    """
    if len(names) < 2:
        return ()
    row: tuple[Pill, ...] = ()
    if not layout.bar.codes and all(name != language.upper() for language, name in names.items()):
        row = _row(names, layout, measure, lambda language: names[language])
    if not row or _end(row) > layout.width - layout.margin:
        row = _row(names, layout, measure, str.upper)
    return tuple(_mirrored(pill, layout.width) for pill in row) if layout.mirrored else row


def _row(
    names: Mapping[str, str], layout: Layout, measure: Measure, label: Callable[[str], str]
) -> tuple[Pill, ...]:
    bar = layout.bar
    gap = round(GAP * layout.unit)
    most = (layout.width - 2 * layout.margin) // len(names)
    top = bar.y - bar.pill // 2
    x, row = layout.margin, []
    for language in names:
        width = round(measure(label(language), bar.px)) + 2 * bar.padding
        step = max(width + gap, bar.pitch)
        if label is str.upper:
            step = min(step, most)
        box = Box(x, top, min(width, step), bar.pill)
        middle = x + box.w // 2
        target = Box(middle - step // 2, bar.top, step, layout.height - bar.top)
        row.append(Pill(language, label(language), box, target))
        x += step
    return tuple(row)


def _end(row: tuple[Pill, ...]) -> int:
    return row[-1].box.x + row[-1].box.w


def _mirrored(pill: Pill, width: int) -> Pill:
    return replace(pill, box=_flip(pill.box, width), target=_flip(pill.target, width))


def _flip(box: Box, width: int) -> Box:
    return replace(box, x=width - box.x - box.w)
