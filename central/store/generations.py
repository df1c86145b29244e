"""
Which life of its database central is in: another one whenever the database was restored.

A kiosk lets go of an answer because central acknowledged it, and a restored database may have forgotten it. The
ledger alone does not always show that: where a card was copied, another kiosk may have sent other answers under the
same numbers since. So each acknowledgement names the generation, and how far what was told in an earlier one holds.

Nothing in a database can tell that it was restored: an older state looks as it did then. So a file beside it, the
*high-water mark*, counts along. It is written after each commit and never flushed: a cut may leave it behind the
database, which is harmless, but never ahead. When central begins, the database was restored if the mark

- is ahead, or of another generation: the database alone was put back;
- is missing, or was copied (who copies a file cannot set the time of its last change): the whole folder was put back.

Only a machine put back as a whole, with its file system, gets by these. Then a kiosk that heard this very generation
knows of more answers than the database has ever seen, and a new one begins as it says so.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, literal, select, update

from central.store.database import FILE, writing
from central.store.tables import generations, ledgers, restored
from feedback.errors import StoreError

STORED = 3
"""As a ledger writes it (``central.ingest.ledger.Final``); whatever is less may be overridden."""
MARK = f"{FILE}.high-water"
CONTRADICTED_AGAIN_MS = 86_400_000
"""A kiosk that says untrue things could else make the whole fleet send again and again."""
BITS = 53
WIDTH = 48


@dataclass(frozen=True, slots=True)
class Generation:
    """The one central is in: its number, how many requests it has stored, when it began."""

    number: int
    commits: int
    begun_ms: int


class HighWater:
    """The mark beside the database in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / MARK

    def read(self) -> tuple[int, int] | None:
        """Generation and commits; None if the file is missing, not a mark, or was copied to where it is."""
        try:
            number, commits = self._path.read_text(encoding="ascii").split()
            seen = self._path.stat()
        except (OSError, ValueError):
            return None
        # Whoever writes in place moves both times at once; whoever copies can set only the first of them.
        untouched = seen.st_mtime_ns == seen.st_ctime_ns
        return (int(number), int(commits)) if untouched and number.isdigit() and commits.isdigit() else None

    def note(self, generation: Generation, *, flushed: bool = False) -> None:
        """That much is committed. Called after the commit: the mark must never be ahead of the database."""
        line = f"{generation.number} {generation.commits}".ljust(WIDTH - 1) + "\n"
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(file, line.encode(), 0)
            if flushed:
                os.fsync(file)
        finally:
            os.close(file)


def begun(store: Engine, folder: Path, now_ms: Callable[[], int]) -> tuple[HighWater, str]:
    """
    The mark of the database *store* in *folder*, and why a new generation begins with it; empty: none does.

    Raises:
        StoreError: The folder cannot be written.
    """
    mark = HighWater(folder)
    why = ""
    with writing(store) as connection:
        now = newest(connection)
        if now is None:
            now = _begin(connection, now_ms())
        elif why := _restored(now, mark.read()):
            keep_upto(connection, now := _begin(connection, now_ms()))
    try:
        mark.note(now, flushed=True)
    except OSError as error:
        raise StoreError(
            f"{folder / MARK}: cannot be written ({error.strerror}); give central's user this file and its folder"
        ) from None
    return mark, why


def newest(connection: Connection) -> Generation | None:
    """The generation the database is in; None: it was never served."""
    columns = (generations.c.number, generations.c.commits, generations.c.begun_ms)
    row = connection.execute(select(*columns).order_by(generations.c.id.desc()).limit(1)).one_or_none()
    return Generation(*row) if row else None


def committed(connection: Connection, generation: Generation) -> Generation:
    """*generation* with one more request stored, in the transaction that stores it."""
    here = generations.c.number == generation.number
    counted = update(generations).where(here).values(commits=generations.c.commits + 1)
    commits = connection.execute(counted.returning(generations.c.commits)).scalar_one()
    return Generation(generation.number, commits, generation.begun_ms)


def contradicted(connection: Connection, generation: Generation, now_ms: int) -> Generation:
    """
    The generation after a kiosk has shown that *generation* has forgotten something: the next one, but not twice a day.

    Since when is unknown, so nothing that was told before holds.
    """
    lives = connection.execute(select(func.count()).select_from(generations)).scalar_one()
    if lives > 1 and now_ms - generation.begun_ms < CONTRADICTED_AGAIN_MS:
        return generation
    return _begin(connection, now_ms)


def holds_upto(connection: Connection, kiosk: str, store: bytes, told: int) -> int:
    """
    How far of *store* what a kiosk was told in the generation *told* is still there.

    What was told in one generation is there if it was there when the next one began. Of a generation that this
    database does not know (it came after the backup), nothing is certain.
    """
    at = select(generations.c.id).where(generations.c.number == told).scalar_subquery()
    after = select(func.min(generations.c.id)).where(generations.c.id > at).scalar_subquery()
    upto = connection.execute(
        select(restored.c.upto).where(
            restored.c.generation_id == after, restored.c.kiosk_id == kiosk, restored.c.store_id == store
        )
    ).scalar()
    return upto or 0


def keep_upto(connection: Connection, generation: Generation) -> None:
    """
    Note how far each store is accounted for as *generation* begins, with answers that nothing overrides.

    Behind one that was rejected or void here the kiosk may have been told *stored* since: by another content of that
    number, or by a row that came after all.
    """
    at = connection.execute(
        select(generations.c.id).where(generations.c.number == generation.number)
    ).scalar_one()
    spans = func.json_each(ledgers.c.spans).table_valued("value")
    first, state = (func.json_extract(spans.c.value, path) for path in ("$[0]", "$[2]"))
    weak = (
        select(func.min(first)).select_from(spans).where(state < STORED).correlate(ledgers).scalar_subquery()
    )
    upto = func.min(ledgers.c.accounted_upto, func.coalesce(weak - 1, ledgers.c.accounted_upto))
    columns = (ledgers.c.kiosk_id, ledgers.c.store_id, upto)
    names = ["generation_id", "kiosk_id", "store_id", "upto"]
    connection.execute(insert(restored).from_select(names, select(literal(at), *columns)))


def _begin(connection: Connection, now_ms: int) -> Generation:
    made = Generation(secrets.randbits(BITS) or 1, 0, now_ms)
    connection.execute(
        insert(generations).values(number=made.number, commits=made.commits, begun_ms=made.begun_ms)
    )
    return made


def _restored(now: Generation, marked: tuple[int, int] | None) -> str:
    if marked is None:
        return "its high-water mark is missing or was copied: the data folder was put back or moved"
    number, commits = marked
    if number != now.number or commits > now.commits:
        return "it is behind its high-water mark: an older state of it was put back"
    return ""
