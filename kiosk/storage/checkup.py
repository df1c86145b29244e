"""What ``kiosk doctor`` says of the kiosk's files: named checks, each with one sentence and what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import Enum

from feedback.errors import StoreError
from kiosk.settings import Settings
from kiosk.storage.ballast import SPARE, Ballast
from kiosk.storage.capacity import capacity
from kiosk.storage.closed import stores
from kiosk.storage.copy_files import copy_state, usable
from kiosk.storage.database import SQLITE_ERRORS, WAL_BYTES, is_damage, open_reader
from kiosk.storage.link import read_link
from kiosk.storage.reading import AnswersReader
from kiosk.storage.salvage import unsalvaged

ROWS = 2_000
FEWEST_DAYS = 90
MOST_REASONS = 5
LARGE_WAL = 8 * WAL_BYTES
BEHIND = 200
"""So many answers not yet copied are a copy under way; more are trouble."""


class Verdict(Enum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it came out, and a sentence that says what to do if there is anything."""

    name: str
    verdict: Verdict
    sentence: str


Said = tuple[Verdict, str]


def checkup(settings: Settings) -> list[Check]:
    """
    Every check, in the order in which a technician should read them. Only reads; the kiosk may be running.

    The database check reads all of it: seconds for a year of answers.
    """
    checks: dict[str, Callable[[Settings], Iterator[Said]]] = {
        "folder": _folder,
        "wal": _wal,
        "free space": _space,
        "ballast": _ballast,
        "database": _database,
        "second copy": _second_copy,
        "old stores": _old_stores,
        "moved aside": _moved_aside,
        "screen secret": _screen_secret,
        "central": _central,
    }
    if not _readable(settings):
        checks = {name: checks[name] for name in ("folder", "wal")}
    return [Check(name, *said) for name, check in checks.items() for said in _safely(check, settings)]


def _readable(settings: Settings) -> bool:
    """Whether reading harms nothing: another user's reader would make a missing -wal its own, and lock us out."""
    path = settings.answers_db
    parts = [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]
    return all(part.exists() for part in parts) or (path.exists() and path.stat().st_uid == os.geteuid())


def _safely(check: Callable[[Settings], Iterator[Said]], settings: Settings) -> Iterator[Said]:
    try:
        yield from check(settings)
    except (OSError, StoreError, *SQLITE_ERRORS) as error:
        yield Verdict.FAILURE, f"{error}"


def _folder(settings: Settings) -> Iterator[Said]:
    folder, database = settings.answers_folder, settings.answers_db
    if not folder.is_dir() or not database.exists():
        yield (
            Verdict.FAILURE,
            f"{database} is missing: run `kiosk prepare --own answers` as the screen's user",
        )
        return
    stat = folder.stat()
    if stat.st_mode & 0o7777 != 0o2750:
        mode = stat.st_mode & 0o7777
        yield (
            Verdict.WARNING,
            f"{folder} has mode {mode:o}: run `chmod 2750 {folder}`, or others cannot read it",
        )
    strangers = [part for part in sorted(folder.glob("answers.db*")) if part.stat().st_uid != stat.st_uid]
    if strangers:
        yield (
            Verdict.FAILURE,
            f"{strangers[0]} belongs to another user than {folder}: give it to the screen's user with chown",
        )
    if stat.st_mode & 0o7777 == 0o2750 and not strangers:
        yield Verdict.OK, f"{folder} is its owner's, and the group may read it"


def _screen_secret(settings: Settings) -> Iterator[Said]:
    path = settings.screen_secret
    if not path.exists():
        yield (
            Verdict.WARNING,
            f"{path} is missing: links and codes on the screen cannot be signed; enrol again with a new code, as root",
        )
        return
    stat = path.stat()
    if stat.st_uid != path.parent.stat().st_uid:
        yield (
            Verdict.FAILURE,
            f"{path} belongs to another user than its folder: give it to that one with chown",
        )
    elif stat.st_mode & 0o077:
        yield Verdict.FAILURE, f"{path} can be read by others: run `chmod 600 {path}`"
    else:
        yield Verdict.OK, "the screen has its own, and nobody else may read it"


def _space(settings: Settings) -> Iterator[Said]:
    room = capacity(settings)
    told = f"room for {room.answers} more answers, {room.days} days at {room.a_day} a day"
    if Ballast(settings.answers_folder, settings.files.ballast_bytes).low:
        yield (
            Verdict.FAILURE,
            f"the card is nearly full ({told}): remove logs or files that are not the kiosk's",
        )
    elif room.days < FEWEST_DAYS:
        yield Verdict.WARNING, f"{told}: make room before the kiosk is left without a network"
    else:
        yield Verdict.OK, told


