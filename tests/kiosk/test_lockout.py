"""Wrong PINs: five for nothing, then pauses that grow and that no restart shortens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.lockout import (
    FREE,
    LONGEST_PAUSE_MS,
    STRICTEST,
    Lockout,
    from_bytes,
    pause_ms,
    to_bytes,
    tried,
)

MINUTE_MS = 60_000


def after(wrong: int, at_ms: int = 0) -> Lockout:
    lockout = Lockout()
    for _ in range(wrong):
        lockout = tried(lockout, "boot", at_ms)
    return lockout


def test_who_mistypes_four_times_waits_for_nothing() -> None:
    assert [pause_ms(after(wrong), "boot", 0) for wrong in range(FREE)] == [0] * FREE


def test_from_the_fifth_on_each_wrong_one_doubles_the_pause_up_to_an_hour() -> None:
    minutes = [pause_ms(after(wrong), "boot", 0) // MINUTE_MS for wrong in range(5, 14)]

    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_pause_ends_by_itself() -> None:
    assert pause_ms(after(5, at_ms=1_000), "boot", 60_999) == 1
    assert pause_ms(after(5, at_ms=1_000), "boot", 61_000) == 0


def test_a_restart_begins_the_pause_again_instead_of_ending_it() -> None:
    lockout = after(6, at_ms=500_000)

    assert pause_ms(lockout, "another boot", 0) == 2 * MINUTE_MS
    assert pause_ms(lockout, "another boot", 2 * MINUTE_MS) == 0


@given(st.integers(0, 100), st.integers(0, 1 << 50), st.text(max_size=40))
def test_what_is_kept_comes_back(wrong: int, at_ms: int, boot: str) -> None:
    assert from_bytes(to_bytes(Lockout(wrong, boot, at_ms))) == Lockout(wrong, boot, at_ms)


@given(st.binary(max_size=80))
def test_a_spoiled_file_locks_and_never_opens(raw: bytes) -> None:
    assert pause_ms(from_bytes(raw), "boot", 0) == LONGEST_PAUSE_MS


@given(st.binary(max_size=80))
def test_no_half_of_a_file_opens(tail: bytes) -> None:
    whole = to_bytes(after(9))

    for cut in range(len(whole)):
        assert from_bytes(whole[:cut]) == STRICTEST
