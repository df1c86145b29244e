"""One visit through every screen there is, with a pause at each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from feedback import surveys
from feedback.answers import SealedText, Source
from feedback.ratings import Kind, Rating
from feedback.surveys import Survey
from kiosk import keyboards, texts
from kiosk.idle import NORMAL, Opening, Outlook
from kiosk.reception import Reception
from kiosk.visit import ASKED_HERE, IDLE_MS, Key

ROOT = Path(__file__).parents[2]
DAY, SPLIT, HALF = ((540, 1080),), ((540, 780), (840, 1080)), ((600, 840),)
CLOSED = Outlook(
    quiet=True,
    week=(Opening(0, 3, DAY), Opening(4, 4, SPLIT), Opening(5, 5, HALF), Opening(6, 6, ())),
    next_day=3,
    next_periods=DAY,
)


class Recorder(Protocol):
    """A disk that is done, or fails, when it is told to."""

    def store(self) -> None: ...
    def fail(self) -> None: ...


class Kiosk(Protocol):
    """A kiosk whose customers, disk and time are played."""

    reception: Reception
    recorder: Any

    @property
    def stage(self) -> Any: ...
    def later(self, seconds: float) -> None: ...
    def tick(self, frames: int = 1) -> None: ...


def everything(language: str) -> Survey:
    """A survey of every kind of question, in all languages shipped, *language* its own."""
    document = json.loads((ROOT / "kiosk" / "survey.json").read_text(encoding="utf-8"))
    more: Mapping[str, Any] = json.loads(Path(__file__).with_name("survey.json").read_text(encoding="utf-8"))
    document["questions"] = document["questions"][:2] + [{"id": name, **one} for name, one in more.items()]
    document["default_language"] = language
    return surveys.parse(json.dumps(document).encode(), "the gallery's survey")


def large_scenes(kiosk: Kiosk) -> Iterator[str]:
    """As ``scenes``, of a customer who wants large texts; only those that show the visit."""
    kiosk.reception.enlarge()
    kiosk.tick(2)
    yield "large-welcome"
    for scene in _visit(kiosk):
        yield f"large-{scene}"


def scenes(kiosk: Kiosk) -> Iterator[str]:
    """Plays *kiosk* from screen to screen; at each name it stands still."""
    yield "welcome"
    yield from _languages(kiosk)
    yield from _visit(kiosk)
    kiosk.later(3)
    kiosk.reception.expect(CLOSED)
    kiosk.later(60)
    yield "quiet"
    kiosk.reception.expect(replace(NORMAL))
    kiosk.reception.press(Rating.GOOD, Source.TOUCH)
    kiosk.tick(2)
    kiosk.recorder.fail()
    kiosk.tick(2)
    yield "out-of-order"


def _visit(kiosk: Kiosk) -> Iterator[str]:
    glass = kiosk.stage.front.layout.panel
    kiosk.reception.kinds_of = lambda language, _: (
        (*ASKED_HERE, Kind.TEXT) if keyboards.fits(language, glass) else ASKED_HERE
    )
    kiosk.reception.seal = lambda _: SealedText(bytes(100), bytes(32))
    kiosk.reception.press(Rating.GOOD, Source.TOUCH)
    kiosk.tick(2)
    yield "pressed"
    kiosk.later(0.7)
    yield "saving"
    _stored(kiosk)
    yield from _questions(kiosk)
    yield "thanks"


def _languages(kiosk: Kiosk) -> Iterator[str]:
    languages = kiosk.stage.front.ids.languages
    languages.open()
    kiosk.tick(2)
    yield "languages"
    languages.close()
    kiosk.tick(2)


def _questions(kiosk: Kiosk) -> Iterator[str]:
    asked_for_time = False
    while (question := kiosk.reception.visit.question) is not None:
        yield f"question-{question.kind.value}"
        if not asked_for_time:
            asked_for_time = True
            kiosk.later(IDLE_MS / 1000)
            yield "more-time"
            kiosk.reception.turn(Key.MORE, Source.TOUCH)
            kiosk.tick(2)
            kiosk.later(1)
        if question.kind is Kind.TEXT:
            kiosk.reception.write(_something(kiosk))
            kiosk.tick(2)
            yield "writing"
            kiosk.reception.turn(Key.SEND, Source.TOUCH)
        else:
            kiosk.reception.answer(question.values[-1], Source.TOUCH)
        kiosk.tick(2)
        _stored(kiosk)


def _something(kiosk: Kiosk) -> str:
    """Something to write: what the kiosk says to staff, in the visit's language."""
    return texts.load(kiosk.reception.language).out_of_order_line.replace("\n", " ")


def _stored(kiosk: Kiosk) -> None:
    kiosk.recorder.store()
    # Not frame by frame: what moves has arrived after one step.
    kiosk.later(0.3)
    kiosk.later(0.5)
