"""The glass, in pixels and millimetres."""

import pytest

from kiosk.panel import KNOWN_MM, panel


def test_a_panel_nobody_measured_is_taken_as_panels_of_its_pixels_measure() -> None:
    assert (panel(1280, 800).width_mm, panel(1280, 800).height_mm) == (217, 136)
    assert (panel(1280, 800, 344, 215).width_mm, panel(1280, 800, 344, 215).height_mm) == (344, 215)


@pytest.mark.parametrize("size", KNOWN_MM)
def test_so_many_pixels_are_never_less_than_the_millimetres_asked_for(size: tuple[int, int]) -> None:
    glass = panel(*size)
    for mm in (1, 4, 20, 24, 30):
        assert mm <= glass.across_mm(glass.across(mm)) < mm + glass.across_mm(1) + 1e-9
        assert mm <= glass.down_mm(glass.down(mm)) < mm + glass.down_mm(1) + 1e-9
        assert glass.both(mm) == max(glass.across(mm), glass.down(mm))


def test_seven_inches_are_small_and_ten_are_not() -> None:
    assert panel(800, 480).small
    assert panel(1024, 600).small
    assert panel(800, 480).face_mm == 24
    assert not panel(1280, 800).small
    assert panel(1280, 800).face_mm == 30
    assert panel(1080, 1920).inches == pytest.approx(21.5, abs=0.1)


def test_another_resolution_is_on_the_same_glass() -> None:
    glass = panel(1920, 1080).showing(1280, 720)
    assert (glass.width_px, glass.width_mm) == (1280, 476)
    assert glass.across_mm(1280) == pytest.approx(476)
