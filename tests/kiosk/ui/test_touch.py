"""What fingers, keys and a disk do to the real window."""

import pytest

from feedback.answers import Source
from feedback.ratings import SHOWN_ORDER, Rating
from kiosk.ui.theme import PAPER, THEMES
from kiosk.visit import RING_MOST_MS, RING_MS, SLOW_MS, THANKS_MS, Screen


def rgb(colour):
    return tuple(round(part * 255) for part in colour[:3])


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_a_touch_on_a_face_presses_that_rating(driver, rating: Rating) -> None:
    kiosk = driver()
    seat = kiosk.seat(rating)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    assert kiosk.recorder.values == [rating.value]
    answers, _, _ = kiosk.recorder.waiting[0]
    assert answers[0].source is Source.TOUCH


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_the_whole_column_counts_with_its_word(driver, rating: Rating) -> None:
    kiosk = driver()
    target = kiosk.seat(rating).target
    for x, y in (
        (target.x + 2, target.y + 2),
        (target.x + target.w - 3, target.y + target.h - 3),
        (kiosk.seat(rating).word.x, kiosk.seat(rating).word.baseline),
    ):
        kiosk.touch(x, y)
        kiosk.wait(0.15)  # longer than a bounce
    assert kiosk.recorder.values == [rating.value] * 3


def test_a_touch_counts_when_the_finger_lands_and_not_when_it_leaves(driver) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.GOOD)
    touch = kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    kiosk.wait(0.5)
    touch.touch_up()
    kiosk.wait(0.5)
    assert kiosk.recorder.values == [Rating.GOOD.value]


def test_a_finger_that_slides_across_presses_only_where_it_landed(driver) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.EXCELLENT)
    touch = kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    for rating in SHOWN_ORDER[1:]:
        touch.touch_move(kiosk.seat(rating).x, 800 - seat.y)
        kiosk.wait(0.1)
    assert kiosk.recorder.values == [Rating.EXCELLENT.value]


@pytest.mark.parametrize("button", ["right", "middle", "scrollup", "scrolldown"])
def test_a_mouses_wheel_and_other_keys_press_nothing(driver, button: str) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.BAD)
    kiosk.touch(seat.x, seat.y, button=button)
    kiosk.tick(2)
    assert kiosk.recorder.values == []


def test_a_touch_beside_the_faces_presses_nothing(driver) -> None:
    kiosk = driver()
    kiosk.touch(640, 180)
    kiosk.tick(2)
    assert kiosk.recorder.values == []
    assert kiosk.reception.visit.screen is Screen.WELCOME


@pytest.mark.parametrize("rating", SHOWN_ORDER)
def test_the_frame_of_the_touch_has_the_ring_and_five_grey_discs(driver, rating: Rating) -> None:
    kiosk = driver()
    radius = kiosk.layout.radius
    above = {seat.rating: (seat.x, seat.y - round(radius * 0.75)) for seat in kiosk.layout.seats}
    before = kiosk.picture()
    for one, place in above.items():
        assert before.at(*place) == rgb(PAPER.faces[one])
    seat = kiosk.seat(rating)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    after = kiosk.picture()
    assert {after.at(*place) for place in above.values()} == {rgb(PAPER.still)}
    for one in kiosk.layout.seats:
        on_ring = after.at(one.x, one.y + round(radius * 1.085))
        assert on_ring == rgb(PAPER.ink if one.rating is rating else PAPER.ground)


def test_the_ring_is_the_same_to_the_pixel_for_every_rating(driver) -> None:
    kiosk = driver()
    radius = kiosk.layout.radius
    half = round(radius * 1.085 + 6)
    rings = []
    for rating in SHOWN_ORDER:
        seat = kiosk.seat(rating)
        kiosk.touch(seat.x, seat.y)
        kiosk.tick()
        rows = kiosk.picture().square(seat.x, seat.y, half)
        # The ring alone: from just outside the pressed disc outwards.
        edge = half - radius
        rings.append(b"".join([row[: edge * 4] for row in rows] + rows[:edge] + rows[-edge:]))
        kiosk.wait(0.3)
    # One step of 255: far to the right OpenGL's own numbers have fewer places behind the point.
    assert max(abs(a - b) for ring in rings for a, b in zip(ring, rings[0], strict=True)) <= 1


def test_the_thank_you_waits_for_the_disk_and_for_the_ring(driver) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.NEUTRAL)
    kiosk.touch(seat.x, seat.y)
    kiosk.wait(2)
    assert kiosk.reception.visit.screen is Screen.PRESSED
    assert kiosk.stage.children[0] is kiosk.stage._back
    kiosk.recorder.store()
    kiosk.tick()
    assert kiosk.stage.front is kiosk.stage.children[0] is not kiosk.stage._back


def test_a_fast_disk_does_not_cut_the_ring_short(driver) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.NEUTRAL)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    kiosk.recorder.store()
    kiosk.wait(RING_MS / 1000 - 0.05)
    assert kiosk.reception.visit.screen is Screen.PRESSED
    kiosk.wait(0.1)
    assert kiosk.reception.visit.screen is Screen.THANKS


