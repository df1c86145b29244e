"""
Every screen in every language on every panel: nothing is cut, missing, over an edge or over other text, and every key
is large enough for a finger. ``scripts/pictures`` looks at all of them; here each language meets the smallest panel and
one other, and every check is seen to fail.
"""

from dataclasses import replace
from typing import Any

import pytest

from kiosk import texts
from kiosk.keyboards import fits
from kiosk.panel import KNOWN_MM, panel
from kiosk.ui.layout import Box, Text
from kiosk.ui.theme import PAPER, THEMES, colour
from scripts.gallery.faults import contrast, faults, pale, small, targets
from scripts.gallery.scenes import everything, large_scenes, scenes

SCENES = {
    "welcome",
    "languages",
    "pressed",
    "saving",
    "question-choice",
    "more-time",
    "question-nps",
    "question-ces",
    "question-stars",
    "question-csat",
    "question-yes_no",
    "question-faces4",
    "thanks",
    "quiet",
    "out-of-order",
}


def written(size: tuple[int, int], language: str) -> set[str]:
    """The scenes of a question for a text, where there is room for keys to write with."""
    return {"question-text", "writing"} if fits(language, panel(*size)) else set()


SIZES = list(KNOWN_MM)
PAIRS = [
    *(((800, 480), language) for language in texts.shipped()),
    *((SIZES[1 + at % 4], language) for at, language in enumerate(texts.shipped())),
]


@pytest.mark.parametrize(
    ("size", "language"), PAIRS, ids=lambda one: "x".join(map(str, one)) if isinstance(one, tuple) else one
)
def test_nothing_is_wrong_with_any_screen(driver: Any, size: tuple[int, int], language: str) -> None:
    kiosk = driver(
        *size, survey=everything(language), answers_are_safe=lambda: True, support="+994 12 000 00 00"
    )
    found = {scene: faults(kiosk.stage.front) for scene in scenes(kiosk)}
    assert set(found) == SCENES | written(size, language)
    assert {scene: wrong for scene, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("size", "language"), PAIRS, ids=lambda one: "x".join(map(str, one)) if isinstance(one, tuple) else one
)
def test_nothing_is_wrong_with_large_texts(driver: Any, size: tuple[int, int], language: str) -> None:
    kiosk = driver(*size, survey=everything(language))
    found = {scene: faults(kiosk.stage.front) for scene in large_scenes(kiosk)}
    wanted = SCENES | written(size, language)
    assert {f"large-{scene}" for scene in wanted} - set(found) == {
        "large-languages",
        "large-quiet",
        "large-out-of-order",
    }
    assert {scene: wrong for scene, wrong in found.items() if wrong} == {}


def welcome(driver: Any, **options: Any) -> Any:
    return driver(**options).stage.front


def wrong(screen: Any) -> str:
    return " | ".join(faults(screen))


def test_a_text_over_the_edge_would_be_found(driver: Any) -> None:
    screen = welcome(driver)
    question = screen.ids.question
    question.place = replace(question.place, x=100)
    question._draw()
    assert "over the edge of the screen" in wrong(screen)


def test_a_text_on_another_would_be_found(driver: Any) -> None:
    screen = welcome(driver)
    hint = screen.ids.hint
    hint.place = replace(hint.place, baseline=screen.ids.question.place.baseline)
    hint._draw()
    assert "'How was your visit today?' lies on 'Touch a face. No name, no camera.'" in wrong(screen)


def test_a_text_cut_with_dots_would_be_found(driver: Any) -> None:
    screen = welcome(driver)
    hint = screen.ids.hint
    hint.place = Text(640, 270, 90, ((28, 1),), "center")
    hint._draw()
    assert "shown as" in wrong(screen)


def test_a_letter_that_no_font_has_would_be_found(driver: Any, survey_of: Any) -> None:
    screen = welcome(driver, survey=survey_of(["en"], "How was it? \u0e14\u0e35"))
    assert "no font has '\u0e14\u0e35'" in wrong(screen)


def test_a_text_that_is_not_there_would_be_found(driver: Any, survey_of: Any) -> None:
    screen = welcome(driver, survey=survey_of(["en"], "\U0001f642"))
    assert "nothing of it is drawn" in wrong(screen)


def test_keys_that_are_too_small_on_the_glass_would_be_found(driver: Any) -> None:
    # The same pixels on a panel of 5 inches.
    screen = welcome(driver, width=800, height=480, panel=panel(800, 480, 108, 65))
    assert "face excellent takes" in wrong(screen)


def test_keys_in_the_same_place_would_be_found(driver: Any) -> None:
    screen = welcome(driver)
    pills = screen.ids.languages._pills
    screen.ids.languages._pills = (pills[0], replace(pills[1], target=pills[0].target))
    assert "are touched in the same place" in wrong(screen)


def test_what_can_be_touched_is_all_there(driver: Any) -> None:
    screen = welcome(driver, survey=everything("en"))
    names = list(targets(screen))
    assert sum(name.startswith("face ") for name in names) == 5
    assert sum(name.startswith("language ") for name in names) == 8


@pytest.mark.parametrize(
    ("name", "mm", "found"),
    [
        ("language EN", (20.1, 20.1), False),
        ("language EN", (19.9, 25), True),
        ("key skip", (25, 19.9), True),
        ("face good", (30.1, 30.1), False),
        ("face good", (29.9, 40), True),
        ("answer 10", (18.7, 30.1), False),
        ("answer 10", (18.7, 25), True),
    ],
)
def test_millimetres_are_counted_on_the_glass(name: str, mm: tuple[float, float], found: bool) -> None:
    glass = panel(2170, 1360, 217, 136)  # ten pixels for a millimetre
    assert bool(list(small(name, Box(0, 0, round(mm[0] * 10), round(mm[1] * 10)), glass))) is found


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_can_be_read(theme: str) -> None:
    assert pale(THEMES[theme]) == []


def test_a_theme_that_is_too_pale_would_be_found() -> None:
    faint = replace(PAPER, second_ink=colour("8A949D"), features=colour("8A949D"))
    assert "second ink on ground: 2.81 where 4.5 is needed" in pale(faint)
    assert any(said.startswith("features on") for said in pale(faint))


def test_contrast_is_wcags() -> None:
    assert contrast(colour("767676"), colour("FFFFFF")) == pytest.approx(4.54, abs=0.01)
    assert contrast(colour("FFFFFF"), colour("000000")) == 21


def test_letters_on_the_glass_are_as_dark_as_their_ink(driver: Any) -> None:
    kiosk = driver()
    [line] = kiosk.stage.front.ids.question.lines
    picture = kiosk.picture()
    box = line.box
    seen = {picture.at(x, y) for x in range(box.x, box.x + box.w, 3) for y in range(box.y, box.y + box.h, 3)}
    darkest = min(seen, key=sum)
    assert contrast(tuple(part / 255 for part in (*darkest, 255)), PAPER.ground) > 14
