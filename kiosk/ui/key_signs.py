"""The signs on keys to write with: taking back, capitals, space."""

from __future__ import annotations

from kiosk.ui import shapes


def rub(middle: tuple[float, float], size: float) -> shapes.Mesh:
    """The sign of the key that takes a character back; y upwards."""
    x, y = middle
    w, h, stroke = size * 0.62, size * 0.4, size * 0.09
    edge = [
        (x - w, y),
        (x - w * 0.35, y + h),
        (x + w, y + h),
        (x + w, y - h),
        (x - w * 0.35, y - h),
        (x - w, y),
    ]
    cross, at = h * 0.42, x + w * 0.28
    lines = (
        edge,
        [(at - cross, y - cross), (at + cross, y + cross)],
        [(at - cross, y + cross), (at + cross, y - cross)],
    )
    return shapes.joined(*(shapes.solid(shapes.stroke(line, stroke)) for line in lines))


def shift(middle: tuple[float, float], size: float, *, full: bool) -> shapes.Mesh:
    """The arrow of capitals, bolder while they are on; y upwards."""
    x, y = middle
    w, h, stem, stroke = size * 0.55, size * 0.6, size * 0.24, size * (0.16 if full else 0.09)
    line = [
        (x, y + h),
        (x + w, y + h * 0.05),
        (x + stem, y + h * 0.05),
        (x + stem, y - h * 0.8),
        (x - stem, y - h * 0.8),
        (x - stem, y + h * 0.05),
        (x - w, y + h * 0.05),
        (x, y + h),
    ]
    return shapes.solid(shapes.stroke(line, stroke))


def space(middle: tuple[float, float], wide: float, high: float) -> shapes.Mesh:
    """The bracket that stands for a space; y upwards."""
    x, y = middle
    left, right, low, top = x - wide / 2, x + wide / 2, y - high / 2, y + high / 2
    lines = ([(left, top), (left, low)], [(left, low), (right, low)], [(right, low), (right, top)])
    return shapes.joined(*(shapes.solid(shapes.stroke(line, high * 0.14)) for line in lines))
