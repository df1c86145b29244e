"""
Bringing an older answers.db to this program's schema, by sqlite-utils, after a copy of it was made.

Each migration commits together with the record that it ran; a cut leaves one or the other side of it.
Loaded by ``prepare`` when there is something to do, and by nothing else: a kiosk starts without sqlite-utils.
"""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database, Migrations

from kiosk.storage.database import Writer, flush
from kiosk.storage.schema import about_crc

MIGRATIONS = Migrations("answers")
"""
In order; each is ``@MIGRATIONS() def what_it_does(db)`` and ends with ``set_version``.

Tables are only added to. What an older release wrote stays readable, and what this one writes too, unless
``usable_from`` says otherwise. A new file begins at schema 1 and walks the same way.
"""


def migrate(connection: Writer, path: Path, migrations: Migrations = MIGRATIONS) -> Path | None:
    """
    Apply to the file at *path* what it lacks; the copy made before, or None if it lacked nothing.

    Raises:
        sqlite3.Error: The card refused; the file is as it was before the migration that failed.
    """
    database = Database(connection)
    if not migrations.pending(database):
        return None
    copy = path.with_name(f"{path.stem}-before-{migrations.pending(database)[0].name}{path.suffix}")
    _copy(connection, copy)
    migrations.apply(database)
    return copy


def set_version(database: Database, schema: int, usable_from: int) -> None:
    """Note in the file that it is now at *schema*, and the lowest version of a program that may write it."""
    for name, value in (("schema", schema), ("usable_from", usable_from)):
        values = (value, about_crc(name, value), name)
        database.execute("UPDATE about SET value = ?, crc = ? WHERE name = ?", values)


def _copy(connection: Writer, copy: Path) -> None:
    """A copy of the file as *copy*, whole or not at all."""
    unfinished = copy.with_name(copy.name + ".new")
    unfinished.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(unfinished),))
    flush(unfinished)
    unfinished.rename(copy)
    flush(copy.parent)
