"""The colours, one set per theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from feedback.ratings import Rating

Colour = tuple[float, float, float, float]
"""Red, green, blue and cover, each 0 to 1, as OpenGL takes them."""


def colour(code: str, cover: float = 1.0) -> Colour:
    """
    The colour written as six hexadecimal digits.

    >>> colour("FF0000", 0.5)
    (1.0, 0.0, 0.0, 0.5)
    """
    red, green, blue = bytes.fromhex(code)
    return (red / 255, green / 255, blue / 255, cover)


@dataclass(frozen=True)
class Theme:
    """
    One set of colours.

    Attributes:
        ground: Behind everything.
        surface: Cards and the selected language.
        ink: Text that must be read.
        second_ink: Text that may be read.
        accent: The thank-you's disc and the pause sign.
        on_accent: Drawn on the accent.
        edge: A border that must be seen.
        hairline: A line that only decorates.
        still: The discs once one of them is pressed.
        features_still: Eyes and mouths on ``still``.
        features: Eyes and mouths on ``faces``.
        rim: Inside the edge of a disc, so that yellow does not melt into paper.
        faces: The five discs.
        outlined: Black and white: discs are outlines, strokes are heavier and nothing fades.
    """

    ground: Colour
    surface: Colour
    ink: Colour
    second_ink: Colour
    accent: Colour
    on_accent: Colour
    edge: Colour
    hairline: Colour
    still: Colour
    features_still: Colour
    features: Colour
    rim: Colour
    faces: Mapping[Rating, Colour]
    outlined: bool = False


def _all(code: str) -> Mapping[Rating, Colour]:
    return MappingProxyType(dict.fromkeys(Rating, colour(code)))


# Blue-green to red, not green to red: told apart with every common colour vision.
COLOURED = MappingProxyType(
    {
        Rating.EXCELLENT: colour("2A97AE"),
        Rating.GOOD: colour("82CBBA"),
        Rating.NEUTRAL: colour("F6DA80"),
        Rating.BAD: colour("EE9350"),
        Rating.UNACCEPTABLE: colour("D6564C"),
    }
)

PAPER = Theme(
    ground=colour("F6F4EF"),
    surface=colour("FFFFFF"),
    ink=colour("16202A"),
    second_ink=colour("4F5B66"),
    accent=colour("0F4C5C"),
    on_accent=colour("FFFFFF"),
    edge=colour("858C93"),
    hairline=colour("DDD8CE"),
    still=colour("E4E0D7"),
    features_still=colour("16202A"),
    features=colour("16202A"),
    rim=colour("16202A", 0.14),
    faces=COLOURED,
)

NIGHT = replace(
    PAPER,
    ground=colour("10161C"),
    surface=colour("1B242D"),
    ink=colour("F3F1EB"),
    second_ink=colour("AEB8C1"),
    accent=colour("82CBBA"),
    on_accent=colour("10161C"),
    edge=colour("76828D"),
    hairline=colour("2B3641"),
    still=colour("2A343E"),
    features_still=colour("AEB8C1"),  # the dark features would be lost on the dark grey
)

BRAND = replace(
    PAPER,
    ground=colour("0F4C5C"),
    surface=colour("17596A"),
    ink=colour("FFFFFF"),
    second_ink=colour("C6DBDF"),
    accent=colour("F3EAD7"),
    on_accent=colour("0F4C5C"),
    edge=colour("7FA9B3"),
    hairline=colour("2A6676"),
    still=colour("2A6676"),
    features_still=colour("FFFFFF"),
    features=colour("0F3B47"),
    rim=colour("16202A", 0.0),
    faces=_all("F3EAD7"),
)

HIGH_CONTRAST = Theme(
    ground=colour("000000"),
    surface=colour("000000"),
    ink=colour("FFFFFF"),
    second_ink=colour("FFFFFF"),
    accent=colour("FFE04A"),
    on_accent=colour("000000"),
    edge=colour("FFFFFF"),
    hairline=colour("FFFFFF"),
    still=colour("000000"),
    features_still=colour("FFFFFF"),
    features=colour("FFFFFF"),
    rim=colour("FFFFFF"),
    faces=_all("000000"),
    outlined=True,
)

THEMES = MappingProxyType({"paper": PAPER, "night": NIGHT, "brand": BRAND, "high_contrast": HIGH_CONTRAST})
