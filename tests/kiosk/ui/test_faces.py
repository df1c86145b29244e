"""The faces as triangles, without a window."""

import math

import pytest

from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.ui import faces, shapes, signs
from kiosk.ui.shapes import FADE_PX, NOTHING, WHOLE, Mesh

RADIUS = 97


def area(mesh: Mesh, *, whole: bool = True) -> float:
    """The area of a mesh's triangles; of those that cover whole, or of all."""
    points, covers = mesh.points, mesh.vertices[2::4]
    total = 0.0
    for at in range(0, len(mesh.indices), 3):
        corners = mesh.indices[at : at + 3]
        if whole and any(covers[corner] == NOTHING for corner in corners):
            continue
        (ax, ay), (bx, by), (cx, cy) = (points[corner] for corner in corners)
        total += abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    return total


@pytest.mark.parametrize("rating", SHOWN_ORDER)
@pytest.mark.parametrize("radius", [20, 66, 97, 131])
def test_every_triangle_has_corners_and_every_corner_its_cover(rating: Rating, radius: int) -> None:
    face = faces.face(rating, radius)
    for mesh in (face.disc, face.rim, face.features, face.ring):
        assert len(mesh.vertices) % 4 == 0
        assert len(mesh.indices) % 3 == 0
        assert max(mesh.indices) == len(mesh.points) - 1
        assert max(mesh.indices) < 65_536  # OpenGL ES counts vertices in two bytes
        assert set(mesh.vertices[2::4]) == {WHOLE, NOTHING}
        assert all(math.isfinite(number) for number in mesh.vertices)


def test_the_disc_covers_a_disc() -> None:
    disc = faces.face(Rating.GOOD, RADIUS).disc
    # Whole up to half the fade inside its edge.
    assert area(disc) == pytest.approx(math.pi * (RADIUS - FADE_PX / 2) ** 2, rel=0.002)
    reach = max(math.hypot(x, y) for x, y in disc.points)
    assert reach == pytest.approx(RADIUS + FADE_PX / 2, abs=0.01)


def test_the_edge_fades_over_little_more_than_a_pixel() -> None:
    disc = faces.face(Rating.GOOD, RADIUS).disc
    reaches = {cover: set() for cover in (WHOLE, NOTHING)}
    for (x, y), cover in zip(disc.points, disc.vertices[2::4], strict=True):
        reaches[cover].add(round(math.hypot(x, y), 2))
    assert max(reaches[NOTHING]) - min(reaches[WHOLE]) == pytest.approx(FADE_PX, abs=0.03)


def test_the_translucent_rim_never_lies_on_itself() -> None:
    rim = faces.face(Rating.GOOD, RADIUS).rim
    width = faces.RIM * RADIUS
    outer, inner = RADIUS + FADE_PX / 2, RADIUS - width - FADE_PX / 2
    assert area(rim, whole=False) == pytest.approx(math.pi * (outer**2 - inner**2), rel=0.005)


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_features_stay_inside_the_disc_and_are_the_same_on_both_sides(rating: Rating) -> None:
    points = faces.face(rating, RADIUS).features.points
    assert all(math.hypot(x, y) < RADIUS * 0.8 for x, y in points)
    mirrored = [(-x, y) for x, y in points]
    assert all(min(math.dist(point, other) for other in points) < 0.01 for point in mirrored)


@pytest.mark.parametrize(
    ("rating", "smiles"), [(Rating.GOOD, True), (Rating.BAD, False), (Rating.UNACCEPTABLE, False)]
)
def test_a_mouth_turns_up_or_down(rating: Rating, smiles: bool) -> None:
    mouth = [(x, y) for x, y in faces.face(rating, RADIUS).features.points if y > 10]
    middle = [y for x, y in mouth if abs(x) < 10]
    corners = [y for x, y in mouth if abs(x) > 0.38 * RADIUS]
    assert (sum(middle) / len(middle) > sum(corners) / len(corners)) is smiles  # y counts downwards


def test_only_the_worst_has_brows() -> None:
    browed = [
        r for r in SHOWN_ORDER if min(y for _, y in faces.face(r, RADIUS).features.points) < -0.4 * RADIUS
    ]
    assert browed == [Rating.UNACCEPTABLE]


def test_ring_disc_and_rim_are_the_same_for_every_rating() -> None:
    first = faces.face(Rating.EXCELLENT, RADIUS)
    for rating in SHOWN_ORDER:
        face = faces.face(rating, RADIUS)
        assert (face.ring, face.disc, face.rim) == (first.ring, first.disc, first.rim)


def test_the_ring_lies_outside_the_pressed_disc() -> None:
    ring = faces.face(Rating.GOOD, RADIUS).ring
    nearest = min(math.hypot(x, y) for x, y in ring.points)
    assert nearest > RADIUS * faces.PRESSED_SIZE + 3


def test_strokes_are_heavier_where_the_face_is_small_or_in_high_contrast() -> None:
    normal = area(faces.face(Rating.NEUTRAL, 100).features)
    outlined = area(faces.face(Rating.NEUTRAL, 100, outlined=True).features)
    assert outlined > normal
    small = area(faces.face(Rating.NEUTRAL, 23).features, whole=False) / 23**2
    large = area(faces.face(Rating.NEUTRAL, 24).features, whole=False) / 24**2
    assert small > large


def test_a_face_is_computed_once() -> None:
    assert faces.face(Rating.GOOD, RADIUS) is faces.face(Rating.GOOD, RADIUS)


def test_a_stroke_covers_its_length_with_round_ends() -> None:
    line = shapes.solid(shapes.stroke([(0, 0), (50, 0), (100, 0)], 20), fade=0.001)
    assert area(line) == pytest.approx(100 * 20 + math.pi * 10**2, rel=0.01)


def test_a_card_covers_its_rectangle_less_the_corners() -> None:
    card = shapes.solid(shapes.card(10, 20, 200, 100, 30), fade=0.001)
    assert area(card) == pytest.approx(200 * 100 - (4 - math.pi) * 30**2, rel=0.005)


@pytest.mark.parametrize("drawn", [0.01, 0.3, 0.5, 0.99, 1.0])
def test_the_check_grows_and_stays_on_its_disc(drawn: float) -> None:
    mesh = signs.check(76, drawn)
    assert all(math.hypot(x, y) < 50 for x, y in mesh.points)
    assert area(mesh) <= area(signs.check(76, 1.0)) + 0.01
