"""
Smooth shapes as triangles, without a window.

A shape is a ribbon: pairs of points, left and right of a spine. Between the pairs lie the triangles that are
covered whole; around them runs a ring that fades to nothing over a little more than a pixel. That ring is the
smooth edge: it looks better than multisampling, which a Pi pays for with every pixel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Pair = tuple[Point, Point]

FADE_PX = 1.1
"""Width of the fading ring."""
WHOLE, NOTHING = 0.25, 0.75
"""Where ``kiosk.ui.drawing.edge`` is opaque and where it is clear: the middles of its two texels."""
CURVE_STEPS = 28
CAP_STEPS = 10


@dataclass(frozen=True)
class Mesh:
    """
    Triangles ready for OpenGL.

    Attributes:
        vertices: x, y, u, v of each vertex; u is WHOLE or NOTHING.
        indices: Three for each triangle.
    """

    vertices: tuple[float, ...]
    indices: tuple[int, ...]

    @property
    def points(self) -> list[Point]:
        """Where the vertices are."""
        return list(zip(self.vertices[0::4], self.vertices[1::4], strict=True))


def cubic(start: Point, control: Point, other: Point, end: Point, steps: int = CURVE_STEPS) -> list[Point]:
    """
    Points along a cubic curve, both ends included.

    >>> cubic((0, 0), (1, 0), (2, 0), (3, 0), steps=3)
    [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]
    """
    points = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        x, y = (a * start[i] + b * control[i] + c * other[i] + d * end[i] for i in (0, 1))
        points.append((round(x, 9), round(y, 9)))
    return points


def scaled(points: Sequence[Point], by: float) -> list[Point]:
    """*points*, *by* times as far from the origin."""
    return [(x * by, y * by) for x, y in points]


def oval(centre: Point, half_width: float, half_height: float) -> list[Pair]:
    """An upright oval, as a ribbon from top to bottom."""
    steps = max(12, math.ceil(3 * math.sqrt(max(half_width, half_height))) * 2)
    pairs = []
    for step in range(1, steps):
        turn = math.pi * step / steps
        across, y = half_width * math.sin(turn), centre[1] - half_height * math.cos(turn)
        pairs.append(((centre[0] - across, y), (centre[0] + across, y)))
    top = (centre[0], centre[1] - half_height)
    bottom = (centre[0], centre[1] + half_height)
    return [(top, top), *pairs, (bottom, bottom)]


def card(x: float, y: float, width: float, height: float, radius: float) -> list[Pair]:
    """An upright rectangle with round corners; a pill if *radius* is half its height."""
    steps = max(6, math.ceil(2 * math.sqrt(radius)))
    turns = [math.pi / 2 * step / steps for step in range(steps + 1)]
    insets = [(radius - radius * math.sin(turn), radius - radius * math.cos(turn)) for turn in turns]
    upper = [((x + across, y + down), (x + width - across, y + down)) for across, down in insets]
    lower = [
        ((x + across, y + height - down), (x + width - across, y + height - down))
        for across, down in insets[::-1]
    ]
    return upper + lower


def stroke(spine: Sequence[Point], width: float) -> list[Pair]:
    """A line of *width* along *spine* with round ends."""
    half = width / 2
    along = [_direction(spine, at) for at in range(len(spine))]
    first, last = along[0], along[-1]
    turns = [math.pi / 2 * step / CAP_STEPS for step in range(1, CAP_STEPS + 1)]
    pairs = [
        _across(_moved(spine[0], first, -half * math.sin(t)), first, half * math.cos(t)) for t in turns[::-1]
    ]
    pairs += [_across(point, way, half) for point, way in zip(spine, along, strict=True)]
    pairs += [_across(_moved(spine[-1], last, half * math.sin(t)), last, half * math.cos(t)) for t in turns]
    return pairs


def filled(top: Sequence[Point], bottom: Sequence[Point], outline: float) -> list[Pair]:
    """
    What lies between two lines with common ends, grown by half of *outline* with round corners.

    Both lines have the same number of points and run from left to right.
    """
    half = outline / 2
    start, end = top[0], top[-1]
    upper = [_moved(point, _left(_direction(top, at)), -half) for at, point in enumerate(top)]
    lower = [_moved(point, _left(_direction(bottom, at)), half) for at, point in enumerate(bottom)]
    return [
        *_corner(start, upper[0], lower[0], math.pi),
        *zip(upper, lower, strict=True),
        *reversed(_corner(end, upper[-1], lower[-1], 0.0)),
    ]


def solid(ribbon: Sequence[Pair], fade: float = FADE_PX) -> Mesh:
    """The covered shape of *ribbon* with its smooth edge, half of the fade inside and half outside."""
    outline = _outline(ribbon)
    out = _normals(outline)
    inner = [_moved(point, way, -fade / 2) for point, way in zip(outline, out, strict=True)]
    outer = [_moved(point, way, fade / 2) for point, way in zip(outline, out, strict=True)]
    count = len(outline)
    indices: list[int] = []
    # The outline goes down the left side and up the right one: rung `at` joins the two.
    for at in range((count - 1) // 2):
        left, right = at, count - 1 - at
        indices += [left, left + 1, right, right, left + 1, right - 1]
    indices += _band(count, 0, count)
    return Mesh(_vertices(inner, WHOLE) + _vertices(outer, NOTHING), tuple(indices))


def ring(centre: Point, radius: float, width: float, fade: float = FADE_PX) -> Mesh:
    """A circle of *width* around *centre*, smooth on both sides. Nothing in it overlaps: it may be translucent."""
    circle = _circle(radius)
    edges = (
        (radius + (width + fade) / 2, NOTHING),
        (radius + (width - fade) / 2, WHOLE),
        (radius - (width - fade) / 2, WHOLE),
        (radius - (width + fade) / 2, NOTHING),
    )
    vertices: tuple[float, ...] = ()
    for distance, cover in edges:
        vertices += _vertices([_moved(centre, way, distance) for way in circle], cover)
    count = len(circle)
    indices = [index for at in range(3) for index in _band(count, at * count, (at + 1) * count)]
    return Mesh(vertices, tuple(indices))


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes of one colour as one, drawn in one call."""
    vertices: tuple[float, ...] = ()
    indices: tuple[int, ...] = ()
    for mesh in meshes:
        before = len(vertices) // 4
        vertices += mesh.vertices
        indices += tuple(index + before for index in mesh.indices)
    return Mesh(vertices, indices)


