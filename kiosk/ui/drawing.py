"""Meshes and colours as Kivy's drawing instructions."""

from __future__ import annotations

from functools import cache

from kivy.graphics import Color, InstructionGroup, Mesh
from kivy.graphics.texture import Texture

from kiosk.ui import shapes
from kiosk.ui.layout import Box
from kiosk.ui.theme import Colour


@cache
def edge() -> Texture:
    """Two texels, opaque and clear: a smooth edge is the stretch between them, without a shader of our own."""
    texture = Texture.create(size=(2, 1), colorfmt="rgba")
    texture.blit_buffer(bytes((255, 255, 255, 255, 255, 255, 255, 0)), colorfmt="rgba", bufferfmt="ubyte")
    texture.mag_filter = texture.min_filter = "linear"
    texture.wrap = "clamp_to_edge"
    return texture


def fill(mesh: shapes.Mesh) -> Mesh:
    """The instruction that draws *mesh*."""
    return Mesh(vertices=mesh.vertices, indices=mesh.indices, mode="triangles", texture=edge())


def painted(mesh: shapes.Mesh, colour: Colour) -> InstructionGroup:
    """*mesh* in *colour*."""
    group = InstructionGroup()
    group.add(Color(*colour))
    group.add(fill(mesh))
    return group


def bordered(
    box: Box, radius: float, border: float, line: Colour, inside: Colour, from_top: float
) -> InstructionGroup:
    """A card or pill with a border, its *box* counted from the top of a window *from_top* high."""
    y = from_top - box.y - box.h
    group = painted(shapes.solid(shapes.card(box.x, y, box.w, box.h, radius)), line)
    inner = shapes.card(box.x + border, y + border, box.w - 2 * border, box.h - 2 * border, radius - border)
    group.add(painted(shapes.solid(inner), inside))
    return group