def test_the_ring_is_gone_after_300_ms_though_the_disk_is_slow_and_the_faces_stay_grey(driver) -> None:
    """Who looks over a shoulder a moment later does not see what was pressed."""
    kiosk = driver()
    seat = kiosk.seat(Rating.BAD)
    on_ring = (seat.x, seat.y + round(kiosk.layout.radius * 1.085))
    on_disc = (seat.x, seat.y - round(kiosk.layout.radius * 0.75))
    kiosk.touch(seat.x, seat.y)
    kiosk.wait(RING_MOST_MS / 1000 - 0.1)
    assert kiosk.picture().at(*on_ring) == rgb(PAPER.ink)
    kiosk.wait(0.15)
    assert kiosk.picture().at(*on_ring) == rgb(PAPER.ground)
    assert kiosk.picture().at(*on_disc) == rgb(PAPER.still)
    kiosk.recorder.store()
    kiosk.wait(0.1)
    assert kiosk.reception.visit.screen is not Screen.PRESSED


@pytest.mark.parametrize("size", [(1280, 800), (800, 480)])
def test_a_slow_disk_is_said_in_place_of_the_hint(driver, size: tuple[int, int]) -> None:
    kiosk = driver(*size)
    hint = kiosk.stage.front.ids.hint
    before = hint.text
    seat = kiosk.seat(Rating.GOOD)
    kiosk.touch(seat.x, seat.y)
    kiosk.wait(SLOW_MS / 1000 - 0.1)
    assert hint.text == before
    kiosk.wait(0.15)
    assert hint.text == "Saving"
    kiosk.save(f"saving-{size[0]}x{size[1]}")
    kiosk.recorder.store()
    kiosk.wait(THANKS_MS / 1000 + 0.5)
    assert hint.text == before


def test_the_thank_you_ends_by_itself_and_the_welcome_is_as_before(driver) -> None:
    kiosk = driver()
    before = kiosk.picture()
    seat = kiosk.seat(Rating.UNACCEPTABLE)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    kiosk.recorder.store()
    kiosk.wait(RING_MS / 1000 + THANKS_MS / 1000 + 0.1)
    assert kiosk.reception.visit.screen is Screen.WELCOME
    kiosk.wait(0.3)
    assert kiosk.picture().raw == before.raw


def thanked(kiosk) -> None:
    seat = kiosk.seat(Rating.GOOD)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    kiosk.recorder.store()
    kiosk.wait(0.5)
    assert kiosk.reception.visit.screen is Screen.THANKS


def test_a_touch_anywhere_ends_the_thank_you_and_rates_nothing(driver) -> None:
    kiosk = driver()
    thanked(kiosk)
    seat = kiosk.seat(Rating.BAD)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    assert kiosk.reception.visit.screen is Screen.WELCOME
    assert kiosk.recorder.values == [Rating.GOOD.value]


def test_a_touch_while_the_thank_you_fades_away_rates_and_is_seen_at_once(driver) -> None:
    kiosk = driver()
    thanked(kiosk)
    kiosk.touch(10, 10)
    kiosk.tick(3)
    seat = kiosk.seat(Rating.BAD)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    assert kiosk.recorder.values == [Rating.GOOD.value, Rating.BAD.value]
    on_ring = (seat.x, seat.y + round(kiosk.layout.radius * 1.085))
    assert kiosk.picture().at(*on_ring) == rgb(PAPER.ink)


def test_a_button_pressed_during_the_thank_you_is_seen_at_once(driver) -> None:
    kiosk = driver()
    thanked(kiosk)
    kiosk.reception.press(Rating.EXCELLENT, Source.BUTTON)
    kiosk.tick()
    seat = kiosk.seat(Rating.EXCELLENT)
    on_ring = (seat.x, seat.y + round(kiosk.layout.radius * 1.085))
    assert kiosk.picture().at(*on_ring) == rgb(PAPER.ink)


def test_the_demonstrations_finger_goes_the_same_way_as_a_customers(driver) -> None:
    kiosk = driver()
    kiosk.tap(Rating.BAD)
    kiosk.tick()
    assert kiosk.recorder.values == [Rating.BAD.value]


def test_a_failed_commit_shows_out_of_order_and_nothing_is_taken_any_more(driver) -> None:
    kiosk = driver()
    seat = kiosk.seat(Rating.GOOD)
    kiosk.touch(seat.x, seat.y)
    kiosk.tick()
    kiosk.recorder.fail()
    kiosk.tick()
    assert kiosk.reception.visit.screen is Screen.OUT_OF_ORDER
    assert kiosk.stage.children[0] is kiosk.stage.front
    kiosk.touch(seat.x, seat.y)
    kiosk.reception.press(Rating.BAD, Source.BUTTON)
    kiosk.wait(5)
    assert kiosk.reception.visit.screen is Screen.OUT_OF_ORDER
    assert kiosk.recorder.values == [Rating.GOOD.value]


