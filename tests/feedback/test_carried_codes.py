"""Codes that a phone carries: what the screen vouched for comes back, and nothing else does."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import continuation, day_counts
from feedback.continuation import Continuation
from feedback.day_counts import DayCounts
from feedback.errors import WireError
from feedback.ratings import Rating
from feedback.wire.fields import MOST_INTEGER

SECRET = bytes(range(32))
ids = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,39}", fullmatch=True)
stores = st.binary(min_size=16, max_size=16)
seqs = st.integers(0, MOST_INTEGER)
continuations = st.builds(Continuation, ids, ids, stores, seqs)
many = st.integers(0, day_counts.MOST_COUNT)
days = st.builds(
    DayCounts,
    ids,
    ids,
    st.integers(0, day_counts.LAST_DAY),
    st.integers(0, day_counts.QUARTERS),
    st.fixed_dictionaries(dict.fromkeys(Rating, many)),
    many,
    st.lists(st.tuples(stores, seqs), max_size=day_counts.MOST_STORES).map(tuple),
)
DAY = DayCounts("b12", "k-1", 20_782, 66, dict.fromkeys(Rating, 7), 3, ((bytes(16), 1_201),))
RESPONSE = Continuation("b12", "k-1", bytes(16), 1_201)


@given(continuations)
def test_a_continuation_comes_back_as_it_was(named: Continuation) -> None:
    carried = continuation.decoded(continuation.encoded(named, SECRET))

    assert carried.named == named
    assert carried.vouched(SECRET)


@given(days)
def test_a_days_counts_come_back_as_they_were(counts: DayCounts) -> None:
    carried = day_counts.decoded(day_counts.encoded(counts, SECRET))

    assert carried.counts == counts
    assert carried.vouched(SECRET)


def test_another_screens_secret_vouches_for_nothing() -> None:
    assert not continuation.decoded(continuation.encoded(RESPONSE, SECRET)).vouched(secrets.token_bytes(32))
    assert not day_counts.decoded(day_counts.encoded(DAY, SECRET)).vouched(secrets.token_bytes(32))


def test_what_was_vouched_for_one_purpose_is_not_for_another() -> None:
    carried = continuation.decoded(continuation.encoded(RESPONSE, SECRET))

    assert not day_counts.Carried(DAY, carried.content, carried.mac).vouched(SECRET)


@pytest.mark.parametrize(
    ("code", "vouched"),
    [
        (continuation.encoded(RESPONSE, SECRET), lambda code: continuation.decoded(code).vouched(SECRET)),
        (day_counts.encoded(DAY, SECRET), lambda code: day_counts.decoded(code).vouched(SECRET)),
    ],
)
def test_no_altered_or_cut_code_is_believed(code: str, vouched: Callable[[str], bool]) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    altered = [code[:at] + letter + code[at + 1 :] for at in range(len(code)) for letter in letters]
    cut = [code[:end] for end in range(len(code))]

    for wrong in [one for one in altered if one != code] + cut + [code + "A", code + "AAAA"]:
        with suppress(WireError):
            assert not vouched(wrong)


@given(st.text(max_size=500))
def test_whatever_a_stranger_sends_is_refused_in_one_sentence(code: str) -> None:
    for decoded in (continuation.decoded, day_counts.decoded):
        with pytest.raises(WireError, match="expected it as the kiosk showed it"):
            decoded(code)


@pytest.mark.parametrize("code", [continuation.encoded(RESPONSE, SECRET), day_counts.encoded(DAY, SECRET)])
def test_a_code_is_short_enough_for_a_small_qr_code(code: str) -> None:
    # With the address before it under 134 letters: version 7 at level M, 45 modules, 59 mm at 1.3 mm a module.
    assert len(code) <= 90
