"""``python -m tests.faults.fuzz.wrong NAME FOLDER``: serves central, right or wrong in one way."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from central import cli, exchange
from feedback.wire import fields, request


@contextmanager
def right() -> Iterator[None]:
    """Nothing is wrong."""
    yield


@contextmanager
def no_bounds() -> Iterator[None]:
    """Takes numbers of any size: the database cannot hold them."""

    def wrong(raw: Any, key: str, least: int = 0, most: int = 0) -> int:
        if type(raw) is not int:
            raise fields.WireError(f"{key}: expected a whole number")
        return raw

    with patch.object(fields, "whole", wrong):
        yield


@contextmanager
def any_value() -> Iterator[None]:
    """Stores values that mean nothing."""
    right_fault = request._fault

    def wrong(seq: int, back: Any, value: Any, *rest: Any) -> str | None:
        fault = right_fault(seq, back, value, *rest)
        return None if fault == "value out of range" and type(value) is int and abs(value) < 2**31 else fault

    with patch.object(request, "_fault", wrong):
        yield


@contextmanager
def strangers() -> Iterator[None]:
    """Believes whoever names a kiosk."""

    def wrong(signed: Any, *_: Any) -> str:
        return exchange.claimed_nonce(signed.headers) or "none"

    with patch.object(exchange, "verified_nonce", wrong):
        yield


@contextmanager
def unbounded() -> Iterator[None]:
    """Unfolds whatever comes."""

    def wrong(body: bytes, encoding: str) -> bytes:
        try:
            return zlib.decompress(body, wbits=31) if encoding else body
        except zlib.error:
            raise exchange.RefusedRequest(400, "gzip", "not gzip") from None

    with patch.object(exchange, "unpacked", wrong):
        yield


WRONG: dict[str, Callable[[], Any]] = {
    "numbers of any size": no_bounds,
    "values that mean nothing": any_value,
    "strangers believed": strangers,
    "unfolds without end": unbounded,
}


if __name__ == "__main__":
    with {"right": right, **WRONG}[sys.argv[1]]():
        sys.exit(cli.main(["--data", sys.argv[2], "serve", "--port", "0"]))
