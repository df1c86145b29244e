"""The organisation's logo on the real window: where its name stands, on paper and in the dark."""

from __future__ import annotations

import logging
import struct
import zlib
from typing import Any

import pytest

from feedback.answers import Source
from feedback.ratings import Rating
from kiosk.ui.logo import MOST_PIXELS, measured
from kiosk.ui.theme import NIGHT, PAPER

BLUE, CLEAR = bytes((20, 60, 160, 255)), bytes(4)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, dot: bytes = BLUE, *, said: tuple[int, int] | None = None) -> bytes:
    """A picture of one colour with a clear border; its header may say another size."""
    inner = CLEAR + dot * (width - 2) + CLEAR
    rows = [CLEAR * width, *[inner] * (height - 2), CLEAR * width]
    head = struct.pack(">IIBBBBB", *(said or (width, height)), 8, 6, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


WIDE = png(300, 100)


def said(kiosk: Any) -> str:
    return " ".join(
        line.text
        for widget in kiosk.stage.front.walk(restrict=True)
        if getattr(widget, "lines", None)
        for line in widget.lines
    )


def inside(kiosk: Any) -> tuple[int, int, int]:
    """The colour a little inside the beginning of the first line, at half the height of its capitals."""
    place = kiosk.layout.name
    px = place.steps[0][0]
    x = place.x - px if place.align == "right" else place.x + px
    return kiosk.picture().at(x, place.baseline - round(px * 0.36))  # type: ignore[no-any-return]


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (800, 480), (1080, 1920)])
def test_a_logo_stands_where_the_name_stood_and_the_branch_beside_it(
    driver: Any, size: tuple[int, int]
) -> None:
    kiosk = driver(*size, logo=WIDE)
    kiosk.save(f"logo-{size[0]}x{size[1]}")
    assert inside(kiosk) == tuple(BLUE[:3])
    assert "Harbour Bank" not in said(kiosk)
    assert "Nizami Street branch" in said(kiosk)


def test_it_begins_at_the_right_where_reading_does(driver: Any, survey_of: Any) -> None:
    kiosk = driver(survey=survey_of(("ar", "en")), logo=WIDE)
    assert "right" == kiosk.layout.name.align
    assert inside(kiosk) == tuple(BLUE[:3])


def test_in_the_dark_it_lies_on_paper(driver: Any) -> None:
    kiosk = driver(theme="night", logo=WIDE)
    kiosk.save("logo-night")
    place = kiosk.layout.name
    beside = kiosk.picture().at(place.x - 3, place.baseline - round(place.steps[0][0] * 0.36))
    paper, dark = (
        tuple(round(part * 255) for part in colour[:3]) for colour in (PAPER.surface, NIGHT.ground)
    )
    assert beside == paper != dark
    assert inside(kiosk) == tuple(BLUE[:3])


def test_a_logo_that_arrives_is_there_at_the_next_welcome_and_not_under_a_finger(driver: Any) -> None:
    kiosk = driver()
    kiosk.reception.press(Rating.GOOD, Source.TOUCH)
    kiosk.tick(2)
    kiosk.app.show_logo(WIDE)
    kiosk.tick(2)
    assert "Harbour Bank" in said(kiosk)
    kiosk.recorder.store()
    kiosk.wait(4)
    assert "Harbour Bank" not in said(kiosk)
    assert inside(kiosk) == tuple(BLUE[:3])

    kiosk.app.show_logo(b"")
    kiosk.tick(2)
    assert "Harbour Bank" in said(kiosk)


@pytest.mark.parametrize(
    "spoiled",
    [
        WIDE[:60],
        png(10, 10, said=(60_000, 60_000)),
        png(10, 10, said=(0, 5)),
        b"RIFF",
        b"\xff\xd8\xff\xe0\x00",
    ],
    ids=["cut", "a gigapixel", "of no width", "no picture", "half a header"],
)
def test_a_picture_that_cannot_be_shown_leaves_the_name(
    driver: Any, spoiled: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        kiosk = driver(logo=spoiled)
    assert "Harbour Bank" in said(kiosk)
    assert "the logo is not shown" in caplog.text


def test_the_size_is_read_from_the_header() -> None:
    jpeg = (
        b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + b"\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 20, 30) + b"rest"
    )
    assert (300, 100) == measured(WIDE)
    assert (30, 20) == measured(jpeg)
    assert (0, 0) == measured(jpeg[:10])
    assert 60_000 * 60_000 > MOST_PIXELS
