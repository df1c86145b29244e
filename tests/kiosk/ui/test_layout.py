"""Places, sizes and texts that fit, without a window."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.ratings import SHOWN_ORDER
from kiosk.panel import KEY_MM, KNOWN_MM, SMALL_GAP_MM, Panel, panel
from kiosk.ui.fitting import LEAST_PX, fit, fit_all, shorten, wrap
from kiosk.ui.layout import layout
from kiosk.ui.pills import ALL, choices, pills

SIZES = [
    (1280, 800),
    (800, 480),
    (1024, 600),
    (1920, 1080),
    (1080, 1920),
    (1366, 768),
    (1024, 768),
    (600, 1024),
]
NAMES = {"en": "English", "az": "Azərbaycanca", "ru": "Русский", "tr": "Türkçe"}


KNOWN = [panel(*size) for size in KNOWN_MM]


def half(text: str, px: int) -> float:
    """Letters half as wide as they are high."""
    return len(text) * px / 2


def test_the_design_is_met_at_its_own_size() -> None:
    at = layout(panel(1280, 800))
    assert (at.margin, at.radius, at.unit) == (64, 97, 1.0)
    assert at.question.baseline == 212
    assert at.hint is not None
    assert at.hint.baseline == 270
    assert {seat.y for seat in at.seats} == {430}
    assert {seat.word.baseline for seat in at.seats} == {596}
    assert [seat.x for seat in at.seats] == [161, 400, 640, 880, 1119]
    assert at.bar.y == 732


def test_a_small_panel_drops_the_hint_and_names_languages_by_code() -> None:
    at = layout(panel(800, 480))
    assert at.hint is None
    assert at.radius == 67
    assert [pill.label for pill in pills(NAMES, at, half)] == ["EN", "AZ", "RU", "TR"]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_faces_are_on_whole_pixels_inside_their_targets_and_no_targets_overlap(
    size: tuple[int, int], mirrored: bool
) -> None:
    at = layout(panel(*size), mirrored=mirrored)
    width, height = size
    for seat in at.seats:
        assert isinstance(seat.x, int)
        assert isinstance(seat.y, int)
        assert seat.target.holds(seat.x - at.radius, seat.y)
        assert seat.target.holds(seat.x + at.radius - 1, seat.y)
        assert 0 <= seat.x - at.radius * 1.12
        assert seat.x + at.radius * 1.12 <= width
        assert seat.target.y + seat.target.h <= at.bar.top
    corners = [(x, y) for x in range(0, width, 7) for y in range(0, height, 7)]
    assert all(sum(seat.target.holds(x, y) for seat in at.seats) <= 1 for x, y in corners)


@pytest.mark.parametrize("size", [(1280, 800), (800, 480), (1920, 1080)])
def test_a_face_is_touched_on_its_whole_column(size: tuple[int, int]) -> None:
    at = layout(panel(*size))
    targets = sorted((seat.target for seat in at.seats), key=lambda box: box.x)
    for one, following in pairwise(targets):
        assert one.x + one.w == following.x


def test_mirrored_the_order_of_the_faces_turns_too() -> None:
    assert tuple(seat.rating for seat in layout(panel(1280, 800), mirrored=True).seats) == SHOWN_ORDER[::-1]
    upright = layout(panel(1080, 1920), mirrored=True)
    assert tuple(seat.rating for seat in upright.seats) == SHOWN_ORDER
    assert all(seat.x > 540 for seat in upright.seats)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [2, 4, 7, 12])
def test_languages_stay_on_the_screen_and_their_targets_apart(
    size: tuple[int, int], mirrored: bool, count: int
) -> None:
    at = layout(panel(*size), mirrored=mirrored)
    names = {f"l{chr(97 + n)}": f"Language {n}" for n in range(count)}
    row = pills(names, at, half)
    shown = [pill.language for pill in row]
    # Where they are too many for fingers, the last one opens all of them.
    assert shown == list(names) or (shown[:-1] == list(names)[: len(row) - 1] and shown[-1] == ALL)
    assert all(at.panel.across_mm(pill.target.w) >= KEY_MM for pill in row)
    for pill in row:
        assert pill.box.x >= 0
        assert pill.box.x + pill.box.w <= size[0]
        assert pill.target.y + pill.target.h == size[1]
    ordered = sorted((pill.target for pill in row), key=lambda box: box.x)
    for one, following in pairwise(ordered):
        assert one.x + one.w <= following.x + 1


def test_on_a_small_panel_the_last_pill_opens_all_eight_and_the_chosen_one_is_never_hidden() -> None:
    names = {code: code.title() + "ish" for code in ("en", "az", "ru", "tr", "de", "ar", "hi", "zh")}
    at = layout(panel(800, 480))
    assert [pill.language for pill in pills(names, at, half)] == ["en", "az", "ru", "tr", ALL]
    assert [pill.language for pill in pills(names, at, half, chosen="zh")][-2:] == ["zh", ALL]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("glass", KNOWN, ids=lambda glass: f"{glass.width_px}x{glass.height_px}")
def test_all_languages_are_cards_that_fit_and_are_large(glass: Panel, mirrored: bool) -> None:
    at = layout(glass, mirrored=mirrored)
    cards = choices({f"l{n}": f"Language {n}" for n in range(12)}, at)
    assert len(cards) == 12
    for card in cards:
        assert 0 <= card.box.x
        assert card.box.x + card.box.w <= at.width
        assert 0 <= card.box.y
        assert card.box.y + card.box.h <= at.height
        assert at.panel.down_mm(card.target.h) >= KEY_MM


def test_a_name_nobody_knows_makes_all_of_them_codes() -> None:
    row = pills({**NAMES, "ka": "KA"}, layout(panel(1280, 800)), half)
    assert [pill.label for pill in row] == ["EN", "AZ", "RU", "TR", "KA"]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("glass", KNOWN, ids=lambda glass: f"{glass.width_px}x{glass.height_px}")
def test_faces_and_keys_are_as_large_as_fingers_need(glass: Panel, mirrored: bool) -> None:
    at = layout(glass, mirrored=mirrored)
    assert glass.across_mm(2 * at.radius) >= glass.face_mm
    assert glass.down_mm(2 * at.radius) >= glass.face_mm
    for seat in at.seats:
        assert glass.across_mm(seat.target.w) >= glass.face_mm
        assert glass.down_mm(seat.target.h) >= glass.face_mm
    for pill in pills(NAMES, at, half):
        assert glass.across_mm(pill.target.w) >= KEY_MM
        assert glass.down_mm(pill.target.h) >= KEY_MM


@pytest.mark.parametrize("glass", [glass for glass in KNOWN if glass.small], ids=lambda glass: glass.width_px)
def test_between_faces_of_a_small_panel_there_are_4_mm(glass: Panel) -> None:
    at = layout(glass)
    for one, following in pairwise(at.seats):
        assert glass.across_mm(following.x - one.x - 2 * at.radius) >= SMALL_GAP_MM


def test_on_an_upright_panel_the_faces_are_in_the_lower_half() -> None:
    at = layout(panel(1080, 1920))
    assert min(seat.target.y for seat in at.seats) >= 1920 // 2 - at.panel.down(2)
    assert max(seat.target.y + seat.target.h for seat in at.seats) <= at.bar.top


def test_an_upright_panel_of_15_inches_has_its_faces_as_low_as_they_can_be_large() -> None:
    at = layout(panel(1080, 1920, 194, 345))
    assert at.panel.down_mm(2 * at.radius) >= 30
    assert min(seat.target.y for seat in at.seats) > 0.3 * 1920


@pytest.mark.parametrize("size", [(480, 320), (320, 480), (300, 300), (2000, 300), (8192, 240), (240, 8192)])
def test_a_panel_nobody_thought_of_has_everything_on_it(size: tuple[int, int]) -> None:
    at = layout(panel(*size))
    for seat in at.seats:
        assert 0 <= seat.x - at.radius
        assert seat.x + at.radius <= size[0]
        assert 0 <= seat.target.y


WORDS = st.lists(st.text("abcdefghijklm", min_size=1, max_size=14), min_size=1, max_size=20).map(" ".join)
STEPS = ((36, 1), (32, 1), (32, 2), (30, 2))


@given(WORDS, st.integers(60, 1200))
def test_no_fitted_line_is_wider_than_its_place(text: str, width: int) -> None:
    fitted = fit(text, width, STEPS, half)
    assert len(fitted.lines) <= 2
    assert all(half(line, fitted.px) <= width for line in fitted.lines)


@given(WORDS, st.integers(100, 1200))
def test_nothing_is_lost_unless_it_is_cut_at_the_least_size(text: str, width: int) -> None:
    fitted = fit(text, width, STEPS, half)
    assert " ".join(fitted.lines) == text or fitted.px == LEAST_PX


@given(st.lists(WORDS, min_size=1, max_size=5), st.integers(100, 600))
def test_texts_that_belong_together_share_one_size(words: list[str], width: int) -> None:
    assert len({one.px for one in fit_all(words, width, STEPS, half)}) == 1


def test_the_first_size_that_fits_is_taken() -> None:
    assert fit("twelve chars", 216, STEPS, half).px == 36
    assert fit("twelve chars", 215, STEPS, half).px == 32
    assert fit("twelve chars", 191, STEPS, half).lines == ("twelve", "chars")


def test_two_lines_are_about_equally_long() -> None:
    assert fit("aaa bbb ccc ddd eee", 15 * 15, ((30, 2),), half).lines == ("aaa bbb ccc", "ddd eee")


def test_a_line_end_in_the_text_is_kept() -> None:
    assert wrap("One.\nTwo and three.", 10_000, 20, half) == ["One.", "Two and three."]


def test_a_no_break_space_is_no_place_to_break() -> None:
    assert wrap("a\u00a0b c", 30, 20, half) == ["a\u00a0b", "c"]


def test_what_has_no_room_at_all_is_left_out() -> None:
    assert shorten("anything", 3, 20, half) == ""
