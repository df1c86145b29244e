"""What ``kiosk doctor`` says of the screen: keys large enough for fingers, texts in their languages and letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from feedback import surveys
from feedback.errors import SurveyError
from feedback.surveys import Survey
from kiosk import texts
from kiosk.panel import KEY_MM, KNOWN_MM, Panel
from kiosk.settings import Settings
from kiosk.storage.checkup import Check, Verdict
from kiosk.ui.layout import layout
from kiosk.ui.runs import missing

SHIPPED_SURVEY = Path(__file__).with_name("survey.json")
MOST_SAID = 3
"""So many texts are named; who translates them finds the others beside them."""


def screen_checks(settings: Settings) -> list[Check]:
    """The checks of the screen; no window is opened."""
    glass = settings.screen.panel
    checks = [_sizes(glass)]
    if settings.screen.width_mm is None and (glass.width_px, glass.height_px) not in KNOWN_MM:
        said = f"nobody says what {glass.width_px} x {glass.height_px} pixels measure: measure the glass and write"
        checks.append(Check("panel", Verdict.WARNING, f"{said} width_mm and height_mm below [screen]"))
    return [*checks, *_survey_checks(settings)]


def _sizes(glass: Panel) -> Check:
    at = layout(glass)
    face = min(glass.across_mm(2 * at.radius), glass.down_mm(2 * at.radius))
    touched = min(min(glass.across_mm(seat.target.w), glass.down_mm(seat.target.h)) for seat in at.seats)
    key = min(glass.across_mm(at.bar.pitch), glass.down_mm(at.height - at.bar.top))
    # A row of faces as wide as the panel, and the bar as high as a key, must still leave each its own place.
    if min(face, touched) < glass.face_mm or key < KEY_MM or at.seats[0].target.y < 0:
        said = f"faces of {face:.0f} mm and keys of {key:.0f} mm are too small for fingers"
        least = f"at least {glass.face_mm:.0f} and {KEY_MM:.0f} mm"
        return Check("panel", Verdict.FAILURE, f"{said} ({least}): use a larger panel, or measure it again")
    return Check("panel", Verdict.OK, f"faces of {face:.0f} mm, keys of at least {KEY_MM:.0f} mm")


def _survey_checks(settings: Settings) -> Iterator[Check]:
    fetched = settings.documents / "survey.json"
    try:
        survey = surveys.load(fetched if fetched.exists() else SHIPPED_SURVEY)
    except (SurveyError, OSError) as error:
        yield Check("texts", Verdict.WARNING, f"{error}; the shipped question is asked instead")
        return
    found = [*_fallen_back(survey), *_without_letters(survey)]
    for said in found[:MOST_SAID]:
        yield Check("texts", Verdict.WARNING, said)
    if not found:
        yield Check("texts", Verdict.OK, f"every text is there in {', '.join(survey.languages)}")


def _asked(survey: Survey) -> Iterator[tuple[str, surveys.Texts]]:
    for question in survey.questions:
        yield f"question {question.id}", question.texts
        for choice in question.choices:
            yield f"choice {choice.number} of {question.id}", choice.texts


def _fallen_back(survey: Survey) -> Iterator[str]:
    for language in survey.languages:
        if texts.load(language).language != language.split("-", maxsplit=1)[0]:
            yield f"{language} has no texts of the program's own: they are shown in English"
    for name, said in _asked(survey):
        lacking = [language for language in survey.languages if not said.get(language)]
        if lacking:
            spoken = survey.default_language
            yield f"{name} has no text in {', '.join(lacking)}: it is shown in {spoken}; add it to the survey"


def _without_letters(survey: Survey) -> Iterator[str]:
    for name, said in _asked(survey):
        for language, text in said.items():
            letters = missing(text)
            if letters:
                yield f"{name} in {language}: no font has {letters!r}, it is left out; install Debian's Noto fonts"
