"""Every seq of a store in exactly one final state."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from central.ingest.ledger import Final, Ledger, Span

SEQS = st.integers(1, 40)


@st.composite
def span(draw: st.DrawFn) -> Span:
    first, last = sorted((draw(SEQS), draw(SEQS)))
    return Span(first, last, draw(st.sampled_from(list(Final))), draw(st.sampled_from(["", "crc"])))


SPANS = st.lists(span(), max_size=12)


def strongest(entries: list[Span]) -> dict[int, Final]:
    """What each seq must come to, worked out one by one."""
    states: dict[int, Final] = {}
    for entry in entries:
        for seq in range(entry.first, entry.last + 1):
            states[seq] = max(states.get(seq, entry.state), entry.state)
    return states


def states(ledger: Ledger) -> dict[int, Final]:
    return {seq: span.state for span in ledger.spans for seq in range(span.first, span.last + 1)}


@given(SPANS)
def test_each_seq_is_in_its_strongest_state(entries: list[Span]) -> None:
    """Stored overrides void and never the reverse, whatever came first."""
    ledger = Ledger().account(entries)

    assert strongest(entries) == states(ledger)
    for one, following in zip(ledger.spans, ledger.spans[1:], strict=False):
        assert one.last < following.first


@given(SPANS, st.integers(0, 12))
def test_it_does_not_matter_how_the_entries_are_delivered(entries: list[Span], cut: int) -> None:
    """In one request or two, in this order or the other, twice or once: the same states and totals."""
    at_once = Ledger().account(entries)
    in_two = Ledger().account(entries[:cut]).account(entries[cut:])
    backwards = Ledger().account(entries[::-1])

    assert states(at_once) == states(in_two) == states(backwards) == states(at_once.account(entries))
    assert at_once.totals == in_two.totals == backwards.totals
    assert at_once.seen == in_two.seen == backwards.seen


@given(SPANS)
def test_the_states_add_up_to_the_last_seq_when_nothing_is_missing(entries: list[Span]) -> None:
    """stored + rejected + conflict + void = last seq; what is missing is the difference."""
    ledger = Ledger().account(entries)
    missing = sum(last - first + 1 for first, last in ledger.missing)

    assert ledger.seen == sum(ledger.totals.values()) + missing
    assert (missing == 0) == (ledger.accounted_upto == ledger.seen)


@given(SPANS)
def test_accounted_upto_and_missing_tell_of_every_seq(entries: list[Span]) -> None:
    ledger = Ledger().account(entries)
    known = states(ledger)
    missing = {seq for first, last in ledger.missing for seq in range(first, last + 1)}

    assert missing == set(range(1, ledger.seen + 1)) - known.keys()
    assert all(seq in known for seq in range(1, ledger.accounted_upto + 1))
    assert ledger.accounted_upto + 1 not in known


@given(SPANS, st.integers(0, 60))
def test_a_ledger_comes_back_from_the_database_as_it_was(entries: list[Span], closed: int) -> None:
    ledger = Ledger().account(entries).closed_at(closed)

    assert ledger == Ledger.from_json(ledger.to_json(), ledger.seen)
    assert ledger.seen >= closed
