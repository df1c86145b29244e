"""By which version of the rules everything that is computed was computed last."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from central.store.tables import made_by
from feedback import misuse

RULES = "rules"


def are_these(connection: Connection) -> bool:
    """Whether it was by the rules of this version of central."""
    noted = connection.execute(select(made_by.c.version).where(made_by.c.name == RULES)).scalar()
    # Any other, also a later one: then an older central was put back, which judges what comes by its own rules.
    return noted == misuse.VERSION


def note(connection: Connection) -> None:
    """Note that everything is as these rules have it."""
    noted = insert(made_by).values(name=RULES, version=misuse.VERSION)
    connection.execute(noted.on_conflict_do_update(set_={"version": noted.excluded.version}))
