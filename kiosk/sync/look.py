"""What one store holds for central, as the agent sees it now."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.answers import Answer
from kiosk.sync.outgoing import Reader


@dataclass(frozen=True, slots=True)
class Look:
    """
    What one store says now.

    Attributes:
        reader: Reads it.
        last_seq: None if it cannot be read.
        undelivered: The first of the answers not yet delivered, by seq; enough of them to judge.
    """

    reader: Reader
    store: bytes
    last_seq: int | None
    undelivered: tuple[Answer, ...] = ()
