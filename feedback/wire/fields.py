"""Reading JSON that a stranger may have written: every field typed, bounded, and named in its error."""

from __future__ import annotations

import base64
import binascii
import json
from math import isfinite
from typing import Any, NoReturn

from feedback.errors import WireError

VERSION = 1
MOST_INTEGER = 2**53 - 1
"""Integers beyond this are not the same number in every JSON reader."""
LONGEST_NAME = 100

Object = dict[str, Any]


def pack(document: Object) -> bytes:
    """*document* as the shortest JSON, keys in the order given."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def unpack(raw: bytes, required: frozenset[str]) -> Object:
    """
    The JSON object in *raw*, of this version and with at least the *required* keys.

    Unknown keys are let through: a later release may add them.
    """
    try:
        document = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise WireError("the body is not JSON: expected a message of wire version 1") from None
    checked = mapping(document, "the body")
    if checked.get("v") != VERSION:
        # Cut: whoever sent it may have sent anything, and a refusal has room for a sentence.
        raise WireError(f"v = {repr(checked.get('v'))[:LONGEST_NAME]}: expected wire version {VERSION}")
    missing = sorted(required - checked.keys())
    if missing:
        raise WireError(f"{missing[0]!r} is missing from the body")
    return checked


def mapping(raw: Any, key: str) -> Object:
    """*raw* as an object."""
    if not isinstance(raw, dict):
        raise WireError(f"{key}: expected an object")
    return raw


def rows(raw: Any, key: str, most: int) -> list[Any]:
    """*raw* as a list of at most *most* entries."""
    if not isinstance(raw, list) or len(raw) > most:
        raise WireError(f"{key}: expected a list of at most {most}")
    return raw


def row(raw: Any, key: str, *lengths: int) -> list[Any]:
    """*raw* as a list of one of *lengths*."""
    if not isinstance(raw, list) or len(raw) not in lengths:
        raise WireError(f"{key}: expected a list of {' or '.join(map(str, lengths))}")
    return raw


def whole(raw: Any, key: str, least: int = 0, most: int = MOST_INTEGER) -> int:
    """*raw* as a whole number from *least* to *most*."""
    # bool is an int to Python and not to anybody else.
    if type(raw) is not int or not least <= raw <= most:
        raise WireError(f"{key}: expected a whole number from {least} to {most}")
    return raw


def name(raw: Any, key: str, longest: int = LONGEST_NAME) -> str:
    """*raw* as a text of at most *longest* characters, all of them encodable."""
    if not isinstance(raw, str) or len(raw) > longest or not _is_clean(raw):
        raise WireError(f"{key}: expected a text of at most {longest} characters")
    return raw


def octets(raw: Any, key: str, least: int, most: int) -> bytes:
    """*raw*, base64, as *least* to *most* bytes."""
    try:
        value = base64.b64decode(name(raw, key, most * 2 + 4), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if not least <= len(value) <= most:
        raise WireError(f"{key}: expected base64 of {least} to {most} bytes")
    return value


def text(value: bytes) -> str:
    """*value* as base64."""
    return base64.b64encode(value).decode()


def is_plain(raw: Any) -> bool:
    """Whether *raw* is one number, truth or text that every JSON reader and database takes."""
    if isinstance(raw, str):
        return len(raw) <= LONGEST_NAME and _is_clean(raw)
    if isinstance(raw, float):
        return isfinite(raw)
    return isinstance(raw, bool) or (isinstance(raw, int) and abs(raw) <= MOST_INTEGER)


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, and writes them again for readers who then cannot read anything.
    raise ValueError(f"{name} is not JSON")


def _is_clean(raw: str) -> bool:
    # NUL ends a string in C, lone surrogates cannot be stored as UTF-8; neither is ever meant.
    return "\0" not in raw and not any("\ud800" <= sign <= "\udfff" for sign in raw)
