"""Which anchors matter, and what a new one moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedback.anchors import improves, stretch, useful
from feedback.answers import Anchor, Moment
from feedback.timeline import doubt_ms, repaired

CLOCK = st.integers(0, 40_000)
ANCHORS = st.lists(
    st.builds(
        Anchor,
        boot=st.just("b"),
        boot_ms=CLOCK,
        utc_ms=st.integers(10**12, 10**12 + 99),
        source=st.sampled_from(["ntp", "contact"]),
        error_ms=st.integers(0, 25),
    ),
    max_size=8,
    unique_by=lambda anchor: (anchor.boot_ms, anchor.source),
)


@given(ANCHORS, CLOCK)
def test_leaving_out_useless_anchors_changes_no_time(anchors: list[Anchor], at_ms: int) -> None:
    """What is left out for speed is never the anchor that would be chosen."""
    moment = Moment("b", at_ms, 5)

    assert repaired(moment, anchors) == repaired(moment, useful(anchors))


@given(ANCHORS, ANCHORS, CLOCK)
def test_a_new_anchor_moves_nothing_outside_its_stretch(
    known: list[Anchor], new: list[Anchor], at_ms: int
) -> None:
    """So only the answers within are computed again."""
    there = {(anchor.boot_ms, anchor.source) for anchor in known}
    new = [anchor for anchor in new if (anchor.boot_ms, anchor.source) not in there]
    span = stretch(new, useful([*known, *new]))
    moment = Moment("b", at_ms, 5)

    if span is None or not span[0] <= at_ms <= span[1]:
        assert repaired(moment, known) == repaired(moment, [*known, *new])


@given(ANCHORS)
def test_useful_anchors_are_all_useful(known: list[Anchor]) -> None:
    """Twice is once; and it never leaves out all."""
    assert useful(known) == useful(useful(known))
    assert bool(known) == bool(useful(known))


@given(ANCHORS, CLOCK, st.integers(0, 25), st.integers(1, 10))
def test_an_anchor_is_news_only_if_no_other_knows_its_moment_nearly_as_well(
    known: list[Anchor], at_ms: int, error_ms: int, gain_ms: int
) -> None:
    """A kiosk calls every minute: each call would otherwise be an anchor for ever."""
    new = Anchor("b", at_ms, 10**12, "contact", error_ms)
    best = min((doubt_ms(one, at_ms) for one in known), default=None)

    assert improves(new, known, gain_ms) == (best is None or best - error_ms >= gain_ms)
