"""Where a press meets the visit and the recorder. Knows no window, no pin and no file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from feedback.answers import Answer, Ask, Moment, Outcome, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from feedback.surveys import Survey
from kiosk import visit as visits
from kiosk.clock import Clock
from kiosk.idle import NORMAL, Outlook, is_resting
from kiosk.visit import Draft, Key, Screen, Step, Visit

HELD_WITHIN_MS = 10_000
"""A hold began with presses of the last few seconds. An older one is another customer's: the hold's own was refused."""

TURNS: Mapping[Key, Callable[[Visit, int], Step]] = {
    Key.BACK: visits.went_back,
    Key.SKIP: visits.skipped,
    Key.MORE: visits.touched,
    Key.DONE: visits.finished,
    Key.SEND: visits.sent,
}


class Recorder(Protocol):
    """What stores answers: ``kiosk.storage.recorder`` in a kiosk."""

    def put(
        self,
        answers: Sequence[Answer],
        stored: Callable[[Sequence[Answer]], None],
        failed: Callable[[Exception], None],
        *,
        texts: Sequence[SealedText] = (),
    ) -> None:
        """
        Store *answers* in one commit, from any thread, without waiting: of one response, and how the one before ended.

        A ``response`` of 0 becomes the seq of the first of them. *texts* are those that answers stand for.

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
class Pressed:
    """
    A press on its way to the disk, and what its response is later known by.

    Attributes:
        stored: Its rating as numbered, once its commit has returned.
        held: It turned out to have begun a technician's hold.
        unsaid: Outcomes of its response that wait for its number.
    """

    boot_ms: int
    stored: Answer | None = None
    held: bool = False
    unsaid: list[tuple[Outcome, Source, Moment]] = field(default_factory=list)

    def outcome(self, outcome: Outcome, source: Source, moment: Moment) -> Answer | None:
        """How its response ended, to be stored; None while it has no number: then it is kept as unsaid."""
        if self.stored is None:
            self.unsaid.append((outcome, source, moment))
            return None
        ask = replace(self.stored.ask, question="", kind=Kind.OUTCOME)
        return replace(self.stored, seq=0, ask=ask, value=outcome.value, source=source, moment=moment)


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
        latest: The press that opened the response under way, or the last one.
        buttons: The last press of each button.
        outlook: How the screen looks while nobody is in front of it; changed by ``expect``.
        link_of: Makes the address at which a customer goes on by phone with the response that the answer opened, in
            a language; empty: there is none.
        link: That of the response the thank-you is for.
        kinds_of: What may be asked in a language, of a survey.
        seal: Seals what a customer wrote to central.
        noticed_ms: When the last finger or press came, by the boot clock; None: none since the start.
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
    latest: Pressed | None = None
    buttons: dict[Rating, Pressed] = field(default_factory=dict)
    outlook: Outlook = NORMAL
    link_of: Callable[[Answer, str], str] = lambda *_: ""
    link: str = ""
    kinds_of: Callable[[str, Survey], Sequence[Kind]] = lambda *_: visits.ASKED_HERE
    seal: Callable[[str], SealedText] | None = None
    noticed_ms: int | None = None
    _told: Screen = Screen.WELCOME

    @property
    def screen(self) -> Screen:
        """What is shown now: the visit's own screen, or the quiet one where a welcome would be wrong."""
        resting = is_resting(self.outlook, self.noticed_ms, self.clock.moment().boot_ms)
        return Screen.QUIET if resting and self.visit.screen is Screen.WELCOME else self.visit.screen

    def expect(self, outlook: Outlook) -> None:
        """The branch's settings or the hour have changed; in the thread in which visits change."""
        self.outlook = outlook
        self._tell()

    @property
    def language(self) -> str:
        """The language shown now."""
        return self.visit.language or self.standing.survey.default_language

    def press(self, rating: Rating, source: Source) -> None:
        """A face was touched or its button went down. The moment is taken here, in the caller's thread."""
        moment = self.clock.moment()
        self.later(lambda: self._pressed(rating, source, moment))

    def held(self, ratings: Collection[Rating]) -> None:
        """
        The buttons of *ratings* have been held down together: their presses, stored long since, were a technician's.

        From any thread. Nothing is shown: whoever does not know of it sees a kiosk that thanked for a press.
        """
        moment = self.clock.moment()
        self.later(lambda: self._held(ratings, moment))

    def answer(self, value: int, source: Source) -> None:
        """*value* was chosen of what the question shown offers."""
        moment = self.clock.moment()
        self.noticed_ms = moment.boot_ms
        self._take(visits.answered(self.visit, value, moment.boot_ms), source, moment)

    def write(self, characters: str) -> None:
        """The customer wrote *characters*."""
        moment = self.clock.moment()
        self.noticed_ms = moment.boot_ms
        self._take(visits.wrote(self.visit, characters, moment.boot_ms), None, moment)

    def rub(self) -> None:
        """The customer took the last character back."""
        moment = self.clock.moment()
        self.noticed_ms = moment.boot_ms
        self._take(visits.rubbed(self.visit, moment.boot_ms), None, moment)

    def turn(self, key: Key, source: Source) -> None:
        """One of the keys around a question was touched."""
        moment = self.clock.moment()
        self.noticed_ms = moment.boot_ms
        self._take(TURNS[key](self.visit, moment.boot_ms), source, moment)

    def touch(self) -> None:
        """A finger landed where nothing can be chosen. It wakes a quiet screen."""
        moment = self.clock.moment()
        self.noticed_ms = moment.boot_ms
        self._take(visits.touched(self.visit, moment.boot_ms), None, moment)

    def speak(self, language: str) -> None:
        """The customer chose *language*, one of the survey's."""
        self.noticed_ms = self.clock.moment().boot_ms
        self._show(visits.spoke(self.visit, language, self.clock.moment().boot_ms))

    def speech(self) -> None:
        """The customer asked for speech, with a key or a headphone; from any thread."""

        def asked() -> None:
            self.noticed_ms = self.clock.moment().boot_ms
            self._show(visits.spoken(self.visit, self.noticed_ms))

        self.later(asked)

    def contrast(self) -> None:
        """The customer wants black and white, or no longer."""
        self.noticed_ms = self.clock.moment().boot_ms
        self._show(visits.contrasted(self.visit, self.noticed_ms))

    def enlarge(self) -> None:
        """The customer wants large texts, or no longer."""
        self.noticed_ms = self.clock.moment().boot_ms
        self._show(visits.enlarged(self.visit, self.noticed_ms))

    def tick(self) -> None:
        """Time passed; to be called when ``visit.until_ms`` has come and once a second, and harmless at any time."""
        moment = self.clock.moment()
        self._take(visits.waited(self.visit, moment.boot_ms), None, moment)

    def _pressed(self, rating: Rating, source: Source, moment: Moment) -> None:
        self.noticed_ms = moment.boot_ms
        if visits.is_steered(self.visit):
            self._take(visits.steered(self.visit, rating, moment.boot_ms), source, moment)
            return
        survey = self.standing.survey
        kinds = self.kinds_of(self.language, survey)
        step = visits.pressed(self.visit, survey, rating, moment.boot_ms, kinds)
        if step.store:
            answers = [self._answer(draft, survey, source, moment) for draft in step.store]
            # Behind the rating: the first of a commit opens the response.
            if step.ended and self.latest and (ended := self.latest.outcome(step.ended, source, moment)):
                answers.append(ended)
            press = self.latest = Pressed(moment.boot_ms)
            self.link = ""
            if source is Source.BUTTON:
                self.buttons[rating] = press
            # Handed over before anything else: the disk works while the ring appears, and nothing comes between.
            self.recorder.put(answers, lambda stored: self._stored(press, stored), self.break_down)
            for tell in self.accepted:
                tell(rating, source)
        self._show(step.visit)

    def _take(self, step: Step, source: Source | None, moment: Moment) -> None:
        """Store what *step* says of the response under way, and show what follows. No *source*: the rating's."""
        if step.store:
            press, survey = self.latest, self.visit.survey
            if press is None or press.stored is None or survey is None:
                raise RuntimeError("a question was answered before the rating that opened it was stored")
            opened = press.stored
            answers = [
                self._answer(draft, survey, source or opened.source, moment, opened.response)
                for draft in step.store
            ]
            texts = [self._sealed(draft.text) for draft in step.store if draft.text]
            if texts:
                answers[0] = replace(answers[0], text_digest=texts[0].digest)
            self.recorder.put(
                answers, lambda stored: self._stored(press, stored), self.break_down, texts=texts
            )
        self._show(step.visit)

    def _sealed(self, text: str) -> SealedText:
        if self.seal is None:
            raise RuntimeError("a text was asked for, and nothing here can seal it")
        return self.seal(text)

    def _answer(
        self, draft: Draft, survey: Survey, source: Source, moment: Moment, response: int = 0
    ) -> Answer:
        language = self.visit.language or survey.default_language
        ask = Ask(survey.id, survey.version, draft.question, draft.kind, language)
        return Answer(0, response, self.standing.place, ask, draft.value, source, moment)

    def _held(self, ratings: Collection[Rating], moment: Moment) -> None:
        for rating in ratings:
            press = self.buttons.get(rating)
            if press and not press.held and moment.boot_ms - press.boot_ms <= HELD_WITHIN_MS:
                press.held = True
                self._say(press, Outcome.HELD, Source.BUTTON, moment)

    def _say(self, press: Pressed, outcome: Outcome, source: Source, moment: Moment) -> None:
        """Store what became of *press*, as soon as it has its number. Nobody waits for it."""
        said = press.outcome(outcome, source, moment)
        if said is not None:
            self.recorder.put([said], lambda _: None, self.break_down)

    def _stored(self, press: Pressed, answers: Sequence[Answer]) -> None:
        def committed() -> None:
            if press.stored is None:
                press.stored = answers[0]
                while press.unsaid:
                    self._say(press, *press.unsaid.pop(0))
            for tell in self.thanked:
                tell(answers)
            if press is self.latest:
                self.link = self.link_of(press.stored, self.language) if self.outlook.by_phone else ""
            self._show(visits.committed(self.visit, self.clock.moment().boot_ms))

        self.later(committed)

    def break_down(self, error: Exception) -> None:
        """Recording failed, from any thread: nobody is thanked any more, and the screen says so."""

        def broken() -> None:
            self.trouble = error
            self._show(visits.failed(self.visit))

        self.later(broken)

    def _show(self, visit: Visit) -> None:
        if visit == self.visit and self.screen is self._told:
            return
        if self.link and visit.screen is Screen.THANKS and self.visit.screen is not Screen.THANKS:
            visit = visits.lingering(visit)
        self.visit = visit
        self._tell()

    def _tell(self) -> None:
        self._told = self.screen
        for tell in self.watchers:
            tell(self.visit)
