"""
Every screen at every size and in every language: drawn, saved, and checked for text that runs over.

The pictures go to build/pictures/screens/, to be looked at.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedback.ratings import SHOWN_ORDER, Rating
from kiosk import texts
from kiosk.ui.theme import THEMES
from kiosk.visit import Screen
from scripts.gallery.ink import ink

LANDSCAPE = [(1280, 800), (800, 480), (1024, 600), (1920, 1080)]
SIZES = [*LANDSCAPE, (1080, 1920)]
LONG = "Wie zufrieden waren Sie heute mit der Beratung und Bedienung in unserer Filiale am Schalter? " * 2


def letterings(widget: Any) -> Iterator[Any]:
    from kiosk.ui.lettering import Lettering

    for child in widget.children:
        if isinstance(child, Lettering):
            yield child
        yield from letterings(child)


def written(kiosk: Any) -> list[Any]:
    """Every line on the screen in front."""
    return [line for lettering in letterings(kiosk.stage.front) for line in lettering.lines]


def check_text(kiosk: Any) -> None:
    """Nothing is cut, nothing leaves the window, no two lines touch."""
    width, height = kiosk.layout.width, kiosk.layout.height
    lines = written(kiosk)
    assert lines
    for line in lines:
        box = line.box
        assert box.x >= 0, line
        assert box.x + box.w <= width, line
        assert 0 <= ink(line).y, line
        assert ink(line).y + ink(line).h <= height, line
        assert not line.text.endswith("…"), line
    inked = [(line, ink(line)) for line in lines]
    for at, (line, box) in enumerate(inked):
        assert not line.missing, line
        for other, below in inked[at + 1 :]:
            assert not overlap(box, below), (line, other)


def overlap(one: Any, other: Any) -> bool:
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )


def check_words(kiosk: Any) -> None:
    """The words share one size, of at least 30 at 1280 x 800, and stay in their columns."""
    row = kiosk.stage.front.ids.row
    sizes = {word.fitted.px for word in row._words}
    assert len(sizes) == 1
    least = 20 if kiosk.layout.panel.small else 30
    assert sizes.pop() >= int(least * kiosk.layout.unit)
    for word, seat in zip(row._words, kiosk.layout.seats, strict=True):
        for line in word.lines:
            assert line.box.x >= seat.target.x
            assert line.box.x + line.box.w <= seat.target.x + seat.target.w


@pytest.mark.parametrize("language", texts.shipped())
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_every_screen_is_drawn_and_no_text_runs_over(
    driver: Any, survey_of: Any, size: tuple[int, int], language: str
) -> None:
    kiosk = driver(*size, survey=survey_of([language]), answers_are_safe=lambda: True)
    name = f"{'x'.join(map(str, size))}-{language}"
    # A large PNG takes a third of a second: upright only in English, and pressed, which has the same words.
    english = language == "en"
    wanted = english or size in LANDSCAPE
    kiosk.tick(2)
    check_text(kiosk)
    check_words(kiosk)
    if wanted:
        kiosk.save(f"welcome-{name}")
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    if english:
        kiosk.save(f"pressed-{name}")
    kiosk.recorder.store()
    kiosk.wait(0.6)
    assert kiosk.reception.visit.screen is Screen.THANKS
    check_text(kiosk)
    if wanted:
        kiosk.save(f"thanks-{name}")
    kiosk.touch(1, 1)
    kiosk.tick()
    kiosk.tap(Rating.GOOD)
    kiosk.tick(2)
    kiosk.recorder.fail()
    kiosk.tick(2)
    check_text(kiosk)
    if wanted:
        kiosk.save(f"out-of-order-{name}")


@pytest.mark.parametrize("theme", [name for name in THEMES if name != "paper"])
def test_every_theme_is_drawn(driver: Any, theme: str) -> None:
    kiosk = driver(theme=theme)
    kiosk.save(f"theme-{theme}-welcome")
    kiosk.tap(Rating.BAD)
    kiosk.tick()
    kiosk.save(f"theme-{theme}-pressed")
    kiosk.recorder.store()
    kiosk.wait(0.6)
    kiosk.save(f"theme-{theme}-thanks")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_the_longest_question_and_names_are_made_to_fit(
    driver: Any, survey_of: Any, size: tuple[int, int]
) -> None:
    kiosk = driver(
        *size,
        survey=survey_of(["de", "en", "az", "ru", "tr", "ka", "uk"], LONG[:200].strip()),
        organisation="Aktiengesellschaft für Handel und Gewerbe",
        branch_name="Zweigniederlassung am Hauptbahnhof, Eingang gegenüber der Straßenbahn",
    )
    kiosk.save(f"long-{'x'.join(map(str, size))}")
    question = kiosk.stage.front.ids.question
    assert " ".join(line.text for line in question.lines) == LONG[:200].strip()
    for line in written(kiosk):
        assert line.box.x >= 0
        assert line.box.x + line.box.w <= size[0]
        assert line.box.y >= 0


def test_a_language_written_from_the_right_turns_everything_until_the_next_customer(
    driver: Any, survey_of: Any
) -> None:
    kiosk = driver(survey=survey_of(["en", "ar"]))
    assert tuple(seat.rating for seat in kiosk.layout.seats) == SHOWN_ORDER
    kiosk.reception.speak("ar")
    kiosk.tick(2)
    kiosk.save("mirrored")
    assert tuple(seat.rating for seat in kiosk.layout.seats) == SHOWN_ORDER[::-1]
    pills = kiosk.stage.front.ids.languages._pills
    assert pills[0].language == "en"
    assert pills[0].box.x + pills[0].box.w == 1280 - 64
    seat = kiosk.seat(Rating.EXCELLENT)
    assert seat.x > 1000
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    assert kiosk.recorder.values == [Rating.EXCELLENT.value]
    kiosk.recorder.store()
    kiosk.wait(3)
    assert kiosk.reception.visit.screen is Screen.WELCOME
    assert tuple(seat.rating for seat in kiosk.layout.seats) == SHOWN_ORDER


def test_faces_above_their_buttons_stay_there_in_every_language(driver: Any, survey_of: Any) -> None:
    kiosk = driver(survey=survey_of(["ar", "en"]), faces_stay=True)
    assert tuple(seat.rating for seat in kiosk.layout.seats) == SHOWN_ORDER
    assert kiosk.layout.mirrored


def test_one_language_is_no_choice_and_has_no_pill(driver: Any, survey_of: Any) -> None:
    kiosk = driver(survey=survey_of(["az"]))
    assert kiosk.stage.front.ids.languages._pills == ()


def test_a_window_of_another_size_is_arranged_anew(driver: Any) -> None:
    from kivy.core.window import Window

    kiosk = driver()
    Window.size = (1024, 600)
    kiosk.tick(3)
    assert (kiosk.layout.width, kiosk.layout.height) == (1024, 600)
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    assert kiosk.recorder.values == [Rating.GOOD.value]


def test_a_picture_has_exactly_the_name_asked_for(driver: Any, tmp_path: Path) -> None:
    from kiosk.ui.pictures import save

    driver()
    save(tmp_path / "deep" / "welcome.png")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["welcome.png"]
    assert (tmp_path / "deep" / "welcome.png").read_bytes().startswith(b"\x89PNG")
