"""A database of today, made one of an older schema again: as ``open_store`` meets it after an upgrade."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from central.store.database import migrations


def made_older(connection: sqlite3.Connection, schema: str) -> None:
    """Drop every table and column that came after *schema*, whatever later releases add."""
    then = _columns_of(schema)
    for table, columns in _columns(connection).items():
        if table not in then:
            connection.execute(f"DROP TABLE {table}")
            continue
        # The third schema throws the counts away and makes them anew: as they are does as well.
        for column in columns - then[table] if table != "counts" else ():
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("UPDATE alembic_version SET version_num = ?", (schema,))


def _columns_of(schema: str) -> dict[str, set[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "older.db"
        store = create_engine(f"sqlite:///{path}")
        config = migrations()
        with store.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, schema)
        store.dispose()
        older = sqlite3.connect(path)
        found = _columns(older)
        older.close()
    return found


def _columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for (table,) in tables
    }
