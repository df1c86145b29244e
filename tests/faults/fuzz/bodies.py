"""A kiosk's sensible requests, and the same with parts that are something else, or gone."""

from __future__ import annotations

import json
import zlib
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from feedback import wire
from feedback.wire import fields
from tests.wire import messages

FULL: dict[str, Any] = json.loads(wire.encode_request(messages.FULL))
"""With something of everything that a request can have."""
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, 10**400, 1.5, float("inf"), float("nan")]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=20), st.just("\ud800"), st.just("\0"))
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
STORES = tuple(fields.text(bytes([number]) * 16) for number in range(1, 5))
LAST_SEQ = 4_000


HEAVY = (
    (b"", b"[" * 1_000, 200, b""),
    (b'{"v":1,"answers":{"value":[', b"0," * 1_024, 4_000, b"0]}}"),
    (b'{"v":1,"x":"', b"a" * 1_024, 8_000, b'"}'),
    (b'{"v":1,"x":[', b"[]," * 1_024, 2_700, b"[]]}"),
    (b"", b"0" * (1 << 20), 64, b""),
    (b"", b" " * (1 << 20), 600, b""),
)
"""What small packed bodies unfold to: a beginning, a piece, how often, an end."""


def folded(begins: bytes, piece: bytes, times: int, ends: bytes) -> bytes:
    """A body that unfolds to that; never unfolded here."""
    packer = zlib.compressobj(9, wbits=31)  # as small as it gets: what is over 1 MB is refused unread
    parts = [packer.compress(part) for part in (begins, *[piece] * times, ends)]
    return b"".join([*parts, packer.flush()])


def paths(message: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of *message*."""
    found = [path] if path else []
    inner = (
        message.items()
        if isinstance(message, dict)
        else enumerate(message)
        if isinstance(message, list)
        else ()
    )
    for key, one in inner:
        found += paths(one, (*path, key))
    return found


def at(message: Any, path: tuple[Any, ...]) -> Any:
    """What stands at the end of *path*."""
    for key in path:
        message = message[key]
    return message


def packed(message: Any) -> bytes:
    """*message* as JSON, also what no reader of JSON should take."""
    return json.dumps(message).encode("utf-8", "surrogatepass")


@st.composite
def spoiled(draw: st.DrawFn, base: dict[str, Any] = FULL, times: tuple[int, ...] = (1, 1, 1, 2, 4)) -> bytes:
    """A sensible request of which some parts are something else, or gone."""
    message = deepcopy(base)
    for _ in range(draw(st.sampled_from(times))):
        # First which part of the request: else most would fall on the columns, which are long.
        key = draw(st.sampled_from(sorted(message)))
        *way, last = draw(st.sampled_from([path for path in paths(message) if path[0] == key]))
        parent = at(message, tuple(way))
        if draw(st.integers(0, 4)) == 0:
            del parent[last]
        else:
            parent[last] = draw(st.one_of(NUMBERS, ANYTHING))
        if not message:
            break
    return packed(message)


@st.composite
def of_a_kiosk(draw: st.DrawFn) -> bytes:
    """What a kiosk might send somewhere in its stores, as it is or spoiled, small enough to be tried often."""
    count = draw(st.integers(0, 6))
    column = st.lists(st.integers(-1, 11), min_size=count, max_size=count)
    message = deepcopy(FULL)
    message["store"] = draw(st.sampled_from(STORES))
    first = draw(st.integers(1, LAST_SEQ))
    message["answers"] = {
        "first": first,
        "count": count,
        "response": draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)),
        "boot": [[draw(st.integers(0, 1)), count]] if count else [],
        "boot_ms": draw(st.lists(st.integers(0, 9_000), min_size=count, max_size=count)),
        "wall": draw(st.lists(st.integers(-(10**12), 10**12), min_size=count, max_size=count)),
        "place": [[draw(st.integers(0, 1)), count]] if count else [],
        "ask": draw(st.lists(st.integers(0, len(message["asks"]) - 1), min_size=count, max_size=count)),
        "value": draw(column),
        "source": draw(st.text("tbpwqes", min_size=count, max_size=count)),
        "test": sorted(draw(st.sets(st.integers(0, max(count - 1, 0)), max_size=count))),
    }
    message["texts"], message["closed"] = {}, []
    message["void"] = draw(st.just([]) | st.just([[first + 20, first + 22, "crc"]]))
    return draw(spoiled(message, (0, 0, 0, 1, 1, 2)))