@pytest.mark.parametrize(("checked", "said"), [(True, True), (False, False)])
def test_stored_answers_are_called_safe_only_if_that_was_checked(driver, checked: bool, said: bool) -> None:
    kiosk = driver(answers_are_safe=lambda: checked)
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    kiosk.recorder.fail()
    kiosk.tick()
    assert ("stored answers are safe" in kiosk.stage.front.staff_line) is said


def test_a_language_is_chosen_by_touch_and_stored_with_the_answer(driver) -> None:
    kiosk = driver()
    pills = kiosk.stage.front.ids.languages._pills
    target = next(pill.target for pill in pills if pill.language == "ru")
    kiosk.touch(target.x + target.w // 2, kiosk.layout.height - 2)  # down to the edge of the glass
    kiosk.tick()
    ids = kiosk.stage.front.ids
    assert ids.question.text == "Как прошёл ваш визит сегодня?"
    assert ids.hint.text == "Коснитесь лица. Без имени и без камеры."
    assert [word.text for word in ids.row._words][:2] == ["Отлично", "Хорошо"]
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    assert kiosk.recorder.waiting[0][0][0].ask.language == "ru"


def test_a_language_left_alone_falls_back(driver) -> None:
    kiosk = driver()
    kiosk.reception.speak("tr")
    kiosk.tick()
    assert kiosk.stage.front.language == "tr"
    kiosk.wait(20.1)
    assert kiosk.stage.front.language == "en"


KEYS = {
    "Esc": (27, []),
    "F1": (282, []),
    "F5": (286, []),
    "F11": (292, []),
    "F12": (293, []),
    "E": (101, ["ctrl"]),
}


@pytest.mark.parametrize("key", KEYS)
def test_no_key_does_anything(driver, key: str) -> None:
    from kivy.base import EventLoop
    from kivy.core.window import Window

    kiosk = driver()
    before = kiosk.picture()
    children = list(Window.children)
    code, modifiers = KEYS[key]
    Window.dispatch("on_key_down", code, 0, "", modifiers)
    Window.dispatch("on_keyboard", code, 0, "", modifiers)
    Window.dispatch("on_key_up", code, 0)
    kiosk.tick(5)
    assert list(Window.children) == children
    assert not EventLoop.quit
    assert kiosk.picture().raw == before.raw
    assert kiosk.seen == []


def test_the_window_refuses_to_be_closed(driver) -> None:
    from kivy.core.window import Window

    driver()
    assert Window.dispatch("on_request_close") is True


def test_a_window_on_a_desk_may_be_closed(driver) -> None:
    from kivy.core.window import Window

    driver(closable=True)
    assert not Window.dispatch("on_request_close")


def test_nothing_is_scheduled_while_idle_but_the_heartbeat(driver) -> None:
    from kivy.clock import Clock

    kiosk = driver()
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    kiosk.recorder.store()
    kiosk.wait(5)
    ours = [
        event for event in Clock.get_events() if "kiosk." in getattr(event.get_callback(), "__module__", "")
    ]
    assert [event.get_callback().__name__ for event in ours] == ["_heartbeat"]


@pytest.mark.parametrize("redraws", [True, False])
def test_the_heartbeat_beats_once_a_second_and_asks_for_a_redraw_where_the_glass_needs_it(
    driver, redraws: bool
) -> None:
    from kivy.core.window import Window

    beats: list[bool] = []
    kiosk = driver(every_second=lambda: beats.append(Window.canvas.needs_redraw), redraws=redraws)
    kiosk.wait(5)
    assert len(beats) in (4, 5)
    assert set(beats) == {redraws}


def test_a_thank_you_fades_in_and_stands_still_afterwards(driver) -> None:
    kiosk = driver()
    thanked(kiosk)
    front = kiosk.stage.front
    assert (front.opacity, front.sunk, front.ids.check.drawn) == (1, 0, 1)
    before = kiosk.picture()
    kiosk.wait(1)
    assert kiosk.picture().raw == before.raw


def test_high_contrast_cuts_and_does_not_move(driver) -> None:
    kiosk = driver(theme="high_contrast")
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    kiosk.recorder.store()
    kiosk.wait(RING_MS / 1000)
    kiosk.tick()
    front = kiosk.stage.front
    assert kiosk.reception.visit.screen is Screen.THANKS
    assert (front.opacity, front.sunk, front.ids.check.drawn) == (1, 0, 1)


@pytest.mark.parametrize("theme", THEMES)
def test_a_press_shows_in_every_theme(driver, theme: str) -> None:
    kiosk = driver(theme=theme)
    before = kiosk.picture()
    kiosk.tap(Rating.GOOD)
    kiosk.tick()
    seat = kiosk.seat(Rating.GOOD)
    on_ring = (seat.x, seat.y + round(kiosk.layout.radius * 1.085))
    assert kiosk.picture().at(*on_ring) == rgb(THEMES[theme].ink)
    assert kiosk.picture().raw != before.raw
