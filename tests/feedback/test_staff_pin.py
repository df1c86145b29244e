"""The staff PIN: kept as a hash that says nothing, and only its own PIN opens it."""

from __future__ import annotations

import secrets

import pytest

from feedback.errors import SettingsError
from feedback.staff_pin import hashed, is_hash, opens


def test_only_the_pin_itself_opens_it() -> None:
    kept = hashed("271828", secrets.token_bytes(16))

    assert opens("271828", kept)
    assert not any(opens(pin, kept) for pin in ["271829", "27182", "2718280", "", "271828 ", "２７１８２８"])


def test_the_hash_does_not_hold_the_pin_and_the_same_pin_is_another_hash_elsewhere() -> None:
    one, other = (hashed("271828", secrets.token_bytes(16)) for _ in range(2))

    assert is_hash(one)
    assert "271828" not in one
    assert one != other


@pytest.mark.parametrize("pin", ["", "12", "12345", "12345678901", "27a828", "27 828", "-27182", "²⁷¹⁸²⁸"])
def test_a_pin_is_six_to_ten_digits(pin: str) -> None:
    with pytest.raises(SettingsError, match="expected 6 to 10 digits"):
        hashed(pin, bytes(16))


@pytest.mark.parametrize("pin", ["000000", "123456", "345678", "987654", "7777777", "890123"])
def test_a_pin_that_is_guessed_first_is_none(pin: str) -> None:
    with pytest.raises(SettingsError, match="not a row or a repeat"):
        hashed(pin, bytes(16))


@pytest.mark.parametrize("kept", ["", "271828", "scrypt:99:AAAA:AAAA", "scrypt:14::", "md5:14:x:y"])
def test_what_is_no_hash_opens_with_nothing(kept: str) -> None:
    assert not is_hash(kept)
    assert not opens("271828", kept)