def _ballast(settings: Settings) -> Iterator[Said]:
    size = settings.files.ballast_bytes
    held = Ballast(settings.answers_folder, size).held
    if not size:
        yield (
            Verdict.WARNING,
            "there is to be none ([files] ballast_mb = 0): a full card ends recording at once",
        )
    elif held >= size:
        yield Verdict.OK, f"{held >> 20} MB are kept for the day when the card is full"
    elif shutil.disk_usage(settings.answers_folder).free < SPARE * size:
        yield Verdict.WARNING, f"{held >> 20} of {size >> 20} MB are kept: the card is too full, make room"
    else:
        yield (
            Verdict.WARNING,
            f"{held >> 20} of {size >> 20} MB are kept: the screen makes it when nobody presses",
        )


def _database(settings: Settings) -> Iterator[Said]:
    reader = AnswersReader(settings.answers_db)
    found = _structure(settings)
    if found != ["ok"]:
        words = " ".join(found[0].split())
        yield Verdict.FAILURE, f"its structure is damaged ({words}): restart the kiosk, which moves it aside"
        return
    sound, spoiled = verified(reader)
    if spoiled:
        yield (
            Verdict.FAILURE,
            f"{spoiled} of {sound + spoiled} answers are not as written: restart the kiosk, and tell central",
        )
    else:
        yield Verdict.OK, f"its structure and all {sound} answers are as written"


def _structure(settings: Settings) -> list[str]:
    with closing(open_reader(settings.answers_db)) as connection:
        try:
            return [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
        except SQLITE_ERRORS as error:
            if is_damage(error):
                return [str(error)]
            raise


def verified(reader: AnswersReader) -> tuple[int, int]:
    """How many of all answers *reader* gives are as written, and how many are not. Reads everything."""
    first, last = reader.pruned_upto() + 1, reader.last_seq()
    sound = spoiled = 0
    while first <= last:
        batch = reader.answers(first, min(ROWS, last - first + 1))
        sound, spoiled = sound + len(batch.answers), spoiled + len(batch.spoiled)
        first += ROWS
    return sound, spoiled


def _wal(settings: Settings) -> Iterator[Said]:
    path = settings.answers_db
    wal = path.with_name(path.name + "-wal")
    if not wal.exists():
        yield (
            Verdict.WARNING,
            f"{wal} is missing: other users cannot read the answers until the kiosk is restarted",
        )
        return
    size = wal.stat().st_size
    if size > LARGE_WAL:
        yield (
            Verdict.WARNING,
            f"{wal} has {size >> 20} MB: some program reads for too long, restart kiosk-sync",
        )
    else:
        yield Verdict.OK, f"{size >> 10} KiB"


def _second_copy(settings: Settings) -> Iterator[Said]:
    folder = settings.files.copy
    if folder is None:
        yield Verdict.OK, "there is to be none"
        return
    if not usable(folder, settings.answers_folder):
        yield (
            Verdict.WARNING,
            f"{folder} is not there or not on another device: put the device in, or correct [files] copy",
        )
        return
    reader = AnswersReader(settings.answers_db)
    state, last = copy_state(folder, reader.store_id()), reader.last_seq()
    if last - state.last_seq > BEHIND:
        yield (
            Verdict.WARNING,
            f"it has {state.last_seq} of {last} answers: check whether {folder} is full or read-only",
        )
    else:
        yield Verdict.OK, f"it has {state.last_seq} of {last} answers in {state.files} files"


def _old_stores(settings: Settings) -> Iterator[Said]:
    closed = [reader for reader in stores(settings.answers_folder) if reader.closed]
    if not closed:
        yield Verdict.OK, "there is none"
    for reader in closed:
        sound, spoiled = verified(reader)
        lost = f", {spoiled} are lost" if spoiled else ""
        yield (
            Verdict.WARNING if spoiled else Verdict.OK,
            f"{sound} answers of the old store {reader.store_id().hex()} are kept and sent under its name{lost}",
        )


def _moved_aside(settings: Settings) -> Iterator[Said]:
    asides = sorted(settings.answers_folder.glob("damaged-*"))
    if not asides:
        yield Verdict.OK, "nothing was ever damaged"
    waiting = unsalvaged(settings.answers_folder)
    for aside in asides:
        if aside in waiting:
            yield Verdict.WARNING, f"{aside} waits to be salvaged: the screen does it when nobody presses"
        else:
            yield (
                Verdict.WARNING,
                f"{aside} was salvaged: replace the card, and remove it when nobody wants it",
            )


def _central(settings: Settings) -> Iterator[Said]:
    """What central was given and refused. A kiosk that never spoke to it is no fault of its answers."""
    if not settings.sync_db.exists():
        return
    link = read_link(settings.sync_db)
    refused = link.not_counted(reader.store_id() for reader in stores(settings.answers_folder))
    for fate, reason, n in refused[:MOST_REASONS]:
        kept = "1 answer is" if n == 1 else f"{n} answers are"
        because = f" ({reason})" if reason else ""
        yield Verdict.WARNING, f"{kept} kept here and not counted by central: {fate.value}{because}"
    if not refused:
        yield Verdict.OK, "no answer was refused"
