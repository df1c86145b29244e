"""Where an answer counts, worked out without a database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from central.ingest.placing import stretch, useful
from feedback.answers import Anchor, Moment
from feedback.timeline import repaired

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
    """What central leaves out for speed is never the anchor that the kiosk would choose."""
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
