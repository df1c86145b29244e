"""The thank-you's code: from the screen to central's page, by way of a phone's camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from central.comments.continuations import sent
from central.keys import load_keys, make_keys
from central.sealing import opened
from central.store import tables
from central.store.database import make_store, reading, writing
from feedback import continuation
from feedback.answers import Source
from feedback.ratings import Rating
from feedback.wire import Purpose
from kiosk import by_phone, texts
from kiosk.idle import NORMAL
from kiosk.panel import KEY_MM, panel
from kiosk.settings import CentralAddress, Files, KioskPlace, Settings
from kiosk.ui.layout import layout
from kiosk.visit import SCAN_MS, THANKS_MS, Screen
from tests.central.device import STORE, Central, delivery, rating, serving
from tests.kiosk.ui.conftest import PICTURES, FakeTime, Open
from tests.kiosk.ui.test_by_phone import read_back

SECRET = bytes(range(32))
DEADLINE_S = 20
PANELS = [(800, 480), (1024, 600), (1280, 800), (1920, 1080), (1080, 1920)]


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    folder = tmp_path / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        connection.execute(tables.branches.insert().values(id="b12", name="Nizami street", zone="UTC"))
    store.dispose()
    with serving(folder) as central:
        central.enrolled(secret=SECRET)
        yield central


@pytest.fixture
def settings(tmp_path: Path, central: Central) -> Settings:
    settings = Settings(
        KioskPlace("k-1", "b12", "exit-1", "Exit"),
        CentralAddress(central.url, central.keys.fingerprint),
        Files(tmp_path / "state"),
    )
    settings.answers_folder.mkdir(parents=True)
    settings.screen_secret.write_text(SECRET.hex() + "\n", encoding="ascii")
    return settings


def thanked(
    driver: Open, settings: Settings, width: int = 1280, height: int = 800, *, on: bool = True
) -> Any:
    """A kiosk on which somebody has just pressed, as the first of its store, and was thanked."""
    kiosk = driver(width, height)
    kiosk.reception.outlook = replace(NORMAL, by_phone=on)
    links = by_phone.links(settings, lambda: STORE)
    kiosk.reception.link_of = lambda answer, language: links(
        replace(answer, seq=1, place=replace(answer.place, branch="b12")), language
    )
    kiosk.tap(Rating.BAD)
    kiosk.tick(2)
    kiosk.recorder.store()
    FakeTime.now += 0.5
    kiosk.tick(30)
    assert kiosk.reception.visit.screen is Screen.THANKS
    return kiosk


@pytest.mark.zbar
@pytest.mark.parametrize(("width", "height"), [(800, 480), (1280, 800), (1080, 1920)])
def test_a_phone_reads_the_code_from_the_thank_you(
    driver: Open, settings: Settings, width: int, height: int
) -> None:
    kiosk = thanked(driver, settings, width, height)
    kiosk.save(f"thanks-by-phone-{width}x{height}")

    assert read_back(PICTURES / f"thanks-by-phone-{width}x{height}.png") == kiosk.reception.link


@pytest.mark.parametrize("arrives_first", [True, False])
def test_what_is_written_by_phone_finds_its_answer_whichever_comes_first(
    driver: Open, settings: Settings, central: Central, arrives_first: bool
) -> None:
    address = thanked(driver, settings).reception.link
    device = central.enrolled(secret=SECRET)
    if arrives_first:
        device.sync(delivery(rating(1, Rating.BAD)))
    first, second = (
        requests.post(address, {"comment": words}, headers={"Accept-Language": "en"}, timeout=DEADLINE_S)
        for words in ("the queue", "mine")
    )
    if not arrives_first:
        device.sync(delivery(rating(1, Rating.BAD)))

    assert (first.status_code, second.status_code) == (200, 409)
    keys = load_keys(central.folder)
    with reading(central.store) as connection:
        (said,) = sent(
            connection, "b12", 9, lambda raw, kiosk: opened(raw, keys.sealing, Purpose.BY_PHONE, kiosk)
        )
    assert said.words is not None
    assert said.words.comment == "the queue"
    (answer,) = central.rows(tables.answers)
    assert (answer.store_id, answer.seq) == (said.response.store, said.response.seq)


def test_a_thank_you_with_a_code_stays_long_enough_to_scan_it(driver: Open, settings: Settings) -> None:
    kiosk = thanked(driver, settings)
    FakeTime.now += THANKS_MS / 1_000
    kiosk.tick(2)
    assert kiosk.reception.visit.screen is Screen.THANKS

    FakeTime.now += (SCAN_MS - THANKS_MS) / 1_000
    kiosk.tick(2)
    assert kiosk.reception.visit.screen is Screen.WELCOME


def test_there_is_no_code_unless_the_company_wants_it_nor_without_a_secret(
    driver: Open, settings: Settings
) -> None:
    assert thanked(driver, settings, on=False).reception.link == ""

    settings.screen_secret.unlink()
    assert thanked(driver, settings).reception.link == ""


def test_the_next_customer_never_gets_the_code_of_the_one_before(driver: Open, settings: Settings) -> None:
    kiosk = thanked(driver, settings)
    kiosk.reception.press(Rating.GOOD, Source.BUTTON)
    kiosk.tick(2)

    assert kiosk.reception.visit.screen is Screen.PRESSED
    assert kiosk.reception.link == ""


def test_the_address_tells_nothing_of_what_was_pressed(driver: Open, settings: Settings) -> None:
    code = thanked(driver, settings).reception.link.partition("/c/")[2].partition("?")[0]

    named = continuation.decoded(code).named
    assert (named.branch, named.kiosk, named.store, named.seq) == ("b12", "k-1", STORE, 1)


@pytest.mark.parametrize(("width", "height"), PANELS)
def test_the_code_and_its_words_have_room_in_every_language(driver: Open, width: int, height: int) -> None:
    from kiosk.ui.fitting import fit
    from kiosk.ui.lettering import MEASURES
    from kiosk.ui.thanks import code_places

    driver()  # letters need a window
    for language in texts.shipped():
        words = texts.load(language)
        place = layout(panel(width, height), mirrored=texts.right_to_left(language))
        found = code_places(place)
        assert min(found.card.x, found.card.y) >= 0
        assert found.card.x + found.card.w <= width
        assert found.card.y + found.card.h <= height
        assert place.panel.across_mm(found.room.w) > 2.5 * KEY_MM
        for font, text, where in (
            ("key", words.say_more, found.title),
            ("text", words.say_more_line, found.line),
        ):
            shown = fit(text, where.width, where.steps, MEASURES[font])
            assert not any(line.endswith("…") for line in shown.lines), (language, text)
            bottom = where.baseline + (len(shown.lines) - 1) * round(shown.px * where.leading)
            assert bottom < found.card.y + found.card.h, (language, text)
