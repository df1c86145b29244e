"""
Answers in conflict, handed over once more under a store of their own.

Central counts the first content of a number and keeps the second beside it. When the second is this kiosk's, the press
is counted nowhere: so it is sent again under another store's name, with its number and its moment as they are. The name
follows from that of its store: whoever has forgotten everything finds the same one, and central a duplicate. No file
is made for it, so the kiosk's own counts know each press once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from feedback.again import again
from feedback.answers import Anchor, Answer, SealedText
from feedback.errors import StoreError
from kiosk.storage.link_state import Fate, Link, Progress
from kiosk.storage.reading import Batch
from kiosk.sync.outgoing import Reader
from kiosk.sync.progress import Range, only


@dataclass(frozen=True, slots=True)
class AgainReader:
    """
    What is in conflict in one store, read as a store of its own.

    Attributes:
        of: Reads the store itself.
        named: Its name; a file that has taken its place is told by it.
        wanted: The numbers in conflict, in order.
    """

    of: Reader
    named: bytes
    wanted: tuple[Range, ...]

    @property
    def closed(self) -> bool:
        """Whether no more of its rows can come to be in conflict, as far as one can tell."""
        return self.of.closed

    def store_id(self) -> bytes:
        return again(self.named)

    def last_seq(self) -> int:
        return self.wanted[-1][1]

    def pruned_upto(self) -> int:
        """None of these: what is in conflict is not let go."""
        return 0

    def answers(self, first: int, most: int) -> Batch:
        """The run of at most *most* numbers from *first* on; those not in conflict are not among its answers."""
        last = min(first + most - 1, self.last_seq())
        found: list[Answer] = []
        for one, end in self.wanted:
            start, stop = max(one, first), min(end, last)
            if start <= stop:
                batch = self.of.answers(start, stop - start + 1)
                if batch.store != self.named:
                    raise StoreError("the store has been replaced")
                found += batch.answers
        there = {answer.seq for answer in found}
        gone = (seq for seq in range(first, last + 1) if seq not in there)
        return Batch(self.store_id(), tuple(found), tuple(gone))

    def texts(self, seqs: Sequence[int]) -> dict[int, SealedText]:
        return self.of.texts(seqs)

    def anchors(self) -> list[Anchor]:
        """None: they are told with the store itself."""
        return []


def in_conflict(progress: Progress) -> tuple[Range, ...]:
    """The numbers that central holds with other content."""
    return tuple((span.first, span.last) for span in progress.spans if span.fate is Fate.CONFLICT)


def with_again(link: Link, readers: Iterable[Reader]) -> Iterator[Reader]:
    """*readers*, each after those of what is in conflict in it: the store in use stays the last."""
    if not any(map(in_conflict, link.stores)):
        yield from readers
        return
    for reader in readers:
        yield from reversed(list(_of(link, reader)))
        yield reader


def _of(link: Link, reader: Reader) -> Iterator[AgainReader]:
    while True:
        try:
            store = reader.store_id()
        except StoreError:
            return
        wanted = in_conflict(link.progress(store))
        if not wanted:
            return
        # What was sent again may meet another's answers again: a card that was cloned twice.
        reader = AgainReader(reader, store, wanted)
        yield reader


def explained(link: Link, readers: Iterable[Reader]) -> Link:
    """*link* in which every number that is not to be sent again is void under the name of those that are."""
    for reader in readers:
        if isinstance(reader, AgainReader):
            before = link.progress(reader.store_id())
            after = only(before, reader.wanted)
            link = link if after == before else link.advanced(after)
    return link
