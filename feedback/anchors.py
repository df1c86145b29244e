"""Which anchors of one boot matter, and whose times a new one moves: alike at the kiosk and at central."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feedback.answers import Anchor
from feedback.timeline import doubt_ms

ENDLESS_MS = 2**62
"""Later than any boot clock."""


def useful(anchors: Iterable[Anchor]) -> list[Anchor]:
    """
    The *anchors* of one boot that can be the best one for some moment, by boot clock.

    One whose own moment another knows with less doubt is never the best: doubt grows alike from both. Leaving it out
    changes nothing, and keeps the work small for a boot that called central a hundred thousand times.
    """
    ordered = sorted(anchors, key=lambda anchor: (anchor.boot_ms, anchor.error_ms))
    forward = _undominated(ordered)
    return _undominated(forward[::-1])[::-1]


def improves(anchor: Anchor, known: Iterable[Anchor], gain_ms: int) -> bool:
    """Whether *anchor* knows its own moment better than each of *known* does, by at least *gain_ms*."""
    return all(doubt_ms(one, anchor.boot_ms) >= anchor.error_ms + gain_ms for one in known)


def stretch(new: Iterable[Anchor], anchors: Sequence[Anchor]) -> tuple[int, int] | None:
    """
    The boot clock's stretch whose answers the *new* ones among the useful *anchors* of a boot may move; None: none.

    It ends where an older anchor is better than every new one, and so stays better from there on.
    """
    fresh = set(new).intersection(anchors)
    if not fresh:
        return None
    first, last = min(one.boot_ms for one in fresh), max(one.boot_ms for one in fresh)
    # By 2 ms at least: each doubt is rounded up, and a tie goes to the earlier anchor.
    walls = [
        old.boot_ms
        for old in anchors
        if old not in fresh and all(doubt_ms(one, old.boot_ms) >= old.error_ms + 2 for one in fresh)
    ]
    low = max((ms for ms in walls if ms < first), default=0)
    return low, min((ms for ms in walls if ms > last), default=ENDLESS_MS)


def _undominated(anchors: Sequence[Anchor]) -> list[Anchor]:
    kept: list[Anchor] = []
    for anchor in anchors:
        # Left out only for strictly less doubt: a tie is broken by feedback.timeline, alike on both sides.
        if not kept or doubt_ms(kept[-1], anchor.boot_ms) >= anchor.error_ms:
            kept.append(anchor)
    return kept
