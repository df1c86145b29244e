"""
One customer's visit, decided without a screen, a disk or a clock.

A visit is a value. Each function takes it with what happened and when, and returns the next one. Times are
milliseconds of the boot clock, which never jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feedback.answers import Outcome
from feedback.ratings import Kind, Rating
from feedback.surveys import Said, Survey
from kiosk.visit_state import (
    ASKED_HERE,
    BOUNCE_MS,
    DEAF_MS,
    IDLE_MS,
    LANGUAGE_MS,
    MORE_MS,
    MOST_TEXT,
    RING_MOST_MS,
    RING_MS,
    SCAN_MS,
    SLOW_MS,
    THANKS_MS,
    Draft,
    Key,
    Screen,
    Step,
    Visit,
)

__all__ = [
    "ASKED_HERE",
    "BOUNCE_MS",
    "DEAF_MS",
    "IDLE_MS",
    "LANGUAGE_MS",
    "MORE_MS",
    "MOST_TEXT",
    "RING_MOST_MS",
    "RING_MS",
    "SCAN_MS",
    "SLOW_MS",
    "THANKS_MS",
    "Draft",
    "Key",
    "Screen",
    "Step",
    "Visit",
]


def pressed(
    visit: Visit, survey: Survey, rating: Rating, at_ms: int, kinds: Sequence[Kind] = ASKED_HERE
) -> Step:
    """
    A face was touched or its button went down; *kinds* of questions may follow.

    Every press is stored, also one that interrupts a thank-you or a question, or follows quickly: which of them
    count is decided later, from the stored rows, by named rules. Only the bouncing of a contact is no press.
    """
    if visit.screen is Screen.OUT_OF_ORDER or _bounces(visit, rating, at_ms):
        return Step(visit)
    if visit.speech and visit.screen is Screen.WELCOME and visit.named is not rating:
        return Step(_naming(visit, rating, at_ms))
    opening = survey.opening.id
    said: Said = ((opening, rating.value),)
    # Whoever does not see the keys is not asked to write.
    kinds = ASKED_HERE if visit.speech else kinds
    ending = _ending(survey, said, kinds)
    following = Visit(
        screen=Screen.PRESSED,
        rating=rating,
        survey=survey,
        said=said,
        is_open=not ending,
        awaited=visit.awaited + 1,
        slow=visit.slow and visit.awaited > 0,
        until_ms=at_ms + RING_MOST_MS,
        ring_until_ms=at_ms + RING_MS,
        language=visit.language,
        contrast=visit.contrast,
        large=visit.large,
        speech=visit.speech,
        kinds=kinds,
        edges=_edged(visit, rating, at_ms),
    )
    ended = Outcome.EXITED if visit.is_open else None
    return Step(following, (Draft(opening, Kind.RATING, rating.value), *ending), ended)


def is_steered(visit: Visit) -> bool:
    """Whether the buttons below the screen now say what is answered, for somebody who has the question spoken."""
    return bool(visit.speech) and visit.screen in (Screen.QUESTION, Screen.MORE_TIME)


def steered(visit: Visit, rating: Rating, at_ms: int) -> Step:
    """
    A button went down while ``is_steered``: the outer ones go from answer to answer, the middle one chooses.

    The others say again where one is; before "more time?" any of them says that somebody is there.
    """
    if _bounces(visit, rating, at_ms):
        return Step(visit)
    visit = replace(visit, edges=_edged(visit, rating, at_ms))
    if visit.screen is Screen.MORE_TIME or visit.question is None:
        return touched(visit, at_ms)
    if not _listens(visit, at_ms):
        return Step(visit)
    row: tuple[int | Key, ...] = (*visit.question.in_order, Key.SKIP)
    at = row.index(visit.pointed) if visit.pointed in row else None
    if rating is Rating.NEUTRAL and at is not None:
        chosen = row[at]
        return skipped(visit, at_ms) if isinstance(chosen, Key) else answered(visit, chosen, at_ms)
    if rating in (Rating.NEUTRAL, Rating.UNACCEPTABLE):
        at = 0 if at is None or rating is Rating.NEUTRAL else (at + 1) % len(row)
    elif rating is Rating.EXCELLENT:
        at = (len(row) - 1 if at is None else at - 1) % len(row)
    return Step(_pointing(visit, None if at is None else row[at], at_ms))


def answered(visit: Visit, value: int, at_ms: int) -> Step:
    """One of the answers to the question shown was tapped. With the last one goes how the response ended."""
    survey, question = visit.survey, visit.question
    if not _listens(visit, at_ms) or survey is None or question is None or value not in question.values:
        return Step(visit)
    if visit.speech and visit.pointed != value:
        return Step(_pointing(visit, value, at_ms))
    said = (*visit.said, (question.id, value))
    ending = _ending(survey, said, visit.kinds)
    stored = (Draft(question.id, question.kind, value), *ending)
    return Step(_ringing(replace(visit, said=said, is_open=not ending), value, at_ms), stored)


def wrote(visit: Visit, characters: str, at_ms: int) -> Step:
    """*characters* were written to a question for a text, which keeps all its time; beyond MOST_TEXT none are."""
    if not _writes(visit, at_ms):
        return Step(visit)
    text = (visit.text + characters)[:MOST_TEXT]
    return Step(replace(visit, text=text, until_ms=at_ms + _patience(visit) * IDLE_MS))


def rubbed(visit: Visit, at_ms: int) -> Step:
    """The last character is taken back."""
    if not _writes(visit, at_ms):
        return Step(visit)
    return Step(replace(visit, text=visit.text[:-1], until_ms=at_ms + _patience(visit) * IDLE_MS))


def sent(visit: Visit, at_ms: int) -> Step:
    """What was written is sent, and from here on nowhere but in what is to be stored; nothing written is skipped."""
    survey, question, text = visit.survey, visit.question, visit.text.strip()
    if not _writes(visit, at_ms) or survey is None or question is None or not text:
        return skipped(visit, at_ms)
    said = (*visit.said, (question.id, 0))
    ending = _ending(survey, said, visit.kinds)
    stored = (Draft(question.id, Kind.TEXT, 0, text), *ending)
    return Step(_ringing(replace(visit, said=said, text="", is_open=not ending), Key.SEND, at_ms), stored)


def skipped(visit: Visit, at_ms: int) -> Step:
    """The customer passes over the question shown. Stored only if nothing more is asked: as the outcome."""
    survey, question = visit.survey, visit.question
    if not _listens(visit, at_ms) or survey is None or question is None:
        return Step(visit)
    said = (*visit.said, (question.id, None))
    ending = _ending(survey, said, visit.kinds)
    visit = replace(visit, said=said, is_open=not ending)
    return Step(_ringing(visit, Key.SKIP, at_ms), ending) if ending else Step(_onward(visit, at_ms))


def went_back(visit: Visit, at_ms: int) -> Step:
    """The customer wants the question before, which was skipped."""
    if not _listens(visit, at_ms) or not visit.can_go_back:
        return Step(visit)
    return Step(_onward(replace(visit, said=visit.said[:-1]), at_ms))


def finished(visit: Visit, at_ms: int) -> Step:
    """Asked whether they need more time, the customer says that they have done."""
    # The screen has only just asked: that tap was meant for the question below it.
    if visit.screen is not Screen.MORE_TIME or visit.tapped is not None or at_ms < visit.deaf_until_ms:
        return Step(visit)
    return Step(_ringing(replace(visit, is_open=False), Key.DONE, at_ms), (_outcome(Outcome.EXITED),))


def committed(visit: Visit, at_ms: int) -> Visit:
    """One commit has returned: the answer is on disk. On to what follows, once the ring has been seen."""
    visit = replace(visit, awaited=max(0, visit.awaited - 1))
    if not visit.is_pressed or visit.awaited:
        return visit
    if at_ms < visit.ring_until_ms:
        return replace(visit, until_ms=visit.ring_until_ms)
    return _onward(visit, at_ms)


def failed(visit: Visit) -> Visit:
    """A commit failed: nobody is thanked, and nothing more is taken until the kiosk has been checked."""
    return Visit(
        screen=Screen.OUT_OF_ORDER,
        language=visit.language,
        contrast=visit.contrast,
        large=visit.large,
        speech=visit.speech,
        edges=visit.edges,
    )


def touched(visit: Visit, at_ms: int) -> Step:
    """
    A finger landed where nothing can be chosen.

    It ends a thank-you. Before a question it says that somebody is there, who then has all the time again.
    """
    if visit.screen is Screen.THANKS:
        return Step(_welcoming(visit))
    if visit.screen is Screen.MORE_TIME and visit.tapped is None:
        return Step(_asking(replace(visit, deaf_until_ms=at_ms + DEAF_MS), at_ms))
    if visit.screen is Screen.QUESTION and visit.tapped is None:
        return Step(_asking(visit, at_ms))
    return waited(visit, at_ms)


def spoke(visit: Visit, language: str, at_ms: int) -> Visit:
    """The customer chose *language*."""
    if visit.screen is not Screen.WELCOME:
        return visit
    return replace(visit, language=language, until_ms=at_ms + _patience(visit) * LANGUAGE_MS)


def contrasted(visit: Visit, at_ms: int) -> Visit:
    """The customer wants black and white, or no longer; it falls back as a language does."""
    if visit.screen is not Screen.WELCOME:
        return visit
    return replace(visit, contrast=not visit.contrast, until_ms=at_ms + _patience(visit) * LANGUAGE_MS)


def enlarged(visit: Visit, at_ms: int) -> Visit:
    """The customer wants large texts, or no longer; it falls back as a language does."""
    if visit.screen is not Screen.WELCOME:
        return visit
    return replace(visit, large=not visit.large, until_ms=at_ms + _patience(visit) * LANGUAGE_MS)


def spoken(visit: Visit, at_ms: int) -> Visit:
    """The customer asked for speech, or to hear it again. It is for this visit."""
    if visit.screen is not Screen.WELCOME:
        return visit
    asked = replace(visit, speech=visit.speech + 1, named=None)
    return replace(asked, until_ms=at_ms + _patience(asked) * LANGUAGE_MS)


def waited(visit: Visit, at_ms: int) -> Step:
    """Time passed: it is now *at_ms*."""
    if visit.until_ms is None or at_ms < visit.until_ms:
        return Step(visit)
    if visit.is_pressed:
        return _waited_for_the_disk(visit, at_ms)
    if visit.screen is Screen.QUESTION:
        more = replace(visit, screen=Screen.MORE_TIME, deaf_until_ms=at_ms + DEAF_MS)
        return Step(replace(more, until_ms=at_ms + _patience(visit) * MORE_MS))
    if visit.screen is Screen.MORE_TIME:
        left = replace(_welcoming(visit), awaited=visit.awaited + 1)
        return Step(left, (_outcome(Outcome.TIMED_OUT),))
    return Step(_welcoming(visit))


def _waited_for_the_disk(visit: Visit, at_ms: int) -> Step:
    """What follows if all is stored; else the ring goes, and later it is said that the disk is slow."""
    if not visit.awaited:
        return Step(_onward(visit, at_ms))
    if not visit.rung:
        slow_ms = visit.ring_until_ms - RING_MS + SLOW_MS
        return waited(replace(visit, rung=True, until_ms=slow_ms), at_ms)
    return Step(replace(visit, slow=True, until_ms=None))


def _bounces(visit: Visit, rating: Rating, at_ms: int) -> bool:
    return any(r is rating and at_ms - ms < BOUNCE_MS for r, ms in visit.edges)


def _edged(visit: Visit, rating: Rating, at_ms: int) -> tuple[tuple[Rating, int], ...]:
    return (*((r, ms) for r, ms in visit.edges if r is not rating), (rating, at_ms))


def _naming(visit: Visit, rating: Rating, at_ms: int) -> Visit:
    """The face is named, and nothing stored: whoever cannot see it has to find it first."""
    return replace(
        visit,
        named=rating,
        until_ms=at_ms + _patience(visit) * LANGUAGE_MS,
        edges=_edged(visit, rating, at_ms),
    )


def _pointing(visit: Visit, option: int | Key | None, at_ms: int) -> Visit:
    """*option* of the question is named, and nothing stored; with it comes all the time again."""
    return replace(visit, pointed=option, until_ms=at_ms + _patience(visit) * IDLE_MS)


def _patience(visit: Visit) -> int:
    """How many times the usual time this customer has."""
    return 2 if visit.speech else 1


def _listens(visit: Visit, at_ms: int) -> bool:
    return visit.screen is Screen.QUESTION and visit.tapped is None and at_ms >= visit.deaf_until_ms


def _writes(visit: Visit, at_ms: int) -> bool:
    return _listens(visit, at_ms) and visit.question is not None and visit.question.kind is Kind.TEXT


def _ending(survey: Survey, said: Said, kinds: Sequence[Kind]) -> tuple[Draft, ...]:
    """How the response ends that has *said* so much; nothing while more is to be asked."""
    if survey.following(said, kinds) is not None:
        return ()
    every = all(value is not None for _, value in said)
    return (_outcome(Outcome.ANSWERED if every else Outcome.SKIPPED),)


def _outcome(outcome: Outcome) -> Draft:
    return Draft("", Kind.OUTCOME, outcome.value)


def _ringing(visit: Visit, tapped: int | Key, at_ms: int) -> Visit:
    """*tapped* carries the ring until what it says is stored."""
    return replace(
        visit,
        tapped=tapped,
        rung=False,
        awaited=visit.awaited + 1,
        until_ms=at_ms + RING_MOST_MS,
        ring_until_ms=at_ms + RING_MS,
    )


def _onward(visit: Visit, at_ms: int) -> Visit:
    """What follows when everything said is stored: the next question, or the thank-you."""
    if visit.is_open and visit.survey is not None:
        question = visit.survey.following(visit.said, visit.kinds)
        following = replace(visit, question=question, pointed=None, text="", deaf_until_ms=at_ms + DEAF_MS)
        return _asking(following, at_ms)
    return Visit(
        screen=Screen.THANKS,
        awaited=visit.awaited,
        until_ms=at_ms + _patience(visit) * THANKS_MS,
        language=visit.language,
        contrast=visit.contrast,
        large=visit.large,
        speech=visit.speech,
        edges=visit.edges,
    )


def lingering(visit: Visit) -> Visit:
    """A thank-you that has just come, and has a code to scan: it stays for longer."""
    if visit.screen is not Screen.THANKS or visit.until_ms is None:
        return visit
    return replace(visit, until_ms=visit.until_ms + _patience(visit) * (SCAN_MS - THANKS_MS))


def _asking(visit: Visit, at_ms: int) -> Visit:
    """The question is shown, with all the time there is for it."""
    return replace(
        visit,
        screen=Screen.QUESTION,
        rating=None,
        tapped=None,
        rung=False,
        slow=False,
        until_ms=at_ms + _patience(visit) * IDLE_MS,
    )


def _welcoming(visit: Visit) -> Visit:
    return Visit(awaited=visit.awaited, edges=visit.edges)
