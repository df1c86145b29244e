"""Where a press meets the visit and the recorder. Knows no window, no pin and no file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from feedback.answers import Answer, Ask, Moment, Place, Source
from feedback.ratings import Rating
from feedback.surveys import Survey
from kiosk import visit as visits
from kiosk.clock import Clock
from kiosk.visit import Draft, Visit


class Recorder(Protocol):
    """What stores answers: ``kiosk.storage.recorder`` in a kiosk."""

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[[Sequence[Answer]], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """
        Store one response's *answers* in one commit, from any thread, without waiting.

        Exactly one of *stored* (with the answers as numbered) and *failed* is called later, from the
        writer's thread.
        """
        ...


@dataclass(frozen=True)
class Standing:
    """Where the kiosk stands and what it asks there."""

    place: Place
    survey: Survey


@dataclass
class Reception:
    """
    One kiosk's front: takes presses from any thread, and runs one visit after another.

    Attributes:
        standing: Where it stands and what it asks. Changed only between visits.
        recorder: Where answers go.
        clock: Where the time comes from.
        later: Runs a function soon, in the one thread in which visits change (Kivy's, in a kiosk).
        watchers: Called with the visit after every change: the screen, the lamps.
        thanked: Called with the stored answers when their commit has returned: a ledger.
    """

    standing: Standing
    recorder: Recorder
    clock: Clock
    later: Callable[[Callable[[], None]], None]
    watchers: list[Callable[[Visit], None]] = field(default_factory=list)
    accepted: list[Callable[[Rating, Source], None]] = field(default_factory=list)
    thanked: list[Callable[[Sequence[Answer]], None]] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    trouble: Exception | None = None

    @property
    def language(self) -> str:
        """The language shown now."""
        return self.visit.language or self.standing.survey.default_language

    def press(self, rating: Rating, source: Source) -> None:
        """A face was touched or its button went down. The moment is taken here, in the caller's thread."""
        moment = self.clock.moment()
        self.later(lambda: self._pressed(rating, source, moment))

    def touch(self) -> None:
        """A finger landed where no face is."""
        self._show(visits.touched(self.visit, self.clock.moment().boot_ms))

    def speak(self, language: str) -> None:
        """The customer chose *language*, one of the survey's."""
        self._show(visits.spoke(self.visit, language, self.clock.moment().boot_ms))

    def tick(self) -> None:
        """Time passed; to be called when ``visit.until_ms`` has come, and harmless before."""
        self._show(visits.waited(self.visit, self.clock.moment().boot_ms))

    def _pressed(self, rating: Rating, source: Source, moment: Moment) -> None:
        language = self.language
        step = visits.pressed(self.visit, self.standing.survey.opening.id, rating, moment.boot_ms)
        if step.store:
            answers = [self._answer(draft, language, source, moment) for draft in step.store]
            # Handed over before anything else: the disk works while the ring appears, and nothing comes between.
            self.recorder.put(answers, self._stored, self.break_down)
            for tell in self.accepted:
                tell(rating, source)
        self._show(step.visit)

    def _answer(self, draft: Draft, language: str, source: Source, moment: Moment) -> Answer:
        survey = self.standing.survey
        ask = Ask(survey.id, survey.version, draft.question, draft.kind, language)
        return Answer(0, 0, self.standing.place, ask, draft.value, source, moment)

    def _stored(self, answers: Sequence[Answer]) -> None:
        def committed() -> None:
            for tell in self.thanked:
                tell(answers)
            self._show(visits.committed(self.visit, self.clock.moment().boot_ms))

        self.later(committed)

    def break_down(self, error: Exception) -> None:
        """Recording failed, from any thread: nobody is thanked any more, and the screen says so."""

        def broken() -> None:
            self.trouble = error
            self._show(visits.failed(self.visit))

        self.later(broken)

    def _show(self, visit: Visit) -> None:
        if visit == self.visit:
            return
        self.visit = visit
        for tell in self.watchers:
            tell(visit)
