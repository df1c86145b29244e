"""The numbers of the three arrangements, each at the size it was drawn for."""

from __future__ import annotations

from dataclasses import dataclass

Steps = tuple[tuple[int, int], ...]
"""Sizes to try for a text, best first: pixels and how many lines it may take."""


LARGER = (1.3, 1.2, 1.1)
LEADING = 1.2
SLACK = 1.15
"""A line of its own may be so much higher; the gallery finds where there is no room for that."""
TAILED = 0.7
"""Of the height, for scripts whose letters need more of it; a line of its own then stays as it is."""


def enlarged(steps: Steps, *, tails: bool = False) -> Steps:
    """
    *steps* with larger ones before them, for whoever asks for large texts: none takes more height than there is.

    *tails*: for a script whose letters reach further below and above their line.

    >>> enlarged(((40, 1), (30, 2)))
    ((52, 1), (48, 1), (44, 1), (40, 1), (30, 2))
    >>> enlarged(((28, 1),))
    ((31, 1), (28, 1))
    """
    first = steps[0][0]
    highest = max(_height(px, lines) for px, lines in steps)
    room = max(first, highest * TAILED) if tails else max(first * SLACK, highest)
    larger = [(round(first * part), 1) for part in LARGER]
    larger += [(int(room / (1 + (lines - 1) * LEADING) + 0.01), lines) for _, lines in steps if lines > 1]
    fitting = {step for step in larger if _height(*step) <= room}
    return tuple(sorted(fitting | set(steps), key=lambda step: (-step[0], step[1])))


def _height(px: int, lines: int) -> float:
    return px * (1 + (lines - 1) * LEADING)


@dataclass(frozen=True)
class Design:
    """
    The numbers of one arrangement, at the size it was drawn for.

    Sizes of text are largest first; ``thanks`` and ``stopped`` are: y of the sign, of the title's baseline
    and of the line's below it; ``staff``: y of the rule and of the baseline.
    """

    w: int
    h: int
    margin: int
    name: tuple[int, tuple[int, ...]]
    question: int
    question_steps: Steps
    hint: tuple[int, int]
    face_y: int
    radius: int
    word: int
    word_steps: Steps
    seat_top: int
    seat_bottom: int
    bar: tuple[int, int, int, int, int]
    signs: tuple[int, int]
    thanks: tuple[int, int, int]
    stopped: tuple[int, int, int]
    title_px: tuple[int, int]
    line_px: int
    staff: tuple[int, int, int]
    we_did: tuple[int, int] = (0, 0)
    rows: bool = False
    small: bool = False


ROW = Design(
    w=1280,
    h=800,
    margin=64,
    name=(71, (27, 24, 20)),
    question=212,
    question_steps=((66, 1), (58, 1), (50, 2), (44, 2), (36, 3), (30, 3)),
    hint=(270, 28),
    face_y=430,
    radius=97,
    word=596,
    word_steps=((36, 1), (32, 1), (32, 2), (30, 2)),
    seat_top=296,
    seat_bottom=648,
    bar=(732, 60, 26, 26, 118),
    signs=(76, 63),
    thanks=(284, 480, 546),
    stopped=(260, 432, 500),
    title_px=(104, 70),
    line_px=34,
    staff=(701, 745, 24),
    we_did=(661, 26),
)

SMALL_ROW = Design(
    w=800,
    h=480,
    margin=22,
    name=(43, (20, 18, 16)),
    question=126,
    question_steps=((43, 1), (38, 1), (32, 2), (28, 2), (22, 3), (19, 3)),
    hint=(157, 18),
    face_y=242,
    radius=66,
    word=357,
    word_steps=((24, 1), (22, 1), (22, 2), (20, 2)),
    seat_top=148,
    seat_bottom=376,
    bar=(430, 54, 24, 22, 103),
    signs=(52, 44),
    thanks=(150, 284, 332),
    stopped=(128, 242, 290),
    title_px=(72, 46),
    line_px=24,
    staff=(408, 444, 19),
    small=True,
)

ROWS = Design(
    w=1080,
    h=1920,
    margin=72,
    name=(109, (34, 30, 26)),
    question=166,  # this and the hint: above the first card
    question_steps=((116, 2), (100, 2), (84, 3), (72, 3), (60, 4), (48, 5)),
    hint=(84, 38),
    face_y=0,
    radius=0,
    word=0,
    word_steps=((58, 1), (50, 1), (50, 2)),
    seat_top=0,
    seat_bottom=0,
    bar=(1828, 68, 32, 30, 124),
    signs=(104, 86),
    thanks=(640, 900, 984),
    stopped=(640, 876, 960),
    title_px=(130, 92),
    line_px=42,
    staff=(1740, 1800, 30),
    we_did=(204, 36),
    rows=True,
)

CARD_GAP, CARDS_END = 12, 24
"""Between two cards of an upright panel, and between the last one and where touches of the bar begin."""
CARD_AIR_MM = 8
"""What a card's pitch has beyond its face."""
CARDS_TOP = 0.3
"""No card is higher up than this part of the screen, whatever its millimetres."""
CARD_FACE, CARD_FACE_X, CARD_WORD_X = 0.41, 0.58, 1.26
"""Parts of a card's height: the radius of its face, the face's middle and the word's beginning from its side."""
