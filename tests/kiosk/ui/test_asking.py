"""Where the answers and keys of a question are, in millimetres of the panels they are touched on."""

from itertools import combinations

import pytest

from kiosk.panel import KEY_MM, KNOWN_MM, Panel, panel
from kiosk.ui.asking import Asking, Form, asking
from kiosk.ui.layout import Box, Layout, layout
from kiosk.visit import Key

PANELS = [panel(width, height) for width, height in KNOWN_MM]
QUESTIONS = [
    *((Form.CARDS, count) for count in range(2, 7)),
    *((Form.SCALE, count) for count in (5, 7, 11)),
    *((Form.FACES, count) for count in (4, 5)),
]
ELEVEN_MM = 18.5
"""Eleven keys of 20 mm are wider than a 10.1 inch panel; they are 30 mm high there."""

sized = pytest.mark.parametrize("glass", PANELS, ids=lambda glass: f"{glass.width_px}x{glass.height_px}")
asked = pytest.mark.parametrize(("form", "count"), QUESTIONS, ids=lambda part: getattr(part, "value", part))


def arranged(glass: Panel, form: Form, count: int, *, mirrored: bool = False) -> tuple[Layout, Asking]:
    whole = layout(glass, mirrored=mirrored)
    return whole, asking(whole, form, count)


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.w and other.x < one.x + one.w
    return across and one.y < other.y + other.h and other.y < one.y + one.h


@sized
@asked
def test_every_answer_and_key_is_as_large_as_a_finger_needs(glass: Panel, form: Form, count: int) -> None:
    _, place = arranged(glass, form, count)
    eleven = count == 11 and (glass.width_px, glass.height_px) == (1280, 800)
    for target in (*(cell.target for cell in place.cells), *(key.target for key in place.keys)):
        least = ELEVEN_MM if eleven else KEY_MM
        assert glass.across_mm(target.w) >= least
        assert glass.down_mm(target.h) >= KEY_MM


@sized
@asked
def test_faces_are_as_large_as_on_the_welcome_screen_needs(glass: Panel, form: Form, count: int) -> None:
    _, place = arranged(glass, form, count)
    if form is Form.FACES:
        assert glass.across_mm(2 * place.radius) >= glass.face_mm - 0.1
        assert glass.down_mm(2 * place.radius) >= glass.face_mm - 0.1


@sized
@asked
@pytest.mark.parametrize("mirrored", [False, True], ids=["", "mirrored"])
def test_nothing_that_can_be_touched_or_seen_overlaps_or_leaves_the_screen(
    glass: Panel, form: Form, count: int, mirrored: bool
) -> None:
    whole, place = arranged(glass, form, count, mirrored=mirrored)
    drawn = [cell.box for cell in place.cells if cell.carded] + [key.box for key in place.keys]
    targets = [cell.target for cell in place.cells] + [key.target for key in place.keys]
    for boxes in (drawn, targets):
        for box in boxes:
            assert box.x >= -2
            assert box.x + box.w <= whole.width + 2
            assert box.y >= 0
            assert box.y + box.h <= whole.height
        assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]


@sized
@asked
def test_mirrored_it_is_the_same_seen_in_a_mirror(glass: Panel, form: Form, count: int) -> None:
    whole, plain = arranged(glass, form, count)
    _, mirrored = arranged(glass, form, count, mirrored=True)
    for one, other in zip(plain.cells, mirrored.cells, strict=True):
        assert (other.box.y, other.box.w, other.box.h) == (one.box.y, one.box.w, one.box.h)
        assert other.box.x == whole.width - one.box.x - one.box.w
    for key, other_key in zip(plain.keys, mirrored.keys, strict=True):
        assert other_key.box.x == whole.width - key.box.x - key.box.w
    assert (plain.title.align, mirrored.title.align) in {("left", "right"), ("center", "center")}


@sized
def test_keys_reach_down_to_the_edge_of_the_glass(glass: Panel) -> None:
    whole, place = arranged(glass, Form.CARDS, 6)
    for key in place.keys:
        assert key.target.y + key.target.h == whole.height
    skip = next(key for key in place.keys if key.key is Key.SKIP)
    assert skip.target.x + skip.target.w == whole.width
