"""
The name under which a kiosk hands over once more what central holds with other content.

It follows from the store's own: whoever has forgotten everything finds the same one. Both sides know of it, so that an
answer that comes under either name, and was stored under the other, is the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

MOST_DEEP = 4
"""What was sent again may meet another's answers again; nobody was cloned more often than that."""


def again(store: bytes) -> bytes:
    """The name, of as many bytes, under which what is in conflict in *store* is sent again."""
    return blake2b(store, digest_size=len(store), person=b"afterword again").digest()


def names(store: bytes) -> Iterator[bytes]:
    """The names after *store*'s own, each following from the one before."""
    for _ in range(MOST_DEEP):
        store = again(store)
        yield store