def moved(mesh: Mesh, by: Point) -> Mesh:
    """*mesh*, elsewhere."""
    shift = (*by, 0, 0)
    return Mesh(tuple(number + shift[at % 4] for at, number in enumerate(mesh.vertices)), mesh.indices)


def _circle(radius: float) -> list[Point]:
    count = max(24, math.ceil(7 * math.sqrt(radius)))
    return [(math.cos(math.tau * at / count), math.sin(math.tau * at / count)) for at in range(count)]


def _corner(corner: Point, upper: Point, lower: Point, outwards: float) -> list[Pair]:
    """Two arcs round *corner*, from the point farthest *outwards*: one to the upper side, one to the lower."""
    half = math.dist(corner, upper)
    turns = [
        math.remainder(math.atan2(side[1] - corner[1], side[0] - corner[0]) - outwards, math.tau)
        for side in (upper, lower)
    ]
    pairs = []
    for step in range(CAP_STEPS):
        up, down = (outwards + turn * step / CAP_STEPS for turn in turns)
        pairs.append(
            (
                _moved(corner, (math.cos(up), math.sin(up)), half),
                _moved(corner, (math.cos(down), math.sin(down)), half),
            )
        )
    return pairs


def _outline(ribbon: Sequence[Pair]) -> list[Point]:
    return [left for left, _ in ribbon] + [right for _, right in reversed(ribbon)]


def _normals(outline: Sequence[Point]) -> list[Point]:
    """Outwards at each point of a closed outline, whichever way it runs."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(outline, [*outline[1:], outline[0]], strict=True))
    side = 1.0 if area > 0 else -1.0
    count = len(outline)
    normals = []
    for at in range(count):
        before = _other(outline, at, -1)
        after = _other(outline, at, 1)
        x, y = after[0] - before[0], after[1] - before[1]
        length = math.hypot(x, y) or 1.0
        normals.append((side * y / length, -side * x / length))
    return normals


def _other(outline: Sequence[Point], at: int, step: int) -> Point:
    """The nearest neighbour that is not the same point: the two sides of a ribbon meet at its ends."""
    count = len(outline)
    for far in range(1, count):
        point = outline[(at + step * far) % count]
        if math.dist(point, outline[at]) > 1e-9:
            return point
    return outline[at]


def _direction(points: Sequence[Point], at: int) -> Point:
    before, after = points[max(at - 1, 0)], points[min(at + 1, len(points) - 1)]
    x, y = after[0] - before[0], after[1] - before[1]
    length = math.hypot(x, y) or 1.0
    return (x / length, y / length)


def _left(way: Point) -> Point:
    return (-way[1], way[0])


def _moved(point: Point, way: Point, by: float) -> Point:
    return (point[0] + way[0] * by, point[1] + way[1] * by)


def _across(point: Point, way: Point, half: float) -> Pair:
    side = _left(way)
    return _moved(point, side, half), _moved(point, side, -half)


def _band(count: int, inside: int, outside: int) -> list[int]:
    indices: list[int] = []
    for at in range(count):
        following = (at + 1) % count
        indices += [inside + at, inside + following, outside + at]
        indices += [outside + at, inside + following, outside + following]
    return indices


def _vertices(points: Sequence[Point], cover: float) -> tuple[float, ...]:
    return tuple(number for x, y in points for number in (x, y, cover, 0.5))
