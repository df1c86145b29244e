"""Plays what happens to a visit, on a clock of its own: no screen, no disk."""

from __future__ import annotations

from feedback.answers import Outcome
from feedback.ratings import Kind, Rating
from feedback.surveys import Question, Survey
from kiosk import visit as visits
from kiosk.visit import DEAF_MS, RING_MS, Draft, Screen, Step, Visit

ONE_QUESTION = Survey("exit", 1, ("en", "az"), "en", (Question("visit", Kind.RATING, {"en": "How was it?"}),))


class Kiosk:
    """
    A visit and what was stored of it.

    Attributes:
        stored: What each commit has of the response it began in.
        ended: How responses ended that a press cut short, by the number of the commit that says so.
    """

    def __init__(self, survey: Survey = ONE_QUESTION) -> None:
        self.survey = survey
        self.visit = Visit()
        self.now = 1_000
        self.stored: list[tuple[Draft, ...]] = []
        self.ended: dict[int, Outcome] = {}

    def press(self, rating: Rating) -> Kiosk:
        return self.take(visits.pressed(self.visit, self.survey, rating, self.now))

    def answer(self, value: int) -> Kiosk:
        return self.take(visits.answered(self.visit, value, self.now))

    def skip(self) -> Kiosk:
        return self.take(visits.skipped(self.visit, self.now))

    def back(self) -> Kiosk:
        return self.take(visits.went_back(self.visit, self.now))

    def done(self) -> Kiosk:
        return self.take(visits.finished(self.visit, self.now))

    def touch(self) -> Kiosk:
        return self.take(visits.touched(self.visit, self.now))

    def take(self, step: Step) -> Kiosk:
        self.visit = step.visit
        if step.store:
            self.stored.append(step.store)
        if step.ended:
            self.ended[len(self.stored) - 1] = step.ended
        return self

    def commit(self) -> Kiosk:
        self.visit = visits.committed(self.visit, self.now)
        return self

    def settle(self) -> Kiosk:
        """The disk is done, the ring was seen, and what follows has been read."""
        while self.visit.awaited:
            self.commit()
        return self.wait(RING_MS + DEAF_MS)

    def fail(self) -> Kiosk:
        self.visit = visits.failed(self.visit)
        return self

    def speak(self, language: str) -> Kiosk:
        self.visit = visits.spoke(self.visit, language, self.now)
        return self

    def wait(self, ms: int) -> Kiosk:
        """Time passes, and the visit is told whenever it asked to be."""
        end = self.now + ms
        while self.visit.until_ms is not None and self.visit.until_ms <= end:
            self.now = max(self.now, self.visit.until_ms)
            self.take(visits.waited(self.visit, self.now))
        self.now = end
        return self

    @property
    def screen(self) -> Screen:
        return self.visit.screen

    @property
    def asked(self) -> str | None:
        """The question shown."""
        return self.visit.question.id if self.visit.question else None

    @property
    def outcomes(self) -> list[Outcome]:
        """Every outcome stored, in order."""
        found: list[Outcome] = []
        for at, drafts in enumerate(self.stored):
            found += [self.ended[at]] if at in self.ended else []
            found += [Outcome(draft.value) for draft in drafts if draft.kind is Kind.OUTCOME]
        return found
