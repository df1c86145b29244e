"""Contrast by the formula of WCAG 2."""

import pytest

from feedback.ratings import Rating
from kiosk.settings import THEMES as SETTINGS_THEMES
from kiosk.ui.theme import THEMES, Colour, Theme


def luminance(colour: Colour) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_theme_that_settings_name_exists() -> None:
    assert set(SETTINGS_THEMES) == set(THEMES)


@pytest.mark.parametrize("name", THEMES)
def test_everything_that_must_be_read_can_be(name: str) -> None:
    theme: Theme = THEMES[name]
    assert contrast(theme.ink, theme.ground) >= 7
    assert contrast(theme.ink, theme.surface) >= 7
    assert contrast(theme.second_ink, theme.ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.accent, theme.ground) >= 4.5
    assert contrast(theme.edge, theme.ground) >= 3


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("rating", Rating)
def test_features_stand_out_on_every_disc_also_when_it_is_grey(name: str, rating: Rating) -> None:
    theme: Theme = THEMES[name]
    assert contrast(theme.features, theme.faces[rating]) >= 4
    assert contrast(theme.features_still, theme.still) >= 4
