"""Which of central's keys the kiosks hold, as they last said."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from central.store.database import reading
from central.store.tables import kiosks


def versions_held(store: Engine) -> dict[str, int]:
    """Kiosk -> the version of central's keys that it believes; those that never said are left out."""
    with reading(store) as connection:
        rows = connection.execute(select(kiosks.c.id, kiosks.c.status).where(kiosks.c.state == "accepted"))
        said = {kiosk: json.loads(status).get("keys") for kiosk, status in rows}
    return {kiosk: version for kiosk, version in said.items() if type(version) is int}


def ahead(held: dict[str, int], version: int) -> str:
    """A sentence if kiosks hold newer keys than central's own *version*; empty: none does."""
    newer = sorted(kiosk for kiosk, one in held.items() if one > version)
    if not newer:
        return ""
    more = f" and {len(newer) - 1} more" if newer[1:] else ""
    return (
        f"kiosk {newer[0]}{more} follows newer keys than these: this central was restored from a backup made before "
        "they were changed. Kiosks believe it for a month at most; `central keys recover` puts it right"
    )
