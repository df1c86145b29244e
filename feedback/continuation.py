"""
Going on by phone: the link in the thank-you's QR code, by which one customer adds words to the answer just given.

It names the response's first answer as it stands in its store, so the words find it whenever it arrives, before or
after them. It says nothing of what was pressed, or when.
"""

from __future__ import annotations

from dataclasses import dataclass

from feedback import vouching
from feedback.wire.fields import MOST_INTEGER

PURPOSE = b"continuation"
VERSION = 1
STORE_BYTES = 16
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Continuation:
    """
    Which response is gone on with.

    Attributes:
        seq: Of the response's first answer.
    """

    branch: str
    kiosk: str
    store: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A continuation as a code carried it: ``vouched`` is asked before anything is done for it."""

    named: Continuation
    content: bytes
    mac: bytes

    def vouched(self, secret: bytes) -> bool:
        """Whether the screen that holds *secret* made the code."""
        return vouching.is_vouched(self.content, self.mac, PURPOSE, secret)


def encoded(named: Continuation, secret: bytes) -> str:
    """The code of *named*, made by the screen that holds *secret*."""
    packed = vouching.Writer().number(VERSION).text(named.branch).text(named.kiosk).octets(named.store)
    return vouching.code_of(bytes(packed.number(named.seq).content), PURPOSE, secret)


def decoded(code: str) -> Carried:
    """
    What *code* names.

    Raises:
        WireError: It is no such code. Who made it is not asked yet.

    >>> code = encoded(Continuation("b12", "k-1", bytes(16), 7), bytes(32))
    >>> decoded(code).named.seq, decoded(code).vouched(bytes(32)), decoded(code).vouched(b"1" * 32)
    (7, True, False)
    """
    content, mac = vouching.split(code)
    reader = vouching.Reader(content)
    reader.version(VERSION)
    named = Continuation(
        reader.text(LONGEST_ID),
        reader.text(LONGEST_ID),
        reader.exactly(STORE_BYTES),
        reader.number(MOST_INTEGER),
    )
    reader.end()
    return Carried(named, content, mac)
