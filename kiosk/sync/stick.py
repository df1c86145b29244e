"""``kiosk stick``: what a technician's stick is for. Reads and writes the stick; the desk decides, and owns sync.db."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Protocol

from feedback.errors import StickError, WireError
from feedback.sticks import StickFolder, shown
from feedback.wire import MOST_STICK_BYTES, StickKind, decode_stick_file
from kiosk.clock import Clock
from kiosk.pinned import pinned_path
from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.link import LinkFile, prepare_link
from kiosk.sync import stick_enrolment
from kiosk.sync.desk import Desk, Export, Taken
from kiosk.sync.documents import present
from kiosk.sync.enrolment import enrolled
from kiosk.sync.hatch import Visit
from kiosk.sync.shelf import ENDING as DOCUMENT
from kiosk.sync.shelf import Shelf
from kiosk.sync.trust import Trust

LABEL = "AFTERWORD"
"""What a stick's volume is called, if the kiosk is to use it without being told."""
REQUEST, ANSWER = f".{StickKind.REQUEST.value}", f".{StickKind.ACKNOWLEDGEMENT.value}"
MOST_READ_BYTES = 32 << 20
"""Of one stick at a time, however much lies on it."""
MOST_LINES = 20


class Do(Enum):
    """What is done with a stick, in this order."""

    TAKE_ANSWERS = "take central's answers"
    EXPORT = "export what waits"


def what_to_do(label: str, names: Sequence[str], *, enrolled: bool) -> tuple[Do, ...]:
    """
    What a kiosk does by itself with a stick whose volume has *label* and whose folder has *names*. Pure.

    >>> what_to_do("AFTERWORD", ["k-1-000001-9f3a6c01.kack"], enrolled=True)
    (<Do.TAKE_ANSWERS: "take central's answers">, <Do.EXPORT: 'export what waits'>)
    >>> what_to_do("HOLIDAY", ["k-1-000001-9f3a6c01.kack"], enrolled=True)
    ()
    """
    # An unknown stick is nobody's business: it is neither read nor written.
    if label.strip().upper() != LABEL or not enrolled:
        return ()
    answers = any(name.endswith((ANSWER, DOCUMENT)) for name in names)
    return (Do.TAKE_ANSWERS, Do.EXPORT) if answers else (Do.EXPORT,)


class Counter(Protocol):
    """The desk, here or in the agent."""

    @property
    def kiosk(self) -> str: ...

    def names(self) -> list[str]: ...

    def left(self) -> int: ...

    def export(self) -> Iterator[Export]: ...

    def take(self, files: Iterable[tuple[str, bytes]]) -> list[Taken]: ...


def run(settings: Settings, clock: Clock, path: Path, *, take: bool, export: bool) -> Iterator[str]:
    """
    Do with the stick mounted at *path* what is asked for, a sentence at a time. Then end by ``leave``.

    Raises:
        StickError: The stick or a file system is not what is expected; nothing moved.
        LinkError: The kiosk is not enrolled.
        StoreError: Its files cannot be used now.
    """
    with StickFolder(path) as folder:
        if take and not stick_enrolment.is_enrolled(settings):
            yield from stick_enrolment.take(settings, folder)
        with desk(settings, clock) as counter:
            if folder.device == settings.sync_folder.stat().st_dev:
                yield f"note: {path} is on the kiosk's own card: is the stick mounted?"
            if take:
                yield from take_answers(counter, folder)
            if export:
                yield from export_to(counter, folder)


@contextmanager
def desk(settings: Settings, clock: Clock) -> Iterator[Counter]:
    """
    The desk of this kiosk: the running agent's, or one of our own while no agent runs. Then end by ``leave``.

    Raises:
        LinkError: The kiosk is not enrolled.
        StickError, StoreError: It cannot be asked, or sync.db not used.
    """
    identity, _ = enrolled(settings)
    try:
        visit = Visit(settings.sync_folder)
    except (FileNotFoundError, ConnectionRefusedError):
        visit = None  # no agent runs
    if visit is not None:
        yield visit
        return
    prepare_link(settings.sync_db)
    file = LinkFile(settings.sync_db)
    try:
        trust = Trust(pinned_path(settings))
        shelf = Shelf(
            settings,
            file,
            trust,
            lambda link: present(link, settings.documents, lambda key: key in trust.pins.believed),
        )
        yield Desk(file, identity, trust, shelf, lambda: stores(settings.answers_folder), clock)
    finally:
        file.leave_open()


def export_to(counter: Counter, folder: StickFolder) -> list[str]:
    """
    Put all that central has not acknowledged on the stick, and say so.

    Raises:
        StickError: It does not fit, or the stick does not take it; then nothing new is on it.
    """
    earlier = [f"{stem}{REQUEST}" for stem in counter.names()]
    files = list(counter.export())
    folder.write([(one.name, one.content) for one in files])
    # Only now: all that was in them is in the new ones, or central has acknowledged it.
    folder.remove(earlier)
    answers = sum(one.answers for one in files)
    said = [
        (
            f"{_count(answers, 'answer')} in {_count(len(files), 'file')} written to {folder.path}, sealed to central; "
            "they stay on the kiosk until central's acknowledgement is back"
        )
    ]
    left = counter.left() - answers
    if left > 0:
        said.append(f"{_count(left, 'answer')} more did not fit into one export: export again after this one")
    return said


def take_answers(counter: Counter, folder: StickFolder) -> list[str]:
    """
    Take central's acknowledgements from the stick, and say what became of each.

    Raises:
        StickError: The stick cannot be read.
    """
    skimmed = _Skimmed(counter.kiosk, folder)
    taken = counter.take(skimmed)
    done = [one.name.removesuffix(ANSWER) for one in taken if one.done]
    folder.remove(f"{stem}{ending}" for stem in done for ending in (ANSWER, REQUEST))
    said = [f"{shown(one.name)}: {one.sentence}" for one in taken] + skimmed.said
    if skimmed.foreign:
        said.append(f"{_count(skimmed.foreign, 'file')} for other kiosks: left alone")
    if len(said) > MOST_LINES:
        said[MOST_LINES:] = [f"and {len(said) - MOST_LINES} more like these"]
    return said or [f"{folder.path}: nothing new from central is on it"]


class _Skimmed:
    """What *kiosk* may want of a stick, this kiosk's own names first, as far as one may read at a time."""

    def __init__(self, kiosk: str, folder: StickFolder) -> None:
        self._kiosk, self._folder = kiosk, folder
        self.foreign = 0
        self.said: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        own = f"{self._kiosk}-"
        room = MOST_READ_BYTES
        names = self._folder.names(ANSWER, DOCUMENT)
        for name in sorted(names, key=lambda name: (not name.startswith(own), name)):
            if room <= 0:
                self.said.append("there is too much on the stick: the rest of it was not looked at")
                return
            try:
                raw = self._folder.read(name, MOST_STICK_BYTES)
                room -= len(raw)
                if name.endswith(DOCUMENT):
                    yield name, raw
                    continue
                file = decode_stick_file(raw)
            except (StickError, WireError) as error:
                self.said.append(f"{shown(name)}: {error}")
                continue
            if file.kiosk == self._kiosk:
                yield name, raw
            else:
                self.foreign += 1


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
